//! The catalogue, as the products subgraph answers for it.

use std::collections::HashMap;

use futures_util::future::BoxFuture;
use http::HeaderMap;
use serde::Deserialize;
use serde_json::json;
use stockgraph_kit::{
    id::{Id, ProductId},
    money::{Money, MoneyError},
};
use stockgraph_orders::service::ports::{Catalogue, Offer, PortError};
use stockgraph_router::transport::SubgraphClient;

use super::port_error;

const OFFERS: &str = "query Offers($ids: [ID!]!) {
  products(filter: { ids: $ids }, first: 100) {
    nodes { id sku name status price { amount currency } }
  }
}";

/// The catalogue behind a subgraph. It is asked as an anonymous customer would ask, so that what customers may not see is not
/// offered.
pub struct GraphCatalogue {
    products: SubgraphClient,
}

impl GraphCatalogue {
    /// The catalogue behind this subgraph.
    #[must_use]
    pub const fn new(products: SubgraphClient) -> Self {
        Self { products }
    }
}

#[derive(Deserialize)]
struct Answer {
    products: Nodes,
}

#[derive(Deserialize)]
struct Nodes {
    nodes: Vec<Product>,
}

#[derive(Deserialize)]
struct Product {
    id: String,
    sku: String,
    name: String,
    status: String,
    price: Price,
}

#[derive(Deserialize)]
struct Price {
    amount: rust_decimal::Decimal,
    currency: String,
}

impl Catalogue for GraphCatalogue {
    fn offers<'a>(
        &'a self,
        ids: &'a [ProductId],
    ) -> BoxFuture<'a, Result<HashMap<ProductId, Offer>, PortError>> {
        Box::pin(async move {
            let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
            let answer: Answer = self
                .products
                .call_as(OFFERS, json!({ "ids": ids }), &HeaderMap::new())
                .await
                .map_err(port_error)?;
            answer.products.nodes.into_iter().map(offer).collect()
        })
    }
}

fn offer(product: Product) -> Result<(ProductId, Offer), PortError> {
    let id =
        ProductId::parse(&product.id).map_err(|error| PortError::Unexpected(error.to_string()))?;
    let price = money(&product.price).map_err(|error| PortError::Unexpected(error.to_string()))?;
    let offer = Offer {
        sku: product.sku,
        name: product.name,
        price,
        on_sale: product.status == "ACTIVE",
    };
    Ok((id, offer))
}

fn money(price: &Price) -> Result<Money, MoneyError> {
    Money::new(price.amount, price.currency.parse()?)
}
