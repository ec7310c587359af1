//! `importProducts`.

use async_graphql::{Context, InputObject, Object, SimpleObject, Union};
use stockgraph_kit::{error::ApiError, guard::guarded, id::IdSource, user_error::InvalidInput};

use super::create_product::CreateProductInput;
use crate::{
    domain::NewProduct,
    graphql::{
        catalogue,
        user_error::{all_invalid, invalid},
    },
    service::import_products::{ImportProductsError as Failure, check_product, check_size},
};

#[derive(Default)]
pub struct ImportProductsMutation;

#[guarded]
#[Object]
impl ImportProductsMutation {
    /// Creates or updates many products by SKU, all or none. Of products that exist, what is left out stays as it is.
    #[requires("catalogue:write")]
    async fn import_products(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The products.")] input: ImportProductsInput,
    ) -> Result<ImportProductsPayload, ApiError> {
        let catalogue = catalogue(ctx);
        let products = match input.parse(catalogue.ids()) {
            Ok(products) => products,
            Err(errors) => return Ok(ImportProductsPayload::refused(errors)),
        };
        match catalogue.import_products(products).await {
            Ok(imported) => Ok(ImportProductsPayload {
                created: i32::try_from(imported.created).unwrap_or(i32::MAX),
                updated: i32::try_from(imported.updated).unwrap_or(i32::MAX),
                errors: Vec::new(),
            }),
            Err(Failure::Invalid(rules)) => Ok(ImportProductsPayload::refused(all_invalid(rules))),
            Err(Failure::Database(error)) => Err(error.into()),
        }
    }
}

/// Products to be created, or updated where their SKU exists.
#[derive(InputObject)]
pub struct ImportProductsInput {
    /// At most 1,000.
    products: Vec<CreateProductInput>,
}

impl ImportProductsInput {
    /// Where one product cannot be read, the rules that the others break are told as well.
    fn parse(self, ids: &IdSource) -> Result<Vec<NewProduct>, Vec<ImportProductsError>> {
        if let Some(rule) = check_size(self.products.len()) {
            return Err(all_invalid([rule]));
        }
        let mut unreadable = false;
        let mut errors = Vec::new();
        let mut products = Vec::with_capacity(self.products.len());
        for (place, input) in self.products.into_iter().enumerate() {
            match input.parse(ids.next()) {
                Ok(product) => {
                    errors.extend(check_product(place, &product).map(invalid));
                    products.push(product);
                }
                Err(found) => {
                    unreadable = true;
                    errors.extend(found.into_iter().map(|error| in_list(place, error)));
                }
            }
        }
        if unreadable {
            return Err(errors.into_iter().map(Into::into).collect());
        }
        Ok(products)
    }
}

fn in_list(place: usize, error: InvalidInput) -> InvalidInput {
    let field = ["products".to_owned(), place.to_string()]
        .into_iter()
        .chain(error.field);
    InvalidInput::new(field, error.message)
}

/// What became of an `importProducts`.
#[derive(SimpleObject)]
pub struct ImportProductsPayload {
    /// How many products are new.
    created: i32,
    /// How many products there were already, and are now as the import has them.
    updated: i32,
    /// What the caller can put right; nothing is imported then.
    errors: Vec<ImportProductsError>,
}

impl ImportProductsPayload {
    const fn refused(errors: Vec<ImportProductsError>) -> Self {
        Self {
            created: 0,
            updated: 0,
            errors,
        }
    }
}

/// Why nothing is imported.
#[derive(Union)]
pub enum ImportProductsError {
    /// An argument breaks a rule.
    InvalidInput(InvalidInput),
}
