//! The walls between the rooms of a package: what its sources name.

use std::{fs, path::Path};

use super::source::{Mention, mentions};

/// A room of a subgraph: a module at its root.
struct Room {
    name: &'static str,
    /// The rooms whose items it may name besides its own.
    may_name: &'static [&'static str],
    /// The crates that it must not name.
    must_not_name: &'static [&'static str],
}

const DATABASE: [&str; 3] = ["sea_orm", "sea_orm_migration", "sqlx"];
const GRAPHQL: &str = "async_graphql";

/// `graphql -> service -> {domain, repo} -> entity`: from the inside out, each room may name those before it.
const ROOMS: [Room; 5] = [
    Room {
        name: "domain",
        may_name: &[],
        must_not_name: &[DATABASE[0], DATABASE[1], DATABASE[2], GRAPHQL],
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

const SUBGRAPHS: [&str; 4] = ["users", "products", "warehouses", "orders"];
const PLANNER: &str = "hive_router_query_planner";

/// A line for each path beyond the walls.
pub fn broken_walls(root: &Path) -> Vec<String> {
    let mut broken = Vec::new();
    for subgraph in SUBGRAPHS {
        let mut rooms_found = Vec::new();
        for file in sources(&root.join("subgraphs").join(subgraph).join("src")) {
            let Some(name) = file.module.first() else {
                continue;
            };
            rooms_found.push(name.clone());
            broken.extend(broken_in_subgraph(&file, name));
        }
        let missing = |room: &&Room| !rooms_found.iter().any(|found| found == room.name);
        for room in ROOMS.iter().filter(missing) {
            broken.push(format!(
                "subgraphs/{subgraph}/src: there is no {}",
                room.name
            ));
        }
    }
    let router = sources(&root.join("router/src"));
    assert!(
        router.iter().any(names_planner),
        "the scan misses the planner where it stands"
    );
    for file in &router {
        broken.extend(beyond(file, |mention| {
            wall_in_router(&file.module, mention)
        }));
    }
    for file in sources(&root.join("migration/src")) {
        broken.extend(beyond(&file, |mention| {
            wall_in_migration(&file.module, mention)
        }));
    }
    broken
}

fn names_planner(file: &Source) -> bool {
    file.mentions()
        .iter()
        .any(|mention| mention.names_crate(PLANNER))
}

fn broken_in_subgraph(file: &Source, room: &str) -> Vec<String> {
    match ROOMS.iter().find(|known| known.name == room) {
        Some(room) => beyond(file, |mention| wall_in_subgraph(room, mention)),
        None => vec![format!("{}: a subgraph has no room {room}", file.path)],
    }
}

/// The wall that a room of a subgraph breaks by naming this.
fn wall_in_subgraph(room: &Room, mention: &Mention) -> Option<String> {
    let foreign = room
        .must_not_name
        .iter()
        .find(|name| mention.names_crate(name));
    if let Some(foreign) = foreign {
        return Some(format!("{} must not name {foreign}", room.name));
    }
    let named = mention.room()?;
    let is_room = named == "*" || ROOMS.iter().any(|other| other.name == named);
    (is_room && named != room.name && !room.may_name.contains(&named))
        .then(|| format!("{} must not name {named}", room.name))
}

/// The wall that a module of the router breaks by naming this.
fn wall_in_router(module: &[String], mention: &Mention) -> Option<String> {
    let owns_planner = module.first().is_some_and(|room| room == "planning");
    (mention.names_crate(PLANNER) && !owns_planner)
        .then(|| "only router/src/planning may name the query planner".into())
}

/// The wall that one domain's migrations break by naming this.
fn wall_in_migration(module: &[String], mention: &Mention) -> Option<String> {
    let domain = module.first()?;
    let other = mention.room()?;
    let is_other = other == "*" || SUBGRAPHS.contains(&other) && other != domain;
    (SUBGRAPHS.contains(&domain.as_str()) && is_other)
        .then(|| format!("the migrations of {domain} must not name {other}"))
}

struct Source {
    path: String,
    module: Vec<String>,
    text: String,
}

impl Source {
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
fn sources(src: &Path) -> Vec<Source> {
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

    fn broken(module: &[&str], text: &str) -> Vec<String> {
        let file = Source {
            path: "f.rs".into(),
            module: module.iter().map(|name| (*name).to_owned()).collect(),
            text: text.into(),
        };
        broken_in_subgraph(&file, module[0])
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
    fn the_planner_and_other_domains_tables_are_walled_off() {
        let mention = |path: &str| Mention {
            line: 1,
            path: path.split("::").map(str::to_owned).collect(),
        };
        let planner = mention("hive_router_query_planner::ast");
        assert!(wall_in_router(&["execution".into()], &planner).is_some());
        assert!(wall_in_router(&["planning".into(), "plan".into()], &planner).is_none());
        let orders = mention("crate::orders::Table");
        assert!(wall_in_migration(&["users".into()], &orders).is_some());
        assert!(wall_in_migration(&["orders".into()], &orders).is_none());
    }
}
