//! The catalogue, as the products subgraph answers for it.

use std::collections::{BTreeSet, HashMap};

use futures_util::future::BoxFuture;
use http::HeaderMap;
use serde::Deserialize;
use serde_json::json;
use stockgraph_kit::{
    batcher::{Batcher, Bounds, Settle, Unanswered},
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

/// The most products that one query asks for.
const PAGE: usize = 100;

/// How much is taken on at once.
const BOUNDS: Bounds = Bounds {
    waiting: 1_000,
    together: 100,
};

/// The catalogue behind a subgraph. It is asked as an anonymous customer would ask, so that what customers may not see is not
/// offered.
///
/// Checkouts that wait at the same moment are told by one query, which is sent after each of them has asked: no price is older than
/// the question for it.
pub struct GraphCatalogue(Batcher<Offers>);

impl GraphCatalogue {
    /// The catalogue behind this subgraph.
    #[must_use]
    pub fn new(products: SubgraphClient) -> Self {
        Self(Batcher::new(Offers(products), BOUNDS))
    }
}

struct Offers(SubgraphClient);

impl Offers {
    async fn page(&self, ids: &[String]) -> Result<Vec<(ProductId, Offer)>, PortError> {
        let answer: Answer = self
            .0
            .call_as(OFFERS, json!({ "ids": ids }), &HeaderMap::new())
            .await
            .map_err(port_error)?;
        answer.products.nodes.into_iter().map(offer).collect()
    }
}

impl Settle for Offers {
    type Ask = Vec<ProductId>;
    type Answer = HashMap<ProductId, Offer>;
    type Error = PortError;

    async fn settle(&self, asks: &[Vec<ProductId>]) -> Result<Vec<Self::Answer>, PortError> {
        let ids: BTreeSet<ProductId> = asks.iter().flatten().copied().collect();
        let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
        let mut offers = HashMap::new();
        for page in ids.chunks(PAGE) {
            offers.extend(self.page(page).await?);
        }
        let of = |ids: &Vec<ProductId>| {
            let offers = ids.iter().map(|id| Some((*id, offers.get(id)?.clone())));
            offers.flatten().collect()
        };
        Ok(asks.iter().map(of).collect())
    }

    /// They ask for what is the same to the catalogue.
    fn befalls_all(_: &PortError) -> bool {
        true
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
            self.0
                .ask(ids.to_vec())
                .await
                .map_err(|unanswered| match unanswered {
                    Unanswered::Failed(error) => error,
                    Unanswered::Overloaded => PortError::Overloaded(unanswered.to_string()),
                    Unanswered::Closed | Unanswered::Lost => {
                        PortError::Unreachable(unanswered.to_string())
                    }
                })
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
