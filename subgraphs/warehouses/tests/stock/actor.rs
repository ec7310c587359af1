//! Somebody who does this and that with the stock, at random.

use std::sync::Arc;

use chrono::TimeDelta;
use rand::{Rng, rngs::StdRng};
use stockgraph_kit::id::{Id, ReservationId};
use stockgraph_warehouses::{
    domain::{
        line::Line,
        warehouse::{WarehouseId, WarehouseStatus},
    },
    service::{
        AdjustStock, AdjustStockError, EndReservationError, ReserveStockError, RestockError,
        RestockGoods, TransferStock, TransferStockError, Warehouses,
    },
};

use crate::at_once::Shop;

/// Somebody who does this and that.
pub struct Actor {
    pub shop: Arc<Shop>,
    pub stock: Warehouses,
    pub rng: StdRng,
    /// What it holds, or held.
    pub held: Vec<ReservationId>,
}

impl Actor {
    /// Does so many things.
    pub async fn live(mut self, steps: u32) {
        for _ in 0..steps {
            match self.rng.random_range(0..100) {
                0..45 => self.reserve().await,
                45..60 => self.end().await,
                60..65 => self.restock().await,
                65..78 => self.transfer().await,
                78..90 => self.adjust().await,
                90..95 => self.set_status().await,
                _ => {
                    self.shop.graph.clock.advance(TimeDelta::seconds(30));
                    self.stock.expire_reservations(10, None).await.unwrap();
                }
            }
        }
    }

    fn warehouse(&mut self) -> WarehouseId {
        let number = self.rng.random_range(0..self.shop.warehouses.len());
        self.shop.warehouses[number]
    }

    fn lines(&mut self, most: i32) -> Vec<Line> {
        let mut lines = Vec::new();
        for product in self.shop.products.clone() {
            if self.rng.random_bool(0.5) || lines.is_empty() {
                lines.push(Line {
                    product,
                    quantity: self.rng.random_range(1..=most),
                });
            }
        }
        if self.rng.random_bool(0.5) {
            lines.reverse();
        }
        lines
    }

    async fn reserve(&mut self) {
        let id = self.shop.graph.ids.next();
        let lines = self.lines(3);
        let hold = self.shop.hold(id, lines);
        match self.stock.reserve_stock(hold).await {
            Ok(_) => self.held.push(id),
            Err(ReserveStockError::Short(_)) => {}
            Err(error) => panic!("{error}"),
        }
    }

    async fn end(&mut self) {
        let Some(id) = self.held.last().copied() else {
            return;
        };
        let ended = if self.rng.random_bool(0.5) {
            self.stock.commit_reservation(id, None).await
        } else {
            self.stock.release_reservation(id, None).await
        };
        match ended {
            Ok(_) | Err(EndReservationError::WrongState(_)) => {}
            Err(error) => panic!("{error}"),
        }
    }

    async fn restock(&mut self) {
        let Some(reservation) = self.held.last().copied() else {
            return;
        };
        let restock = RestockGoods {
            id: Id::from_uuid(reservation.uuid()),
            reservation,
            lines: self.lines(2),
            warehouse: self.rng.random_bool(0.3).then(|| self.warehouse()),
            reason: None,
            actor: None,
        };
        match self.stock.restock(restock).await {
            Ok(_) | Err(RestockError::WrongState(_) | RestockError::Invalid(_)) => {}
            Err(error) => panic!("{error}"),
        }
    }

    async fn transfer(&mut self) {
        let (source, destination) = (self.warehouse(), self.warehouse());
        let transfer = TransferStock {
            id: self.shop.graph.ids.next(),
            source,
            destination,
            lines: self.lines(5),
            in_transit: self.rng.random_bool(0.5),
            key: None,
            actor: None,
        };
        match self.stock.transfer_stock(transfer).await {
            Ok(transfer) if self.rng.random_bool(0.5) => {
                self.stock
                    .receive_transfer(transfer.id, None)
                    .await
                    .unwrap();
            }
            Ok(transfer) if transfer.closed_at.is_none() && self.rng.random_bool(0.5) => {
                self.stock.cancel_transfer(transfer.id, None).await.unwrap();
            }
            Ok(_) | Err(TransferStockError::Short(_)) => {}
            Err(TransferStockError::Invalid(_)) if source == destination => {}
            Err(error) => panic!("{error}"),
        }
    }

    async fn adjust(&mut self) {
        let product = self.lines(1)[0].product;
        let delta = if self.rng.random_bool(0.5) { 4 } else { -4 };
        let warehouse = self.warehouse();
        let adjustment = AdjustStock {
            warehouse,
            product,
            delta,
            reason: "count".into(),
            key: None,
            actor: None,
        };
        match self.stock.adjust_stock(adjustment).await {
            Ok(_) | Err(AdjustStockError::Short(_)) => {}
            Err(error) => panic!("{error}"),
        }
    }

    async fn set_status(&mut self) {
        let status = if self.rng.random_bool(0.5) {
            WarehouseStatus::Active
        } else {
            WarehouseStatus::Inactive
        };
        let warehouse = self.warehouse();
        self.stock
            .set_warehouse_status(warehouse, status)
            .await
            .unwrap();
    }
}
