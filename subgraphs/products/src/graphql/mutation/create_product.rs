//! `createProduct`.

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, SimpleObject, Union};
use stockgraph_kit::{
    error::ApiError,
    guard::guarded,
    id::ProductId,
    money::{Money, MoneyInput},
    user_error::InvalidInput,
};

use super::{category_change, change};
use crate::{
    domain::{self, NewProduct, ProductDetails},
    graphql::{
        catalogue,
        given::Given,
        product::{Product, ProductOptionInput, ProductStatus},
        user_error::{SkuTaken, all_invalid},
    },
    service::create_product::CreateProductError as Failure,
};

#[derive(Default)]
pub struct CreateProductMutation;

#[guarded]
#[Object]
impl CreateProductMutation {
    /// Adds a product to the catalogue.
    #[requires("catalogue:write")]
    async fn create_product(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The product.")] input: CreateProductInput,
    ) -> Result<CreateProductPayload, ApiError> {
        let catalogue = catalogue(ctx);
        let new = match input.parse(catalogue.ids().next()) {
            Ok(new) => new,
            Err(errors) => {
                return Ok(CreateProductPayload::refused(
                    errors.into_iter().map(Into::into),
                ));
            }
        };
        match catalogue.create_product(new).await {
            Ok(product) => Ok(CreateProductPayload {
                product: Some(product.into()),
                errors: Vec::new(),
            }),
            Err(Failure::Invalid(rules)) => Ok(CreateProductPayload::refused(all_invalid(rules))),
            Err(Failure::SkuTaken(sku)) => {
                Ok(CreateProductPayload::refused([SkuTaken::new(sku).into()]))
            }
            Err(Failure::Database(error)) => Err(error.into()),
        }
    }
}

/// A product to be added to the catalogue.
#[derive(InputObject)]
pub struct CreateProductInput {
    /// Stock keeping unit, unique: letters, digits, `-`, `_` and `.`, at most 64. It never changes.
    sku: String,
    /// What customers read: a line of at most 200 characters.
    name: String,
    /// More to read: at most 10,000 characters.
    description: MaybeUndefined<String>,
    /// What one unit costs; not negative.
    price: MoneyInput,
    /// Whether it is on sale. An import leaves the status of a product that exists as it is, unless one is given.
    #[graphql(default_with = "Given::default()")]
    status: Given<ProductStatus>,
    /// Where in the category tree it is found.
    category_id: MaybeUndefined<ID>,
    /// Products with the same family are each other's variants.
    family: MaybeUndefined<String>,
    /// What tells it from its siblings, at most 20, no two of the same name.
    options: Option<Vec<ProductOptionInput>>,
    /// Where a picture of it is: an http or https URL.
    image_url: MaybeUndefined<String>,
}

impl CreateProductInput {
    /// The product, whose id will be `id`.
    ///
    /// # Errors
    ///
    /// What cannot be read.
    pub(super) fn parse(self, id: ProductId) -> Result<NewProduct, Vec<InvalidInput>> {
        let price =
            Money::try_from(self.price).map_err(|error| InvalidInput::new(["price"], error));
        let (price, category) = match (price, category_change(self.category_id)) {
            (Ok(price), Ok(category)) => (price, category),
            (price, category) => {
                return Err(price.err().into_iter().chain(category.err()).collect());
            }
        };
        Ok(NewProduct {
            id,
            sku: self.sku,
            name: self.name,
            price,
            details: ProductDetails {
                description: change(self.description),
                status: self.status.0.map(Into::into),
                category,
                family: change(self.family),
                options: self.options.map(options),
                image_url: change(self.image_url),
            },
        })
    }
}

pub(super) fn options(options: Vec<ProductOptionInput>) -> Vec<domain::ProductOption> {
    options.into_iter().map(Into::into).collect()
}

/// What became of a `createProduct`.
#[derive(SimpleObject)]
pub struct CreateProductPayload {
    /// The new product, unless there are errors.
    product: Option<Product>,
    /// What the caller can put right.
    errors: Vec<CreateProductError>,
}

impl CreateProductPayload {
    fn refused(errors: impl IntoIterator<Item = CreateProductError>) -> Self {
        Self {
            product: None,
            errors: errors.into_iter().collect(),
        }
    }
}

/// Why a product is not added.
#[derive(Union)]
pub enum CreateProductError {
    /// An argument breaks a rule.
    InvalidInput(InvalidInput),
    /// Another product has this SKU.
    SkuTaken(SkuTaken),
}
