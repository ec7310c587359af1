//! Adds a product to the catalogue.

use sea_orm::DbErr;
use stockgraph_kit::error::Fault;

use super::Catalogue;
use crate::{
    domain::{BrokenRule, NewProduct, Product},
    repo,
};

/// Why a product is not made.
#[derive(Debug, thiserror::Error)]
pub enum CreateProductError {
    /// The input breaks rules.
    #[error("the input breaks rules: {0:?}")]
    Invalid(Vec<BrokenRule>),
    /// Another product has this SKU.
    #[error("the SKU {0} is taken")]
    SkuTaken(String),
    /// The database's.
    #[error(transparent)]
    Database(#[from] DbErr),
}

/// The rule that a product without an existing category breaks.
pub(super) fn no_such_category() -> BrokenRule {
    BrokenRule::new(["categoryId"], "There is no such category.")
}

impl Catalogue {
    /// Adds a product to the catalogue.
    ///
    /// # Errors
    ///
    /// [`CreateProductError`]; a category that does not exist is a broken rule.
    pub async fn create_product(&self, new: NewProduct) -> Result<Product, CreateProductError> {
        let broken = new.broken_rules();
        if !broken.is_empty() {
            return Err(CreateProductError::Invalid(broken));
        }
        let product = new.at(self.clock.now());
        match repo::product::insert(self.database.writer(), &product).await {
            Ok(()) => Ok(product),
            Err(error) => Err(match Fault::of(&error) {
                Fault::UniqueViolation => CreateProductError::SkuTaken(product.sku),
                Fault::ForeignKeyViolation => CreateProductError::Invalid(vec![no_such_category()]),
                Fault::Contended | Fault::Unavailable | Fault::NoText | Fault::Other => {
                    error.into()
                }
            }),
        }
    }
}
