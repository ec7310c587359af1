//! The mutations, a file per use case.

mod adjust_stock;
mod close_transfer;
mod create_warehouse;
mod end_reservation;
mod expire_reservations;
mod line;
mod receive_stock;
mod release_reservations;
mod reserve_stock;
mod restock;
mod set_stock_policy;
mod set_warehouse_status;
mod transfer_stock;
mod update_warehouse;

use async_graphql::{Context, MergedObject};
use stockgraph_kit::{caller::Caller, id::UserId};

/// What can be changed.
#[derive(Default, MergedObject)]
pub struct Mutation(
    create_warehouse::CreateWarehouseMutation,
    update_warehouse::UpdateWarehouseMutation,
    set_warehouse_status::SetWarehouseStatusMutation,
    receive_stock::ReceiveStockMutation,
    adjust_stock::AdjustStockMutation,
    set_stock_policy::SetStockPolicyMutation,
    transfer_stock::TransferStockMutation,
    close_transfer::CloseTransferMutation,
    reserve_stock::ReserveStockMutation,
    end_reservation::EndReservationMutation,
    release_reservations::ReleaseReservationsMutation,
    restock::RestockMutation,
    expire_reservations::ExpireReservationsMutation,
);

/// Who is written into the ledger.
fn actor(ctx: &Context<'_>) -> Option<UserId> {
    Caller::of(ctx).user_id()
}
