//! `updateProduct`.

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, SimpleObject, Union};
use stockgraph_kit::{
    error::ApiError,
    guard::guarded,
    id::ProductId,
    money::{Money, MoneyInput},
    user_error::{InvalidInput, NotFound},
};

use super::{category_change, change, create_product::options};
use crate::{
    domain::{ProductChanges, ProductDetails},
    graphql::{
        catalogue,
        product::{Product, ProductOptionInput, ProductStatus},
        user_error::all_invalid,
    },
    service::update_product::UpdateProductError as Failure,
};

#[derive(Default)]
pub struct UpdateProductMutation;

#[guarded]
#[Object]
impl UpdateProductMutation {
    /// Changes the fields that are given and leaves the others. Orders keep the price they were placed at.
    #[requires("catalogue:write")]
    async fn update_product(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which product, and what changes.")] input: UpdateProductInput,
    ) -> Result<UpdateProductPayload, ApiError> {
        let (id, changes) = match input.parse() {
            Ok(parsed) => parsed,
            Err(errors) => {
                return Ok(UpdateProductPayload::refused(
                    errors.into_iter().map(Into::into),
                ));
            }
        };
        match catalogue(ctx).update_product(id, changes).await {
            Ok(product) => Ok(UpdateProductPayload {
                product: Some(product.into()),
                errors: Vec::new(),
            }),
            Err(Failure::Invalid(rules)) => Ok(UpdateProductPayload::refused(all_invalid(rules))),
            Err(Failure::NotFound(id)) => {
                let error = NotFound::new("product", id);
                Ok(UpdateProductPayload::refused([error.into()]))
            }
            Err(Failure::Database(error)) => Err(error.into()),
        }
    }
}

/// A change of a product. What is left out stays as it is.
#[derive(InputObject)]
pub struct UpdateProductInput {
    /// Which product.
    id: ID,
    /// What customers read: a line of at most 200 characters.
    name: Option<String>,
    /// More to read: at most 10,000 characters; `null` takes it away.
    description: MaybeUndefined<String>,
    /// What one unit costs; not negative.
    price: Option<MoneyInput>,
    /// Whether it is on sale.
    status: Option<ProductStatus>,
    /// Where in the category tree it is found; `null` takes it out of the tree.
    category_id: MaybeUndefined<ID>,
    /// Products with the same family are each other's variants; `null` takes it out of its family.
    family: MaybeUndefined<String>,
    /// What tells it from its siblings: all of it, at most 20, no two of the same name.
    options: Option<Vec<ProductOptionInput>>,
    /// Where a picture of it is: an http or https URL; `null` takes it away.
    image_url: MaybeUndefined<String>,
}

impl UpdateProductInput {
    fn parse(self) -> Result<(ProductId, ProductChanges), Vec<InvalidInput>> {
        let id = InvalidInput::parse_id(["id"], &self.id);
        let price = self.price.map(Money::try_from).transpose();
        let price = price.map_err(|error| InvalidInput::new(["price"], error));
        let (id, price, category) = match (id, price, category_change(self.category_id)) {
            (Ok(id), Ok(price), Ok(category)) => (id, price, category),
            (id, price, category) => {
                let errors = id.err().into_iter().chain(price.err());
                return Err(errors.chain(category.err()).collect());
            }
        };
        let changes = ProductChanges {
            name: self.name,
            price,
            details: ProductDetails {
                description: change(self.description),
                status: self.status.map(Into::into),
                category,
                family: change(self.family),
                options: self.options.map(options),
                image_url: change(self.image_url),
            },
        };
        Ok((id, changes))
    }
}

/// What became of an `updateProduct`.
#[derive(SimpleObject)]
pub struct UpdateProductPayload {
    /// The product as it is now, unless there are errors.
    product: Option<Product>,
    /// What the caller can put right.
    errors: Vec<UpdateProductError>,
}

impl UpdateProductPayload {
    fn refused(errors: impl IntoIterator<Item = UpdateProductError>) -> Self {
        Self {
            product: None,
            errors: errors.into_iter().collect(),
        }
    }
}

/// Why a product is not changed.
#[derive(Union)]
pub enum UpdateProductError {
    /// There is no such product.
    NotFound(NotFound),
    /// An argument breaks a rule.
    InvalidInput(InvalidInput),
}
