//! What a router tells whoever counts: metrics are the server's, the events are told here.

use std::fmt::Debug;
use std::time::Duration;

use crate::operation::OperationKind;

/// How a request ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// Executed, without an error.
    Succeeded,
    /// Executed, with errors in the answer.
    Failed,
    /// Refused before it was executed.
    Refused,
}

impl Outcome {
    /// As it stands in metrics and logs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Outcome::Succeeded => "ok",
            Outcome::Failed => "errors",
            Outcome::Refused => "refused",
        }
    }
}

/// A request that was answered.
#[derive(Debug)]
pub struct RequestReport<'a> {
    /// The operation's name; `None` if it has none, or could not be read.
    pub operation: Option<&'a str>,
    /// What it does; `None` if it could not be read.
    pub kind: Option<OperationKind>,
    /// How it ended.
    pub outcome: Outcome,
    /// The codes of its errors.
    pub codes: &'a [String],
    /// From the operation being ready to its answer, or from the request's arrival to its refusal; what it took to prepare the operation
    /// is told apart.
    pub duration: Duration,
}

/// One call of a subgraph that has ended.
#[derive(Debug)]
pub struct FetchReport<'a> {
    /// The subgraph.
    pub subgraph: &'a str,
    /// How many entities it was asked for; `None` if it was asked for fields of a root.
    pub entities: Option<usize>,
    /// The code of why it gave no answer; `None` if it answered.
    pub failure: Option<&'a str>,
    /// How many errors the subgraph reported.
    pub errors: usize,
    /// From the call to the answer, retries included.
    pub duration: Duration,
}

/// Hears what a router does. It is called on the way of each request, so it must be quick and must not block.
pub trait Observer: Debug + Send + Sync {
    /// A request was answered.
    fn request_answered(&self, _report: &RequestReport<'_>) {}
    /// An operation was found among those planned before, or was planned in this time.
    fn operation_prepared(&self, _was_known: bool, _duration: Duration) {}
    /// A call of a subgraph has ended.
    fn fetch_ended(&self, _report: &FetchReport<'_>) {}
    /// A query was sent to this subgraph again.
    fn fetch_retried(&self, _subgraph: &str) {}
    /// A query was answered by the same one of the same caller, which was under way.
    fn fetch_shared(&self, _subgraph: &str) {}
    /// This subgraph is left alone from now on, or no longer.
    fn circuit_changed(&self, _subgraph: &str, _is_open: bool) {}
}

/// Nobody hears it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unobserved;

impl Observer for Unobserved {}
