//! `createCategory`.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject, Union};
use stockgraph_kit::{
    error::ApiError,
    guard::guarded,
    user_error::{InvalidInput, NotFound},
};

use crate::{
    domain::{CategoryId, NewCategory},
    graphql::{catalogue, category::Category, user_error::all_invalid},
    service::create_category::CreateCategoryError as Failure,
};

#[derive(Default)]
pub struct CreateCategoryMutation;

#[guarded]
#[Object]
impl CreateCategoryMutation {
    /// Adds a category to the tree.
    #[requires("catalogue:write")]
    async fn create_category(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The category.")] input: CreateCategoryInput,
    ) -> Result<CreateCategoryPayload, ApiError> {
        let catalogue = catalogue(ctx);
        let new = match input.parse(catalogue.ids().next()) {
            Ok(new) => new,
            Err(error) => return Ok(CreateCategoryPayload::refused([error.into()])),
        };
        match catalogue.create_category(new).await {
            Ok(category) => Ok(CreateCategoryPayload {
                category: Some(category.into()),
                errors: Vec::new(),
            }),
            Err(Failure::Invalid(rules)) => Ok(CreateCategoryPayload::refused(all_invalid(rules))),
            Err(Failure::ParentNotFound(parent)) => {
                let error = NotFound::new("category", parent);
                Ok(CreateCategoryPayload::refused([error.into()]))
            }
            Err(Failure::Database(error)) => Err(error.into()),
        }
    }
}

/// A category to be added to the tree.
#[derive(InputObject)]
pub struct CreateCategoryInput {
    /// What customers read: a line of at most 100 characters.
    name: String,
    /// For URLs, unique: words of small letters and digits with hyphens between, at most 64 characters.
    slug: String,
    /// The category above; a root of the tree unless given.
    parent_id: Option<ID>,
}

impl CreateCategoryInput {
    fn parse(self, id: CategoryId) -> Result<NewCategory, InvalidInput> {
        let parse = |parent: ID| InvalidInput::parse_id(["parentId"], &parent);
        Ok(NewCategory {
            id,
            parent: self.parent_id.map(parse).transpose()?,
            name: self.name,
            slug: self.slug,
        })
    }
}

/// What became of a `createCategory`.
#[derive(SimpleObject)]
pub struct CreateCategoryPayload {
    /// The new category, unless there are errors.
    category: Option<Category>,
    /// What the caller can put right.
    errors: Vec<CreateCategoryError>,
}

impl CreateCategoryPayload {
    fn refused(errors: impl IntoIterator<Item = CreateCategoryError>) -> Self {
        Self {
            category: None,
            errors: errors.into_iter().collect(),
        }
    }
}

/// Why a category is not added.
#[derive(Union)]
pub enum CreateCategoryError {
    /// An argument breaks a rule.
    InvalidInput(InvalidInput),
    /// There is no such parent.
    NotFound(NotFound),
}
