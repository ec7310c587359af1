//! The tokens of a Rust source, as far as the paths in it need them.

use std::iter::Peekable;

/// What is not a comment, a string or a character.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Token {
    /// A keyword too; a raw one without its `r#`.
    Identifier(String),
    /// `::`
    Separator,
    /// Any other character.
    Other(char),
}

/// The tokens of `source` that matter here, each with its line.
pub fn tokens(source: &str) -> Vec<(usize, Token)> {
    let mut line = 1;
    let mut found = Vec::new();
    let mut rest = source;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '/' if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => block_comment(rest),
            '"' => string(rest),
            '\'' => character(rest),
            _ if first.is_alphabetic() || first == '_' => {
                let prefixed = prefixed_string(rest);
                if prefixed > 0 {
                    prefixed
                } else {
                    let raw = if rest.starts_with("r#") { 2 } else { 0 };
                    let name = identifier(&rest[raw..]);
                    found.push((line, Token::Identifier(name.to_owned())));
                    raw + name.len()
                }
            }
            ':' if rest.starts_with("::") => {
                found.push((line, Token::Separator));
                2
            }
            _ => {
                if !first.is_whitespace() {
                    found.push((line, Token::Other(first)));
                }
                first.len_utf8()
            }
        };
        let (skipped, after) = rest.split_at(length);
        line += skipped.matches('\n').count();
        rest = after;
    }
    found
}

fn identifier(rest: &str) -> &str {
    let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_'));
    &rest[..end.unwrap_or(rest.len())]
}

/// The length of the block comment that `rest` begins with; they nest.
fn block_comment(rest: &str) -> usize {
    let mut depth = 0;
    let mut bytes = rest.bytes().enumerate().peekable();
    while let Some((at, byte)) = bytes.next() {
        match (byte, second(&mut bytes)) {
            (b'/', Some(b'*')) => depth += 1,
            (b'*', Some(b'/')) => depth -= 1,
            _ => continue,
        }
        bytes.next();
        if depth == 0 {
            return at + 2;
        }
    }
    rest.len()
}

fn second(bytes: &mut Peekable<impl Iterator<Item = (usize, u8)>>) -> Option<u8> {
    bytes.peek().map(|(_, byte)| *byte)
}

/// The length of the string that `rest` begins with.
fn string(rest: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in rest.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

/// The length of the raw, byte or C string, or of the byte, that `rest` begins with; 0 if it begins with none.
fn prefixed_string(rest: &str) -> usize {
    let prefix = identifier(rest);
    let after = &rest[prefix.len()..];
    match prefix {
        "b" if after.starts_with('\'') => 1 + character(after),
        "b" | "c" if after.starts_with('"') => 1 + string(after),
        "r" | "br" | "cr" => {
            let hashes = after.bytes().take_while(|byte| *byte == b'#').count();
            if !after[hashes..].starts_with('"') {
                return 0;
            }
            let begin = prefix.len() + hashes + 1;
            let end = format!("\"{}", "#".repeat(hashes));
            rest[begin..]
                .find(&end)
                .map_or(rest.len(), |at| begin + at + end.len())
        }
        _ => 0,
    }
}

/// The length of the character that `rest` begins with; 1, the quote, if it is a lifetime.
fn character(rest: &str) -> usize {
    let mut characters = rest.char_indices().skip(1);
    match characters.next() {
        Some((_, '\\')) => {
            characters.next();
            characters
                .find(|(_, character)| *character == '\'')
                .map_or(rest.len(), |(at, _)| at + 1)
        }
        Some(_) => match characters.next() {
            Some((at, '\'')) => at + 1,
            _ => 1,
        },
        None => 1,
    }
}
