//! What can be seen of warehouses and stock. Who may see what is decided where it is asked for.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::DbErr;
use stockgraph_kit::{
    id::{ProductId, ReservationId},
    paging::PageRequest,
};
use uuid::Uuid;

use super::Warehouses;
pub use crate::repo::levels::LowKey;
use crate::{
    domain::{
        allocation::Allocation,
        level::{Level, LevelId},
        line::Line,
        movement::{Movement, MovementFilter, MovementId},
        product_stock::{Place, ProductStock},
        reservation::Reservation,
        transfer::{Transfer, TransferId},
        warehouse::{Warehouse, WarehouseId, WarehouseStatus},
    },
    repo,
};

/// Each fails as the database does; what does not exist is left out.
impl Warehouses {
    /// The warehouses of this status, or all, by rank.
    pub async fn warehouses(
        &self,
        status: Option<WarehouseStatus>,
    ) -> Result<Vec<Warehouse>, DbErr> {
        repo::warehouses::all(self.database.reader(), status).await
    }

    /// These warehouses.
    pub async fn warehouses_by_id(&self, ids: &[WarehouseId]) -> Result<Vec<Warehouse>, DbErr> {
        repo::warehouses::by_ids(self.database.reader(), ids).await
    }

    /// The warehouses with these codes.
    pub async fn warehouses_by_code(&self, codes: &[String]) -> Result<Vec<Warehouse>, DbErr> {
        repo::warehouses::by_codes(self.database.reader(), codes).await
    }

    /// The stock of these products, each there. Two statements, however many there are.
    pub async fn stock_of(
        &self,
        products: &[ProductId],
    ) -> Result<HashMap<ProductId, ProductStock>, DbErr> {
        let reader = self.database.reader();
        let levels = repo::levels::of_products(reader, products).await?;
        let mut ids: Vec<_> = levels.iter().map(|level| level.warehouse).collect();
        ids.sort_unstable();
        ids.dedup();
        let warehouses: HashMap<_, _> = if ids.is_empty() {
            HashMap::new()
        } else {
            let found = repo::warehouses::by_ids(reader, &ids).await?;
            found.into_iter().map(|found| (found.id, found)).collect()
        };
        let mut places: HashMap<ProductId, Vec<Place>> = HashMap::new();
        for level in levels {
            if let Some(warehouse) = warehouses.get(&level.warehouse).cloned() {
                let place = Place { level, warehouse };
                places.entry(place.level.product).or_default().push(place);
            }
        }
        Ok(products
            .iter()
            .map(|product| {
                let places = places.remove(product).unwrap_or_default();
                (*product, ProductStock::new(places))
            })
            .collect())
    }

    /// These levels.
    pub async fn levels_by_id(&self, ids: &[LevelId]) -> Result<Vec<Level>, DbErr> {
        repo::levels::by_ids(self.database.reader(), ids).await
    }

    /// A page of a warehouse's levels, by id.
    pub async fn levels_of_warehouse(
        &self,
        id: WarehouseId,
        page: &PageRequest<Uuid>,
    ) -> Result<Vec<Level>, DbErr> {
        repo::levels::page_of_warehouse(self.database.reader(), id, page).await
    }

    /// How many levels a warehouse has.
    pub async fn count_levels_of_warehouse(&self, id: WarehouseId) -> Result<u64, DbErr> {
        repo::levels::count_of_warehouse(self.database.reader(), id).await
    }

    /// A page of the levels at or under their threshold, the emptiest first.
    pub async fn low_stock(
        &self,
        warehouse: Option<WarehouseId>,
        page: &PageRequest<LowKey>,
    ) -> Result<Vec<Level>, DbErr> {
        repo::levels::page_of_low(self.database.reader(), warehouse, page).await
    }

    /// How many levels are at or under their threshold.
    pub async fn count_low_stock(&self, warehouse: Option<WarehouseId>) -> Result<u64, DbErr> {
        repo::levels::count_low(self.database.reader(), warehouse).await
    }

    /// How much of these products is on its way between warehouses.
    pub async fn in_transit(
        &self,
        products: &[ProductId],
    ) -> Result<HashMap<ProductId, i32>, DbErr> {
        let sums = repo::transfers::in_transit(self.database.reader(), products).await?;
        Ok(sums
            .into_iter()
            .map(|(product, sum)| (product, i32::try_from(sum).unwrap_or(i32::MAX)))
            .collect())
    }

    /// What was on hand of a product at that instant, what happened at it included, in the warehouses that are active now.
    pub async fn on_hand_at(
        &self,
        product: ProductId,
        instant: DateTime<Utc>,
    ) -> Result<i32, DbErr> {
        let sum = repo::movements::on_hand_at(self.database.reader(), product, instant).await?;
        Ok(i32::try_from(sum).unwrap_or(i32::MAX))
    }

    /// A page of the ledger, newest first.
    pub async fn movements(
        &self,
        filter: &MovementFilter,
        page: &PageRequest<Uuid>,
    ) -> Result<Vec<Movement>, DbErr> {
        repo::movements::page(self.database.reader(), filter, page).await
    }

    /// These entries of the ledger.
    pub async fn movements_by_id(&self, ids: &[MovementId]) -> Result<Vec<Movement>, DbErr> {
        repo::movements::by_ids(self.database.reader(), ids).await
    }

    /// These reservations.
    pub async fn reservations_by_id(
        &self,
        ids: &[ReservationId],
    ) -> Result<Vec<Reservation>, DbErr> {
        repo::reservations::by_ids(self.database.reader(), ids).await
    }

    /// The lines of these reservations, of each as its caller ordered them.
    pub async fn reservation_lines(
        &self,
        ids: &[ReservationId],
    ) -> Result<Vec<(ReservationId, Line)>, DbErr> {
        repo::reservations::lines(self.database.reader(), ids).await
    }

    /// Which levels hold how much for these reservations.
    pub async fn reservation_allocations(
        &self,
        ids: &[ReservationId],
    ) -> Result<Vec<(ReservationId, Allocation)>, DbErr> {
        repo::reservations::allocations(self.database.reader(), ids).await
    }

    /// These transfers.
    pub async fn transfers_by_id(&self, ids: &[TransferId]) -> Result<Vec<Transfer>, DbErr> {
        repo::transfers::by_ids(self.database.reader(), ids).await
    }

    /// The lines of these transfers, of each as its caller ordered them.
    pub async fn transfer_lines(
        &self,
        ids: &[TransferId],
    ) -> Result<Vec<(TransferId, Line)>, DbErr> {
        repo::transfers::lines(self.database.reader(), ids).await
    }
}
