//! The data loaders: one load for all keys of a kind that a request needs at the same moment.

use std::{collections::HashMap, hash::Hash, sync::Arc};

use async_graphql::{
    Context,
    dataloader::{DataLoader, HashMapCache, Loader},
};
use stockgraph_kit::{
    error::ApiError,
    id::{ProductId, ReservationId},
    loader::Batches,
};

use crate::{
    domain::{
        allocation::Allocation,
        level::{Level, LevelId},
        line::Line,
        movement::{Movement, MovementId},
        product_stock::ProductStock,
        reservation::Reservation,
        transfer::{Transfer, TransferId},
        warehouse::{Warehouse, WarehouseId},
    },
    service::Warehouses,
};

/// Loads what requests refer to.
pub struct StockLoader(Warehouses);

/// The data loader of one request.
pub type RequestLoader = DataLoader<StockLoader, HashMapCache>;

/// The data loader of a new request.
#[must_use]
pub fn of_request(warehouses: &Warehouses, batches: &Batches) -> RequestLoader {
    batches.loader::<ProductId, _>(StockLoader(warehouses.clone()))
}

/// What has this key, from the data loader of the request that is being answered.
pub(super) async fn load<K>(
    ctx: &Context<'_>,
    key: K,
) -> Result<Option<<StockLoader as Loader<K>>::Value>, ApiError>
where
    K: Send + Sync + Hash + Eq + Clone + 'static,
    StockLoader: Loader<K, Error = ApiError>,
{
    ctx.data_unchecked::<RequestLoader>().load_one(key).await
}

/// Forgets what was loaded before a mutation: another of the same request, or what it answers, is to see what is now.
pub(super) fn forget(ctx: &Context<'_>) {
    let loader = ctx.data_unchecked::<RequestLoader>();
    loader.clear::<ProductId>();
    loader.clear::<InTransit>();
    loader.clear::<LevelId>();
    loader.clear::<WarehouseId>();
    loader.clear::<WarehouseCode>();
    loader.clear::<ReservationId>();
    loader.clear::<ContentOf>();
    loader.clear::<TransferId>();
}

/// The warehouse with this code.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct WarehouseCode(pub String);

/// How much of this product is on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct InTransit(pub ProductId);

/// What this reservation holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ContentOf(pub ReservationId);

/// What this transfer moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LinesOf(pub TransferId);

/// What a reservation holds.
#[derive(Clone, Debug, Default)]
pub struct ReservationContent {
    /// Its lines, as its caller ordered them.
    pub lines: Vec<Line>,
    /// Which level holds how much.
    pub allocations: Vec<Allocation>,
}

impl Loader<ProductId> for StockLoader {
    type Value = Arc<ProductStock>;
    type Error = ApiError;

    async fn load(
        &self,
        keys: &[ProductId],
    ) -> Result<HashMap<ProductId, Arc<ProductStock>>, ApiError> {
        let stock = self.0.stock_of(keys).await?;
        Ok(stock
            .into_iter()
            .map(|(product, stock)| (product, Arc::new(stock)))
            .collect())
    }
}

impl Loader<InTransit> for StockLoader {
    type Value = i32;
    type Error = ApiError;

    async fn load(&self, keys: &[InTransit]) -> Result<HashMap<InTransit, i32>, ApiError> {
        let products: Vec<_> = keys.iter().map(|key| key.0).collect();
        let sums = self.0.in_transit(&products).await?;
        Ok(sums
            .into_iter()
            .map(|(product, sum)| (InTransit(product), sum))
            .collect())
    }
}

impl Loader<LevelId> for StockLoader {
    type Value = Level;
    type Error = ApiError;

    async fn load(&self, keys: &[LevelId]) -> Result<HashMap<LevelId, Level>, ApiError> {
        let levels = self.0.levels_by_id(keys).await?;
        Ok(levels.into_iter().map(|level| (level.id, level)).collect())
    }
}

impl Loader<WarehouseId> for StockLoader {
    type Value = Warehouse;
    type Error = ApiError;

    async fn load(
        &self,
        keys: &[WarehouseId],
    ) -> Result<HashMap<WarehouseId, Warehouse>, ApiError> {
        let found = self.0.warehouses_by_id(keys).await?;
        Ok(found.into_iter().map(|found| (found.id, found)).collect())
    }
}

impl Loader<WarehouseCode> for StockLoader {
    type Value = Warehouse;
    type Error = ApiError;

    async fn load(
        &self,
        keys: &[WarehouseCode],
    ) -> Result<HashMap<WarehouseCode, Warehouse>, ApiError> {
        let codes: Vec<_> = keys.iter().map(|key| key.0.clone()).collect();
        let found = self.0.warehouses_by_code(&codes).await?;
        Ok(found
            .into_iter()
            .map(|found| (WarehouseCode(found.code.clone()), found))
            .collect())
    }
}

impl Loader<ReservationId> for StockLoader {
    type Value = Reservation;
    type Error = ApiError;

    async fn load(
        &self,
        keys: &[ReservationId],
    ) -> Result<HashMap<ReservationId, Reservation>, ApiError> {
        let found = self.0.reservations_by_id(keys).await?;
        Ok(found.into_iter().map(|found| (found.id, found)).collect())
    }
}

impl Loader<ContentOf> for StockLoader {
    type Value = Arc<ReservationContent>;
    type Error = ApiError;

    async fn load(
        &self,
        keys: &[ContentOf],
    ) -> Result<HashMap<ContentOf, Arc<ReservationContent>>, ApiError> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let mut contents: HashMap<ContentOf, ReservationContent> = HashMap::new();
        for (id, line) in self.0.reservation_lines(&ids).await? {
            contents.entry(ContentOf(id)).or_default().lines.push(line);
        }
        for (id, part) in self.0.reservation_allocations(&ids).await? {
            let content = contents.entry(ContentOf(id)).or_default();
            content.allocations.push(part);
        }
        Ok(contents
            .into_iter()
            .map(|(key, content)| (key, Arc::new(content)))
            .collect())
    }
}

impl Loader<MovementId> for StockLoader {
    type Value = Movement;
    type Error = ApiError;

    async fn load(&self, keys: &[MovementId]) -> Result<HashMap<MovementId, Movement>, ApiError> {
        let found = self.0.movements_by_id(keys).await?;
        Ok(found.into_iter().map(|found| (found.id, found)).collect())
    }
}

impl Loader<TransferId> for StockLoader {
    type Value = Transfer;
    type Error = ApiError;

    async fn load(&self, keys: &[TransferId]) -> Result<HashMap<TransferId, Transfer>, ApiError> {
        let found = self.0.transfers_by_id(keys).await?;
        Ok(found.into_iter().map(|found| (found.id, found)).collect())
    }
}

impl Loader<LinesOf> for StockLoader {
    type Value = Vec<Line>;
    type Error = ApiError;

    async fn load(&self, keys: &[LinesOf]) -> Result<HashMap<LinesOf, Vec<Line>>, ApiError> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let mut lines: HashMap<LinesOf, Vec<Line>> = HashMap::new();
        for (id, line) in self.0.transfer_lines(&ids).await? {
            lines.entry(LinesOf(id)).or_default().push(line);
        }
        Ok(lines)
    }
}
