//! Who may name whom: the walls between the packages, and between the rooms of each, as ARCHITECTURE.md draws them.

mod packages;
mod rooms;
mod scopes;
mod source;
mod tokens;

use std::path::Path;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("this package stands in a folder of the workspace")
}

fn assert_whole(broken: &[String]) {
    assert!(
        broken.is_empty(),
        "{} broken walls:\n{}",
        broken.len(),
        broken.join("\n")
    );
}

#[test]
fn packages_depend_on_nothing_beyond_their_walls() {
    assert_whole(&packages::broken_walls(root()));
}

#[test]
fn rooms_name_nothing_beyond_their_walls() {
    assert_whole(&rooms::broken_walls(root()));
}

#[test]
fn a_scope_is_declared_once() {
    assert_whole(&scopes::written_by_hand(root()));
}
