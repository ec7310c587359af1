//! Lists of products: who sees what, filters, order and pages.

use serde_json::json;
use stockgraph_kit::on_both_engines;
use stockgraph_products::domain::{Change, ProductStatus};

use crate::{Graph, category_id, product, product_id, skus};

/// Five products whose orders by name, price and age all differ.
async fn five(graph: &Graph) {
    graph
        .stock(&[
            ("C", "apple", "30"),
            ("A", "Banana", "10"),
            ("E", "banana", "10"),
            ("B", "cherry", "50"),
            ("D", "Apple", "20.5"),
        ])
        .await;
}

/// Reads a list from one end to the other, `size` products at a time.
async fn walk(graph: &Graph, arguments: &str, size: usize, forward: bool) -> Vec<String> {
    let (count, cursor, more, end) = if forward {
        ("first", "after", "hasNextPage", "endCursor")
    } else {
        ("last", "before", "hasPreviousPage", "startCursor")
    };
    let mut seen = Vec::new();
    let mut place = String::new();
    loop {
        let query = format!(
            "{{ products({count}: {size} {place} {arguments}) {{ nodes {{ sku }} totalCount \
             pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} }} }}"
        );
        let mut data = graph.customer(&query).await;
        let page = data["products"].take();
        let mut nodes: Vec<String> = skus(&page["nodes"])
            .into_iter()
            .map(str::to_owned)
            .collect();
        assert!(nodes.len() <= size);
        if forward {
            seen.extend(nodes);
        } else {
            nodes.append(&mut seen);
            seen = nodes;
        }
        if page["pageInfo"][more] != true {
            assert_eq!(page["totalCount"], seen.len());
            return seen;
        }
        let next = page["pageInfo"][end].as_str().expect("a cursor");
        place = format!("{cursor}: \"{next}\"");
    }
}

on_both_engines! {
    async fn every_order_is_the_same_by_pages_of_any_size_from_either_end(engine: Engine) {
        let graph = Graph::fresh(engine).await;
        for (number, (sku, name, price)) in (1..).zip([
            ("C", "apple", "30"),
            ("A", "Banana", "10"),
            ("E", "banana", "10"),
            ("B", "cherry", "50"),
            ("D", "Apple", "20.5"),
        ]) {
            graph.catalogue().create_product(product(number, sku, name, price)).await.unwrap();
            graph.clock.advance(chrono::TimeDelta::milliseconds(250));
        }
        for (sort, expected) in [
            ("", "CDAEB"),
            ("sort: { field: NAME, direction: ASC }", "CDAEB"),
            ("sort: { field: NAME, direction: DESC }", "BEADC"),
            ("sort: { field: PRICE, direction: ASC }", "AEDCB"),
            ("sort: { field: PRICE, direction: DESC }", "BCDEA"),
            ("sort: { field: CREATED_AT, direction: ASC }", "CAEBD"),
            ("sort: { field: CREATED_AT, direction: DESC }", "DBEAC"),
        ] {
            for size in [1, 2, 3, 5, 100] {
                assert_eq!(walk(&graph, sort, size, true).await.concat(), expected, "{sort} by {size}");
                assert_eq!(walk(&graph, sort, size, false).await.concat(), expected, "{sort} back by {size}");
            }
        }
    }

    async fn a_page_may_lie_between_two_cursors(engine: Engine) {
        let graph = Graph::fresh(engine).await;
        five(&graph).await;
        let data = graph.customer("{ products { edges { cursor node { sku } } } }").await;
        let cursors = crate::column(&data["products"]["edges"], "/cursor");
        let query = format!(
            "{{ products(after: \"{}\", before: \"{}\") {{ nodes {{ sku }} pageInfo {{ hasPreviousPage hasNextPage }} }} }}",
            cursors[0], cursors[3],
        );
        let data = graph.customer(&query).await;
        assert_eq!(skus(&data["products"]["nodes"]), ["D", "A"]);
    }

    async fn a_cursor_of_another_list_is_refused(engine: Engine) {
        let graph = Graph::fresh(engine).await;
        five(&graph).await;
        let data = graph.customer("{ products(first: 1) { pageInfo { endCursor } } }").await;
        let cursor = data["products"]["pageInfo"]["endCursor"].as_str().unwrap();
        for arguments in [
            format!("after: \"{cursor}\", sort: {{ field: PRICE, direction: ASC }}"),
            format!("before: \"{cursor}\", filter: {{ search: \"apple\" }}"),
            "after: \"nonsense\"".to_owned(),
            "first: 101".to_owned(),
            "first: -1".to_owned(),
            "first: 1, last: 1".to_owned(),
        ] {
            let query = format!("{{ products({arguments}) {{ nodes {{ sku }} }} }}");
            assert_eq!(graph.refusal(&query).await, "BAD_USER_INPUT", "{arguments}");
        }
    }

    async fn filters_leave_what_they_say_and_combine(engine: Engine) {
        let graph = Graph::fresh(engine).await;
        five(&graph).await;
        let (second, missing) = (product_id(2), product_id(99));
        for (filter, expected) in [
            ("{}".to_owned(), "CDAEB"),
            ("{ minPrice: \"20.5\" }".to_owned(), "CDB"),
            ("{ minPrice: \"20.50001\" }".to_owned(), "CB"),
            ("{ maxPrice: \"20.5\" }".to_owned(), "DAE"),
            ("{ minPrice: 10, maxPrice: 10 }".to_owned(), "AE"),
            ("{ minPrice: 11, maxPrice: 10 }".to_owned(), ""),
            ("{ skus: [\"B\", \"C\", \"b\"] }".to_owned(), "CB"),
            ("{ skus: [] }".to_owned(), ""),
            (format!("{{ ids: [\"{second}\", \"{missing}\"] }}"), "A"),
            (format!("{{ ids: [\"{second}\"], minPrice: 11 }}"), ""),
            ("{ ids: [] }".to_owned(), ""),
            ("{ status: ACTIVE }".to_owned(), "CDAEB"),
            ("{ status: DRAFT }".to_owned(), ""),
        ] {
            let query = format!("{{ products(filter: {filter}) {{ totalCount nodes {{ sku }} }} }}");
            let data = graph.customer(&query).await;
            assert_eq!(skus(&data["products"]["nodes"]).concat(), expected, "{filter}");
            assert_eq!(data["products"]["totalCount"], expected.len(), "{filter}");
        }
    }

    async fn wrong_filters_are_refused(engine: Engine) {
        let graph = Graph::fresh(engine).await;
        let many = format!("{:?}", vec!["A"; 1_001]);
        for filter in [
            format!("{{ ids: [\"{}\"] }}", category_id(1)),
            "{ ids: [\"1\"] }".to_owned(),
            "{ categoryId: \"1\" }".to_owned(),
            format!("{{ skus: {many} }}"),
            format!("{{ search: \"{}\" }}", "a".repeat(201)),
            format!("{{ search: \"{}\" }}", "a ".repeat(17)),
            "{ minPrice: \"cheap\" }".to_owned(),
            "{ maxPrice: \"1000000000000000000000\" }".to_owned(),
        ] {
            let query = format!("{{ products(filter: {filter}) {{ nodes {{ sku }} }} }}");
            assert_eq!(graph.refusal(&query).await, "BAD_USER_INPUT", "{filter}");
        }
    }

    async fn customers_see_what_is_on_sale_and_staff_sees_all(engine: Engine) {
        let graph = Graph::fresh(engine).await;
        let family = |number, sku, status| {
            let mut product = product(number, sku, sku, "1");
            product.details.status = Some(status);
            product.details.family = Change::Set("family".to_owned());
            product
        };
        graph.catalogue().import_products(vec![
            family(1, "DRAFT", ProductStatus::Draft),
            family(2, "ACTIVE", ProductStatus::Active),
            family(3, "ARCHIVED", ProductStatus::Archived),
            family(4, "SIBLING", ProductStatus::Active),
        ])
        .await
        .unwrap();
        let query = format!(
            "{{ products {{ totalCount nodes {{ sku variants {{ sku }} }} }} found: products(filter: {{ search: \"draft\" }}) {{ totalCount }} \
             draft: product(id: \"{}\") {{ sku status }} archived: product(id: \"{}\") {{ sku status }} active: product(id: \"{}\") {{ sku status }} \
             draftBySku: productBySku(sku: \"DRAFT\") {{ sku }} activeBySku: productBySku(sku: \"ACTIVE\") {{ sku }} \
             none: productBySku(sku: \"NONE\") {{ sku }} }}",
            product_id(1), product_id(3), product_id(2),
        );
        assert_eq!(graph.customer(&query).await, json!({
            "products": { "totalCount": 2, "nodes": [
                { "sku": "ACTIVE", "variants": [{ "sku": "SIBLING" }] },
                { "sku": "SIBLING", "variants": [{ "sku": "ACTIVE" }] },
            ] },
            "found": { "totalCount": 0 },
            "draft": null,
            "archived": null,
            "active": { "sku": "ACTIVE", "status": "ACTIVE" },
            "draftBySku": null,
            "activeBySku": { "sku": "ACTIVE" },
            "none": null,
        }));
        let data = graph.staff(&query).await;
        assert_eq!(data["products"]["totalCount"], 4);
        assert_eq!(skus(&data["products"]["nodes"][0]["variants"]), ["ARCHIVED", "DRAFT", "SIBLING"]);
        assert_eq!(data["found"]["totalCount"], 1);
        assert_eq!(data["draft"], json!({ "sku": "DRAFT", "status": "DRAFT" }));
        assert_eq!(data["archived"]["status"], "ARCHIVED");
        assert_eq!(data["draftBySku"]["sku"], "DRAFT");
    }

    async fn an_id_of_another_kind_is_refused(engine: Engine) {
        let graph = Graph::fresh(engine).await;
        let query = format!("{{ product(id: \"{}\") {{ sku }} }}", category_id(1));
        assert_eq!(graph.refusal(&query).await, "BAD_USER_INPUT");
        assert_eq!(graph.refusal("{ category(id: \"42\") { slug } }").await, "BAD_USER_INPUT");
        assert_eq!(graph.customer(&format!("{{ category(id: \"{}\") {{ slug }} }}", category_id(1))).await, json!({ "category": null }));
    }
}
