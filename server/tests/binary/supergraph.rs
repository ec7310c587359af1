//! Supergraphs from files: composed, refused, and served.

use std::{fs, path::Path, process::Output};

use super::{identity::Part, output, stockgraph};

/// The schema of one of our own subgraphs.
fn schema(name: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let file = root.join("schema").join(format!("{name}.graphql"));
    format!("{name}={}", file.display())
}

fn compose(folder: &Path, arguments: &[&str]) -> Output {
    output(stockgraph(folder).arg("compose").args(arguments))
}

#[tokio::test]
async fn a_supergraph_that_was_composed_from_files_is_served() {
    stockgraph_server::use_ring();
    let users = Part::start(&["subgraph", "users"], &[]);
    let settings = [("STOCKGRAPH_SUBGRAPHS__USERS", users.url.as_str())];
    let products = Part::start(&["subgraph", "products"], &settings);
    let folder = tempfile::tempdir().unwrap();
    let file = folder
        .path()
        .join("supergraph.graphql")
        .display()
        .to_string();
    let composed = compose(
        folder.path(),
        &[
            &schema("users"),
            &schema("products"),
            "--url",
            &format!("products={}", products.url),
            "--output",
            &file,
        ],
    );
    assert!(
        composed.status.success(),
        "{}",
        String::from_utf8_lossy(&composed.stderr)
    );

    // The file does not say where the users are; and who signs for others shares the keys with them.
    let keys = users.folder.path().join("data/keys").display().to_string();
    let settings = [("STOCKGRAPH_AUTH__KEYS_DIR", keys.as_str())];
    let at = format!("users={}", users.url);
    let router = Part::start(
        &["router", "--supergraph", &file, "--subgraph", &at],
        &settings,
    );
    let answer = router
        .ask(None, "{ me { id } products(first: 1) { totalCount } }")
        .await;
    assert_eq!(answer["data"]["products"]["totalCount"], 0, "{answer}");
    assert!(
        answer["errors"].is_null() && answer["data"]["me"].is_null(),
        "{answer}"
    );
    // It is a shop without orders, so nothing expires.
    let orders = router.ask(None, "{ orders { totalCount } }").await;
    assert_eq!(
        orders["errors"][0]["extensions"]["code"], "GRAPHQL_VALIDATION_FAILED",
        "{orders}"
    );
}

#[test]
fn what_does_not_compose_is_told_with_codes_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    for (name, field) in [("a", "name: String"), ("b", "name: Int")] {
        let sdl = format!(
            "extend schema @link(url: \"https://specs.apollo.dev/federation/v2.5\", import: [\"@key\", \"@shareable\"])
             type Query {{ {name}: Product }}
             type Product @key(fields: \"id\") {{ id: ID! {field} @shareable }}"
        );
        fs::write(folder.path().join(format!("{name}.graphql")), sdl).unwrap();
    }
    let refused = compose(
        folder.path(),
        &[
            "a=a.graphql",
            "b=b.graphql",
            "--output",
            "supergraph.graphql",
        ],
    );
    assert_eq!(refused.status.code(), Some(1));
    let told = String::from_utf8_lossy(&refused.stderr);
    assert!(
        told.contains("FIELD_TYPE_MISMATCH") && told.contains("Product.name"),
        "{told}"
    );
    assert!(!folder.path().join("supergraph.graphql").exists());
    let missing = compose(folder.path(), &["a=nowhere.graphql"]);
    assert_eq!(missing.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&missing.stderr).contains("nowhere.graphql"));
}
