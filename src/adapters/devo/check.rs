//! Whether a connection works.

use std::collections::BTreeSet;

use async_trait::async_trait;
use serde_json::Value;

use super::Api;
use super::domains::{Domains, name};
use super::reach::Reach;
use crate::adapters::contract::{AdapterError, Call, CheckReport, Checks, Finding, Trouble};
use crate::domain::Capability;

/// How many domains of a multitenant are tried: one of them may be switched off, or in another region.
const TRIED: usize = 3;

/// What a domain shows to those who may see it.
#[derive(Clone, Copy)]
enum Part {
    Itself,
    Users,
    Roles,
}

impl Part {
    /// What it is called, in these domains.
    fn words(self, domains: &[&str]) -> String {
        let domains = domains.join(", ");
        match self {
            Self::Itself => format!("what Devo says of {domains}"),
            Self::Users => format!("the users of {domains}"),
            Self::Roles => format!("the roles of {domains}"),
        }
    }

    /// What needs to see it.
    const fn needed_for(self) -> &'static [Capability] {
        match self {
            Self::Itself => &[Capability::ListResources, Capability::ReadResources],
            Self::Users => &[
                Capability::ListAccounts,
                Capability::ReadAccounts,
                Capability::CreateAccounts,
                Capability::UpdateAccounts,
                Capability::DeleteAccounts,
                Capability::ActivateAccounts,
                Capability::DeactivateAccounts,
                Capability::ListGrants,
                Capability::ReadGrants,
                Capability::CreateGrants,
                Capability::DeleteGrants,
            ],
            Self::Roles => &[
                Capability::ListEntitlements,
                Capability::ReadEntitlements,
                Capability::ListGrants,
                Capability::ReadGrants,
                Capability::CreateGrants,
                Capability::DeleteGrants,
            ],
        }
    }
}

#[async_trait]
impl Checks for Api {
    async fn check(&self, call: &Call) -> Result<CheckReport, AdapterError> {
        match &self.settings.reach {
            Reach::Domain(name) => self.check_domain(call, name).await,
            Reach::Multitenant(name) => self.check_multitenant(call, name).await,
        }
    }
}

impl Api {
    async fn check_domain(&self, call: &Call, name: &str) -> Result<CheckReport, AdapterError> {
        let mut report = CheckReport::default();
        if self.settings.reach.is_in_multitenant() && !self.signs_with_key {
            report.findings.push(worth_knowing(
                "credentials_unsuited",
                "the domain is part of a multitenant, where Devo asks for an API key and secret instead of a token",
            ));
        }
        match self.client.users(call, name).await {
            Ok(_) => {
                let parts = [Part::Itself, Part::Roles];
                self.narrow(call, &[name], &parts, &mut report).await?;
            }
            Err(error) => report.findings.push(unusable(error)?),
        }
        Ok(report)
    }

    /// A domain's own key may be let in and shown something else than the multitenant, without a word about it (§2): so what
    /// is shown is compared with what should be.
    async fn check_multitenant(
        &self,
        call: &Call,
        multitenant: &str,
    ) -> Result<CheckReport, AdapterError> {
        let mut report = CheckReport::default();
        let listed = match self.client.domains(call).await {
            Ok(listed) => listed,
            Err(error) => {
                report.findings.push(unusable(error)?);
                return Ok(report);
            }
        };
        let count = listed.len();
        let Domains { known, defects } = Domains::read(listed, &self.settings.reach);
        if known.is_empty() {
            let detail = format!(
                "Devo lists {count} domains to these credentials, and none of the multitenant {multitenant}: it may be called \
                 otherwise, or the key may be that of a single domain"
            );
            report.findings.push(Finding {
                code: "wrong_tenant".to_owned(),
                detail,
                fatal: true,
            });
            return Ok(report);
        }
        if let Some(defect) = defects.first() {
            let detail = format!(
                "of {count} domains that Devo lists {} can't be used, so that nothing counts as gone that a listing lacks: {defect}",
                defects.len()
            );
            let finding = worth_knowing("domains_unusable", detail);
            report.findings.push(finding);
        }
        let names: Vec<&str> = known.keys().map(String::as_str).collect();
        let children = self.children(call, multitenant).await?;
        if let Some(detail) = lacks(&names, &children) {
            let finding = worth_knowing("domains_missing", detail);
            report.findings.push(finding);
        }
        let tried = &names[..names.len().min(TRIED)];
        let parts = [Part::Itself, Part::Users, Part::Roles];
        self.narrow(call, tried, &parts, &mut report).await?;
        Ok(report)
    }

    /// The domains that Devo shows below the multitenant; none where it does not, which proves nothing.
    async fn children(
        &self,
        call: &Call,
        multitenant: &str,
    ) -> Result<BTreeSet<String>, AdapterError> {
        match self.client.children(call, multitenant).await {
            Ok(children) => Ok(children
                .iter()
                .filter_map(|raw: &Value| name(raw).ok())
                .filter(|name| self.settings.reach.covers(name))
                .collect()),
            Err(error) if is_refusal(&error) => Ok(BTreeSet::new()),
            Err(error) => Err(error),
        }
    }

    /// What the credentials may do is what their user's role allows (§2): seeing one thing does not mean seeing another. What
    /// is seen in any of these domains can be done.
    async fn narrow(
        &self,
        call: &Call,
        domains: &[&str],
        parts: &[Part],
        report: &mut CheckReport,
    ) -> Result<(), AdapterError> {
        for part in parts {
            let Some(refusal) = self.refusal(call, domains, *part).await? else {
                continue;
            };
            let left = report
                .capabilities
                .get_or_insert_with(|| Capability::ALL.into_iter().collect());
            for capability in part.needed_for() {
                left.remove(capability);
            }
            let detail = format!(
                "{} can't be read with these credentials: {}",
                part.words(domains),
                refusal.message
            );
            report
                .findings
                .push(worth_knowing("capability_missing", detail));
        }
        Ok(())
    }

    /// Why none of these domains shows this; `None`: one does.
    async fn refusal(
        &self,
        call: &Call,
        domains: &[&str],
        part: Part,
    ) -> Result<Option<AdapterError>, AdapterError> {
        let mut refusal = None;
        for domain in domains {
            let seen = match part {
                Part::Itself => self.client.domain(call, domain).await.map(drop),
                Part::Users => self.client.users(call, domain).await.map(drop),
                Part::Roles => self.client.roles(call, domain).await.map(drop),
            };
            match seen {
                Ok(()) => return Ok(None),
                Err(error) if is_refusal(&error) => refusal = Some(error),
                Err(error) => return Err(error),
            }
        }
        Ok(refusal)
    }
}

/// Whether Devo answered, and would not show what was asked for.
fn is_refusal(error: &AdapterError) -> bool {
    matches!(
        error.trouble,
        Trouble::AuthFailed | Trouble::NotFound | Trouble::Rejected
    )
}

/// Something worth knowing.
fn worth_knowing(code: &str, detail: impl Into<String>) -> Finding {
    Finding {
        code: code.to_owned(),
        detail: detail.into(),
        fatal: false,
    }
}

/// Why the list of all domains may not show them all, if there is a sign of it.
fn lacks(listed: &[&str], children: &BTreeSet<String>) -> Option<String> {
    let hidden = children.iter().map(String::as_str);
    let hidden: Vec<&str> = hidden.filter(|name| !listed.contains(name)).collect();
    match listed {
        _ if !hidden.is_empty() => Some(format!(
            "Devo's list of domains lacks {}, which it shows as part of the multitenant: the key may be that of a single domain",
            hidden.join(", ")
        )),
        [only] => Some(format!(
            "Devo lists {only} and no other domain to these credentials: if the multitenant has more, the key is that of the \
             domain"
        )),
        _ => None,
    }
}

/// What keeps the connection from being used at all; trouble that may pass stays an error.
fn unusable(error: AdapterError) -> Result<Finding, AdapterError> {
    let code = match error.trouble {
        Trouble::NotFound => "wrong_tenant",
        Trouble::AuthFailed => "auth_failed",
        _ => return Err(error),
    };
    Ok(Finding {
        code: code.to_owned(),
        detail: error.message,
        fatal: true,
    })
}
