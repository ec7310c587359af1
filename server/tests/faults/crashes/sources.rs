//! No commit and no call between services is without its crash points, and none of them is left out of the table of steps.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use super::steps::{EXPIRE, STEPS};

/// What names a step: the beginning of the call whose first argument, but for a transaction, is the name.
const NAMING: [&str; 3] = ["database::commit(", ".ask(", ".write("];

/// Steps of the stock that no order has a part in: they are commits like all others, of one transaction each.
const OF_THE_STOCK_ALONE: [&str; 3] = [
    "set stock policy",
    "set warehouse status",
    "update warehouse",
];

fn sources(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            found.push((path, text));
        }
    }
    found
}

fn services() -> Vec<(PathBuf, String)> {
    let subgraphs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../subgraphs");
    ["orders", "warehouses"]
        .into_iter()
        .flat_map(|name| sources(&subgraphs.join(name).join("src")))
        .collect()
}

/// The names of the steps in a source.
fn named(source: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for naming in NAMING {
        for (place, _) in source.match_indices(naming) {
            let arguments = source[place + naming.len()..].trim_start();
            let text = arguments.strip_prefix("tx, ").unwrap_or(arguments);
            if let Some((name, _)) = text.strip_prefix('"').and_then(|text| text.split_once('"')) {
                names.insert(name.to_owned());
            }
        }
    }
    names
}

#[test]
fn every_step_that_the_sources_name_is_in_the_table() {
    let in_sources: BTreeSet<String> = services()
        .iter()
        .flat_map(|(_, source)| named(source))
        .collect();
    let in_table: BTreeSet<String> = STEPS
        .iter()
        .chain([&EXPIRE])
        .map(|step| step.name)
        .chain(OF_THE_STOCK_ALONE)
        .map(ToOwned::to_owned)
        .collect();
    assert_eq!(in_sources, in_table);
}

#[test]
fn no_commit_is_without_its_crash_points() {
    for (path, source) in services() {
        assert!(
            !source.contains(".commit().await"),
            "{}: a commit without a name; use `database::commit`",
            path.display()
        );
    }
}
