//! Who asks, and from where, as the request tells.

use async_graphql::Context;
use stockgraph_kit::caller::{Caller, ClientAddress};

use crate::domain::origin::Origin;

/// The origin of the request that is being answered.
pub(super) fn origin(ctx: &Context<'_>) -> Origin {
    Origin {
        address: ClientAddress::of(ctx),
        actor: Caller::of(ctx).into(),
    }
}
