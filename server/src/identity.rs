//! The keys that tokens are signed and verified with, and the sessions that are over: where a process has them from, and how it
//! keeps up.

mod keys;
mod revocations;

use std::time::Duration;

use anyhow::Context;
use serde::de::DeserializeOwned;
use stockgraph_router::transport::{self, HttpOptions};
use tokio::time::{Interval, MissedTickBehavior, interval};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

pub use keys::{key_folder, longest_token, own_keys, published_keys};
pub use revocations::{Source as RevocationSource, routes as revocation_routes};

use crate::{config::Config, foundation::Foundation};

/// How often the folder with the keys is looked into: a new key is known everywhere well before it signs.
const KEY_FOLDER_INTERVAL: Duration = Duration::from_secs(2);

/// The longest that fetching keys or revoked sessions may take.
const FETCH_TIMEOUT: Duration = Duration::from_secs(5);

/// Keeps the keys and the revoked sessions of this process up to date until `stop`.
///
/// # Errors
///
/// A URL is none.
pub async fn keep_up(
    config: &Config,
    foundation: &Foundation,
    revocations: RevocationSource,
    stop: &CancellationToken,
    tasks: &TaskTracker,
) -> anyhow::Result<()> {
    keys::watch(config, foundation, stop, tasks);
    revocations::watch(config, foundation, revocations, stop, tasks).await
}

/// Ticks at once and then in this period, which is kept between questions also when one takes longer.
fn ticks(period: Duration) -> Interval {
    let mut ticks = interval(period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}

/// A client for small questions to another process.
fn http_client() -> anyhow::Result<reqwest::Client> {
    let options = HttpOptions {
        timeout: FETCH_TIMEOUT,
        ..HttpOptions::default()
    };
    transport::client(&options).context("the HTTP client")
}

/// What another process answers in JSON, or why it does not.
async fn fetch<T: DeserializeOwned>(client: &reqwest::Client, url: &str) -> Result<T, String> {
    let answer = async {
        let answer = client.get(url).send().await?.error_for_status()?;
        answer.json().await
    };
    answer.await.map_err(|error: reqwest::Error| {
        let error = anyhow::Error::from(error);
        format!("{error:#}")
    })
}
