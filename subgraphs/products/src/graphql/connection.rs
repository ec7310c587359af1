//! Lists of products in the graph: their arguments, and the connection that shows a page.

use async_graphql::{Enum, InputObject};
use rust_decimal::Decimal;
use stockgraph_kit::{
    error::ApiError,
    id::ProductId,
    money::{DecimalText, stored_amount},
    paging::{self, CountedConnection, Page, PageArgs, PageRequest, TotalCount},
};

use super::product::{Product, ProductStatus};
use crate::{
    domain::{
        self, CategoryId,
        listing::{Direction, Order, SortField},
        search::{LONGEST_SEARCH, words},
    },
    repo::listing::{Listed, Place},
};

/// A page of products.
pub type ProductConnection = CountedConnection<Place, Product>;

/// The connection that shows this page.
pub(super) fn connection(page: Page<Listed>, total: TotalCount) -> ProductConnection {
    paging::counted(page, total, Listed::place)
}

impl From<Listed> for Product {
    fn from(listed: Listed) -> Self {
        listed.product.into()
    }
}

/// The page that is asked for of a list in this order.
pub(super) fn places(args: PageArgs, order: Order) -> Result<PageRequest<Place>, ApiError> {
    let request: PageRequest<Place> = args.check()?;
    for (name, place) in [("after", &request.after), ("before", &request.before)] {
        if place.as_ref().is_some_and(|(key, _)| !key.is_of(order)) {
            let message = format!("`{name}` is a cursor of a list that is sorted in another way.");
            return Err(ApiError::bad_user_input(message));
        }
    }
    Ok(request)
}

/// Which products are asked for: those to which all that is given applies.
#[derive(Clone, Debug, Default, InputObject)]
pub struct ProductFilter {
    /// Full-text search over name, description and SKU; the best match comes first unless a sort is given. A product matches when
    /// it has all the words; the last one may be the beginning of a word.
    search: Option<String>,
    /// In this category or one below it.
    category_id: Option<CategoryId>,
    /// With one of these SKUs, at most 1,000.
    skus: Option<Vec<String>>,
    /// One of these, at most 1,000.
    ids: Option<Vec<ProductId>>,
    /// Of this status. Callers without `catalogue:write` see ACTIVE products only, whatever they ask for.
    status: Option<ProductStatus>,
    /// Of this price or a higher one, in whatever currency it is.
    min_price: Option<DecimalText>,
    /// Of this price or a lower one, in whatever currency it is.
    max_price: Option<DecimalText>,
}

/// Most elements of a list in a filter.
const LONGEST_LIST: usize = 1_000;
/// Most words of a search.
const MOST_WORDS: usize = 16;

impl TryFrom<ProductFilter> for domain::listing::ProductFilter {
    type Error = ApiError;

    fn try_from(filter: ProductFilter) -> Result<Self, ApiError> {
        check_length("ids", filter.ids.as_ref().map(Vec::len))?;
        check_length("skus", filter.skus.as_ref().map(Vec::len))?;
        Ok(Self {
            words: filter.search.as_deref().map_or(Ok(None), search)?,
            category: filter.category_id,
            skus: filter.skus,
            ids: filter.ids,
            status: filter.status.map(Into::into),
            min_price: filter.min_price.map(min_price).transpose()?,
            max_price: filter.max_price.map(max_price).transpose()?,
        })
    }
}

fn check_length(name: &str, length: Option<usize>) -> Result<(), ApiError> {
    if length.is_some_and(|length| length > LONGEST_LIST) {
        let message = format!("`{name}` may have at most {LONGEST_LIST} elements.");
        return Err(ApiError::bad_user_input(message));
    }
    Ok(())
}

/// The words to search for; an empty search box asks for nothing.
fn search(text: &str) -> Result<Option<Vec<String>>, ApiError> {
    let text = text.trim();
    if text.chars().count() > LONGEST_SEARCH {
        let message = format!("`search` may have at most {LONGEST_SEARCH} characters.");
        return Err(ApiError::bad_user_input(message));
    }
    let words = words(text);
    if words.len() > MOST_WORDS {
        let message = format!("`search` may have at most {MOST_WORDS} words.");
        return Err(ApiError::bad_user_input(message));
    }
    Ok((!text.is_empty()).then_some(words))
}

fn min_price(price: DecimalText) -> Result<i64, ApiError> {
    let stored = stored(price)?;
    // A price that lies between two that can be stored is higher than the one it was rounded to.
    let rounded_down = Decimal::new(stored, 4) < price.0;
    Ok(stored.saturating_add(i64::from(rounded_down)))
}

fn max_price(price: DecimalText) -> Result<i64, ApiError> {
    stored(price)
}

fn stored(price: DecimalText) -> Result<i64, ApiError> {
    stored_amount(price.0)
        .map_err(|error| ApiError::bad_user_input(format!("`{}` is no price: {error}.", price.0)))
}

/// How a list of products is sorted; products that are equal in it are sorted by id.
#[derive(Clone, Copy, Debug, Default, InputObject)]
pub struct ProductSort {
    /// By what.
    field: ProductSortField,
    /// Which way.
    direction: SortDirection,
}

impl From<ProductSort> for (SortField, Direction) {
    fn from(sort: ProductSort) -> Self {
        (sort.field.into(), sort.direction.into())
    }
}

/// What a list of products can be sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Enum)]
#[graphql(remote = "SortField")]
pub enum ProductSortField {
    /// The name, whether in capital or small letters.
    #[default]
    Name,
    /// The amount of the price, whatever its currency.
    Price,
    /// When it was added to the catalogue.
    CreatedAt,
}

/// Which way a list is sorted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Enum)]
#[graphql(remote = "Direction")]
pub enum SortDirection {
    /// The smallest first.
    #[default]
    #[graphql(name = "ASC")]
    Ascending,
    /// The largest first.
    #[graphql(name = "DESC")]
    Descending,
}
