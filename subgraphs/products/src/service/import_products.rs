//! Creates or updates many products by SKU, all or none.

use std::collections::{HashMap, HashSet};

use sea_orm::{ConnectionTrait, DbErr};

use super::{Catalogue, create_product::no_such_category};
use crate::{
    domain::{BrokenRule, NewProduct, Product},
    repo,
};

/// The most products of one import.
pub const LARGEST_IMPORT: usize = 1_000;

/// Why nothing is imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportProductsError {
    /// The input breaks rules; paths begin with `products` and the place in the list.
    #[error("the input breaks rules: {0:?}")]
    Invalid(Vec<BrokenRule>),
    /// The database's.
    #[error(transparent)]
    Database(#[from] DbErr),
}

/// What an import did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// How many products are new.
    pub created: usize,
    /// How many there were already.
    pub updated: usize,
}

/// The rule that an import of so many products breaks, if any.
#[must_use]
pub fn check_size(products: usize) -> Option<BrokenRule> {
    (products > LARGEST_IMPORT).then(|| {
        let message = format!("There may be at most {LARGEST_IMPORT}; these are {products}.");
        BrokenRule::new(["products"], message)
    })
}

/// The rules that the product at this place of the list breaks by itself.
pub fn check_product(place: usize, product: &NewProduct) -> impl Iterator<Item = BrokenRule> {
    let broken = product.broken_rules().into_iter();
    broken.map(move |rule| in_list(place, rule))
}

impl Catalogue {
    /// Creates the products whose SKU is new, and brings the others up to date: what is not said of them stays as it is.
    ///
    /// # Errors
    ///
    /// [`ImportProductsError`]. Nothing is written then.
    pub async fn import_products(
        &self,
        products: Vec<NewProduct>,
    ) -> Result<Imported, ImportProductsError> {
        refuse(check_size(products.len()).into_iter().collect())?;
        refuse(check_list(&products))?;
        let transaction = self.database.begin().await?;
        repo::product::await_turn_to_import(&transaction, self.database.engine()).await?;
        refuse(check_categories(&transaction, &products).await?)?;
        let imported = self.write(&transaction, products).await?;
        transaction.commit().await?;
        Ok(imported)
    }

    async fn write(
        &self,
        db: &impl ConnectionTrait,
        products: Vec<NewProduct>,
    ) -> Result<Imported, DbErr> {
        let skus = products.iter().map(|product| product.sku.as_str());
        let existing = repo::product::lock_by_skus(db, skus).await?;
        let mut existing: HashMap<String, Product> = existing
            .into_iter()
            .map(|product| (product.sku.clone(), product))
            .collect();
        let now = self.clock.now();
        let mut imported = Imported::default();
        let mut rows = Vec::with_capacity(products.len());
        for new in products {
            if let Some(mut product) = existing.remove(&new.sku) {
                imported.updated += 1;
                if new.into_changes().apply(&mut product, now) {
                    rows.push(product);
                }
            } else {
                imported.created += 1;
                rows.push(new.at(now));
            }
        }
        repo::product::upsert(db, &rows).await?;
        Ok(imported)
    }
}

fn refuse(broken: Vec<BrokenRule>) -> Result<(), ImportProductsError> {
    if broken.is_empty() {
        Ok(())
    } else {
        Err(ImportProductsError::Invalid(broken))
    }
}

fn check_list(products: &[NewProduct]) -> Vec<BrokenRule> {
    let mut skus = HashSet::new();
    let mut broken = Vec::new();
    for (place, product) in products.iter().enumerate() {
        broken.extend(check_product(place, product));
        if !skus.insert(product.sku.as_str()) {
            let rule = BrokenRule::new(["sku"], "The list has this SKU before.");
            broken.push(in_list(place, rule));
        }
    }
    broken
}

async fn check_categories(
    db: &impl ConnectionTrait,
    products: &[NewProduct],
) -> Result<Vec<BrokenRule>, DbErr> {
    let category = |product: &NewProduct| product.details.category.set().copied();
    let wanted: HashSet<_> = products.iter().filter_map(category).collect();
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let existing = repo::category::existing(db, wanted).await?;
    let missing = |product| category(product).is_some_and(|id| !existing.contains(&id));
    let places = products.iter().enumerate();
    Ok(places
        .filter(|(_, product)| missing(product))
        .map(|(place, _)| in_list(place, no_such_category()))
        .collect())
}

fn in_list(place: usize, rule: BrokenRule) -> BrokenRule {
    rule.within(["products", &place.to_string()])
}
