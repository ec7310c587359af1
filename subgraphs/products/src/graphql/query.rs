//! What can be asked of the catalogue.

use async_graphql::{Context, ID, Object};
use futures_util::FutureExt;
use stockgraph_kit::{
    error::ApiError,
    id::{Id, ProductId},
    paging::{PageArgs, TotalCount},
};

use super::{
    audience, catalogue,
    category::Category,
    connection::{ProductConnection, ProductFilter, ProductSort, connection, places},
    given::Given,
    loader::{Sku, loader},
    product::Product,
};
use crate::{
    domain::{self, CategoryId, listing::Order},
    repo,
};

/// The root of all queries.
#[derive(Clone, Copy, Debug, Default)]
pub struct Query;

/// The root of all queries.
#[Object]
impl Query {
    /// A product. Callers without `catalogue:write` see ACTIVE products only.
    async fn product(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which product.")] id: ProductId,
    ) -> Result<Option<Product>, ApiError> {
        let product = loader(ctx).load_one(id).await?;
        Ok(Product::found(product, audience(ctx)))
    }

    /// The product with this SKU. Callers without `catalogue:write` see ACTIVE products only.
    async fn product_by_sku(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The SKU, exactly as it is.")] sku: String,
    ) -> Result<Option<Product>, ApiError> {
        let product = loader(ctx).load_one(Sku(sku)).await?;
        Ok(Product::found(product, audience(ctx)))
    }

    /// The catalogue. Callers without `catalogue:write` see ACTIVE products only.
    #[expect(clippy::too_many_arguments, reason = "they are the field's own")]
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
        #[graphql(desc = "Which products; all unless told otherwise.")] filter: Option<
            ProductFilter,
        >,
        #[graphql(
            desc = "In which order. A search without it has the best match first.",
            default_with = "Given::default()"
        )]
        sort: Given<ProductSort>,
    ) -> Result<ProductConnection, ApiError> {
        let filter = domain::listing::ProductFilter::try_from(filter.unwrap_or_default())?;
        let order = Order::of(sort.0.map(Into::into), &filter);
        let args = PageArgs {
            first,
            after,
            last,
            before,
        };
        let request = places(args, order)?;
        let audience = audience(ctx);
        let database = catalogue(ctx).database();
        let (db, engine) = (database.reader(), database.engine());
        let rows = repo::listing::page(db, engine, &filter, audience, order, &request).await?;
        let database = database.clone();
        let total = TotalCount::new(move || {
            let (database, filter) = (database.clone(), filter.clone());
            async move {
                let (db, engine) = (database.reader(), database.engine());
                Ok(repo::listing::count(db, engine, &filter, audience).await?)
            }
            .boxed()
        });
        Ok(connection(request.page(rows), total))
    }

    /// A node of the category tree.
    async fn category(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which category.")] id: CategoryId,
    ) -> Result<Option<Category>, ApiError> {
        Ok(loader(ctx).load_one(id).await?.map(Category))
    }

    /// The whole category tree, by name; `parent` tells where each category is in it.
    async fn categories(&self, ctx: &Context<'_>) -> Result<Vec<Category>, ApiError> {
        let categories = repo::category::all(catalogue(ctx).database().reader()).await?;
        Ok(categories.into_iter().map(Category::from).collect())
    }

    /// A product that another subgraph refers to by id. What is no longer on sale is still shown.
    #[graphql(entity)]
    async fn find_product_by_id(
        &self,
        ctx: &Context<'_>,
        id: ID,
    ) -> Result<Option<Product>, ApiError> {
        let Ok(id) = ProductId::parse(&id) else {
            return Ok(None);
        };
        let product = loader(ctx).load_one(id).await?;
        Ok(Product::recognised(product, audience(ctx)))
    }

    /// A product that another subgraph refers to by SKU. What is no longer on sale is still shown.
    #[graphql(entity)]
    async fn find_product_by_sku(
        &self,
        ctx: &Context<'_>,
        sku: String,
    ) -> Result<Option<Product>, ApiError> {
        let product = loader(ctx).load_one(Sku(sku)).await?;
        Ok(Product::recognised(product, audience(ctx)))
    }

    /// A category that another subgraph refers to.
    #[graphql(entity)]
    async fn find_category_by_id(
        &self,
        ctx: &Context<'_>,
        id: ID,
    ) -> Result<Option<Category>, ApiError> {
        let Ok(id) = CategoryId::parse(&id) else {
            return Ok(None);
        };
        Ok(loader(ctx).load_one(id).await?.map(Category))
    }
}
