//! Categories: the nodes of a tree in which products are found.

use chrono::{DateTime, Utc};

use super::{rule::BrokenRule, text::check_line};

stockgraph_kit::id_type!(CategoryId, "category", "Which category.");

/// Most characters of a category's name.
pub const LONGEST_NAME: usize = 100;

/// Most characters of a slug.
pub const LONGEST_SLUG: usize = 64;

/// A node of the category tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Category {
    /// Which category.
    pub id: CategoryId,
    /// The category above; none for a root.
    pub parent: Option<CategoryId>,
    /// What customers read.
    pub name: String,
    /// For URLs, unique, e.g. `laptops`.
    pub slug: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

/// A category to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewCategory {
    /// Which category it will be.
    pub id: CategoryId,
    /// The category above; none for a root.
    pub parent: Option<CategoryId>,
    /// What customers read: a line of at most [`LONGEST_NAME`] characters.
    pub name: String,
    /// For URLs, unique: words of small letters and digits with hyphens between, at most [`LONGEST_SLUG`] characters.
    pub slug: String,
}

impl NewCategory {
    /// The rules that it breaks.
    #[must_use]
    pub fn broken_rules(&self) -> Vec<BrokenRule> {
        let mut broken = Vec::new();
        check_line(&["name"], &self.name, LONGEST_NAME, &mut broken);
        if self.slug.len() > LONGEST_SLUG || !self.slug.split('-').all(is_slug_word) {
            let message = format!(
                "It must be words of small letters and digits with hyphens between, at most {LONGEST_SLUG} characters."
            );
            broken.push(BrokenRule::new(["slug"], message));
        }
        broken
    }

    /// The category, made at `now`.
    #[must_use]
    pub fn at(self, now: DateTime<Utc>) -> Category {
        Category {
            id: self.id,
            parent: self.parent,
            name: self.name.trim().to_owned(),
            slug: self.slug,
            created_at: now,
        }
    }
}

fn is_slug_word(word: &str) -> bool {
    !word.is_empty()
        && word
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use stockgraph_kit::id::Id;
    use uuid::Uuid;

    use super::*;

    fn broken(name: &str, slug: &str) -> Vec<Vec<String>> {
        let category = NewCategory {
            id: CategoryId::from_uuid(Uuid::nil()),
            parent: None,
            name: name.to_owned(),
            slug: slug.to_owned(),
        };
        let broken = category.broken_rules();
        broken.into_iter().map(|rule| rule.path).collect()
    }

    #[test]
    fn slugs_suit_urls() {
        for slug in ["laptops", "usb-c", "3d-printers", "a"] {
            assert!(broken("Name", slug).is_empty(), "{slug}");
        }
        let long = "a".repeat(LONGEST_SLUG + 1);
        for slug in ["", "Laptops", "a--b", "-a", "a-", "a b", "café", &long] {
            assert_eq!(broken("Name", slug), [["slug"]], "{slug}");
        }
    }

    #[test]
    fn names_are_one_line_of_some_length() {
        let long = "a".repeat(LONGEST_NAME + 1);
        for name in ["", "  ", "a\nb", &long] {
            assert_eq!(broken(name, "slug"), [["name"]], "{name:?}");
        }
        assert!(broken(&"é".repeat(LONGEST_NAME), "slug").is_empty());
    }
}
