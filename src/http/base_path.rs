//! The prefix under which an ingress shows the service. Some take it off before they pass a request on, some don't.

use axum::Router;
use axum::extract::Request;
use axum::http::Uri;
use axum::http::uri::PathAndQuery;
use tower::ServiceExt;

/// Makes a router answer with the prefix on the path as it does without; inside, no path has it.
pub fn accept(router: Router, prefix: String) -> Router {
    if prefix.is_empty() {
        return router;
    }
    let stripped = router.map_request(move |mut request: Request| {
        if let Some(uri) = without(&prefix, request.uri()) {
            *request.uri_mut() = uri;
        }
        request
    });
    Router::new().fallback_service(stripped)
}

/// The place without the prefix; `None` where it has none.
fn without(prefix: &str, uri: &Uri) -> Option<Uri> {
    let rest = uri.path_and_query()?.as_str().strip_prefix(prefix)?;
    let place: PathAndQuery = match rest.chars().next() {
        Some('/') => rest.parse().ok()?,
        Some('?') | None => format!("/{rest}").parse().ok()?,
        // Another path that only begins alike.
        Some(_) => return None,
    };
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(place);
    Uri::from_parts(parts).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stripped(place: &str) -> Option<String> {
        without("/iam", &place.parse().unwrap()).map(|uri| uri.to_string())
    }

    #[test]
    fn only_the_whole_prefix_is_taken_off() {
        assert_eq!(
            stripped("/iam/v1/accounts?limit=1").unwrap(),
            "/v1/accounts?limit=1"
        );
        assert_eq!(stripped("/iam").unwrap(), "/");
        assert_eq!(stripped("/iam?x=1").unwrap(), "/?x=1");
        assert_eq!(stripped("/iambic"), None);
        assert_eq!(stripped("/v1/iam"), None);
    }
}
