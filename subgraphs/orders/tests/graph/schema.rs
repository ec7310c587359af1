//! What the SDL says.

use stockgraph_kit::database::Engine;

use crate::shop::Shop;

#[tokio::test]
async fn everything_in_the_sdl_has_a_description() {
    let shop = Shop::open(Engine::Sqlite).await;
    let query = "{ __schema { types { name description
        fields { name description args { name description } }
        inputFields { name description } enumValues { name description } } } }";
    let data = shop
        .ask(
            &stockgraph_kit::caller::Caller::Anonymous,
            query,
            serde_json::json!({}),
        )
        .await;
    let mut bare = Vec::new();
    for of_type in data["__schema"]["types"].as_array().unwrap() {
        let name = of_type["name"].as_str().unwrap();
        if name.starts_with('_') || ["Boolean", "Float", "ID", "Int", "String"].contains(&name) {
            continue;
        }
        let mut look = |value: &serde_json::Value, path: String| {
            if value["description"].as_str().is_none_or(str::is_empty) {
                bare.push(path);
            }
        };
        look(of_type, name.to_owned());
        for members in ["fields", "inputFields", "enumValues"] {
            for member in of_type[members].as_array().into_iter().flatten() {
                let path = format!("{name}.{}", member["name"].as_str().unwrap());
                if path.contains("._") {
                    continue;
                }
                for argument in member["args"].as_array().into_iter().flatten() {
                    look(argument, format!("{path}({})", argument["name"]));
                }
                look(member, path);
            }
        }
    }
    assert_eq!(bare, [""; 0]);
}

#[tokio::test]
async fn rights_and_keys_stand_in_the_sdl() {
    use stockgraph_kit::subgraph::Subgraph as _;
    let shop = Shop::open(Engine::Sqlite).await;
    let sdl = shop.subgraph.sdl();
    for part in [
        "type Order @key(fields: \"id\") @key(fields: \"number\")",
        "type User @key(fields: \"id\")",
        "type Product @key(fields: \"id\", resolvable: false)",
        "type StockReservation @key(fields: \"id\", resolvable: false)",
        "@requiresScopes(scopes: [[\"orders:expire\"]])",
    ] {
        assert!(sdl.contains(part), "{part}\n{sdl}");
    }
}
