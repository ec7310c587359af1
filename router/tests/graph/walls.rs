//! Who may name whom inside the router.

use std::path::{Path, PathBuf};

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn only_planning_names_the_planners_crate() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    assert!(files.len() > 20, "the sources were not found");
    let planning = root.join("planning");
    for file in files {
        let names_it = std::fs::read_to_string(&file)
            .unwrap()
            .contains("hive_router_query_planner");
        assert!(
            !names_it || file.starts_with(&planning),
            "{} names the planner",
            file.display()
        );
    }
}

#[test]
fn the_router_depends_on_no_package_of_the_workspace_but_the_websockets_protocol() {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
    let manifest = std::fs::read_to_string(manifest).unwrap();
    let protocol = manifest.matches("stockgraph-websocket").count();
    assert_eq!(
        manifest.matches("stockgraph-").count(),
        1 + protocol,
        "its own name, and no other"
    );
}
