//! What a client is told of how its request was executed, if it asks for that and may know.

use futures_util::future::BoxFuture;
use http::HeaderMap;
use serde::Serialize;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::PreparedOperation;
use crate::execution::FetchTiming;

/// The header by which a client asks for it, with any value.
pub const DEBUG_HEADER: &str = "stockgraph-debug";

/// Says of a request, by its headers, whether its caller may know.
pub type MayKnow = Arc<dyn Fn(&HeaderMap) -> BoxFuture<'_, bool> + Send + Sync>;

/// Who may know how their requests are executed.
#[derive(Clone, Default)]
pub enum DebugAccess {
    /// Nobody; it is as if nobody had asked.
    #[default]
    Nobody,
    /// Everybody.
    Everybody,
    /// Those of whom this says so, by the headers of their requests.
    Those(MayKnow),
}

impl fmt::Debug for DebugAccess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            DebugAccess::Nobody => "Nobody",
            DebugAccess::Everybody => "Everybody",
            DebugAccess::Those(_) => "Those",
        })
    }
}

/// What is said to a request's wish to be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wish {
    /// It has none, or nobody may know.
    None,
    /// It is told.
    Granted,
    /// The caller may not know.
    Refused,
}

impl DebugAccess {
    pub(super) async fn wish(&self, headers: &HeaderMap) -> Wish {
        if !headers.contains_key(DEBUG_HEADER) {
            return Wish::None;
        }
        match self {
            DebugAccess::Nobody => Wish::None,
            DebugAccess::Everybody => Wish::Granted,
            DebugAccess::Those(may) => match may(headers).await {
                true => Wish::Granted,
                false => Wish::Refused,
            },
        }
    }
}

/// `extensions.debug` of an answer.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Debug<'a> {
    /// What was done.
    #[serde(rename_all = "camelCase")]
    Told {
        /// The query plan, for people; null if no subgraph was asked.
        plan: Option<String>,
        /// What the operation was estimated to cost.
        cost: u64,
        /// From the operation being ready to all fetches being merged, in microseconds.
        execution_micros: u64,
        /// Each fetch, in the order in which they ended.
        fetches: &'a [FetchTiming],
    },
    /// Nothing.
    Refused {
        /// Why.
        error: &'static str,
    },
}

impl<'a> Debug<'a> {
    pub fn told(
        operation: &PreparedOperation,
        cost: u64,
        execution: Duration,
        fetches: &'a [FetchTiming],
    ) -> Self {
        Debug::Told {
            plan: operation.plan_text(),
            cost,
            execution_micros: u64::try_from(execution.as_micros()).unwrap_or(u64::MAX),
            fetches,
        }
    }

    pub const fn refused() -> Self {
        Debug::Refused {
            error: "the caller may not know how requests are executed",
        }
    }
}
