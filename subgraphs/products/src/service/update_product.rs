//! Changes a product. Its SKU stays: others know it by it.

use sea_orm::DbErr;
use stockgraph_kit::{error::Fault, id::ProductId};

use super::{Catalogue, create_product::no_such_category};
use crate::{
    domain::{BrokenRule, Product, ProductChanges},
    repo,
};

/// Why a product is not changed.
#[derive(Debug, thiserror::Error)]
pub enum UpdateProductError {
    /// The input breaks rules.
    #[error("the input breaks rules: {0:?}")]
    Invalid(Vec<BrokenRule>),
    /// There is no such product.
    #[error("there is no product {0}")]
    NotFound(ProductId),
    /// The database's.
    #[error(transparent)]
    Database(#[from] DbErr),
}

impl Catalogue {
    /// Changes a product.
    ///
    /// # Errors
    ///
    /// [`UpdateProductError`]; a category that does not exist is a broken rule.
    pub async fn update_product(
        &self,
        id: ProductId,
        changes: ProductChanges,
    ) -> Result<Product, UpdateProductError> {
        let broken = changes.broken_rules();
        if !broken.is_empty() {
            return Err(UpdateProductError::Invalid(broken));
        }
        let transaction = self.database.begin().await?;
        let Some(mut product) = repo::product::lock_by_id(&transaction, id).await? else {
            return Err(UpdateProductError::NotFound(id));
        };
        if changes.apply(&mut product, self.clock.now()) {
            let written = repo::product::update(&transaction, &product).await;
            written.map_err(|error| match Fault::of(&error) {
                Fault::ForeignKeyViolation => UpdateProductError::Invalid(vec![no_such_category()]),
                Fault::UniqueViolation
                | Fault::Contended
                | Fault::Unavailable
                | Fault::NoText
                | Fault::Other => error.into(),
            })?;
        }
        transaction.commit().await?;
        Ok(product)
    }
}
