//! The stock, as the warehouses subgraph answers for it.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};
use stockgraph_kit::{
    clock::Clock,
    id::{Id, ProductId, ReservationId, WarehouseId},
    rights::ServiceName,
    token::Issuer,
};
use stockgraph_orders::service::ports::{
    Committed, HoldRequest, PortError, Released, ReservationStatus, Reserved, RestockRequest,
    Restocked, Shortage, Stock, StockLine,
};
use stockgraph_router::transport::SubgraphClient;

use super::{no_token, port_error};
use crate::service_token::ServiceToken;

const RESERVE: &str = "mutation Reserve($input: ReserveStockInput!) {
  answer: reserveStock(input: $input) {
    reservation { status expiresAt }
    errors {
      __typename
      ... on UserError { message }
      ... on WrongState { state }
      ... on InsufficientStock { product { id } requested available }
    }
  }
}";

const COMMIT: &str = "mutation Commit($input: CommitReservationInput!) {
  answer: commitReservation(input: $input) {
    reservation { status expiresAt }
    errors { __typename ... on UserError { message } ... on WrongState { state } }
  }
}";

const RELEASE: &str = "mutation Release($input: ReleaseReservationsInput!) {
  answer: releaseReservations(input: $input) {
    reservations { id status }
    errors { ... on UserError { message } }
  }
}";

const RESTOCK: &str = "mutation Restock($input: RestockInput!) {
  answer: restock(input: $input) {
    errors { __typename ... on UserError { message } ... on WrongState { state } }
  }
}";

const AVAILABLE: &str = "query Available($products: [_Any!]!) {
  products: _entities(representations: $products) { ... on Product { id stock { available } } }
}";

const WAREHOUSE: &str = "query Warehouse($id: ID!) { warehouse(id: $id) { id } }";

/// The stock behind a subgraph, reached with a service token that may hold, sell and give back.
pub struct GraphStock {
    warehouses: SubgraphClient,
    token: ServiceToken,
}

impl GraphStock {
    /// The stock behind this subgraph.
    #[must_use]
    pub fn new(warehouses: SubgraphClient, issuer: Issuer, clock: Clock) -> Self {
        Self {
            warehouses,
            token: ServiceToken::new(ServiceName::Checkout, issuer, clock),
        }
    }

    async fn send<T: DeserializeOwned>(&self, query: &str, input: Value) -> Result<T, PortError> {
        let Envelope { answer } = self.call(query, json!({ "input": input })).await?;
        Ok(answer)
    }

    async fn call<T: DeserializeOwned>(
        &self,
        query: &str,
        variables: Value,
    ) -> Result<T, PortError> {
        let headers = self.token.headers().map_err(no_token)?;
        let answer = self.warehouses.call_as(query, variables, &headers).await;
        answer.map_err(port_error)
    }
}

#[derive(Deserialize)]
struct Envelope<T> {
    answer: T,
}

#[derive(Deserialize)]
struct AvailableAnswer {
    products: Vec<Option<StockedProduct>>,
}

#[derive(Deserialize)]
struct StockedProduct {
    id: String,
    stock: Option<ProductStock>,
}

#[derive(Deserialize)]
struct ProductStock {
    available: u32,
}

#[derive(Deserialize)]
struct WarehouseAnswer {
    warehouse: Option<Value>,
}

#[derive(Deserialize)]
struct ReservationAnswer {
    reservation: Option<Reservation>,
    errors: Vec<UserError>,
}

#[derive(Deserialize)]
struct ReleasedAnswer {
    reservations: Vec<ReleasedReservation>,
    errors: Vec<Value>,
}

#[derive(Deserialize)]
struct ReleasedReservation {
    id: String,
    status: Status,
}

#[derive(Deserialize)]
struct RestockAnswer {
    errors: Vec<UserError>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Reservation {
    status: Status,
    expires_at: DateTime<Utc>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum Status {
    Held,
    Committed,
    Released,
    Expired,
}

impl From<Status> for ReservationStatus {
    fn from(status: Status) -> Self {
        match status {
            Status::Held => Self::Held,
            Status::Committed => Self::Committed,
            Status::Released => Self::Released,
            Status::Expired => Self::Expired,
        }
    }
}

#[derive(Deserialize)]
#[serde(tag = "__typename")]
enum UserError {
    InvalidInput {
        message: String,
    },
    NotFound {
        message: String,
    },
    WrongState {
        message: String,
        state: Status,
    },
    InsufficientStock {
        product: Option<ProductReference>,
        requested: u32,
        available: u32,
    },
}

#[derive(Deserialize)]
struct ProductReference {
    id: String,
}

impl UserError {
    /// The error as a text, for one that nobody expects here.
    fn unexpected(self) -> PortError {
        PortError::Unexpected(self.text())
    }

    fn text(self) -> String {
        match self {
            Self::InvalidInput { message }
            | Self::NotFound { message }
            | Self::WrongState { message, .. } => message,
            Self::InsufficientStock { .. } => "less stock than is needed".into(),
        }
    }
}

impl Stock for GraphStock {
    fn reserve(&self, request: HoldRequest) -> BoxFuture<'_, Result<Reserved, PortError>> {
        Box::pin(async move {
            let input = json!({
                "id": request.id.to_string(),
                "lines": lines(&request.lines),
                "expiresAt": request.expires_at.to_rfc3339(),
                "ownerId": request.owner.to_string(),
            });
            reserved(self.send(RESERVE, input).await?)
        })
    }

    fn commit(&self, id: ReservationId) -> BoxFuture<'_, Result<Committed, PortError>> {
        Box::pin(
            async move { committed(self.send(COMMIT, json!({ "id": id.to_string() })).await?) },
        )
    }

    fn release<'a>(
        &'a self,
        ids: &'a [ReservationId],
    ) -> BoxFuture<'a, Result<HashMap<ReservationId, Released>, PortError>> {
        Box::pin(async move {
            let ids: Vec<_> = ids.iter().map(ToString::to_string).collect();
            released(self.send(RELEASE, json!({ "ids": ids })).await?)
        })
    }

    fn restock(&self, request: RestockRequest) -> BoxFuture<'_, Result<Restocked, PortError>> {
        Box::pin(async move {
            let input = json!({
                "id": request.id.uuid().to_string(),
                "reservationId": request.reservation.to_string(),
                "lines": lines(&request.lines),
                "warehouseId": request.warehouse.map(|id| id.to_string()),
                "reason": request.reason,
            });
            let answer: RestockAnswer = self.send(RESTOCK, input).await?;
            Ok(match answer.errors.into_iter().next() {
                None => Restocked::Done,
                Some(error) => Restocked::Refused(error.text()),
            })
        })
    }

    fn available<'a>(
        &'a self,
        products: &'a [ProductId],
    ) -> BoxFuture<'a, Result<HashMap<ProductId, u32>, PortError>> {
        Box::pin(async move {
            let products: Vec<_> = products
                .iter()
                .map(|id| json!({ "__typename": "Product", "id": id.to_string() }))
                .collect();
            let variables = json!({ "products": products });
            let answer: AvailableAnswer = self.call(AVAILABLE, variables).await?;
            answer
                .products
                .into_iter()
                .flatten()
                .filter_map(|product| Some((product.id, product.stock?)))
                .map(|(id, stock)| Ok((product_id(&id)?, stock.available)))
                .collect()
        })
    }

    fn has_warehouse(&self, id: WarehouseId) -> BoxFuture<'_, Result<bool, PortError>> {
        Box::pin(async move {
            let variables = json!({ "id": id.to_string() });
            let answer: WarehouseAnswer = self.call(WAREHOUSE, variables).await?;
            Ok(answer.warehouse.is_some())
        })
    }
}

fn lines(lines: &[StockLine]) -> Vec<Value> {
    lines
        .iter()
        .map(|line| json!({ "productId": line.product.to_string(), "quantity": line.quantity }))
        .collect()
}

fn product_id(text: &str) -> Result<ProductId, PortError> {
    ProductId::parse(text).map_err(|error| PortError::Unexpected(error.to_string()))
}

fn reserved(answer: ReservationAnswer) -> Result<Reserved, PortError> {
    if answer.errors.is_empty() {
        let reservation = answer.reservation.ok_or_else(empty)?;
        return Ok(match reservation.status {
            Status::Held => Reserved::Held {
                expires_at: reservation.expires_at,
            },
            closed => Reserved::Closed(closed.into()),
        });
    }
    let mut shortages = Vec::new();
    for error in answer.errors {
        match error {
            UserError::InsufficientStock {
                product: Some(product),
                requested,
                available,
            } => shortages.push(Shortage {
                product: product_id(&product.id)?,
                requested,
                available,
            }),
            // Only with the same lines is the reservation shown.
            UserError::WrongState { state, .. } => {
                return Ok(match answer.reservation {
                    Some(_) => Reserved::Closed(state.into()),
                    None => Reserved::OtherContent,
                });
            }
            error => return Err(error.unexpected()),
        }
    }
    Ok(Reserved::Short(shortages))
}

fn committed(answer: ReservationAnswer) -> Result<Committed, PortError> {
    match answer.errors.into_iter().next() {
        None => match answer.reservation.ok_or_else(empty)?.status {
            Status::Committed => Ok(Committed::Sold),
            other => Ok(Committed::Gone(Some(other.into()))),
        },
        Some(UserError::NotFound { .. }) => Ok(Committed::Gone(None)),
        Some(UserError::WrongState { state, .. }) => Ok(Committed::Gone(Some(state.into()))),
        Some(error) => Err(error.unexpected()),
    }
}

fn released(answer: ReleasedAnswer) -> Result<HashMap<ReservationId, Released>, PortError> {
    if let Some(error) = answer.errors.first() {
        return Err(PortError::Unexpected(error.to_string()));
    }
    let reservations = answer.reservations.into_iter();
    reservations
        .map(|ReleasedReservation { id, status }| {
            let id = ReservationId::parse(&id)
                .map_err(|error| PortError::Unexpected(error.to_string()))?;
            let released = match status {
                Status::Committed => Released::Sold,
                Status::Released | Status::Expired => Released::Free,
                Status::Held => {
                    return Err(PortError::Unexpected(format!("{id} is held still")));
                }
            };
            Ok((id, released))
        })
        .collect()
}

fn empty() -> PortError {
    PortError::Unexpected("neither a reservation nor an error".into())
}
