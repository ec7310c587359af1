//! What is looked for: the words of a text that somebody typed.

/// Most characters of a text to search for.
pub const LONGEST_SEARCH: usize = 200;

/// The words of a text: runs of letters and digits, without accents that stand as characters of their own.
///
/// Nothing that means something to a search engine's query language is left in them.
#[must_use]
pub fn words(text: &str) -> Vec<String> {
    text.split(|character: char| !character.is_alphanumeric() && !is_accent(character))
        .map(|word| {
            word.chars()
                .filter(|character| !is_accent(*character))
                .collect()
        })
        .filter(|word: &String| !word.is_empty())
        .collect()
}

/// Whether it is a combining diacritical mark, which both engines leave out of their indexes.
const fn is_accent(character: char) -> bool {
    matches!(character, '\u{300}'..='\u{36f}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn words_are_runs_of_letters_and_digits() {
        assert_eq!(words("  Laptop-16\" (silver) "), ["Laptop", "16", "silver"]);
        assert_eq!(words("re\u{301}sume\u{301}"), ["resume"]);
        assert_eq!(words("kopi dan teh, 咖啡"), ["kopi", "dan", "teh", "咖啡"]);
        assert!(words("\" * : & | ! () \u{345}").is_empty());
    }

    proptest! {
        #[test]
        fn no_operator_is_ever_left(text in any::<String>()) {
            for word in words(&text) {
                prop_assert!(!word.is_empty());
                prop_assert!(word.chars().all(char::is_alphanumeric));
            }
        }
    }
}
