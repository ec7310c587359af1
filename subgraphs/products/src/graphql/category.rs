//! Categories in the graph.

use std::sync::Arc;

use async_graphql::{Context, Object};
use futures_util::FutureExt;
use stockgraph_kit::{
    error::ApiError,
    paging::{PageArgs, TotalCount},
};

use super::{
    audience,
    connection::{ProductConnection, connection, places},
    loader::{ChildrenOf, CountOf, PageKind, PageOf, loader},
};
use crate::domain::{self, CategoryId, listing::Order};

/// A node of the category tree.
#[derive(Clone, Debug)]
pub struct Category(pub Arc<domain::Category>);

impl From<domain::Category> for Category {
    fn from(category: domain::Category) -> Self {
        Self(Arc::new(category))
    }
}

/// A node of the category tree.
#[Object]
impl Category {
    /// Which category.
    async fn id(&self) -> CategoryId {
        self.0.id
    }

    /// What customers read.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// For URLs, unique, e.g. `laptops`.
    async fn slug(&self) -> &str {
        &self.0.slug
    }

    /// The category above; none for a root of the tree.
    async fn parent(&self, ctx: &Context<'_>) -> Result<Option<Self>, ApiError> {
        let Some(parent) = self.0.parent else {
            return Ok(None);
        };
        Ok(loader(ctx).load_one(parent).await?.map(Self))
    }

    /// The categories right below, by name.
    async fn children(&self, ctx: &Context<'_>) -> Result<Vec<Self>, ApiError> {
        let children = loader(ctx).load_one(ChildrenOf(self.0.id)).await?;
        Ok(children.unwrap_or_default().into_iter().map(Self).collect())
    }

    /// The products of this category and of all below it, by name. Callers without `catalogue:write` see ACTIVE products only.
    async fn products(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "How many products from the start, at most 100; 20 unless told otherwise."
        )]
        first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many products from the end, at most 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<ProductConnection, ApiError> {
        let args = PageArgs {
            first,
            after,
            last,
            before,
        };
        let request = places(args, Order::by_name())?;
        let kind = PageKind {
            audience: audience(ctx),
            after: request.after.clone(),
            before: request.before.clone(),
            size: request.size,
            from_end: request.from_end,
        };
        let count = CountOf(self.0.id, kind.audience);
        let rows = loader(ctx).load_one(PageOf(self.0.id, kind)).await?;
        let rows = rows.map(Arc::unwrap_or_clone).unwrap_or_default();
        let loader = Arc::clone(loader(ctx));
        let total = TotalCount::new(move || {
            let loader = Arc::clone(&loader);
            async move { Ok(loader.load_one(count).await?.unwrap_or_default()) }.boxed()
        });
        Ok(connection(request.page(rows), total))
    }
}
