//! What every room knows of an operation.

/// What an operation does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OperationKind {
    /// It only reads.
    Query,
    /// It changes something.
    Mutation,
    /// It stays and is told of events.
    Subscription,
}

impl OperationKind {
    /// As GraphQL writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            OperationKind::Query => "query",
            OperationKind::Mutation => "mutation",
            OperationKind::Subscription => "subscription",
        }
    }
}
