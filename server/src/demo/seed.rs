//! Fills empty databases with the demo shop.

use std::collections::HashMap;

use anyhow::Context;
use chrono::TimeDelta;
use rust_decimal::Decimal;
use serde_json::Value;
use stockgraph_kit::{clock::Clock, id::ProductId, money::Money, rights::ServiceName};
use stockgraph_products::{
    domain::{Change, NewCategory, NewProduct, ProductDetails, ProductOption, ProductStatus},
    service::Catalogue,
};
use stockgraph_router::GraphQLRequest;
use stockgraph_warehouses::{
    domain::{line::Line, warehouse::WarehouseId},
    service::{CreateWarehouse, ReceiveStock, Warehouses},
};
use tracing::{instrument::WithSubscriber, subscriber::NoSubscriber};

use super::{
    accounts,
    catalogue::{CATEGORIES, DemoProduct, PRODUCTS},
    ids::{Kind, id},
    orders,
};
use crate::{
    config::Config, databases::Databases, foundation::Foundation, graph::Graph,
    service_token::ServiceToken,
};

/// How long ago the demo shop opened.
const OPENED: TimeDelta = TimeDelta::days(12);

/// Fills the databases with the demo shop where the configuration wants that and they are empty; tells whether it did.
///
/// # Errors
///
/// A database fails.
pub async fn seed_if_wanted(
    config: &Config,
    foundation: &Foundation,
    databases: &Databases,
) -> anyhow::Result<bool> {
    let wanted = config.demo.seed.unwrap_or(config.database.is_embedded());
    if !wanted || !is_empty(config, foundation, databases).await? {
        return Ok(false);
    }
    // What the log says of an order is for orders that somebody placed.
    seed(config, foundation, databases)
        .with_subscriber(NoSubscriber::default())
        .await?;
    Ok(true)
}

/// Whether there is no account, product, warehouse or order yet.
async fn is_empty(
    config: &Config,
    foundation: &Foundation,
    databases: &Databases,
) -> anyhow::Result<bool> {
    const COUNTS: &str = "{
      users(first: 0) { totalCount }
      products(first: 0) { totalCount }
      orders(first: 0) { totalCount }
      warehouses { id }
    }";
    let graph = Graph::assemble(config, foundation, databases)?;
    let token = ServiceToken::new(
        ServiceName::Demo,
        foundation.issuer.clone(),
        foundation.clock.clone(),
    );
    let headers = token
        .headers()
        .map_err(|error| anyhow::anyhow!("no token: {}", error.message()))?;
    let request = GraphQLRequest::new(COUNTS).of_this_process();
    let answer = graph.router.execute(request, &headers).await.to_json();
    anyhow::ensure!(
        answer.get("errors").is_none(),
        "whether the databases are empty cannot be told: {answer}"
    );
    let data = &answer["data"];
    let none = |list: &str| data[list]["totalCount"] == 0;
    Ok(none("users")
        && none("products")
        && none("orders")
        && data["warehouses"] == Value::Array(Vec::new()))
}

/// Fills empty databases with the demo shop. The last entry is made at the foundation's present instant.
///
/// # Errors
///
/// A database fails, or something of the demo is there already.
pub async fn seed(
    config: &Config,
    foundation: &Foundation,
    databases: &Databases,
) -> anyhow::Result<()> {
    let clock = Clock::manual(foundation.clock.now() - OPENED);
    let past = foundation.at(clock.clone(), &config.auth.realm());
    let graph = Graph::assemble(config, &past, databases)?;
    accounts::open(graph.users.subgraph().users()).await?;
    let products = catalogue(graph.products.subgraph().catalogue()).await?;
    let warehouses = graph.warehouses.subgraph().warehouses();
    let (jakarta, surabaya) = open_warehouses(warehouses).await?;
    receive(warehouses, surabaya, &products, |product| product.surabaya).await?;
    let orders = orders::Scene {
        orders: graph.orders.subgraph().orders(),
        clock: &clock,
        products: &products,
    };
    // While there are keyboards in Surabaya alone, one order holds two of them there.
    orders.keyboards_of_surabaya().await?;
    receive(warehouses, jakarta, &products, |product| product.jakarta).await?;
    orders.all_others().await?;
    anyhow::ensure!(
        clock.now() <= foundation.clock.now(),
        "the demo shop must not reach into the future"
    );
    Ok(())
}

/// The products of the demo by their SKU.
pub(super) type Products = HashMap<&'static str, ProductId>;

async fn catalogue(catalogue: &Catalogue) -> anyhow::Result<Products> {
    let mut categories = HashMap::new();
    for (number, category) in (1..).zip(&CATEGORIES) {
        let new = NewCategory {
            id: id(Kind::Category, number),
            parent: category.parent.map(|parent| categories[parent]),
            name: category.name.into(),
            slug: category.slug.into(),
        };
        let made = catalogue
            .create_category(new)
            .await
            .with_context(|| format!("the category {}", category.slug))?;
        categories.insert(category.slug, made.id);
    }
    let mut products = Products::new();
    for (number, product) in (1..).zip(&PRODUCTS) {
        let id = id(Kind::Product, number);
        let new = new_product(id, product, categories[product.category])?;
        catalogue
            .create_product(new)
            .await
            .with_context(|| format!("the product {}", product.sku))?;
        products.insert(product.sku, id);
    }
    Ok(products)
}

fn new_product(
    id: ProductId,
    product: &DemoProduct,
    category: stockgraph_products::domain::CategoryId,
) -> anyhow::Result<NewProduct> {
    let details = ProductDetails {
        description: Change::Set(product.description.into()),
        status: Some(ProductStatus::Active),
        category: Change::Set(category),
        family: product
            .variant
            .map_or(Change::Keep, |(family, ..)| Change::Set(family.into())),
        options: product.variant.map(|(_, name, value)| {
            vec![ProductOption {
                name: name.into(),
                value: value.into(),
            }]
        }),
        image_url: Change::Keep,
    };
    Ok(NewProduct {
        id,
        sku: product.sku.into(),
        name: product.name.into(),
        price: Money::new(Decimal::from(product.rupiah), "IDR".parse()?)?,
        details,
    })
}

async fn open_warehouses(warehouses: &Warehouses) -> anyhow::Result<(WarehouseId, WarehouseId)> {
    let mut ids = Vec::new();
    for (number, code, name, location) in [
        (1, "JKT", "Main Warehouse Jakarta", "Jakarta"),
        (2, "SUB", "Secondary Warehouse Surabaya", "Surabaya"),
    ] {
        let warehouse = CreateWarehouse {
            id: id(Kind::Warehouse, number),
            code: code.into(),
            name: name.into(),
            location: Some(location.into()),
            priority: i32::try_from(number)?,
        };
        ids.push(warehouses.create_warehouse(warehouse).await?.id);
    }
    Ok((ids[0], ids[1]))
}

async fn receive(
    warehouses: &Warehouses,
    warehouse: WarehouseId,
    products: &Products,
    quantity: impl Fn(&DemoProduct) -> i32,
) -> anyhow::Result<()> {
    let lines = PRODUCTS
        .iter()
        .filter(|product| quantity(product) > 0)
        .map(|product| Line {
            product: products[product.sku],
            quantity: quantity(product),
        })
        .collect();
    warehouses
        .receive_stock(ReceiveStock {
            warehouse,
            lines,
            reason: Some("opening stock".into()),
            key: None,
            actor: Some(accounts::user(2)),
        })
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_products_that_the_playground_names_come_first() {
        let skus: Vec<&str> = PRODUCTS[..3].iter().map(|product| product.sku).collect();
        assert_eq!(skus, ["LAPTOP-16GB", "MOUSE-WIRELESS", "KEYBOARD-RGB"]);
    }
}
