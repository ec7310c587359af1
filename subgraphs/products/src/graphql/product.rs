//! Products in the graph.

use std::sync::Arc;

use async_graphql::{Context, Enum, InputObject, Object, SimpleObject};
use stockgraph_kit::{error::ApiError, id::ProductId, instant::Instant, money::MoneyObject};

use super::{
    audience,
    category::Category,
    loader::{Family, loader},
};
use crate::domain::{self, listing::Audience};

/// A sellable unit with a SKU of its own: what is priced, stocked and ordered.
#[derive(Clone, Debug)]
pub struct Product(pub Arc<domain::Product>);

impl From<domain::Product> for Product {
    fn from(product: domain::Product) -> Self {
        Self(Arc::new(product))
    }
}

impl Product {
    /// The product, if lists show it to this audience.
    pub(super) fn found(product: Option<Arc<domain::Product>>, audience: Audience) -> Option<Self> {
        product
            .filter(|product| audience.finds(product.status))
            .map(Self)
    }

    /// The product, if this audience may see it where something refers to it.
    pub(super) fn recognised(
        product: Option<Arc<domain::Product>>,
        audience: Audience,
    ) -> Option<Self> {
        product
            .filter(|product| audience.recognises(product.status))
            .map(Self)
    }
}

/// A sellable unit with a SKU of its own: what is priced, stocked and ordered.
#[Object]
impl Product {
    /// Which product.
    async fn id(&self) -> ProductId {
        self.0.id
    }

    /// Stock keeping unit, unique, e.g. `LAPTOP-16-SILVER`. It never changes.
    async fn sku(&self) -> &str {
        &self.0.sku
    }

    /// What customers read.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// More to read.
    async fn description(&self) -> Option<&str> {
        self.0.description.as_deref()
    }

    /// What one unit costs.
    async fn price(&self) -> MoneyObject {
        self.0.price.into()
    }

    /// Whether it is on sale.
    async fn status(&self) -> ProductStatus {
        self.0.status.into()
    }

    /// Where in the category tree it is found.
    async fn category(&self, ctx: &Context<'_>) -> Result<Option<Category>, ApiError> {
        let Some(id) = self.0.category else {
            return Ok(None);
        };
        Ok(loader(ctx).load_one(id).await?.map(Category))
    }

    /// What tells this unit from its siblings, e.g. Size: M.
    async fn options(&self) -> Vec<ProductOption> {
        let options = self.0.options.iter().cloned();
        options.map(ProductOption::from).collect()
    }

    /// The other units of the same family, e.g. the same shirt in other sizes.
    async fn variants(&self, ctx: &Context<'_>) -> Result<Vec<Self>, ApiError> {
        let Some(family) = self.0.family.clone() else {
            return Ok(Vec::new());
        };
        let audience = audience(ctx);
        let family = loader(ctx).load_one(Family(family)).await?;
        let siblings = family.unwrap_or_default().into_iter();
        Ok(siblings
            .filter(|sibling| sibling.id != self.0.id && audience.finds(sibling.status))
            .map(Self)
            .collect())
    }

    /// Where a picture of it is: an http or https URL.
    async fn image_url(&self) -> Option<&str> {
        self.0.image_url.as_deref()
    }

    /// When it was added to the catalogue.
    async fn created_at(&self) -> Instant {
        self.0.created_at.into()
    }

    /// When it changed last.
    async fn updated_at(&self) -> Instant {
        self.0.updated_at.into()
    }
}

/// Whether a product is on sale.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::ProductStatus")]
pub enum ProductStatus {
    /// Not yet on sale; hidden from customers.
    #[default]
    Draft,
    /// On sale.
    Active,
    /// No longer on sale; still shown on the orders that have it.
    Archived,
}

/// What tells a product from its siblings.
#[derive(Clone, Debug, SimpleObject)]
pub struct ProductOption {
    /// E.g. `Size`.
    name: String,
    /// E.g. `M`.
    value: String,
}

impl From<domain::ProductOption> for ProductOption {
    fn from(option: domain::ProductOption) -> Self {
        Self {
            name: option.name,
            value: option.value,
        }
    }
}

/// What tells a product from its siblings.
#[derive(Clone, Debug, InputObject)]
pub struct ProductOptionInput {
    /// E.g. `Size`; no two options of a product have the same name.
    name: String,
    /// E.g. `M`.
    value: String,
}

impl From<ProductOptionInput> for domain::ProductOption {
    fn from(option: ProductOptionInput) -> Self {
        Self {
            name: option.name,
            value: option.value,
        }
    }
}
