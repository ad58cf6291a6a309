//! What the contract leaves open, as switches.

use crate::simulators::kit::Options;

/// How Apono behaves where the contract leaves it open. By switch, with the default first:
///
/// - `account_token`: the account token that [`connection`](crate::simulators::kit::Vendor::connection) gives: `admin`,
///   `viewer`, `roleless`, or `expired`; all of them are always known;
/// - `personal_token`: likewise the personal one: of a `user`, or of an `admin`, who may do what account tokens may;
/// - `legacy_tokens`: the legacy API takes `account` tokens and those of admins, or only the `personal` ones (contract §1);
/// - `page_end`: how the last page says that it is: its token is `null`, `missing` or `empty` (contract §3);
/// - `paging`: `plain`; `sparse`, where every other page is empty but leads on; `endless`, where empty pages follow the last
///   one, each with a new token; `stuck`, where the last page leads to itself;
/// - `legacy_rows`: how many rows a legacy list shows of those that it counts; all;
/// - `error_bodies`: errors other than 401 are `json` or `text`;
/// - `later_fields`: `none`, or `some` that came after the contract;
/// - `nulls`: what there isn't is `given` as null or silence, or always `left_out` (contract §2);
/// - `custom_fields`: `required` when access is asked for, as the schema has it, or `optional` (contract §9);
/// - `activity_dates`: the bounds of the activity count `seconds` or `millis` (contract §2).
#[derive(Debug)]
pub(super) struct Quirks {
    pub(super) account_token: &'static str,
    pub(super) personal_token: &'static str,
    pub(super) legacy_is_personal: bool,
    pub(super) page_end: PageEnd,
    pub(super) paging: Paging,
    pub(super) legacy_rows: usize,
    pub(super) errors_are_text: bool,
    pub(super) has_later_fields: bool,
    pub(super) leaves_nulls_out: bool,
    pub(super) custom_fields_are_optional: bool,
    pub(super) activity_counts_millis: bool,
}

/// How the last page says that it is the last.
#[derive(Debug, Clone, Copy)]
pub(super) enum PageEnd {
    Null,
    Missing,
    Empty,
}

/// How token pages follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Paging {
    Plain,
    Sparse,
    Endless,
    Stuck,
}

impl Quirks {
    pub(super) fn read(options: &Options) -> anyhow::Result<Self> {
        options.allow_quirks(&[
            "account_token",
            "personal_token",
            "legacy_tokens",
            "page_end",
            "paging",
            "legacy_rows",
            "error_bodies",
            "later_fields",
            "nulls",
            "custom_fields",
            "activity_dates",
        ])?;
        let word = |name, words| options.word(name, words);
        Ok(Quirks {
            account_token: word("account_token", &["admin", "viewer", "roleless", "expired"])?,
            personal_token: word("personal_token", &["user", "admin"])?,
            legacy_is_personal: word("legacy_tokens", &["account", "personal"])? == "personal",
            page_end: match word("page_end", &["null", "missing", "empty"])? {
                "missing" => PageEnd::Missing,
                "empty" => PageEnd::Empty,
                _ => PageEnd::Null,
            },
            paging: match word("paging", &["plain", "sparse", "endless", "stuck"])? {
                "sparse" => Paging::Sparse,
                "endless" => Paging::Endless,
                "stuck" => Paging::Stuck,
                _ => Paging::Plain,
            },
            legacy_rows: options.quirk("legacy_rows")?.unwrap_or(usize::MAX),
            errors_are_text: word("error_bodies", &["json", "text"])? == "text",
            has_later_fields: word("later_fields", &["none", "some"])? == "some",
            leaves_nulls_out: word("nulls", &["given", "left_out"])? == "left_out",
            custom_fields_are_optional: word("custom_fields", &["required", "optional"])?
                == "optional",
            activity_counts_millis: word("activity_dates", &["seconds", "millis"])? == "millis",
        })
    }
}
