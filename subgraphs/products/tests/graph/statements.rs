//! How many statements a request makes: as many as it touches tables in different ways, never one for each product.

use stockgraph_kit::{database::Engine, on_both_engines};
use stockgraph_products::domain::{Change, NewProduct, ProductOption};

use crate::{Graph, category_id, product, product_id};

fn with_all(number: u128) -> NewProduct {
    let mut product = product(
        number,
        &format!("SKU-{number}"),
        &format!("Product {number}"),
        "1",
    );
    product.details.category = Change::Set(category_id(number % 5 + 2));
    product.details.family = Change::Set(format!("family-{}", number / 3));
    product.details.options = Some(vec![ProductOption {
        name: "Number".to_owned(),
        value: number.to_string(),
    }]);
    product
}

async fn shop(engine: Engine) -> Graph {
    let graph = Graph::fresh(engine).await;
    graph.category(1, "root", None).await;
    for number in 2..=6 {
        graph
            .category(number, &format!("category-{number}"), Some(1))
            .await;
    }
    let products = (1..=100).map(with_all).collect();
    graph.catalogue().import_products(products).await.unwrap();
    let _ = graph.test.take_statements();
    graph
}

on_both_engines! {
    async fn the_number_of_products_does_not_matter(engine: Engine) {
        let graph = shop(engine).await;
        for count in [1, 50, 100] {
            let query = format!(
                "{{ products(first: {count}) {{ nodes {{ sku options {{ name value }} variants {{ sku category {{ slug }} }} \
                 category {{ slug parent {{ slug }} children {{ slug }} }} }} }} }}"
            );
            let data = graph.customer(&query).await;
            assert_eq!(data["products"]["nodes"].as_array().unwrap().len(), count);
            let statements = graph.test.take_statements();
            // The page; families; the products' categories; the variants' other categories together with the parents; children.
            assert!(statements.len() <= 6, "{count}: {statements:#?}");
        }
    }

    async fn fifty_products_with_category_options_and_variants_make_three_statements(engine: Engine) {
        let graph = shop(engine).await;
        let query = "{ products(first: 50) { nodes { sku price { amount } options { name value } variants { sku } category { slug } } } }";
        graph.customer(query).await;
        let statements = graph.test.take_statements();
        assert_eq!(statements.len(), 3, "{statements:#?}");
    }

    async fn a_hundred_ids_make_one_statement(engine: Engine) {
        let graph = shop(engine).await;
        let ids: Vec<String> = (1..=100).map(|number| product_id(number).to_string()).collect();
        let query = format!("{{ products(filter: {{ ids: {ids:?} }}, first: 100) {{ nodes {{ id sku name price {{ amount currency }} }} }} }}");
        let data = graph.customer(&query).await;
        assert_eq!(data["products"]["nodes"].as_array().unwrap().len(), 100);
        assert_eq!(graph.test.take_statements().len(), 1);
    }

    async fn pages_and_totals_of_all_categories_make_one_statement_each(engine: Engine) {
        let graph = shop(engine).await;
        let data = graph.customer("{ categories { slug products(first: 3) { totalCount nodes { sku } } } }").await;
        let categories = data["categories"].as_array().unwrap();
        assert_eq!(categories.len(), 6);
        for category in categories {
            assert_eq!(category["products"]["nodes"].as_array().unwrap().len(), 3);
            let total = if category["slug"] == "root" { 100 } else { 20 };
            assert_eq!(category["products"]["totalCount"], total);
        }
        let statements = graph.test.take_statements();
        assert_eq!(statements.len(), 3, "{statements:#?}");
    }

    async fn a_total_is_counted_only_when_it_is_asked_for(engine: Engine) {
        let graph = shop(engine).await;
        graph.customer("{ products { nodes { sku } } }").await;
        assert_eq!(graph.test.take_statements().len(), 1);
        graph.customer("{ products { nodes { sku } totalCount } }").await;
        assert_eq!(graph.test.take_statements().len(), 2);
    }
}
