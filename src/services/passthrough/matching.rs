//! Which documented operation a method and a path mean, and which are near where they mean none.

use crate::adapters::contract::UpstreamOperation;

/// What a method and a path mean.
#[derive(Debug, PartialEq)]
pub(super) enum Matched {
    /// This operation.
    Operation(&'static UpstreamOperation),
    /// The path is known by other methods: these.
    Methods(Vec<&'static str>),
    /// Nothing. These are the nearest.
    Nothing(Vec<&'static UpstreamOperation>),
}

/// How many near operations are named.
const NEAR: usize = 3;

/// Finds the operation of a method and the decoded segments of a path. Where several templates fit, the one with a literal
/// further left is meant: `/accounts/count` is no account.
pub(super) fn find(
    operations: impl Iterator<Item = &'static UpstreamOperation> + Clone,
    method: &str,
    segments: &[String],
) -> Matched {
    let fitting = operations
        .clone()
        .filter(|operation| fits(operation.path, segments));
    let Some(shape) = fitting.clone().map(|one| shape(one.path)).min() else {
        return Matched::Nothing(nearest(operations, method, segments));
    };
    let meant = fitting.filter(|operation| self::shape(operation.path) == shape);
    let mut methods = Vec::new();
    for operation in meant {
        if operation.method == method {
            return Matched::Operation(operation);
        }
        if !methods.contains(&operation.method) {
            methods.push(operation.method);
        }
    }
    methods.sort_unstable();
    Matched::Methods(methods)
}

/// The segments of a template; the root has none.
pub(super) fn template(path: &str) -> impl Iterator<Item = &str> + Clone {
    let path = path.trim_start_matches('/');
    path.split('/').filter(move |_| !path.is_empty())
}

/// Whether a segment of a template takes any value.
pub(super) fn is_parameter(segment: &str) -> bool {
    segment.starts_with('{') && segment.ends_with('}')
}

fn fits(path: &str, segments: &[String]) -> bool {
    let mut wanted = template(path);
    let all = segments.iter().all(|segment| {
        wanted
            .next()
            .is_some_and(|wanted| is_parameter(wanted) || wanted == segment)
    });
    all && wanted.next().is_none()
}

/// Where a template has parameters; less is more literal, from the left.
fn shape(path: &str) -> Vec<bool> {
    template(path).map(is_parameter).collect()
}

fn nearest(
    operations: impl Iterator<Item = &'static UpstreamOperation>,
    method: &str,
    segments: &[String],
) -> Vec<&'static UpstreamOperation> {
    let mut near: Vec<_> = operations
        .map(|operation| (distance(operation, method, segments), operation))
        .collect();
    near.sort_by_key(|(distance, _)| *distance);
    near.into_iter()
        .take(NEAR)
        .map(|(_, operation)| operation)
        .collect()
}

/// A segment too many or too few.
const GAP: usize = 10;
/// A parameter takes any segment, which says less than an equal literal.
const TAKEN: usize = 2;
/// Another method.
const OTHER_METHOD: usize = 3;
/// Longer paths and segments are compared by their beginnings.
const COMPARED: usize = 48;

/// How far a request is from an operation: an edit distance over segments, in which literals differ by their letters.
fn distance(operation: &UpstreamOperation, method: &str, segments: &[String]) -> usize {
    let wanted: Vec<&str> = template(operation.path).collect();
    let segments = &segments[..segments.len().min(COMPARED)];
    let apart = edits(&wanted, segments, GAP, |wanted, segment| {
        if is_parameter(wanted) {
            TAKEN
        } else {
            unlike(wanted, segment)
        }
    });
    apart + usize::from(operation.method != method) * OTHER_METHOD
}

/// From 0 for the same word to a [`GAP`] for words that share nothing.
fn unlike(one: &str, other: &str) -> usize {
    let letters = |word: &str| -> Vec<char> { word.chars().take(COMPARED).collect() };
    let (one, other) = (letters(one), letters(other));
    let apart = edits(&one, &other, 1, |a, b| usize::from(a != b));
    (apart * GAP).div_ceil(one.len().max(other.len()).max(1))
}

/// The least sum of gaps and replacements that makes one list of the other.
fn edits<A, B>(one: &[A], other: &[B], gap: usize, replace: impl Fn(&A, &B) -> usize) -> usize {
    let mut row: Vec<usize> = (0..=other.len()).map(|count| count * gap).collect();
    for item in one {
        let mut diagonal = row[0];
        row[0] += gap;
        for (at, against) in other.iter().enumerate() {
            let replaced = diagonal + replace(item, against);
            diagonal = row[at + 1];
            row[at + 1] = replaced.min(row[at] + gap).min(diagonal + gap);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::adapters::VENDORS;
    use crate::adapters::vendor::Variant;
    use crate::services::catalogue::operations_within_reach;
    use crate::services::passthrough::path;

    const API: &[UpstreamOperation] = &[
        UpstreamOperation::read("api", "get_things", "GET", "/1/things"),
        UpstreamOperation::write("api", "make_thing", "POST", "/1/things"),
        UpstreamOperation::read("api", "get_thing", "GET", "/1/things/{id}"),
        UpstreamOperation::write("api", "delete_thing", "DELETE", "/1/things/{thing_id}"),
        UpstreamOperation::read("api", "count_things", "GET", "/1/things/count"),
        UpstreamOperation::read("api", "get_part", "GET", "/1/things/{id}/parts/{part}"),
        UpstreamOperation::read("api", "get_health", "GET", "/health"),
    ];

    fn found(method: &str, path: &str) -> Matched {
        let segments: Vec<String> = path.split('/').map(str::to_owned).collect();
        find(API.iter(), method, &segments)
    }

    fn id(method: &str, path: &str) -> &'static str {
        match found(method, path) {
            Matched::Operation(operation) => operation.id,
            other => panic!("{method} {path} is {other:?}"),
        }
    }

    #[test]
    fn literals_beat_parameters() {
        assert_eq!(id("GET", "1/things/count"), "count_things");
        assert_eq!(id("GET", "1/things/counts"), "get_thing");
        assert_eq!(
            found("DELETE", "1/things/count"),
            Matched::Methods(vec!["GET"])
        );
    }

    #[test]
    fn a_path_by_another_method_names_those_it_has() {
        assert_eq!(id("DELETE", "1/things/7"), "delete_thing");
        assert_eq!(
            found("PUT", "1/things/7"),
            Matched::Methods(vec!["DELETE", "GET"])
        );
    }

    #[test]
    fn the_nearest_are_named_where_nothing_fits() {
        let first = |method, path| match found(method, path) {
            Matched::Nothing(near) => {
                assert_eq!(near.len(), NEAR);
                near[0].id
            }
            other => panic!("{method} {path} is {other:?}"),
        };
        assert_eq!(first("GET", "1/thing"), "get_things");
        assert_eq!(first("POST", "1/thing"), "make_thing");
        assert_eq!(first("GET", "things/7"), "get_thing");
        assert_eq!(first("GET", "healthz"), "get_health");
        assert_eq!(first("GET", "1/things/7/part/8"), "get_part");
        assert_eq!(first("GET", "v1/things/7/parts/8/"), "get_part");
        assert!(matches!(
            found("GET", &["x"; 500].join("/")),
            Matched::Nothing(_)
        ));
    }

    fn variants() -> impl Iterator<Item = &'static Variant> {
        VENDORS.iter().flat_map(|vendor| vendor.variants)
    }

    /// What a parameter may hold, with everything that means something in a path.
    fn value() -> impl Strategy<Value = String> {
        prop_oneof![
            "[A-Za-z0-9._~@:+-]{1,40}",
            "[ -.0-\\[\\]-~äé☃%?#&=]{1,20}",
            Just("%2F..%2f".to_owned()),
            Just("...".to_owned()),
        ]
        .prop_filter("no segment of its own", |text| text != "." && text != "..")
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]
        #[test]
        fn what_is_built_from_an_operation_leads_back_to_it(values in prop::collection::vec(value(), 8)) {
            for variant in variants() {
                let operations = operations_within_reach(variant);
                for operation in operations.clone() {
                    let mut values = values.iter();
                    let built: Vec<String> = template(operation.path)
                        .map(|segment| {
                            let taken = is_parameter(segment).then(|| values.next().cloned());
                            taken.flatten().unwrap_or_else(|| segment.to_owned())
                        })
                        .collect();
                    // As a careful client writes it.
                    let mut url = url::Url::parse("http://gateway/").expect("a URL");
                    url.path_segments_mut().expect("a base").pop().extend(&built);
                    let sent = url.path().trim_start_matches('/');
                    let read = path::segments(sent).map_err(|error| TestCaseError::fail(error.detail))?;
                    prop_assert_eq!(&read, &built);
                    // A value that is a literal elsewhere means that one.
                    if fits_otherwise(operations.clone(), operation, &built) {
                        continue;
                    }
                    prop_assert_eq!(
                        find(operations.clone(), operation.method, &read),
                        Matched::Operation(operation)
                    );
                }
            }
        }
    }

    /// Whether a more literal template fits, too.
    fn fits_otherwise(
        mut operations: impl Iterator<Item = &'static UpstreamOperation>,
        meant: &UpstreamOperation,
        segments: &[String],
    ) -> bool {
        operations.any(|other| fits(other.path, segments) && shape(other.path) < shape(meant.path))
    }

    #[test]
    fn no_two_operations_within_reach_are_told_by_the_names_of_their_parameters_alone() {
        for variant in variants() {
            let operations: Vec<_> = operations_within_reach(variant).collect();
            for (at, one) in operations.iter().enumerate() {
                for other in &operations[at + 1..] {
                    let alike = one.method == other.method
                        && shape(one.path) == shape(other.path)
                        && template(one.path)
                            .zip(template(other.path))
                            .all(|(a, b)| is_parameter(a) || a == b);
                    assert!(!alike, "{}: {} and {}", variant.slug, one.id, other.id);
                }
            }
        }
    }
}
