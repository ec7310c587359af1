//! Which web pages of other origins may talk to the graph.

use anyhow::Context;
use http::{HeaderValue, Uri};
use serde::{Deserialize, Serialize};

/// Which web pages of other origins may talk to the graph.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CorsConfig {
    /// The origins, e.g. `https://shop.example`; `*` is every origin, without credentials. Default: none, only the server's own pages.
    pub allow_origins: Vec<String>,
    /// Whether browsers may send cookies and client certificates along. The graph itself takes tokens from the `Authorization` header
    /// alone. Default: false.
    pub allow_credentials: bool,
}

impl CorsConfig {
    /// Whether every origin is allowed.
    #[must_use]
    pub fn allows_all(&self) -> bool {
        self.allow_origins.iter().any(|origin| origin == "*")
    }

    /// The origins as browsers send them.
    ///
    /// # Errors
    ///
    /// One is no origin.
    pub fn origins(&self) -> anyhow::Result<Vec<HeaderValue>> {
        let origins = self.allow_origins.iter();
        origins.map(|origin| read(origin)).collect()
    }

    pub(super) fn check(&self) -> anyhow::Result<()> {
        if self.allows_all() {
            anyhow::ensure!(
                self.allow_origins.len() == 1 && !self.allow_credentials,
                "router.cors.allow_origins: `*` goes neither with other origins nor with allow_credentials"
            );
            return Ok(());
        }
        self.origins().map(|_| ())
    }
}

/// A page that a browser calls `null` may be anybody's.
fn read(origin: &str) -> anyhow::Result<HeaderValue> {
    let told = || {
        format!("router.cors.allow_origins: `{origin}` is no origin, e.g. `https://shop.example`")
    };
    let uri: Uri = origin.parse().with_context(told)?;
    let is_origin = uri.scheme().is_some()
        && uri.path() == "/"
        && uri.query().is_none()
        && !origin.ends_with('/')
        && !origin.contains('@');
    anyhow::ensure!(is_origin, told());
    HeaderValue::try_from(origin.to_ascii_lowercase()).with_context(told)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(origins: &[&str], allow_credentials: bool) -> Result<(), String> {
        let config = CorsConfig {
            allow_origins: origins.iter().map(ToString::to_string).collect(),
            allow_credentials,
        };
        config.check().map_err(|error| error.to_string())
    }

    #[test]
    fn origins_are_told_from_what_is_none() {
        assert_eq!(check(&[], true), Ok(()));
        assert_eq!(
            check(&["https://a.example", "http://localhost:3000"], true),
            Ok(())
        );
        assert_eq!(check(&["*"], false), Ok(()));
        for wrong in [
            &["null"][..],
            &["shop.example"],
            &["https://a.example/"],
            &["https://a.example/path"],
            &["https://user@a.example"],
            &["*", "https://a.example"],
            &[""],
        ] {
            assert!(check(wrong, false).is_err(), "{wrong:?}");
        }
        assert!(check(&["*"], true).is_err());
    }
}
