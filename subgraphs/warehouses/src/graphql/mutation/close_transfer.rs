//! `receiveTransfer` and `cancelTransfer`.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject, Union};
use stockgraph_kit::{
    error::ApiError,
    guard::guarded,
    user_error::{NotFound, WrongState},
};

use super::actor;
use crate::{
    domain::transfer::Transfer,
    graphql::{loader, stock, transfer::StockTransfer, user_error::transfer_state},
    service::CloseTransferError,
};

#[derive(Default)]
pub struct CloseTransferMutation;

#[guarded]
#[Object]
impl CloseTransferMutation {
    /// Books a transfer that is in transit into its destination. Idempotent.
    #[requires("stock:write")]
    async fn receive_transfer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which transfer.")] input: ReceiveTransferInput,
    ) -> Result<ReceiveTransferPayload, ApiError> {
        let id = match NotFound::parse_id(&input.id) {
            Ok(id) => id,
            Err(error) => {
                return Ok(ReceiveTransferPayload {
                    transfer: None,
                    errors: vec![error.into()],
                });
            }
        };
        let closed = stock(ctx).receive_transfer(id, actor(ctx)).await;
        loader::forget(ctx);
        Ok(match told(closed)? {
            Ok(transfer) => ReceiveTransferPayload {
                transfer: Some(transfer),
                errors: Vec::new(),
            },
            Err(Refusal::NotFound(error)) => ReceiveTransferPayload {
                transfer: None,
                errors: vec![error.into()],
            },
            Err(Refusal::WrongState(error)) => ReceiveTransferPayload {
                transfer: None,
                errors: vec![error.into()],
            },
        })
    }

    /// Books a transfer that is in transit back into its source. Idempotent.
    #[requires("stock:write")]
    async fn cancel_transfer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which transfer.")] input: CancelTransferInput,
    ) -> Result<CancelTransferPayload, ApiError> {
        let id = match NotFound::parse_id(&input.id) {
            Ok(id) => id,
            Err(error) => {
                return Ok(CancelTransferPayload {
                    transfer: None,
                    errors: vec![error.into()],
                });
            }
        };
        let closed = stock(ctx).cancel_transfer(id, actor(ctx)).await;
        loader::forget(ctx);
        Ok(match told(closed)? {
            Ok(transfer) => CancelTransferPayload {
                transfer: Some(transfer),
                errors: Vec::new(),
            },
            Err(Refusal::NotFound(error)) => CancelTransferPayload {
                transfer: None,
                errors: vec![error.into()],
            },
            Err(Refusal::WrongState(error)) => CancelTransferPayload {
                transfer: None,
                errors: vec![error.into()],
            },
        })
    }
}

/// Why a transfer stays as it is.
enum Refusal {
    NotFound(NotFound),
    WrongState(WrongState),
}

fn told(
    closed: Result<Transfer, CloseTransferError>,
) -> Result<Result<StockTransfer, Refusal>, ApiError> {
    Ok(match closed {
        Ok(transfer) => Ok(StockTransfer(transfer)),
        Err(CloseTransferError::NotFound(id)) => {
            Err(Refusal::NotFound(NotFound::new("transfer", id)))
        }
        Err(CloseTransferError::WrongState(transfer)) => {
            let message = format!("The transfer is {}.", transfer.status);
            Err(Refusal::WrongState(transfer_state(&transfer, message)))
        }
        Err(CloseTransferError::NoRoom(transfer)) => {
            let message = "The warehouse would have more of it than a level can hold.".to_owned();
            Err(Refusal::WrongState(transfer_state(&transfer, message)))
        }
        Err(CloseTransferError::Database(error)) => return Err(error.into()),
    })
}

/// Which transfer is received.
#[derive(InputObject)]
struct ReceiveTransferInput {
    /// Which transfer.
    id: ID,
}

/// What came of `receiveTransfer`.
#[derive(SimpleObject)]
struct ReceiveTransferPayload {
    /// The transfer as it is now.
    transfer: Option<StockTransfer>,
    /// Why nothing was booked.
    errors: Vec<ReceiveTransferError>,
}

/// Why `receiveTransfer` booked nothing.
#[derive(Union)]
enum ReceiveTransferError {
    /// There is no such transfer.
    NotFound(NotFound),
    /// The transfer is not in transit any more.
    WrongState(WrongState),
}

/// Which transfer is cancelled.
#[derive(InputObject)]
struct CancelTransferInput {
    /// Which transfer.
    id: ID,
}

/// What came of `cancelTransfer`.
#[derive(SimpleObject)]
struct CancelTransferPayload {
    /// The transfer as it is now.
    transfer: Option<StockTransfer>,
    /// Why nothing was booked.
    errors: Vec<CancelTransferError>,
}

/// Why `cancelTransfer` booked nothing.
#[derive(Union)]
enum CancelTransferError {
    /// There is no such transfer.
    NotFound(NotFound),
    /// The transfer is not in transit any more.
    WrongState(WrongState),
}
