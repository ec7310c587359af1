//! Which paths a Rust source names, and on which lines.
//!
//! A scan of tokens, not a parser: comments, strings and characters are left out, what remains is searched for paths, in `use`
//! trees, in expressions, types and attributes, and in the arguments of macros alike. Paths within the crate are made absolute,
//! so that `super::super::graphql` is seen for what it is.

use super::tokens::{Token, tokens};

/// A path, as a source names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mention {
    /// Counted from 1.
    pub line: usize,
    /// Its segments: `crate` and those from the crate's root, or those from another crate's name, or a lone identifier.
    pub path: Vec<String>,
}

impl Mention {
    /// The path as one writes it.
    pub fn text(&self) -> String {
        self.path.join("::")
    }

    /// The module at the crate's root that it leads to: `graphql` of `crate::graphql::query`; `*` when it takes them all.
    pub fn room(&self) -> Option<&str> {
        match self.path.as_slice() {
            [root, room, ..] if root == "crate" => Some(room),
            _ => None,
        }
    }

    /// Whether it leads into a crate of this name.
    pub fn names_crate(&self, name: &str) -> bool {
        self.path.first().is_some_and(|first| first == name)
    }
}

/// The paths that `source` names; `module` is where it stands in its crate, e.g. `["domain", "level"]`.
pub fn mentions(source: &str, module: &[String]) -> Vec<Mention> {
    let mut scan = Scan {
        tokens: tokens(source),
        at: 0,
        module: module.to_vec(),
        inline_modules: Vec::new(),
        depth: 0,
        found: Vec::new(),
    };
    scan.run();
    scan.found
}

/// The keywords that a path with leading colons (`use ::a::b`) may follow.
const BEFORE_PATHS: [&str; 16] = [
    "as", "break", "const", "dyn", "else", "extern", "for", "if", "impl", "in", "match", "mut",
    "ref", "return", "use", "where",
];

struct Scan {
    tokens: Vec<(usize, Token)>,
    at: usize,
    module: Vec<String>,
    /// The depth of braces at which each inline module (`mod tests {`) was opened.
    inline_modules: Vec<usize>,
    depth: usize,
    found: Vec<Mention>,
}

impl Scan {
    fn run(&mut self) {
        let mut after_dot = false;
        while let Some((_, token)) = self.tokens.get(self.at).cloned() {
            match &token {
                Token::Identifier(name) if name == "mod" => self.module_begins(),
                // A field or a method of something, whatever its name.
                Token::Identifier(_) if after_dot => self.at += 1,
                Token::Identifier(name) if BEFORE_PATHS.contains(&name.as_str()) => self.at += 1,
                Token::Identifier(_) => self.path(&[]),
                Token::Other('{') => {
                    self.depth += 1;
                    self.at += 1;
                }
                Token::Other('}') => self.block_ends(),
                _ => self.at += 1,
            }
            after_dot = token == Token::Other('.');
        }
    }

    fn module_begins(&mut self) {
        let next = |offset: usize| self.tokens.get(self.at + offset).map(|(_, token)| token);
        if let (Some(Token::Identifier(name)), Some(Token::Other('{'))) = (next(1), next(2)) {
            self.module.push(name.clone());
            self.inline_modules.push(self.depth);
            self.depth += 1;
            self.at += 3;
        } else {
            self.at += 2;
        }
    }

    fn block_ends(&mut self) {
        self.depth = self.depth.saturating_sub(1);
        if self.inline_modules.last() == Some(&self.depth) {
            self.inline_modules.pop();
            self.module.pop();
        }
        self.at += 1;
    }

    /// Reads a path, or a tree of paths (`a::{b, c::d}`), that goes on from `prefix`.
    fn path(&mut self, prefix: &[String]) {
        let mut path = prefix.to_vec();
        let mut line = 0;
        while let Some((token_line, token)) = self.tokens.get(self.at).cloned() {
            line = token_line;
            match token {
                Token::Identifier(name) => {
                    // In a tree, `self` is the prefix itself.
                    if name != "self" || prefix.is_empty() {
                        path.push(name);
                    }
                    self.at += 1;
                }
                Token::Other('*') => {
                    path.push("*".into());
                    self.at += 1;
                    break;
                }
                Token::Other('{') => {
                    self.tree(&path);
                    return;
                }
                // `path::<T>`, `path::$fragment`
                _ => break,
            }
            if self.peek() != Some(&Token::Separator) {
                break;
            }
            self.at += 1;
        }
        self.mention(line, path);
    }

    fn tree(&mut self, prefix: &[String]) {
        self.at += 1;
        while let Some((line, token)) = self.tokens.get(self.at).cloned() {
            match token {
                Token::Other('}') => {
                    self.at += 1;
                    return;
                }
                // A new name for what was just read.
                Token::Identifier(name) if name == "as" => self.at += 2,
                Token::Identifier(_) => self.path(prefix),
                Token::Other('*') => {
                    let mut path = prefix.to_vec();
                    path.push("*".into());
                    self.mention(line, path);
                    self.at += 1;
                }
                _ => self.at += 1,
            }
        }
    }

    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at).map(|(_, token)| token)
    }

    fn mention(&mut self, line: usize, path: Vec<String>) {
        if let Some(path) = self.absolute(path) {
            self.found.push(Mention { line, path });
        }
    }

    fn absolute(&self, path: Vec<String>) -> Option<Vec<String>> {
        if path == ["self"] {
            // The value of a method, not a module.
            return None;
        }
        let mut from = self.module.clone();
        let mut rest = path.as_slice();
        match rest.first()?.as_str() {
            "crate" => from.clear(),
            "self" | "super" => {}
            _ => return Some(path),
        }
        while let Some((first, others)) = rest.split_first() {
            match first.as_str() {
                "crate" | "self" => {}
                "super" => {
                    from.pop();
                }
                _ => break,
            }
            rest = others;
        }
        let mut absolute = vec!["crate".to_owned()];
        absolute.extend(from);
        absolute.extend_from_slice(rest);
        Some(absolute)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(source: &str, module: &[&str]) -> Vec<String> {
        let module: Vec<String> = module.iter().map(|name| (*name).to_owned()).collect();
        mentions(source, &module)
            .iter()
            .filter(|mention| mention.path.len() > 1)
            .map(|mention| format!("{} {}", mention.line, mention.text()))
            .collect()
    }

    #[test]
    fn a_use_tree_is_all_its_paths() {
        let source = "use crate::{\n    graphql::{self, query::Query as Q},\n    repo::*,\n};";
        assert_eq!(
            paths(source, &["domain"]),
            [
                "2 crate::graphql",
                "2 crate::graphql::query::Query",
                "3 crate::repo::*"
            ]
        );
    }

    #[test]
    fn a_path_in_code_in_an_attribute_or_in_a_macro_counts() {
        let source =
            "#[derive(sea_orm::FromJson)]\nfn a() -> x::Y { vec![crate::repo::all::<u8>()] }";
        assert_eq!(
            paths(source, &["domain"]),
            ["1 sea_orm::FromJson", "2 x::Y", "2 crate::repo::all"]
        );
    }

    #[test]
    fn relative_paths_are_followed_through_files_and_inline_modules() {
        let source = "use super::super::graphql::A;\nmod tests { use super::*; use super::super::B; }\nuse self::c::D;";
        assert_eq!(
            paths(source, &["domain", "level"]),
            [
                "1 crate::graphql::A",
                "2 crate::domain::level::*",
                "2 crate::domain::B",
                "3 crate::domain::level::c::D"
            ]
        );
    }

    #[test]
    fn what_is_not_code_does_not_count() {
        let source = "// crate::a::b\n/* crate::c /* crate::d */ crate::e */\n\"crate::f \\\" crate::g\"; \
                      r#\"crate::h \" crate::i\"#; b'\\''; '\"'; crate::j::k; b\"crate::l\"; 'a: loop {}\n//! crate::m";
        assert_eq!(paths(source, &[]), ["3 crate::j::k"]);
    }

    #[test]
    fn a_crate_is_named_by_a_lone_identifier_too_but_not_by_a_field() {
        let named = |source: &str| {
            mentions(source, &[])
                .iter()
                .any(|m| m.names_crate("sea_orm"))
        };
        assert!(named("extern crate sea_orm as orm;"));
        assert!(named("use ::sea_orm::Value;"));
        assert!(named("#[sea_orm(table_name = \"x\")]"));
        assert!(!named("self.sea_orm"));
        assert!(!named("my_sea_orm::sea_orm"));
    }
}
