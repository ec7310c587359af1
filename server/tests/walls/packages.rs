//! The walls between packages: what stands in their manifests.

use std::{path::Path, process::Command};

use serde_json::Value;

/// What a package of this workspace may depend on among the others.
struct Package {
    name: &'static str,
    may_use: &'static [&'static str],
    /// Its tests besides.
    tests_may_use: &'static [&'static str],
}

const KIT: &str = "stockgraph-kit";
/// Its macros, which others reach through it.
const MACROS: &str = "stockgraph-kit-macros";
/// The limits of requests, by no parser's types: before the router and before every subgraph.
const GUARD: &str = "stockgraph-guard";
const MIGRATION: &str = "stockgraph-migration";
const ROUTER: &str = "stockgraph-router";
/// A protocol, which both sides of the graph speak.
const WEBSOCKET: &str = "stockgraph-websocket";
const SUBGRAPHS: [&str; 4] = [
    "stockgraph-users",
    "stockgraph-products",
    "stockgraph-warehouses",
    "stockgraph-orders",
];
/// The query planner: one package owns it, under its own name.
const PLANNER: &str = "hive-router-query-planner";

/// All but the subgraphs, which have the same walls.
const PACKAGES: [Package; 8] = [
    Package {
        name: GUARD,
        may_use: &[],
        tests_may_use: &[],
    },
    Package {
        name: MACROS,
        may_use: &[],
        tests_may_use: &[],
    },
    Package {
        name: WEBSOCKET,
        may_use: &[],
        tests_may_use: &[],
    },
    Package {
        name: KIT,
        may_use: &[GUARD, MACROS, WEBSOCKET],
        tests_may_use: &[],
    },
    Package {
        name: MIGRATION,
        may_use: &[],
        tests_may_use: &[KIT],
    },
    Package {
        name: ROUTER,
        may_use: &[GUARD, WEBSOCKET],
        tests_may_use: &[],
    },
    Package {
        name: "stockgraph",
        may_use: &[
            KIT,
            MIGRATION,
            ROUTER,
            SUBGRAPHS[0],
            SUBGRAPHS[1],
            SUBGRAPHS[2],
            SUBGRAPHS[3],
        ],
        tests_may_use: &[],
    },
    Package {
        name: "stockgraph-bench",
        may_use: &[KIT, MIGRATION, ROUTER, SUBGRAPHS[2]],
        tests_may_use: &[],
    },
];

fn walls_of(name: &str) -> Option<Package> {
    if let Some(subgraph) = SUBGRAPHS.into_iter().find(|subgraph| *subgraph == name) {
        return Some(Package {
            name: subgraph,
            may_use: &[KIT],
            tests_may_use: &[MIGRATION],
        });
    }
    PACKAGES.into_iter().find(|package| package.name == name)
}

/// A line for each dependency beyond the walls.
pub fn broken_walls(root: &Path) -> Vec<String> {
    let output = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--no-deps",
            "--offline",
            "--format-version",
            "1",
            "--manifest-path",
        ])
        .arg(root.join("Cargo.toml"))
        .output()
        .expect("cargo, which runs this test, runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    broken_walls_of(&serde_json::from_slice(&output.stdout).expect("cargo answers in JSON"))
}

fn broken_walls_of(metadata: &Value) -> Vec<String> {
    let members = metadata["packages"].as_array().expect("packages");
    let names: Vec<&str> = members
        .iter()
        .filter_map(|member| member["name"].as_str())
        .collect();
    let mut broken = Vec::new();
    for member in members {
        let name = member["name"].as_str().expect("a package has a name");
        let manifest = member["manifest_path"]
            .as_str()
            .expect("a package has a manifest");
        let Some(walls) = walls_of(name) else {
            broken.push(format!(
                "{manifest}: the package {name} has no walls yet; give it some"
            ));
            continue;
        };
        for dependency in member["dependencies"].as_array().expect("dependencies") {
            let used = dependency["name"]
                .as_str()
                .expect("a dependency has a name");
            let in_tests = dependency["kind"] == "dev";
            let within = if used == PLANNER {
                name == ROUTER && dependency["rename"].is_null()
            } else if names.contains(&used) {
                walls.may_use.contains(&used)
                    || used == name
                    || in_tests && walls.tests_may_use.contains(&used)
            } else {
                true
            };
            if !within {
                let place = if in_tests { " for its tests" } else { "" };
                broken.push(format!(
                    "{manifest}: {name} must not depend on {used}{place}"
                ));
            }
        }
    }
    broken
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broken(name: &str, dependency: Value) -> Vec<String> {
        let others = SUBGRAPHS.iter().chain(&[KIT, MIGRATION, ROUTER]);
        let mut packages: Vec<Value> = others
            .filter(|other| **other != name)
            .map(|other| serde_json::json!({"name": other, "manifest_path": "m", "dependencies": []}))
            .collect();
        packages.push(
            serde_json::json!({"name": name, "manifest_path": "m", "dependencies": [dependency]}),
        );
        broken_walls_of(&serde_json::json!({ "packages": packages }))
    }

    #[test]
    fn a_subgraph_that_uses_another_is_told() {
        let dependency =
            serde_json::json!({"name": "stockgraph-users", "kind": null, "rename": "innocent"});
        let broken = broken("stockgraph-orders", dependency);
        assert_eq!(
            broken,
            ["m: stockgraph-orders must not depend on stockgraph-users"]
        );
    }

    #[test]
    fn what_tests_may_use_the_code_may_not() {
        let tests = serde_json::json!({"name": MIGRATION, "kind": "dev", "rename": null});
        assert!(broken("stockgraph-orders", tests).is_empty());
        let code = serde_json::json!({"name": MIGRATION, "kind": null, "rename": null});
        assert_eq!(broken("stockgraph-orders", code).len(), 1);
    }

    #[test]
    fn the_planner_has_one_owner_and_its_own_name() {
        let named = serde_json::json!({"name": PLANNER, "kind": null, "rename": null});
        assert!(broken(ROUTER, named.clone()).is_empty());
        assert_eq!(broken(KIT, named).len(), 1);
        let renamed = serde_json::json!({"name": PLANNER, "kind": null, "rename": "p"});
        assert_eq!(broken(ROUTER, renamed).len(), 1);
    }

    #[test]
    fn a_package_without_walls_is_told() {
        let dependency = serde_json::json!({"name": "serde", "kind": null, "rename": null});
        assert_eq!(broken("stockgraph-new", dependency).len(), 1);
    }
}
