//! The schema files that are checked in are those of the code.

use stockgraph_server::commands::schema;

#[tokio::test]
async fn the_files_in_schema_are_what_the_code_says() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../schema");
    for (name, generated) in schema::generate().unwrap() {
        let found = std::fs::read_to_string(format!("{folder}/{name}")).unwrap_or_default();
        assert!(
            found == generated,
            "schema/{name} is not what the code says: run `stockgraph schema write`"
        );
    }
}
