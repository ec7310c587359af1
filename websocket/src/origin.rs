//! Which web pages may open a connection.

use http::{
    HeaderMap,
    header::{HOST, ORIGIN},
    uri::{Authority, Uri},
};

/// Whether a request with these headers comes from no web page, from a page of this very host, or from one of these origins
/// (`https://shop.example`; `*` is every origin).
///
/// A browser opens websockets to foreign hosts without asking them first, so the server has to look for itself.
#[must_use]
pub fn is_allowed<S: AsRef<str>>(headers: &HeaderMap, allowed: &[S]) -> bool {
    let Some(origin) = headers.get(ORIGIN) else {
        return true;
    };
    let Ok(origin) = origin.to_str() else {
        return false;
    };
    if allowed.iter().any(|allowed| {
        matches!(allowed.as_ref(), "*") || allowed.as_ref().eq_ignore_ascii_case(origin)
    }) {
        return true;
    }
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    match (origin.parse::<Uri>(), host) {
        (Ok(origin), Some(host)) => origin
            .authority()
            .is_some_and(|page| is_same(page, host, origin.scheme_str())),
        _ => false,
    }
}

/// Whether the page's host and port are those of the `Host` header, in which the scheme's own port may be left out.
fn is_same(page: &Authority, host: &str, scheme: Option<&str>) -> bool {
    let Ok(host) = host.parse::<Authority>() else {
        return false;
    };
    let own = match scheme {
        Some("https") => 443,
        _ => 80,
    };
    page.host().eq_ignore_ascii_case(host.host())
        && page.port_u16().unwrap_or(own) == host.port_u16().unwrap_or(own)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn allowed(origin: Option<&'static str>, host: &'static str, list: &[&str]) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(HOST, HeaderValue::from_static(host));
        if let Some(origin) = origin {
            headers.insert(ORIGIN, HeaderValue::from_static(origin));
        }
        is_allowed(&headers, list)
    }

    #[test]
    fn programs_and_the_hosts_own_pages_are_let_in() {
        assert!(allowed(None, "shop.example", &[]));
        assert!(allowed(Some("https://shop.example"), "shop.example", &[]));
        assert!(allowed(
            Some("https://shop.example"),
            "shop.example:443",
            &[]
        ));
        assert!(allowed(
            Some("http://127.0.0.1:4000"),
            "127.0.0.1:4000",
            &[]
        ));
    }

    #[test]
    fn pages_from_elsewhere_are_not_unless_they_are_named() {
        for origin in [
            "https://evil.example",
            "https://shop.example.evil.example",
            "http://shop.example:81",
            "null",
        ] {
            assert!(!allowed(Some(origin), "shop.example", &[]), "{origin}");
            assert!(allowed(Some(origin), "shop.example", &[origin]), "{origin}");
            assert!(allowed(Some(origin), "shop.example", &["*"]), "{origin}");
        }
    }
}
