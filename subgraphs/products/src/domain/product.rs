//! Products: sellable units with a SKU, a price and a status.

use chrono::{DateTime, Utc};
use stockgraph_kit::{id::ProductId, money::Money};

use super::category::CategoryId;

mod rules;

/// Whether a product is on sale.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ProductStatus {
    /// Not yet on sale; hidden from customers.
    #[default]
    Draft,
    /// On sale.
    Active,
    /// No longer on sale; still shown on the orders that have it.
    Archived,
}

/// What tells a product from its siblings, e.g. Size: M.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProductOption {
    /// E.g. `Size`.
    pub name: String,
    /// E.g. `M`.
    pub value: String,
}

/// A sellable unit: what is priced, stocked and ordered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Product {
    /// Which product.
    pub id: ProductId,
    /// Stock keeping unit, unique; it never changes.
    pub sku: String,
    /// What customers read.
    pub name: String,
    /// More to read.
    pub description: Option<String>,
    /// What one unit costs.
    pub price: Money,
    /// Whether it is on sale.
    pub status: ProductStatus,
    /// Where in the tree it is found.
    pub category: Option<CategoryId>,
    /// Products with the same family are each other's variants.
    pub family: Option<String>,
    /// What tells it from its siblings, in the order in which it is shown.
    pub options: Vec<ProductOption>,
    /// An http or https URL.
    pub image_url: Option<String>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it changed last.
    pub updated_at: DateTime<Utc>,
}

impl Product {
    /// What lists by name are sorted by. The database computes the same for its column `sort_name`.
    #[must_use]
    pub fn sort_name(&self) -> String {
        self.name.to_ascii_lowercase()
    }
}

/// What is to become of a value that a product may do without.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Change<T> {
    /// It stays as it is.
    #[default]
    Keep,
    /// There is none any more.
    Clear,
    /// It becomes this.
    Set(T),
}

impl<T> Change<T> {
    /// The value that is set, if one is.
    pub const fn set(&self) -> Option<&T> {
        match self {
            Self::Set(value) => Some(value),
            Self::Keep | Self::Clear => None,
        }
    }

    fn apply(self, to: &mut Option<T>) {
        match self {
            Self::Keep => {}
            Self::Clear => *to = None,
            Self::Set(value) => *to = Some(value),
        }
    }
}

/// What may be said of a product beside its SKU, name and price. What is not said stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProductDetails {
    /// More to read.
    pub description: Change<String>,
    /// Whether it is on sale; a new product is a draft unless told otherwise.
    pub status: Option<ProductStatus>,
    /// Where in the tree it is found.
    pub category: Change<CategoryId>,
    /// Products with the same family are each other's variants.
    pub family: Change<String>,
    /// What tells it from its siblings: all of it.
    pub options: Option<Vec<ProductOption>>,
    /// An http or https URL.
    pub image_url: Change<String>,
}

impl ProductDetails {
    fn apply(self, product: &mut Product) {
        self.description.apply(&mut product.description);
        product.status = self.status.unwrap_or(product.status);
        self.category.apply(&mut product.category);
        self.family.apply(&mut product.family);
        if let Some(options) = self.options {
            product.options = options;
        }
        self.image_url.apply(&mut product.image_url);
    }
}

/// A product to be made, or, when one with its SKU exists and the use case is an import, to be brought up to date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewProduct {
    /// Which product it will be, if it is new.
    pub id: ProductId,
    /// Stock keeping unit, unique.
    pub sku: String,
    /// What customers read.
    pub name: String,
    /// What one unit costs.
    pub price: Money,
    /// All else.
    pub details: ProductDetails,
}

impl NewProduct {
    /// The product, made at `now`.
    #[must_use]
    pub fn at(self, now: DateTime<Utc>) -> Product {
        let mut product = Product {
            id: self.id,
            sku: self.sku,
            name: self.name.trim().to_owned(),
            description: None,
            price: self.price,
            status: ProductStatus::default(),
            category: None,
            family: None,
            options: Vec::new(),
            image_url: None,
            created_at: now,
            updated_at: now,
        };
        self.details.apply(&mut product);
        product
    }

    /// The same as a change of the product that has the SKU already.
    #[must_use]
    pub fn into_changes(self) -> ProductChanges {
        ProductChanges {
            name: Some(self.name),
            price: Some(self.price),
            details: self.details,
        }
    }
}

/// A change of a product. What is not given stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProductChanges {
    /// What customers read.
    pub name: Option<String>,
    /// What one unit costs.
    pub price: Option<Money>,
    /// All else.
    pub details: ProductDetails,
}

impl ProductChanges {
    /// Changes `product` at `now`, and tells whether it is another one for it.
    pub fn apply(self, product: &mut Product, now: DateTime<Utc>) -> bool {
        let before = product.clone();
        if let Some(name) = self.name {
            product.name = name.trim().to_owned();
        }
        product.price = self.price.unwrap_or(product.price);
        self.details.apply(product);
        let changed = *product != before;
        if changed {
            product.updated_at = now;
        }
        changed
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use stockgraph_kit::id::Id;
    use uuid::Uuid;

    use super::*;

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).unwrap()
    }

    fn shirt() -> Product {
        let new = NewProduct {
            id: ProductId::from_uuid(Uuid::nil()),
            sku: "SHIRT-M".to_owned(),
            name: " Shirt ".to_owned(),
            price: Money::zero("IDR".parse().unwrap()),
            details: ProductDetails {
                description: Change::Set("Cotton".to_owned()),
                family: Change::Set("shirt".to_owned()),
                ..ProductDetails::default()
            },
        };
        new.at(now())
    }

    #[test]
    fn a_new_product_is_a_draft_unless_told_otherwise() {
        let shirt = shirt();
        assert_eq!(shirt.status, ProductStatus::Draft);
        assert_eq!(
            (shirt.name.as_str(), shirt.sort_name().as_str()),
            ("Shirt", "shirt")
        );
        assert_eq!(shirt.updated_at, shirt.created_at);
    }

    #[test]
    fn what_is_not_given_stays_and_what_is_cleared_goes() {
        let mut product = shirt();
        let changes = ProductChanges {
            details: ProductDetails {
                description: Change::Clear,
                status: Some(ProductStatus::Active),
                ..ProductDetails::default()
            },
            ..ProductChanges::default()
        };
        let later = now() + TimeDelta::minutes(1);
        assert!(changes.apply(&mut product, later));
        let expected = Product {
            description: None,
            status: ProductStatus::Active,
            updated_at: later,
            ..shirt()
        };
        assert_eq!(product, expected);
    }

    #[test]
    fn a_change_to_what_it_is_already_is_none() {
        let mut product = shirt();
        let changes = ProductChanges {
            name: Some("Shirt".to_owned()),
            ..ProductChanges::default()
        };
        assert!(!changes.apply(&mut product, now() + TimeDelta::minutes(1)));
        assert_eq!(product, shirt());
    }
}
