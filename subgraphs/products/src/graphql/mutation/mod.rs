//! What can be done to the catalogue, a file for each mutation.

mod create_category;
mod create_product;
mod import_products;
mod update_product;

use async_graphql::{ID, MaybeUndefined, MergedObject};
use stockgraph_kit::user_error::InvalidInput;

use crate::domain::{CategoryId, Change};

/// The root of all mutations.
#[derive(Default, MergedObject)]
pub struct Mutation(
    create_product::CreateProductMutation,
    update_product::UpdateProductMutation,
    import_products::ImportProductsMutation,
    create_category::CreateCategoryMutation,
);

/// What is to become of a value: left out, it stays; `null` takes it away.
fn change<T>(given: MaybeUndefined<T>) -> Change<T> {
    match given {
        MaybeUndefined::Undefined => Change::Keep,
        MaybeUndefined::Null => Change::Clear,
        MaybeUndefined::Value(value) => Change::Set(value),
    }
}

/// What is to become of a product's category.
fn category_change(given: MaybeUndefined<ID>) -> Result<Change<CategoryId>, InvalidInput> {
    let parse = |id: ID| InvalidInput::parse_id(["categoryId"], &id);
    given.map_value(parse).transpose().map(change)
}
