//! The keys in the process's own folder, and those that others publish.

use std::{sync::Arc, time::Duration};

use anyhow::Context;
use chrono::TimeDelta;
use http::Uri;
use stockgraph_kit::{
    clock::Clock,
    random::Random,
    token::{FetchKeys, KeyFolder, KeyRing, PublishedKeys},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{KEY_FOLDER_INTERVAL, fetch, http_client, ticks};
use crate::{
    config::{Config, SubgraphName},
    foundation::{Foundation, Process},
    routes::JWKS_PATH,
    service_token,
};

/// For how long after its expiry a token may still be on its way, between clocks that are not quite the same.
const MARGIN: TimeDelta = TimeDelta::seconds(60);

/// How long a key must be accepted after the last token that it signed.
#[must_use]
pub fn longest_token(config: &Config) -> TimeDelta {
    let access = TimeDelta::seconds(config.users.sessions.access_token_seconds.into());
    access.max(service_token::LIFETIME) + MARGIN
}

/// The keys in the process's own folder, of which the first is made where there is none; no keys for a process that signs nothing. The
/// second part tells whether a key was made.
///
/// # Errors
///
/// A key cannot be read or written.
pub fn own_keys(
    config: &Config,
    process: Process,
    random: &Random,
) -> anyhow::Result<(KeyRing, bool)> {
    if !signs(process) {
        return Ok((KeyRing::empty(), false));
    }
    let folder = key_folder(config);
    let (keys, new) = folder
        .load_or_create(random)
        .with_context(|| format!("the signing keys in {}", folder.path().display()))?;
    Ok((KeyRing::new(keys, longest_token(config)), new))
}

/// Whether the process makes tokens: of users, or of its own calls to others.
const fn signs(process: Process) -> bool {
    match process {
        Process::Whole
        | Process::Router
        | Process::Subgraph(SubgraphName::Users | SubgraphName::Orders) => true,
        Process::Subgraph(SubgraphName::Products | SubgraphName::Warehouses) => false,
    }
}

/// The folder of the signing keys.
#[must_use]
pub fn key_folder(config: &Config) -> KeyFolder {
    KeyFolder::new(config.auth.keys_dir(&config.data_dir))
}

/// The keys that others publish, not yet fetched.
///
/// # Errors
///
/// A URL is none.
pub fn published_keys(
    config: &Config,
    process: Process,
    clock: &Clock,
) -> anyhow::Result<Vec<PublishedKeys>> {
    let urls = match (&config.auth.jwks_urls, process) {
        (Some(urls), _) => urls.clone(),
        (None, Process::Whole | Process::Subgraph(SubgraphName::Users)) => Vec::new(),
        (None, Process::Router | Process::Subgraph(_)) => {
            vec![beside(
                config.subgraphs.url(SubgraphName::Users),
                JWKS_PATH,
            )?]
        }
    };
    let client = http_client()?;
    let published = urls.into_iter().map(|url| {
        let client = client.clone();
        check_url(&url).with_context(|| format!("auth.jwks_urls: `{url}`"))?;
        let source = url.clone();
        let fetch: FetchKeys = Arc::new(move || {
            let (client, url) = (client.clone(), url.clone());
            Box::pin(async move { fetch(&client, &url).await })
        });
        Ok(PublishedKeys::new(source, fetch, clock.clone()))
    });
    published.collect()
}

/// The URL of another path on the same server.
pub(super) fn beside(url: &str, path: &str) -> anyhow::Result<String> {
    let uri: Uri = url.parse().with_context(|| format!("`{url}` is no URL"))?;
    let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
        anyhow::bail!("`{url}` is no absolute URL");
    };
    Ok(format!("{scheme}://{authority}{path}"))
}

fn check_url(url: &str) -> anyhow::Result<()> {
    let uri: Uri = url.parse().context("it is no URL")?;
    anyhow::ensure!(
        matches!(uri.scheme_str(), Some("http" | "https")) && uri.authority().is_some(),
        "it must be an absolute URL, http or https"
    );
    Ok(())
}

/// Looks into the folder, and fetches what others publish, again and again until `stop`.
pub(super) fn watch(
    config: &Config,
    foundation: &Foundation,
    stop: &CancellationToken,
    tasks: &TaskTracker,
) {
    let own = foundation.keys.own.clone();
    if own.signing(foundation.clock.now()).is_some() {
        let folder = key_folder(config);
        let mut ticks = ticks(KEY_FOLDER_INTERVAL);
        tasks.spawn(stop.clone().run_until_cancelled_owned(async move {
            loop {
                ticks.tick().await;
                reload(&folder, &own).await;
            }
        }));
    }
    for keys in foundation.keys.published.clone() {
        let mut ticks = ticks(Duration::from_secs(config.auth.jwks_refresh_seconds.into()));
        tasks.spawn(stop.clone().run_until_cancelled_owned(async move {
            loop {
                ticks.tick().await;
                keys.refresh().await;
            }
        }));
    }
}

async fn reload(folder: &KeyFolder, own: &KeyRing) {
    let folder = folder.clone();
    let loaded = tokio::task::spawn_blocking(move || folder.load()).await;
    match loaded {
        // A process that has signed goes on with what it has: an empty folder is a mistake of somebody, and not an order.
        Ok(Ok(keys)) if keys.is_empty() => {
            tracing::error!("the folder of the signing keys is empty; the last known keys stay");
        }
        Ok(Ok(keys)) => own.replace(keys),
        Ok(Err(cause)) => {
            tracing::error!(%cause, "the signing keys cannot be read; the last known stay");
        }
        Err(cause) => tracing::error!(%cause, "reading the signing keys broke off"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_keys_of_users_are_beside_its_graph() {
        let config = Config::default();
        let of = |process| published_keys(&config, process, &Clock::system()).unwrap();
        crate::use_ring();
        let products = of(Process::Subgraph(SubgraphName::Products));
        assert_eq!(
            format!("{products:?}"),
            "[PublishedKeys(\"http://127.0.0.1:4001/.well-known/jwks.json\")]"
        );
        assert_eq!(of(Process::Whole).len(), 0);
        assert_eq!(of(Process::Subgraph(SubgraphName::Users)).len(), 0);
        assert!(beside("users:4001/graphql", "/x").is_err());
        assert_eq!(
            beside("https://a.b/c/graphql", "/x").unwrap(),
            "https://a.b/x"
        );
    }

    #[test]
    fn who_signs_nothing_has_no_key() {
        let folder = tempfile::tempdir().unwrap();
        let config = Config {
            data_dir: folder.path().to_owned(),
            ..Config::default()
        };
        let of = |name| own_keys(&config, Process::Subgraph(name), &Random::seeded(1)).unwrap();
        let (_, made) = of(SubgraphName::Products);
        assert!(!made && folder.path().read_dir().unwrap().next().is_none());
        let (_, made) = of(SubgraphName::Users);
        assert!(made);
    }

    #[test]
    fn a_url_that_is_none_is_named() {
        let mut config = Config::default();
        config.auth.jwks_urls = Some(vec!["users/jwks.json".into()]);
        crate::use_ring();
        let error = published_keys(&config, Process::Whole, &Clock::system()).unwrap_err();
        assert!(format!("{error:#}").contains("auth.jwks_urls: `users/jwks.json`"));
    }
}
