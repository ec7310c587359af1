//! How a process learns which sessions are over before their access tokens are.
//!
//! Whoever has the accounts in its database asks that; the other subgraphs ask `users`, over HTTP. In between, and while `users` cannot
//! be reached, what is known stays: a token that should be refused is good for its last minutes at most.

use std::time::Duration;

use axum::{
    Json, Router,
    extract::{Query, State, rejection::QueryRejection},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::get,
};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use stockgraph_kit::{
    clock::Clock,
    id::{Id, SessionId},
    token::Revocations,
};
use stockgraph_users::service::Users;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{fetch, http_client, keys::beside, ticks};
use crate::{
    config::{Config, SubgraphName},
    foundation::Foundation,
};

/// Where `users` tells of them.
const PATH: &str = "/auth/revoked-sessions";

/// How far each question reaches back behind the one before: a transaction is seen later than the instant that it says, and clocks
/// differ.
const OVERLAP: TimeDelta = TimeDelta::seconds(30);

/// Who knows which sessions are over.
pub enum Source {
    /// The database of the accounts, by this process's own hands.
    Database(Box<Users>),
    /// The process that has it, over HTTP.
    Http,
    /// Nobody: this process verifies no tokens.
    None,
}

/// A session that is over.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RevokedSession {
    id: String,
    revoked_at: DateTime<Utc>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Answer {
    sessions: Vec<RevokedSession>,
}

#[derive(Debug, Deserialize)]
struct Question {
    since: DateTime<Utc>,
}

/// `GET /auth/revoked-sessions?since=…`: ids of sessions that were ended from that instant on. An id opens nothing.
pub fn routes(users: Users) -> Router {
    Router::new().route(PATH, get(answer)).with_state(users)
}

async fn answer(
    State(users): State<Users>,
    question: Result<Query<Question>, QueryRejection>,
) -> Response {
    let Ok(Query(question)) = question else {
        return (
            StatusCode::BAD_REQUEST,
            "`since` must be an instant in RFC 3339",
        )
            .into_response();
    };
    match users.revoked_sessions(question.since).await {
        Ok(sessions) => {
            let sessions = sessions.into_iter().map(|(id, revoked_at)| RevokedSession {
                id: id.to_string(),
                revoked_at,
            });
            let sessions = sessions.collect();
            Json(Answer { sessions }).into_response()
        }
        Err(error) => (StatusCode::SERVICE_UNAVAILABLE, error.message().to_owned()).into_response(),
    }
}

struct Watch {
    source: Asked,
    known: Revocations,
    clock: Clock,
    access_token: TimeDelta,
    since: DateTime<Utc>,
}

enum Asked {
    Database(Box<Users>),
    Http(reqwest::Client, String),
}

/// Asks once, and then again and again until `stop`.
pub(super) async fn watch(
    config: &Config,
    foundation: &Foundation,
    source: Source,
    stop: &CancellationToken,
    tasks: &TaskTracker,
) -> anyhow::Result<()> {
    let source = match source {
        Source::Database(users) => Asked::Database(users),
        Source::Http => {
            let users = config.subgraphs.url(SubgraphName::Users);
            let url = match &config.auth.revocations_url {
                Some(url) => url.clone(),
                None => beside(users, PATH)?,
            };
            Asked::Http(http_client()?, url)
        }
        Source::None => return Ok(()),
    };
    let access_token = TimeDelta::seconds(config.users.sessions.access_token_seconds.into());
    let mut watch = Watch {
        source,
        known: foundation.authenticator.revocations().clone(),
        clock: foundation.clock.clone(),
        access_token,
        since: foundation.clock.now() - access_token - OVERLAP,
    };
    // Before anybody is served; where it fails, that is tried again and told below.
    watch.ask().await.ok();
    let period = Duration::from_millis(config.auth.revocations_poll_milliseconds.into());
    tasks.spawn(stop.clone().run_until_cancelled_owned(async move {
        let mut ticks = ticks(period);
        // The first answer is here already.
        ticks.reset();
        let mut fails = false;
        loop {
            ticks.tick().await;
            let answered = watch.ask().await;
            match &answered {
                Err(cause) if !fails => {
                    tracing::warn!(cause, "which sessions are over cannot be told just now");
                }
                Ok(()) if fails => tracing::info!("which sessions are over can be told again"),
                Ok(()) | Err(_) => {}
            }
            fails = answered.is_err();
        }
    }));
    Ok(())
}

impl Watch {
    async fn ask(&mut self) -> Result<(), String> {
        let now = self.clock.now();
        let sessions: Vec<(SessionId, DateTime<Utc>)> = match &self.source {
            Asked::Database(users) => {
                let sessions = users.revoked_sessions(self.since).await;
                sessions.map_err(|error| error.message().to_owned())?
            }
            Asked::Http(client, url) => {
                let since = self
                    .since
                    .to_rfc3339_opts(chrono::SecondsFormat::Micros, true);
                let answer: Answer = fetch(client, &format!("{url}?since={since}")).await?;
                let read = |session: RevokedSession| {
                    let id = SessionId::parse(&session.id).map_err(|error| error.to_string())?;
                    Ok((id, session.revoked_at))
                };
                answer
                    .sessions
                    .into_iter()
                    .map(read)
                    .collect::<Result<_, String>>()?
            }
        };
        // A last token may have been signed while the revocation waited for its commit.
        let lasts = self.access_token + OVERLAP;
        let over = sessions.into_iter();
        let over = over.map(|(session, revoked_at)| (session, revoked_at + lasts));
        self.known.add(over, now);
        self.since = now - OVERLAP;
        Ok(())
    }
}
