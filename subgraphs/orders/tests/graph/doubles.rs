//! Doubles of the catalogue and of the warehouses.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use chrono::{DateTime, Utc};
use futures_util::{FutureExt, future::BoxFuture};
use stockgraph_kit::{
    id::{Id, ProductId, ReservationId, WarehouseId},
    money::Money,
};
use stockgraph_orders::{
    domain::RestockId,
    service::ports::{
        Catalogue, Committed, HoldRequest, Offer, PortError, Released, ReservationStatus, Reserved,
        RestockRequest, Restocked, Shortage, Stock, StockLine,
    },
};
use uuid::Uuid;

/// A catalogue of a few products.
#[derive(Default)]
pub struct CatalogueDouble {
    offers: Mutex<HashMap<ProductId, Offer>>,
    failure: Mutex<Option<PortError>>,
}

impl CatalogueDouble {
    pub fn offer(&self, product: ProductId, sku: &str, price: Money) {
        let offer = Offer {
            sku: sku.to_owned(),
            name: format!("The {sku}"),
            price,
            on_sale: true,
        };
        self.offers.lock().unwrap().insert(product, offer);
    }

    pub fn take_off_sale(&self, product: ProductId) {
        self.offers
            .lock()
            .unwrap()
            .get_mut(&product)
            .unwrap()
            .on_sale = false;
    }

    pub fn fail_with(&self, failure: Option<PortError>) {
        *self.failure.lock().unwrap() = failure;
    }
}

impl Catalogue for CatalogueDouble {
    fn offers<'a>(
        &'a self,
        ids: &'a [ProductId],
    ) -> BoxFuture<'a, Result<HashMap<ProductId, Offer>, PortError>> {
        async move {
            if let Some(failure) = self.failure.lock().unwrap().clone() {
                return Err(failure);
            }
            let offers = self.offers.lock().unwrap();
            Ok(ids
                .iter()
                .filter_map(|id| Some((*id, offers.get(id)?.clone())))
                .collect())
        }
        .boxed()
    }
}

/// How calls to the warehouses fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The call never arrives.
    Unreachable,
    /// The call is done, and its answer is lost.
    AnswerLost,
    /// The call is refused.
    Overloaded,
}

#[derive(Clone, Debug)]
struct Hold {
    lines: Vec<StockLine>,
    status: ReservationStatus,
    expires_at: DateTime<Utc>,
}

#[derive(Default)]
struct Warehouse {
    available: HashMap<ProductId, u32>,
    sold: HashMap<ProductId, u32>,
    holds: HashMap<ReservationId, Hold>,
    restocks: HashMap<RestockId, Option<WarehouseId>>,
    fault: Option<Fault>,
    /// How many calls still succeed before the fault.
    spared: usize,
    calls: Vec<&'static str>,
    /// What was asked to be given back, each time it was.
    releases: Vec<ReservationId>,
}

/// One warehouse that keeps the promises of the real ones.
#[derive(Default)]
pub struct StockDouble(Mutex<Warehouse>);

impl StockDouble {
    fn warehouse(&self) -> MutexGuard<'_, Warehouse> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn receive(&self, product: ProductId, quantity: u32) {
        *self.warehouse().available.entry(product).or_default() += quantity;
    }

    /// What others bought at the till.
    pub fn sell_out(&self, product: ProductId) {
        self.warehouse().available.insert(product, 0);
    }

    pub fn fail_with(&self, fault: Option<Fault>) {
        self.fail_after(0, fault);
    }

    /// Lets so many calls pass before the fault.
    pub fn fail_after(&self, calls: usize, fault: Option<Fault>) {
        let mut warehouse = self.warehouse();
        (warehouse.fault, warehouse.spared) = (fault, calls);
    }

    pub fn available(&self, product: ProductId) -> u32 {
        self.warehouse()
            .available
            .get(&product)
            .copied()
            .unwrap_or_default()
    }

    pub fn sold(&self, product: ProductId) -> u32 {
        self.warehouse()
            .sold
            .get(&product)
            .copied()
            .unwrap_or_default()
    }

    pub fn status(&self, id: ReservationId) -> Option<ReservationStatus> {
        self.warehouse().holds.get(&id).map(|hold| hold.status)
    }

    pub fn holds_in(&self, status: ReservationStatus) -> usize {
        let warehouse = self.warehouse();
        warehouse
            .holds
            .values()
            .filter(|hold| hold.status == status)
            .count()
    }

    /// Which warehouses took goods back; none where each took its own.
    pub fn restocked_to(&self) -> Vec<Option<WarehouseId>> {
        self.warehouse().restocks.values().copied().collect()
    }

    /// What was asked to be given back since the last time, each time it was.
    pub fn take_releases(&self) -> Vec<ReservationId> {
        std::mem::take(&mut self.warehouse().releases)
    }

    /// The names of the calls since the last time.
    pub fn take_calls(&self) -> Vec<&'static str> {
        std::mem::take(&mut self.warehouse().calls)
    }

    /// The warehouses' own expiry of holds.
    pub fn expire_holds(&self, now: DateTime<Utc>) {
        let mut warehouse = self.warehouse();
        let overdue: Vec<_> = warehouse
            .holds
            .iter()
            .filter(|(_, hold)| hold.status == ReservationStatus::Held && hold.expires_at <= now)
            .map(|(id, _)| *id)
            .collect();
        for id in overdue {
            warehouse.close(id, ReservationStatus::Expired);
        }
    }

    fn call<T: Send>(
        &self,
        name: &'static str,
        work: impl FnOnce(&mut Warehouse) -> T + Send,
    ) -> Result<T, PortError> {
        let mut warehouse = self.warehouse();
        warehouse.calls.push(name);
        let fault = match warehouse.spared.checked_sub(1) {
            Some(left) => {
                warehouse.spared = left;
                None
            }
            None => warehouse.fault,
        };
        match fault {
            None => Ok(work(&mut warehouse)),
            Some(Fault::Unreachable) => Err(PortError::Unreachable("cut off".into())),
            Some(Fault::Overloaded) => Err(PortError::Overloaded("busy".into())),
            Some(Fault::AnswerLost) => {
                work(&mut warehouse);
                Err(PortError::Unreachable("answer lost".into()))
            }
        }
    }
}

impl Warehouse {
    fn close(&mut self, id: ReservationId, status: ReservationStatus) {
        let hold = self.holds.get_mut(&id).unwrap();
        hold.status = status;
        let to = if status == ReservationStatus::Committed {
            &mut self.sold
        } else {
            &mut self.available
        };
        for line in &hold.lines {
            *to.entry(line.product).or_default() += line.quantity;
        }
    }

    fn reserve(&mut self, request: HoldRequest) -> Reserved {
        if let Some(hold) = self.holds.get(&request.id) {
            return match hold.status {
                _ if hold.lines != request.lines => Reserved::OtherContent,
                ReservationStatus::Held => Reserved::Held {
                    expires_at: hold.expires_at,
                },
                closed => Reserved::Closed(closed),
            };
        }
        let short: Vec<_> = request
            .lines
            .iter()
            .map(|line| Shortage {
                product: line.product,
                requested: line.quantity,
                available: self
                    .available
                    .get(&line.product)
                    .copied()
                    .unwrap_or_default(),
            })
            .filter(|shortage| shortage.available < shortage.requested)
            .collect();
        if !short.is_empty() {
            return Reserved::Short(short);
        }
        for line in &request.lines {
            *self.available.get_mut(&line.product).unwrap() -= line.quantity;
        }
        let hold = Hold {
            lines: request.lines,
            status: ReservationStatus::Held,
            expires_at: request.expires_at,
        };
        self.holds.insert(request.id, hold);
        Reserved::Held {
            expires_at: request.expires_at,
        }
    }

    fn commit(&mut self, id: ReservationId) -> Committed {
        match self.holds.get(&id).map(|hold| hold.status) {
            Some(ReservationStatus::Held) => {
                self.close(id, ReservationStatus::Committed);
                Committed::Sold
            }
            Some(ReservationStatus::Committed) => Committed::Sold,
            gone => Committed::Gone(gone),
        }
    }

    fn release(&mut self, id: ReservationId) -> Released {
        self.releases.push(id);
        match self.holds.get(&id).map(|hold| hold.status) {
            Some(ReservationStatus::Committed) => Released::Sold,
            Some(ReservationStatus::Held) => {
                self.close(id, ReservationStatus::Released);
                Released::Free
            }
            Some(ReservationStatus::Released | ReservationStatus::Expired) | None => Released::Free,
        }
    }

    fn restock(&mut self, request: RestockRequest) -> Restocked {
        if self.holds.get(&request.reservation).map(|hold| hold.status)
            != Some(ReservationStatus::Committed)
        {
            return Restocked::Refused("not sold".into());
        }
        if self
            .restocks
            .insert(request.id, request.warehouse)
            .is_none()
        {
            for line in &request.lines {
                *self.sold.get_mut(&line.product).unwrap() -= line.quantity;
                *self.available.entry(line.product).or_default() += line.quantity;
            }
        }
        Restocked::Done
    }
}

impl Stock for StockDouble {
    fn reserve(&self, request: HoldRequest) -> BoxFuture<'_, Result<Reserved, PortError>> {
        async move { self.call("reserve", |warehouse| warehouse.reserve(request)) }.boxed()
    }

    fn commit(&self, id: ReservationId) -> BoxFuture<'_, Result<Committed, PortError>> {
        async move { self.call("commit", |warehouse| warehouse.commit(id)) }.boxed()
    }

    fn release<'a>(
        &'a self,
        ids: &'a [ReservationId],
    ) -> BoxFuture<'a, Result<HashMap<ReservationId, Released>, PortError>> {
        async move {
            self.call("release", |warehouse| {
                ids.iter().map(|id| (*id, warehouse.release(*id))).collect()
            })
        }
        .boxed()
    }

    fn restock(&self, request: RestockRequest) -> BoxFuture<'_, Result<Restocked, PortError>> {
        async move { self.call("restock", |warehouse| warehouse.restock(request)) }.boxed()
    }

    fn available<'a>(
        &'a self,
        products: &'a [ProductId],
    ) -> BoxFuture<'a, Result<HashMap<ProductId, u32>, PortError>> {
        async move {
            self.call("available", |warehouse| {
                let known = products.iter().filter_map(|product| {
                    let available = warehouse.available.get(product)?;
                    Some((*product, *available))
                });
                known.collect()
            })
        }
        .boxed()
    }

    fn has_warehouse(&self, id: WarehouseId) -> BoxFuture<'_, Result<bool, PortError>> {
        async move { self.call("warehouse", |_| id == other_warehouse()) }.boxed()
    }
}

/// The warehouse that a return may name.
pub fn other_warehouse() -> WarehouseId {
    WarehouseId::from_uuid(Uuid::from_u128(9))
}
