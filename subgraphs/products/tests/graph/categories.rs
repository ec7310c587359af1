//! The category tree and the products in it.

use serde_json::json;
use stockgraph_kit::{database::Engine, on_both_engines};
use stockgraph_products::domain::Change;

use crate::{Graph, category_id, column, fields, product, skus};

/// devices > (laptops > gaming, mice), books; products 1 to 6 in gaming, laptops, laptops, mice, books and none.
async fn shop(engine: Engine) -> Graph {
    let graph = Graph::fresh(engine).await;
    graph.category(1, "devices", None).await;
    graph.category(2, "laptops", Some(1)).await;
    graph.category(3, "gaming", Some(2)).await;
    graph.category(4, "mice", Some(1)).await;
    graph.category(5, "books", None).await;
    let places = [
        ("A", Some(3)),
        ("B", Some(2)),
        ("C", Some(2)),
        ("D", Some(4)),
        ("E", Some(5)),
        ("F", None),
    ];
    let products = (1..).zip(places).map(|(number, (sku, category))| {
        let mut product = product(number, sku, sku, "1");
        product.details.category =
            category.map_or(Change::Keep, |category| Change::Set(category_id(category)));
        product
    });
    graph
        .catalogue()
        .import_products(products.collect())
        .await
        .unwrap();
    graph
}

on_both_engines! {
    async fn the_tree_is_walked_up_and_down(engine: Engine) {
        let graph = shop(engine).await;
        let query = format!(
            "{{ categories {{ slug parent {{ slug }} }} category(id: \"{}\") {{ name children {{ slug children {{ slug children {{ slug }} }} }} }} \
             productBySku(sku: \"A\") {{ category {{ slug parent {{ slug parent {{ slug parent {{ slug }} }} }} }} }} }}",
            category_id(1),
        );
        let data = graph.customer(&query).await;
        assert_eq!(column(&data["categories"], "/slug"), ["books", "devices", "gaming", "laptops", "mice"]);
        assert_eq!(data["categories"][2]["parent"], json!({ "slug": "laptops" }));
        assert_eq!(data["category"]["children"], json!([
            { "slug": "laptops", "children": [{ "slug": "gaming", "children": [] }] },
            { "slug": "mice", "children": [] },
        ]));
        assert_eq!(
            data["productBySku"]["category"],
            json!({ "slug": "gaming", "parent": { "slug": "laptops", "parent": { "slug": "devices", "parent": null } } }),
        );
    }

    async fn a_category_has_the_products_of_all_below_it(engine: Engine) {
        let graph = shop(engine).await;
        for (category, expected) in [(1, "ABCD"), (2, "ABC"), (3, "A"), (5, "E"), (99, "")] {
            let query = format!(
                "{{ products(filter: {{ categoryId: \"{}\" }}) {{ totalCount nodes {{ sku }} }} }}",
                category_id(category),
            );
            let data = graph.customer(&query).await;
            assert_eq!(skus(&data["products"]["nodes"]).concat(), expected);
            assert_eq!(data["products"]["totalCount"], expected.len());
        }
        let data = graph.customer("{ categories { slug products(first: 2) { totalCount nodes { sku } pageInfo { hasNextPage } } } }").await;
        let pages: Vec<_> = data["categories"]
            .as_array()
            .unwrap()
            .iter()
            .map(|category| {
                let page = &category["products"];
                (skus(&page["nodes"]).concat(), page["totalCount"].as_i64().unwrap(), page["pageInfo"]["hasNextPage"] == true)
            })
            .collect();
        let page = |skus: &str, total, more| (skus.to_owned(), total, more);
        assert_eq!(pages, [
            page("E", 1, false), page("AB", 4, true), page("A", 1, false), page("AB", 3, true), page("D", 1, false),
        ]);
    }

    async fn the_products_of_a_category_are_read_page_by_page_from_either_end(engine: Engine) {
        let graph = shop(engine).await;
        for (size, cursor, end, expected) in [
            ("first", "after", "endCursor", ["AB", "CD", ""]),
            ("last", "before", "startCursor", ["CD", "AB", ""]),
        ] {
            let mut place = String::new();
            for expected in expected {
                let query = format!(
                    "{{ category(id: \"{}\") {{ products({size}: 2 {place}) {{ nodes {{ sku }} pageInfo {{ {end} }} }} }} }}",
                    category_id(1),
                );
                let data = graph.customer(&query).await;
                let page = &data["category"]["products"];
                assert_eq!(skus(&page["nodes"]).concat(), expected);
                place = format!("{cursor}: {}", page["pageInfo"][end]);
            }
        }
        let query = format!("{{ category(id: \"{}\") {{ products(first: 101) {{ totalCount }} }} }}", category_id(1));
        assert_eq!(graph.refusal(&query).await, "BAD_USER_INPUT");
    }

    async fn what_is_not_on_sale_is_not_counted_for_customers(engine: Engine) {
        let graph = shop(engine).await;
        let input = json!({ "id": crate::product_id(4).to_string(), "status": "ARCHIVED" });
        graph.mutate("updateProduct", input, "product { status }").await;
        let query = format!("{{ category(id: \"{}\") {{ products {{ totalCount nodes {{ sku }} }} }} }}", category_id(4));
        assert_eq!(graph.customer(&query).await["category"]["products"], json!({ "totalCount": 0, "nodes": [] }));
        assert_eq!(graph.staff(&query).await["category"]["products"], json!({ "totalCount": 1, "nodes": [{ "sku": "D" }] }));
    }

    async fn a_category_is_added_under_another(engine: Engine) {
        let graph = shop(engine).await;
        let input = json!({ "name": " Pads ", "slug": "pads", "parentId": category_id(4).to_string() });
        let payload = graph.mutate("createCategory", input, "category { id name slug parent { slug } }").await;
        assert_eq!(payload["errors"], json!([]));
        assert_eq!(payload["category"]["name"], "Pads");
        assert_eq!(payload["category"]["parent"], json!({ "slug": "mice" }));
        let query = format!("{{ category(id: {}) {{ slug }} }}", payload["category"]["id"]);
        assert_eq!(graph.customer(&query).await["category"]["slug"], "pads");
    }

    async fn a_category_that_breaks_rules_is_not_added(engine: Engine) {
        let graph = shop(engine).await;
        let create = async |name: &str, slug: &str, parent: serde_json::Value| {
            let input = json!({ "name": name, "slug": slug, "parentId": parent });
            let payload = graph.mutate("createCategory", input, "category { id }").await;
            assert_eq!(payload["category"], json!(null));
            payload
        };
        assert_eq!(fields(&create("", "Not A Slug", json!(null)).await), ["name", "slug"]);
        let taken = create("Mice", "mice", json!(null)).await;
        assert_eq!(fields(&taken), ["slug"]);
        assert_eq!(taken["errors"][0]["message"], "Another category has this slug.");
        assert_eq!(fields(&create("Rats", "rats", json!("42")).await), ["parentId"]);
        let orphan = create("Rats", "rats", json!(category_id(99).to_string())).await;
        assert_eq!(orphan["errors"][0]["__typename"], "NotFound");
        assert_eq!(graph.customer("{ categories { slug } }").await["categories"].as_array().unwrap().len(), 5);
    }
}
