//! Adds a category to the tree.

use sea_orm::DbErr;
use stockgraph_kit::error::Fault;

use super::Catalogue;
use crate::{
    domain::{BrokenRule, Category, CategoryId, NewCategory},
    repo,
};

/// Why a category is not made.
#[derive(Debug, thiserror::Error)]
pub enum CreateCategoryError {
    /// The input breaks rules.
    #[error("the input breaks rules: {0:?}")]
    Invalid(Vec<BrokenRule>),
    /// There is no category to put it under.
    #[error("there is no category {0}")]
    ParentNotFound(CategoryId),
    /// The database's.
    #[error(transparent)]
    Database(#[from] DbErr),
}

impl Catalogue {
    /// Adds a category to the tree.
    ///
    /// # Errors
    ///
    /// [`CreateCategoryError`]; a slug that is taken is a broken rule.
    pub async fn create_category(&self, new: NewCategory) -> Result<Category, CreateCategoryError> {
        let broken = new.broken_rules();
        if !broken.is_empty() {
            return Err(CreateCategoryError::Invalid(broken));
        }
        let category = new.at(self.clock.now());
        match repo::category::insert(self.database.writer(), &category).await {
            Ok(()) => Ok(category),
            Err(error) => Err(match (Fault::of(&error), category.parent) {
                (Fault::UniqueViolation, _) => {
                    let rule = BrokenRule::new(["slug"], "Another category has this slug.");
                    CreateCategoryError::Invalid(vec![rule])
                }
                (Fault::ForeignKeyViolation, Some(parent)) => {
                    CreateCategoryError::ParentNotFound(parent)
                }
                (
                    Fault::ForeignKeyViolation
                    | Fault::Contended
                    | Fault::Unavailable
                    | Fault::NoText
                    | Fault::Other,
                    _,
                ) => error.into(),
            }),
        }
    }
}
