//! The walls between the rooms of a package: what its sources name.

use std::{fs, path::Path};

use super::source::{Mention, mentions};

/// A module at the root of a crate.
struct Room {
    name: &'static str,
    /// The rooms whose items it may name besides its own.
    may_name: &'static [&'static str],
    /// The crates that it must not name.
    must_not_name: &'static [&'static str],
}

const GRAPHQL: &str = "async_graphql";
const PLANNER: &str = "hive_router_query_planner";
const HTTP_SERVER: &str = "axum";

/// `graphql -> service -> {domain, repo} -> entity`: from the inside out, each room may name those before it.
const SUBGRAPH_ROOMS: [Room; 5] = [
    Room {
        name: "domain",
        may_name: &[],
        must_not_name: &["sea_orm", "sea_orm_migration", "sqlx", GRAPHQL],
    },
    Room {
        name: "entity",
        may_name: &["domain"],
        must_not_name: &[GRAPHQL],
    },
    Room {
        name: "repo",
        may_name: &["domain", "entity"],
        must_not_name: &[GRAPHQL],
    },
    Room {
        name: "service",
        may_name: &["domain", "entity", "repo"],
        must_not_name: &[GRAPHQL],
    },
    Room {
        name: "graphql",
        may_name: &["domain", "entity", "repo", "service"],
        must_not_name: &[],
    },
];

/// From the inside out as well; one room owns the planner, and one knows that there is HTTP before the router.
const ROUTER_ROOMS: [Room; 10] = [
    Room {
        name: "operation",
        may_name: &[],
        must_not_name: &[PLANNER, HTTP_SERVER],
    },
    Room {
        name: "observe",
        may_name: &["operation"],
        must_not_name: &[PLANNER, HTTP_SERVER],
    },
    Room {
        name: "headers",
        may_name: &[],
        must_not_name: &[PLANNER, HTTP_SERVER],
    },
    Room {
        name: "error",
        may_name: &[],
        must_not_name: &[PLANNER, HTTP_SERVER],
    },
    Room {
        name: "composition",
        may_name: &["error"],
        must_not_name: &[PLANNER, HTTP_SERVER],
    },
    Room {
        name: "planning",
        may_name: &["composition", "error", "operation"],
        must_not_name: &[HTTP_SERVER],
    },
    Room {
        name: "transport",
        may_name: &["error", "observe", "operation"],
        must_not_name: &[PLANNER, HTTP_SERVER],
    },
    Room {
        name: "execution",
        may_name: &[
            "error",
            "headers",
            "observe",
            "operation",
            "planning",
            "transport",
        ],
        must_not_name: &[PLANNER, HTTP_SERVER],
    },
    Room {
        name: "pipeline",
        may_name: &[
            "composition",
            "error",
            "execution",
            "headers",
            "observe",
            "operation",
            "planning",
            "transport",
        ],
        must_not_name: &[PLANNER, HTTP_SERVER],
    },
    Room {
        name: "serving",
        may_name: &[
            "composition",
            "error",
            "execution",
            "operation",
            "pipeline",
            "planning",
            "transport",
        ],
        must_not_name: &[PLANNER],
    },
];

pub const SUBGRAPHS: [&str; 4] = ["users", "products", "warehouses", "orders"];

/// A line for each path beyond the walls.
pub fn broken_walls(root: &Path) -> Vec<String> {
    let mut broken = Vec::new();
    for subgraph in SUBGRAPHS {
        let source = root.join("subgraphs").join(subgraph).join("src");
        broken.extend(broken_in_crate(&source, &SUBGRAPH_ROOMS));
    }
    broken.extend(broken_in_crate(&root.join("router/src"), &ROUTER_ROOMS));
    for file in sources(&root.join("migration/src")) {
        broken.extend(beyond(&file, |mention| {
            wall_in_migration(&file.module, mention)
        }));
    }
    broken
}

fn broken_in_crate(source: &Path, rooms: &[Room]) -> Vec<String> {
    let files = sources(source);
    let is_there = |room: &Room| files.iter().any(|file| file.room() == Some(room.name));
    let missing = rooms.iter().filter(|room| !is_there(room));
    let mut broken: Vec<String> = missing
        .map(|room| format!("{}: there is no {}", source.display(), room.name))
        .collect();
    for file in &files {
        broken.extend(broken_in_file(file, rooms));
    }
    broken
}

/// At the crate's root everything may be named.
fn broken_in_file(file: &Source, rooms: &[Room]) -> Vec<String> {
    let Some(name) = file.room() else {
        return Vec::new();
    };
    match rooms.iter().find(|known| known.name == name) {
        Some(room) => beyond(file, |mention| wall_of_room(room, rooms, mention)),
        None => vec![format!("{}: there is no room {name}", file.path)],
    }
}

/// The wall that a room breaks by naming this.
fn wall_of_room(room: &Room, rooms: &[Room], mention: &Mention) -> Option<String> {
    let foreign = room
        .must_not_name
        .iter()
        .find(|name| mention.names_crate(name));
    if let Some(foreign) = foreign {
        return Some(format!("{} must not name {foreign}", room.name));
    }
    let named = mention.room()?;
    if named == room.name || room.may_name.contains(&named) {
        None
    } else if rooms.iter().any(|other| other.name == named) {
        Some(format!("{} must not name {named}", room.name))
    } else if rooms
        .last()
        .is_some_and(|outermost| outermost.name == room.name)
    {
        None
    } else {
        // What the root gives on may come from any room.
        Some(format!(
            "{} must name the room itself, not the crate's root",
            room.name
        ))
    }
}

/// The wall that one domain's migrations break by naming this.
fn wall_in_migration(module: &[String], mention: &Mention) -> Option<String> {
    let domain = module.first()?;
    let other = mention.room()?;
    let is_other = other == "*" || SUBGRAPHS.contains(&other) && other != domain;
    (SUBGRAPHS.contains(&domain.as_str()) && is_other)
        .then(|| format!("the migrations of {domain} must not name {other}"))
}

pub struct Source {
    pub path: String,
    module: Vec<String>,
    pub text: String,
}

impl Source {
    /// `None` at the crate's root.
    fn room(&self) -> Option<&str> {
        self.module.first().map(String::as_str)
    }

    fn mentions(&self) -> Vec<Mention> {
        mentions(&self.text, &self.module)
    }
}

fn beyond(file: &Source, wall: impl Fn(&Mention) -> Option<String>) -> Vec<String> {
    file.mentions()
        .iter()
        .filter_map(|mention| {
            let broken = wall(mention)?;
            Some(format!(
                "{}:{}: {}: {broken}",
                file.path,
                mention.line,
                mention.text()
            ))
        })
        .collect()
}

/// All Rust sources under a crate's `src`, each with its place in the crate.
pub fn sources(src: &Path) -> Vec<Source> {
    let mut found = Vec::new();
    collect(src, &[], &mut found);
    assert!(!found.is_empty(), "{} has no sources", src.display());
    found
}

fn collect(folder: &Path, module: &[String], found: &mut Vec<Source>) {
    let entries =
        fs::read_dir(folder).unwrap_or_else(|cause| panic!("{}: {cause}", folder.display()));
    for entry in entries {
        let path = entry.expect("a folder's entry can be read").path();
        let name = path
            .file_stem()
            .expect("an entry has a name")
            .to_string_lossy()
            .into_owned();
        let mut inner = module.to_vec();
        if path.is_dir() {
            inner.push(name);
            collect(&path, &inner, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            if !["lib", "main", "mod"].contains(&name.as_str()) {
                inner.push(name);
            }
            found.push(Source {
                text: fs::read_to_string(&path)
                    .unwrap_or_else(|cause| panic!("{}: {cause}", path.display())),
                path: path.display().to_string(),
                module: inner,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broken_in(rooms: &[Room], module: &[&str], text: &str) -> Vec<String> {
        let file = Source {
            path: "f.rs".into(),
            module: module.iter().map(|name| (*name).to_owned()).collect(),
            text: text.into(),
        };
        broken_in_file(&file, rooms)
    }

    fn broken(module: &[&str], text: &str) -> Vec<String> {
        broken_in(&SUBGRAPH_ROOMS, module, text)
    }

    #[test]
    fn a_domain_that_names_the_database_is_told_with_its_line() {
        let text = "//! Not sea_orm.\nuse std::fmt;\n\nuse sea_orm::DbErr;";
        assert_eq!(
            broken(&["domain", "level"], text),
            ["f.rs:4: sea_orm::DbErr: domain must not name sea_orm"]
        );
    }

    #[test]
    fn a_room_that_names_one_further_out_is_told() {
        assert_eq!(
            broken(&["domain"], "use crate::{repo::all, domain::a};").len(),
            1
        );
        assert_eq!(
            broken(&["domain", "level"], "super::super::entity::level::Model").len(),
            1
        );
        assert_eq!(broken(&["entity"], "type A = super::repo::A;").len(), 1);
        assert_eq!(broken(&["repo", "level"], "use crate::service;").len(), 1);
        assert_eq!(broken(&["repo"], "use crate::*;").len(), 1);
        assert_eq!(
            broken(&["service", "ports"], "use crate::graphql::A;").len(),
            1
        );
        assert_eq!(broken(&["helpers"], "use std::fmt;").len(), 1);
    }

    #[test]
    fn a_room_may_name_those_further_in() {
        assert!(
            broken(
                &["graphql", "query"],
                "use crate::{domain, entity, repo, service};"
            )
            .is_empty()
        );
        assert!(
            broken(
                &["service", "a"],
                "use crate::{domain::b, repo}; use super::c;"
            )
            .is_empty()
        );
        assert!(
            broken(
                &["entity", "a"],
                "use crate::domain::level::LevelId; use sea_orm::X;"
            )
            .is_empty()
        );
    }

    #[test]
    fn what_the_root_gives_on_is_for_the_outermost_room_alone() {
        assert_eq!(broken(&["domain"], "use crate::Query;").len(), 1);
        assert!(broken(&["graphql"], "use crate::OrdersSubgraph;").is_empty());
    }

    #[test]
    fn the_planner_and_the_http_server_have_one_room_each() {
        let broken = |room| {
            let text = "use hive_router_query_planner::ast;\nuse axum::Json;";
            broken_in(&ROUTER_ROOMS, &[room], text).len()
        };
        assert_eq!(
            [broken("execution"), broken("planning"), broken("serving")],
            [2, 1, 1]
        );
    }

    #[test]
    fn the_migrations_of_a_domain_know_no_other() {
        let mention = Mention {
            line: 1,
            path: ["crate", "orders", "Table"].map(str::to_owned).to_vec(),
        };
        assert!(wall_in_migration(&["users".into()], &mention).is_some());
        assert!(wall_in_migration(&["orders".into()], &mention).is_none());
    }
}
