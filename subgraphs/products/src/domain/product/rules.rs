//! What a product may be: the limits of its texts, its price and its options.

use stockgraph_kit::money::Money;

use super::{NewProduct, ProductChanges, ProductDetails, ProductOption};
use crate::domain::{
    rule::BrokenRule,
    text::{check_line, check_text},
};

/// Most characters of a SKU.
const LONGEST_SKU: usize = 64;
/// Most characters of a name.
const LONGEST_NAME: usize = 200;
/// Most characters of a description.
const LONGEST_DESCRIPTION: usize = 10_000;
/// Most characters of a family.
const LONGEST_FAMILY: usize = 100;
/// Most characters of a URL.
const LONGEST_URL: usize = 2_000;
/// Most options of a product.
const MOST_OPTIONS: usize = 20;
/// Most characters of an option's name.
const LONGEST_OPTION_NAME: usize = 50;
/// Most characters of an option's value.
const LONGEST_OPTION_VALUE: usize = 200;

impl NewProduct {
    /// The rules that it breaks.
    #[must_use]
    pub fn broken_rules(&self) -> Vec<BrokenRule> {
        let mut broken = Vec::new();
        if !is_sku(&self.sku) {
            let message = format!(
                "It must begin with a letter or a digit and have letters, digits, `-`, `_` and `.` only, \
                 at most {LONGEST_SKU} characters."
            );
            broken.push(BrokenRule::new(["sku"], message));
        }
        check_name(&self.name, &mut broken);
        check_price(self.price, &mut broken);
        self.details.check(&mut broken);
        broken
    }
}

impl ProductChanges {
    /// The rules that it breaks.
    #[must_use]
    pub fn broken_rules(&self) -> Vec<BrokenRule> {
        let mut broken = Vec::new();
        if let Some(name) = &self.name {
            check_name(name, &mut broken);
        }
        if let Some(price) = self.price {
            check_price(price, &mut broken);
        }
        self.details.check(&mut broken);
        broken
    }
}

impl ProductDetails {
    fn check(&self, broken: &mut Vec<BrokenRule>) {
        if let Some(description) = self.description.set() {
            check_text(&["description"], description, LONGEST_DESCRIPTION, broken);
        }
        if let Some(family) = self.family.set() {
            check_line(&["family"], family, LONGEST_FAMILY, broken);
        }
        if let Some(url) = self.image_url.set()
            && !is_web_url(url)
        {
            let message = format!(
                "It must be a URL that begins with `https://` or `http://`, at most {LONGEST_URL} characters."
            );
            broken.push(BrokenRule::new(["imageUrl"], message));
        }
        if let Some(options) = &self.options {
            check_options(options, broken);
        }
    }
}

fn check_name(name: &str, broken: &mut Vec<BrokenRule>) {
    check_line(&["name"], name, LONGEST_NAME, broken);
}

fn check_price(price: Money, broken: &mut Vec<BrokenRule>) {
    if price.amount().is_sign_negative() && !price.amount().is_zero() {
        broken.push(BrokenRule::new(["price"], "It must not be negative."));
    }
}

fn check_options(options: &[ProductOption], broken: &mut Vec<BrokenRule>) {
    if options.len() > MOST_OPTIONS {
        let message = format!("There may be at most {MOST_OPTIONS}.");
        broken.push(BrokenRule::new(["options"], message));
        return;
    }
    for (index, option) in options.iter().enumerate() {
        let place = index.to_string();
        let name = ["options", &place, "name"];
        check_line(&name, &option.name, LONGEST_OPTION_NAME, broken);
        let value = ["options", &place, "value"];
        check_line(&value, &option.value, LONGEST_OPTION_VALUE, broken);
        let lower = option.name.to_lowercase();
        if options[..index]
            .iter()
            .any(|earlier| earlier.name.to_lowercase() == lower)
        {
            broken.push(BrokenRule::new(name, "Another option has this name."));
        }
    }
}

fn is_sku(sku: &str) -> bool {
    sku.len() <= LONGEST_SKU
        && sku.starts_with(|first: char| first.is_ascii_alphanumeric())
        && sku
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
}

fn is_web_url(text: &str) -> bool {
    let Ok(url) = text.parse::<http::Uri>() else {
        return false;
    };
    text.len() <= LONGEST_URL
        && matches!(url.scheme_str(), Some("https" | "http"))
        && url.host().is_some_and(|host| !host.is_empty())
}

#[cfg(test)]
mod tests {
    use stockgraph_kit::id::{Id, ProductId};
    use uuid::Uuid;

    use super::*;
    use crate::domain::product::Change;

    fn sound() -> NewProduct {
        NewProduct {
            id: ProductId::from_uuid(Uuid::nil()),
            sku: "LAPTOP-16-SILVER".to_owned(),
            name: "Laptop".to_owned(),
            price: price("14000000"),
            details: ProductDetails::default(),
        }
    }

    fn price(amount: &str) -> Money {
        Money::new(amount.parse().unwrap(), "IDR".parse().unwrap()).unwrap()
    }

    fn option(name: &str, value: &str) -> ProductOption {
        ProductOption {
            name: name.to_owned(),
            value: value.to_owned(),
        }
    }

    fn paths(product: &NewProduct) -> Vec<String> {
        let broken = product.broken_rules();
        broken.iter().map(|rule| rule.path.join(".")).collect()
    }

    #[test]
    fn a_sound_product_breaks_no_rule() {
        let mut product = sound();
        assert!(product.broken_rules().is_empty());
        product.price = price("0");
        product.details.options = Some(vec![option("Size", "M"), option("Colour", "Red")]);
        product.details.image_url = Change::Set("https://cdn.example/laptop.png?w=2".to_owned());
        assert!(product.broken_rules().is_empty());
    }

    #[test]
    fn skus_have_few_characters_to_choose_from() {
        let long = "A".repeat(LONGEST_SKU + 1);
        for sku in ["", "-A", "A B", "É", "A/B", "a\n", &long] {
            let product = NewProduct {
                sku: sku.to_owned(),
                ..sound()
            };
            assert_eq!(paths(&product), ["sku"], "{sku:?}");
        }
        for sku in ["a", "16.1_x", &"A".repeat(LONGEST_SKU)] {
            let product = NewProduct {
                sku: sku.to_owned(),
                ..sound()
            };
            assert!(product.broken_rules().is_empty(), "{sku:?}");
        }
    }

    #[test]
    fn nothing_costs_less_than_nothing() {
        let product = NewProduct {
            price: price("-0.01"),
            ..sound()
        };
        assert_eq!(paths(&product), ["price"]);
    }

    #[test]
    fn images_are_on_the_web() {
        for url in [
            "",
            "laptop.png",
            "ftp://a.example/x",
            "javascript:alert(1)",
            "https://",
            "https://a b",
            "data:,x",
        ] {
            let mut product = sound();
            product.details.image_url = Change::Set(url.to_owned());
            assert_eq!(paths(&product), ["imageUrl"], "{url:?}");
        }
    }

    #[test]
    fn options_are_named_and_no_two_the_same() {
        let mut product = sound();
        product.details.options = Some(vec![
            option("Size", "M"),
            option("size", "L"),
            option("", " "),
        ]);
        assert_eq!(
            paths(&product),
            ["options.1.name", "options.2.name", "options.2.value"]
        );
        product.details.options = Some(vec![option("Size", "M"); MOST_OPTIONS + 1]);
        assert_eq!(paths(&product), ["options"]);
    }

    #[test]
    fn every_broken_rule_is_told_at_once() {
        let mut product = NewProduct {
            sku: String::new(),
            name: "x".repeat(LONGEST_NAME + 1),
            ..sound()
        };
        product.details.description = Change::Set("x".repeat(LONGEST_DESCRIPTION + 1));
        product.details.family = Change::Set(String::new());
        assert_eq!(paths(&product), ["sku", "name", "description", "family"]);
        let changes = product.into_changes();
        assert_eq!(changes.broken_rules().len(), 3);
    }
}
