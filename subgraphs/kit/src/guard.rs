//! The guard that enforces `@requiresScopes` in the subgraph, so that rights hold behind any router, and the attribute that makes both.

use async_graphql::{Context, Guard};

pub use stockgraph_kit_macros::guarded;

use crate::caller::{Caller, Scope};

/// Lets a field be resolved for callers with this scope only. [`guarded`] writes it.
#[derive(Clone, Copy, Debug)]
pub struct RequireScope(pub Scope);

impl Guard for RequireScope {
    async fn check(&self, ctx: &Context<'_>) -> async_graphql::Result<()> {
        Ok(Caller::of(ctx).require(self.0)?)
    }
}
