//! Lists of products: who sees what, what is asked for, and in which order.

use serde::{Deserialize, Serialize};
use stockgraph_kit::id::ProductId;

use super::{category::CategoryId, product::ProductStatus};

/// For whom the catalogue is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Audience {
    /// Everybody: sees what is on sale.
    Customers,
    /// Those who keep the catalogue: they see all of it.
    Staff,
}

impl Audience {
    /// Whether lists, and whoever asks for it by its id or SKU, show a product of this status.
    #[must_use]
    pub const fn finds(self, status: ProductStatus) -> bool {
        match self {
            Self::Customers => matches!(status, ProductStatus::Active),
            Self::Staff => true,
        }
    }

    /// Whether a product of this status is shown where another part of the graph refers to it. An order still shows what is no
    /// longer on sale.
    #[must_use]
    pub const fn recognises(self, status: ProductStatus) -> bool {
        match self {
            Self::Customers => !matches!(status, ProductStatus::Draft),
            Self::Staff => true,
        }
    }
}

/// Which products are asked for. What is not given does not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProductFilter {
    /// All of these words, the last one as the beginning of a word, in name, SKU or description.
    pub words: Option<Vec<String>>,
    /// In this category or below it.
    pub category: Option<CategoryId>,
    /// With one of these SKUs.
    pub skus: Option<Vec<String>>,
    /// One of these.
    pub ids: Option<Vec<ProductId>>,
    /// Of this status.
    pub status: Option<ProductStatus>,
    /// Of this price or a higher one, in 10⁻⁴ of whatever currency it is in.
    pub min_price: Option<i64>,
    /// Of this price or a lower one, in 10⁻⁴ of whatever currency it is in.
    pub max_price: Option<i64>,
}

impl ProductFilter {
    /// Whether no product can pass, whichever there are.
    #[must_use]
    pub fn is_impossible(&self) -> bool {
        let none = |length: Option<usize>| length == Some(0);
        none(self.words.as_ref().map(Vec::len))
            || none(self.skus.as_ref().map(Vec::len))
            || none(self.ids.as_ref().map(Vec::len))
            || matches!((self.min_price, self.max_price), (Some(min), Some(max)) if min > max)
    }
}

/// What a list is sorted by; equals by their id.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum SortField {
    /// The name, without regard to the case of ASCII letters.
    #[default]
    Name,
    /// The price's amount.
    Price,
    /// When it was made.
    CreatedAt,
}

/// Which way a list is sorted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Direction {
    /// The smallest first.
    #[default]
    Ascending,
    /// The largest first.
    Descending,
}

/// The order of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Order {
    /// By a field.
    By(SortField, Direction),
    /// The best match of a search first.
    BestMatch,
}

impl Order {
    /// The order of a list for which `sort` was asked, or nothing of the kind.
    #[must_use]
    pub fn of(sort: Option<(SortField, Direction)>, filter: &ProductFilter) -> Self {
        match sort {
            Some((field, direction)) => Self::By(field, direction),
            None if filter.words.is_some() => Self::BestMatch,
            None => Self::by_name(),
        }
    }

    /// The order of a list for which nothing was asked.
    #[must_use]
    pub fn by_name() -> Self {
        Self::By(SortField::default(), Direction::default())
    }
}

/// Where a product stands in a list of some order; with its id it is unique.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum SortKey {
    /// In a list by name.
    #[serde(rename = "n")]
    Name(String),
    /// In a list by price: the amount in 10⁻⁴.
    #[serde(rename = "p")]
    Price(i64),
    /// In a list by creation: microseconds since the Unix epoch.
    #[serde(rename = "c")]
    CreatedAt(i64),
    /// In a list of matches: the larger, the better.
    #[serde(rename = "m")]
    Match(i64),
}

impl SortKey {
    /// Whether it is a place in a list of this order.
    #[must_use]
    pub const fn is_of(&self, order: Order) -> bool {
        matches!(
            (self, order),
            (Self::Name(_), Order::By(SortField::Name, _))
                | (Self::Price(_), Order::By(SortField::Price, _))
                | (Self::CreatedAt(_), Order::By(SortField::CreatedAt, _))
                | (Self::Match(_), Order::BestMatch)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn customers_find_what_is_on_sale_and_recognise_what_was() {
        use ProductStatus::{Active, Archived, Draft};
        let seen = |audience: Audience| {
            [Draft, Active, Archived]
                .map(|status| (audience.finds(status), audience.recognises(status)))
        };
        assert_eq!(
            seen(Audience::Customers),
            [(false, false), (true, true), (false, true)]
        );
        assert_eq!(seen(Audience::Staff), [(true, true); 3]);
    }

    #[test]
    fn the_best_match_comes_first_unless_a_sort_is_given() {
        let search = ProductFilter {
            words: Some(vec!["mouse".into()]),
            ..ProductFilter::default()
        };
        let by_name = (SortField::Name, Direction::Ascending);
        assert_eq!(Order::of(None, &search), Order::BestMatch);
        assert_eq!(Order::of(Some(by_name), &search), Order::by_name());
        assert_eq!(Order::of(None, &ProductFilter::default()), Order::by_name());
    }
}
