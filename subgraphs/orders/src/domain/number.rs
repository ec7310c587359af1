//! Order numbers: for people to read out, e.g. `SO-2026-7K3M9QX`.
//!
//! A number is the year in which the order was placed and seven random signs out of 29: some 17 billion numbers a year. It is
//! neither counted up nor made from the order's instant, so a customer who knows two of them learns nothing of how much is sold. The
//! database keeps numbers unique; in the rare case that one is taken, another is drawn (with ten million orders in a year, fewer
//! than one checkout in a thousand). There are no vowels among the signs, so that no words come out, and none of `0`, `1`, `O` and
//! `I`, which are mistaken for each other.

use std::fmt;

/// The signs of the random part.
const SIGNS: &[u8; 29] = b"23456789BCDFGHJKLMNPQRSTVWXYZ";

/// How many signs the random part has.
const LENGTH: usize = 7;

/// The number of an order.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct OrderNumber(String);

impl OrderNumber {
    /// The number that `random` makes for an order of this year.
    #[must_use]
    pub fn draw(year: i32, random: [u8; 8]) -> Self {
        let mut rest = u64::from_le_bytes(random);
        let mut text = format!("SO-{year:04}-");
        for _ in 0..LENGTH {
            let sign = usize::try_from(rest % SIGNS.len() as u64).unwrap_or_default();
            text.push(char::from(SIGNS[sign]));
            rest /= SIGNS.len() as u64;
        }
        Self(text)
    }

    /// The number as a person may have typed it: in any case, with spaces around it. Whether there is such an order is another
    /// question.
    #[must_use]
    pub fn typed(text: &str) -> Self {
        Self(text.trim().to_ascii_uppercase())
    }

    /// Whether an order can have this number: not when it holds what no number does, and no database need be asked about.
    #[must_use]
    pub fn is_possible(&self) -> bool {
        self.0.bytes().all(|sign| sign.is_ascii_graphic())
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for OrderNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use stockgraph_kit::random::Random;

    use super::*;

    #[test]
    fn a_number_is_the_year_and_seven_signs() {
        assert_eq!(OrderNumber::draw(2026, [0; 8]).as_str(), "SO-2026-2222222");
        let number = OrderNumber::draw(2026, [255; 8]).to_string();
        assert_eq!(number.len(), 15);
        assert!(number[8..].bytes().all(|sign| SIGNS.contains(&sign)));
    }

    #[test]
    fn ten_thousand_numbers_hardly_ever_meet() {
        let random = Random::seeded(1);
        let numbers: HashSet<_> = (0..10_000)
            .map(|_| OrderNumber::draw(2026, random.bytes()))
            .collect();
        assert!(numbers.len() >= 9_999);
    }

    #[test]
    fn a_typed_number_is_read_in_any_case() {
        let number = OrderNumber::draw(2026, [7; 8]);
        let typed = format!(" {} ", number.as_str().to_lowercase());
        assert_eq!(OrderNumber::typed(&typed), number);
    }

    #[test]
    fn what_holds_other_signs_is_no_number() {
        assert!(OrderNumber::draw(2026, [7; 8]).is_possible());
        for text in ["SO 2026", "SO-\0", "SØ-2026"] {
            assert!(!OrderNumber::typed(text).is_possible(), "{text:?}");
        }
    }
}
