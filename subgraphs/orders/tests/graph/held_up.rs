//! A process that is held up.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use futures_util::{FutureExt, future::BoxFuture};
use stockgraph_kit::id::{ProductId, ReservationId, WarehouseId};
use stockgraph_orders::service::ports::{
    Committed, HoldRequest, PortError, Released, Reserved, RestockRequest, Restocked, Stock,
};

use crate::doubles::StockDouble;

/// The warehouses as a process reaches them that is held up before it first holds anything, while others go on.
pub struct HeldUp {
    stock: Arc<StockDouble>,
    meanwhile: Mutex<Option<BoxFuture<'static, ()>>>,
}

impl HeldUp {
    pub fn new(
        stock: Arc<StockDouble>,
        meanwhile: impl Future<Output = ()> + Send + 'static,
    ) -> Self {
        Self {
            stock,
            meanwhile: Mutex::new(Some(meanwhile.boxed())),
        }
    }
}

impl Stock for HeldUp {
    fn reserve(&self, request: HoldRequest) -> BoxFuture<'_, Result<Reserved, PortError>> {
        async move {
            let meanwhile = self.meanwhile.lock().unwrap().take();
            if let Some(meanwhile) = meanwhile {
                meanwhile.await;
            }
            self.stock.reserve(request).await
        }
        .boxed()
    }

    fn commit(&self, id: ReservationId) -> BoxFuture<'_, Result<Committed, PortError>> {
        self.stock.commit(id)
    }

    fn release<'a>(
        &'a self,
        ids: &'a [ReservationId],
    ) -> BoxFuture<'a, Result<HashMap<ReservationId, Released>, PortError>> {
        self.stock.release(ids)
    }

    fn restock(&self, request: RestockRequest) -> BoxFuture<'_, Result<Restocked, PortError>> {
        self.stock.restock(request)
    }

    fn available<'a>(
        &'a self,
        products: &'a [ProductId],
    ) -> BoxFuture<'a, Result<HashMap<ProductId, u32>, PortError>> {
        Stock::available(&*self.stock, products)
    }

    fn has_warehouse(&self, id: WarehouseId) -> BoxFuture<'_, Result<bool, PortError>> {
        self.stock.has_warehouse(id)
    }
}
