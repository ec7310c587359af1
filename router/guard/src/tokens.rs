//! Counts what there is to parse, without parsing.

use crate::limits::{Exceeded, Limit, Limits};

/// Whether the text of a document is short enough to be parsed.
///
/// Strings, comments and names are told apart as the specification does; of what is no GraphQL each
/// character counts as a token, and the parser says what is wrong with it.
///
/// # Errors
/// The bytes or the tokens are too many, or brackets stand too deep inside each other for any allowed
/// depth of fields and values: parsers go down by recursion.
pub fn check_text(text: &str, limits: &Limits) -> Result<(), Exceeded> {
    Limit::DocumentBytes.allow(text.len(), limits.document_bytes)?;
    let bytes = text.as_bytes();
    let (mut tokens, mut braces, mut brackets) = (0_usize, 0_usize, 0_usize);
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let next = match byte {
            b' ' | b'\t' | b'\n' | b'\r' | b',' => {
                at += 1;
                continue;
            }
            b'#' => {
                at += 1 + span(&bytes[at + 1..], |byte| !matches!(byte, b'\n' | b'\r'));
                continue;
            }
            b'"' => after_string(bytes, at),
            b'.' if bytes[at..].starts_with(b"...") => at + 3,
            b'-' | b'0'..=b'9' => at + span(&bytes[at..], |byte| is_word(byte) || byte == b'.'),
            byte if is_word(byte) => at + span(&bytes[at..], is_word),
            byte => {
                match byte {
                    b'{' => braces += 1,
                    b'}' => braces = braces.saturating_sub(1),
                    b'[' => brackets += 1,
                    b']' => brackets = brackets.saturating_sub(1),
                    _ => {}
                }
                at + 1
            }
        };
        at = next;
        tokens += 1;
        Limit::Tokens.allow(tokens, limits.tokens)?;
        Limit::InputDepth.allow(brackets, limits.input_depth)?;
        let deepest = limits.depth.saturating_add(limits.input_depth);
        Limit::Depth
            .allow(braces, deepest)
            .map_err(|exceeded| Exceeded {
                maximum: limits.depth,
                ..exceeded
            })?;
    }
    Ok(())
}

/// Letters of names and numbers, and whatever is beyond ASCII.
const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'+') || byte >= 0x80
}

fn span(bytes: &[u8], is_in: impl Fn(u8) -> bool) -> usize {
    bytes
        .iter()
        .position(|byte| !is_in(*byte))
        .unwrap_or(bytes.len())
}

/// The position after the string that begins at `at`.
fn after_string(bytes: &[u8], at: usize) -> usize {
    let is_block = bytes[at..].starts_with(b"\"\"\"");
    let mut at = at + if is_block { 3 } else { 1 };
    while at < bytes.len() {
        let rest = &bytes[at..];
        if is_block {
            if rest.starts_with(b"\\\"\"\"") {
                at += 4;
            } else if rest.starts_with(b"\"\"\"") {
                return at + 3;
            } else {
                at += 1;
            }
        } else {
            match rest[0] {
                b'\\' => at += 2,
                b'"' | b'\n' | b'\r' => return at + 1,
                _ => at += 1,
            }
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(text: &str) -> usize {
        let limits = |tokens| Limits {
            tokens,
            ..Limits::default()
        };
        (0..)
            .find(|n| check_text(text, &limits(*n)).is_ok())
            .unwrap()
    }

    #[test]
    fn tokens_are_counted_as_the_specification_has_them() {
        assert_eq!(tokens(""), 0);
        assert_eq!(tokens("{ a, b } # and { this is a comment"), 4);
        assert_eq!(tokens(r#"{ a(x: "} \" {", y: -1.5e3) }"#), 11);
        assert_eq!(tokens("{ a(x: \"\"\"block \" \\\"\"\" { {\"\"\") }"), 8);
        assert_eq!(tokens("{ ...F } fragment F on Q { a }"), 11);
    }

    #[test]
    fn brackets_that_no_parser_should_follow_are_told() {
        let limits = Limits {
            tokens: usize::MAX,
            document_bytes: usize::MAX,
            ..Limits::default()
        };
        let told = |text: String| check_text(&text, &limits).unwrap_err().limit;
        assert_eq!(told("{a".repeat(1_000_000)), Limit::Depth);
        assert_eq!(told("[".repeat(1_000_000)), Limit::InputDepth);
    }

    #[test]
    fn nobody_reads_on_where_there_is_too_much() {
        let limits = Limits::default();
        for text in ["a ", "{", "\"\"", "@a", "# x\n!"] {
            let text = text.repeat(limits.document_bytes / text.len());
            let exceeded = check_text(&text, &limits).unwrap_err();
            let found = exceeded.actual.unwrap_or_default();
            assert!(found <= limits.tokens + 1, "{exceeded:?}");
        }
    }

    #[test]
    fn a_long_text_is_told_by_its_bytes() {
        let exceeded = check_text(&" ".repeat(1 << 20), &Limits::default()).unwrap_err();
        assert_eq!(exceeded.limit, Limit::DocumentBytes);
        assert_eq!(exceeded.actual, Some(1 << 20));
    }
}
