//! What a request moves: products and quantities.

use std::collections::HashSet;

use sha2::{Digest as _, Sha256};
use stockgraph_kit::id::{Id, ProductId};

use super::violation::Violation;

/// The most units of one product in one request.
pub const MOST_UNITS: i32 = 1_000_000;

/// The most lines in one request.
pub const MOST_LINES: usize = 100;

/// So many units of a product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// Of what.
    pub product: ProductId,
    /// How many; from 1 to [`MOST_UNITS`].
    pub quantity: i32,
}

/// The lines of one request: from 1 to [`MOST_LINES`], each product once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lines(Vec<Line>);

impl Lines {
    /// Checks the lines.
    ///
    /// # Errors
    ///
    /// All rules that they break, with paths that begin with `lines`.
    pub fn check(lines: Vec<Line>) -> Result<Self, Vec<Violation>> {
        if !(1..=MOST_LINES).contains(&lines.len()) {
            let message = format!("Give 1 to {MOST_LINES} lines; there are {}.", lines.len());
            return Err(vec![Violation::new(["lines"], message)]);
        }
        let mut seen = HashSet::new();
        let mut violations = Vec::new();
        for (position, line) in lines.iter().enumerate() {
            let path = |part: &str| ["lines".into(), position.to_string(), part.to_owned()];
            if let Some(broken) = quantity_rule(line.quantity) {
                violations.push(Violation::new(path("quantity"), broken));
            }
            if !seen.insert(line.product) {
                let message = "The same product stands in an earlier line; give it once.";
                violations.push(Violation::new(path("productId"), message));
            }
        }
        if violations.is_empty() {
            Ok(Self(lines))
        } else {
            Err(violations)
        }
    }

    /// The lines as the caller ordered them.
    #[must_use]
    pub fn as_slice(&self) -> &[Line] {
        &self.0
    }

    /// The products.
    pub fn products(&self) -> impl Iterator<Item = ProductId> {
        self.0.iter().map(|line| line.product)
    }

    /// What tells these lines from others, whatever their order.
    #[must_use]
    pub fn digest(&self) -> RequestDigest {
        let mut digest = DigestBuilder::default();
        digest.lines(self);
        digest.finish()
    }
}

/// The rule that a quantity breaks, if any, in words.
pub(super) fn quantity_rule(quantity: i32) -> Option<String> {
    (!(1..=MOST_UNITS).contains(&quantity))
        .then(|| format!("Must be from 1 to {MOST_UNITS}; it is {quantity}."))
}

/// SHA-256 of a request's content: tells whether the same id or key came with other content.
pub type RequestDigest = Vec<u8>;

/// Makes a [`RequestDigest`] of parts that cannot run into each other.
#[derive(Clone, Debug, Default)]
pub struct DigestBuilder(Sha256);

impl DigestBuilder {
    /// Adds some bytes.
    pub fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.0.update((bytes.len() as u64).to_be_bytes());
        self.0.update(bytes);
        self
    }

    /// Adds a text that may be left out.
    pub fn text(&mut self, text: Option<&str>) -> &mut Self {
        self.bytes(&[u8::from(text.is_some())])
            .bytes(text.unwrap_or_default().as_bytes())
    }

    /// Adds lines, whatever their order.
    pub fn lines(&mut self, lines: &Lines) -> &mut Self {
        let mut lines = lines.0.clone();
        lines.sort_unstable_by_key(|line| line.product);
        for line in lines {
            self.bytes(line.product.uuid().as_bytes())
                .bytes(&line.quantity.to_be_bytes());
        }
        self
    }

    /// The digest.
    #[must_use]
    pub fn finish(self) -> RequestDigest {
        self.0.finalize().to_vec()
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn line(product: u128, quantity: i32) -> Line {
        Line {
            product: ProductId::from_uuid(Uuid::from_u128(product)),
            quantity,
        }
    }

    #[test]
    fn quantities_out_of_range_and_repeated_products_are_told_with_their_paths() {
        let lines = vec![
            line(1, 0),
            line(2, 1_000_001),
            line(1, 1),
            line(3, 1_000_000),
        ];
        let paths: Vec<_> = Lines::check(lines)
            .unwrap_err()
            .into_iter()
            .map(|violation| violation.field.join("."))
            .collect();
        assert_eq!(
            paths,
            ["lines.0.quantity", "lines.1.quantity", "lines.2.productId"]
        );
    }

    #[test]
    fn there_are_one_to_a_hundred_lines() {
        let many = |count: u128| (0..count).map(|product| line(product, 1)).collect();
        assert!(Lines::check(many(0)).is_err());
        assert!(Lines::check(many(100)).is_ok());
        assert!(Lines::check(many(101)).is_err());
    }

    #[test]
    fn the_digest_tells_other_lines_but_not_their_order() {
        let digest = |lines| Lines::check(lines).unwrap().digest();
        let first = digest(vec![line(1, 2), line(2, 3)]);
        assert_eq!(first, digest(vec![line(2, 3), line(1, 2)]));
        assert_ne!(first, digest(vec![line(1, 3), line(2, 2)]));
        assert_ne!(first, digest(vec![line(1, 2)]));
    }
}
