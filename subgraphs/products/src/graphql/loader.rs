//! The data loaders: one statement for all keys of a kind that a request needs at the same moment.

use std::{collections::HashMap, sync::Arc};

use async_graphql::{
    Context,
    dataloader::{DataLoader, HashMapCache, Loader},
};
use stockgraph_kit::{
    database::Database, error::ApiError, id::ProductId, loader::Batches, paging::PageRequest,
};

use crate::{
    domain::{Category, CategoryId, Product, listing::Audience},
    repo::{
        self,
        listing::{Listed, Place},
    },
};

/// Loads what requests refer to.
pub struct CatalogueLoader {
    database: Database,
}

/// The data loader of one request.
pub type RequestLoader = DataLoader<CatalogueLoader, HashMapCache>;

/// The data loader of a new request.
#[must_use]
pub fn of_request(database: &Database, batches: &Batches) -> Arc<RequestLoader> {
    let database = database.clone();
    Arc::new(batches.loader::<ProductId, _>(CatalogueLoader { database }))
}

/// The data loader of the request that is being answered.
pub(super) fn loader<'ctx>(ctx: &Context<'ctx>) -> &'ctx Arc<RequestLoader> {
    ctx.data_unchecked::<Arc<RequestLoader>>()
}

/// The product with this SKU.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Sku(pub String);

/// The products of this family.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Family(pub String);

/// The categories right below this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ChildrenOf(pub CategoryId);

/// A page of the products of this category and all below it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PageOf(pub CategoryId, pub PageKind);

/// What tells pages of categories apart beside the category.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PageKind {
    /// For whom.
    pub audience: Audience,
    /// Only what comes after this place.
    pub after: Option<Place>,
    /// Only what comes before this place.
    pub before: Option<Place>,
    /// How many products at most.
    pub size: u32,
    /// From the end instead of the start.
    pub from_end: bool,
}

/// How many products this category and all below it have for this audience.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CountOf(pub CategoryId, pub Audience);

impl Loader<ProductId> for CatalogueLoader {
    type Value = Arc<Product>;
    type Error = ApiError;

    async fn load(&self, ids: &[ProductId]) -> Result<HashMap<ProductId, Self::Value>, ApiError> {
        let products = repo::product::by_ids(self.database.reader(), ids.iter().copied()).await?;
        let entry = |product: Product| (product.id, Arc::new(product));
        Ok(products.into_iter().map(entry).collect())
    }
}

impl Loader<Sku> for CatalogueLoader {
    type Value = Arc<Product>;
    type Error = ApiError;

    async fn load(&self, skus: &[Sku]) -> Result<HashMap<Sku, Self::Value>, ApiError> {
        let skus = skus.iter().map(|sku| sku.0.as_str());
        let products = repo::product::by_skus(self.database.reader(), skus).await?;
        let entry = |product: Product| (Sku(product.sku.clone()), Arc::new(product));
        Ok(products.into_iter().map(entry).collect())
    }
}

impl Loader<Family> for CatalogueLoader {
    type Value = Vec<Arc<Product>>;
    type Error = ApiError;

    async fn load(&self, families: &[Family]) -> Result<HashMap<Family, Self::Value>, ApiError> {
        let names = families.iter().map(|family| family.0.as_str());
        let products = repo::product::by_families(self.database.reader(), names).await?;
        let mut members: HashMap<Family, Self::Value> = HashMap::new();
        for product in products {
            if let Some(family) = product.family.clone() {
                let siblings = members.entry(Family(family)).or_default();
                siblings.push(Arc::new(product));
            }
        }
        Ok(members)
    }
}

impl Loader<CategoryId> for CatalogueLoader {
    type Value = Arc<Category>;
    type Error = ApiError;

    async fn load(&self, ids: &[CategoryId]) -> Result<HashMap<CategoryId, Self::Value>, ApiError> {
        let ids = ids.iter().copied();
        let categories = repo::category::by_ids(self.database.reader(), ids).await?;
        let entry = |category: Category| (category.id, Arc::new(category));
        Ok(categories.into_iter().map(entry).collect())
    }
}

impl Loader<ChildrenOf> for CatalogueLoader {
    type Value = Vec<Arc<Category>>;
    type Error = ApiError;

    async fn load(
        &self,
        parents: &[ChildrenOf],
    ) -> Result<HashMap<ChildrenOf, Self::Value>, ApiError> {
        let ids = parents.iter().map(|parent| parent.0);
        let categories = repo::category::by_parents(self.database.reader(), ids).await?;
        let mut children: HashMap<ChildrenOf, Self::Value> = HashMap::new();
        for category in categories {
            if let Some(parent) = category.parent {
                let siblings = children.entry(ChildrenOf(parent)).or_default();
                siblings.push(Arc::new(category));
            }
        }
        Ok(children)
    }
}

impl Loader<PageOf> for CatalogueLoader {
    type Value = Arc<Vec<Listed>>;
    type Error = ApiError;

    async fn load(&self, pages: &[PageOf]) -> Result<HashMap<PageOf, Self::Value>, ApiError> {
        let mut kinds: HashMap<&PageKind, Vec<CategoryId>> = HashMap::new();
        for PageOf(category, kind) in pages {
            kinds.entry(kind).or_default().push(*category);
        }
        let mut loaded = HashMap::new();
        for (kind, categories) in kinds {
            let page = PageRequest {
                after: kind.after.clone(),
                before: kind.before.clone(),
                size: kind.size,
                from_end: kind.from_end,
            };
            let db = self.database.reader();
            let rows =
                repo::listing::pages_by_category(db, &categories, kind.audience, &page).await?;
            let entry = |(category, rows)| (PageOf(category, kind.clone()), Arc::new(rows));
            loaded.extend(rows.into_iter().map(entry));
        }
        Ok(loaded)
    }
}

impl Loader<CountOf> for CatalogueLoader {
    type Value = u64;
    type Error = ApiError;

    async fn load(&self, wanted: &[CountOf]) -> Result<HashMap<CountOf, u64>, ApiError> {
        let mut audiences: HashMap<Audience, Vec<CategoryId>> = HashMap::new();
        for CountOf(category, audience) in wanted {
            audiences.entry(*audience).or_default().push(*category);
        }
        let mut loaded = HashMap::new();
        for (audience, categories) in audiences {
            let db = self.database.reader();
            let counts = repo::listing::counts_by_category(db, &categories, audience).await?;
            let entry = |(category, count)| (CountOf(category, audience), count);
            loaded.extend(counts.into_iter().map(entry));
        }
        Ok(loaded)
    }
}
