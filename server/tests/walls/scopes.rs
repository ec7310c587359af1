//! The scope that a field requires is declared once, by `#[requires("…")]`: neither its guard nor its `@requiresScopes` is written by
//! hand, where one could be forgotten.

use std::path::Path;

use super::rooms::{SUBGRAPHS, sources};

/// What only the macro writes.
const BY_MACRO: [&str; 2] = ["requires_scopes", "RequireScope"];

/// A line for each file of a subgraph that writes half of the pair by hand.
pub fn written_by_hand(root: &Path) -> Vec<String> {
    let files = SUBGRAPHS.iter().flat_map(|subgraph| {
        let source = root.join("subgraphs").join(subgraph).join("src");
        sources(&source)
    });
    files
        .filter_map(|file| by_hand(&file.path, &file.text))
        .collect()
}

fn by_hand(path: &str, text: &str) -> Option<String> {
    let name = BY_MACRO.into_iter().find(|name| text.contains(name))?;
    Some(format!(
        "{path}: `{name}` is not written by hand; `#[requires(\"…\")]` makes it"
    ))
}

#[test]
fn half_of_the_pair_by_hand_is_told() {
    let half = "#[graphql(requires_scopes = \"stock:read\")]";
    assert!(by_hand("query.rs", half).is_some());
    assert_eq!(by_hand("query.rs", "#[requires(\"stock:read\")]"), None);
}
