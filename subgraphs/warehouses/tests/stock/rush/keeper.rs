//! Somebody who looks after the stock while it is bought.

use chrono::TimeDelta;
use futures_util::future::join_all;
use rand::Rng;
use stockgraph_kit::id::ProductId;
use stockgraph_warehouses::{
    domain::{
        line::Line,
        transfer::{Transfer, TransferId, TransferStatus},
        warehouse::WarehouseStatus,
    },
    service::{
        AdjustStock, AdjustStockError, CloseTransferError, ReceiveStock, SetStockPolicy,
        TransferStock, TransferStockError,
    },
};

use super::{book::Booked, person::Person};

/// Does so many things.
pub async fn look_after(mut keeper: Person, steps: u32) -> Vec<Booked> {
    let mut booked = Vec::new();
    for _ in 0..steps {
        match keeper.rng.random_range(0..100) {
            0..15 => booked.push(keeper.receive().await),
            15..35 => booked.extend(keeper.adjust().await),
            35..65 => booked.extend(keeper.transfer().await),
            65..75 => keeper.set_policy().await,
            75..85 => keeper.set_status().await,
            _ => booked.push(keeper.expire().await),
        }
    }
    booked
}

impl Person {
    /// Half of the time the one that everybody wants.
    fn product(&mut self) -> ProductId {
        let products = &self.rush.shop.products;
        let number = if self.rng.random_bool(0.5) {
            0
        } else {
            self.rng.random_range(0..products.len())
        };
        products[number]
    }

    fn line(&mut self, most: i32) -> Line {
        Line {
            product: self.product(),
            quantity: self.rng.random_range(1..=most),
        }
    }

    fn key(&mut self) -> Option<String> {
        Some(self.uuid().to_string())
    }

    async fn receive(&mut self) -> Booked {
        let line = self.line(2);
        let receipt = ReceiveStock {
            warehouse: self.warehouse(),
            lines: vec![line],
            reason: None,
            key: self.key(),
            actor: None,
        };
        self.rush.promises.there(line.product, line.quantity);
        let twins = self.twins();
        let asked = twins.map(|twin| self.process(twin).receive_stock(receipt.clone()));
        for answer in join_all(asked).await {
            answer.unwrap();
        }
        self.rush.tally.count("receive", true);
        Booked::Receipt(receipt.warehouse, line)
    }

    async fn adjust(&mut self) -> Option<Booked> {
        let product = self.product();
        let sign = if self.rng.random_bool(0.5) { 1 } else { -1 };
        let quantity = sign * self.rng.random_range(1..=3);
        let adjustment = AdjustStock {
            warehouse: self.warehouse(),
            product,
            delta: quantity,
            reason: "count".into(),
            key: self.key(),
            actor: None,
        };
        if quantity > 0 {
            self.rush.promises.there(product, quantity);
        }
        let twins = self.twins();
        let asked = twins.map(|twin| self.process(twin).adjust_stock(adjustment.clone()));
        let mut done = false;
        for answer in join_all(asked).await {
            match answer {
                Ok(_) => done = true,
                Err(AdjustStockError::Short(_)) if quantity < 0 => {}
                Err(error) => panic!("{error}"),
            }
        }
        if done && quantity < 0 {
            self.rush.promises.there(product, quantity);
        }
        self.rush.tally.count("adjust", done);
        let line = Line { product, quantity };
        done.then_some(Booked::Adjustment(adjustment.warehouse, line))
    }

    async fn transfer(&mut self) -> Option<Booked> {
        let transfer = TransferStock {
            id: self.id(),
            source: self.warehouse(),
            destination: self.warehouse(),
            lines: vec![self.line(5)],
            in_transit: self.rng.random_bool(0.6),
            key: self.key(),
            actor: None,
        };
        let ids: Vec<TransferId> = self.twins().map(|_| self.id()).collect();
        // Each twin would give it another id: the key makes it one.
        let asked = ids.iter().enumerate().map(|(twin, id)| {
            let input = TransferStock {
                id: *id,
                ..transfer.clone()
            };
            self.process(twin).transfer_stock(input)
        });
        let mut moved: Option<Transfer> = None;
        for answer in join_all(asked).await {
            match answer {
                Ok(told) => assert_eq!(moved.get_or_insert_with(|| told.clone()), &told),
                Err(TransferStockError::Short(_)) => {}
                Err(TransferStockError::Invalid(_)) if transfer.source == transfer.destination => {}
                Err(error) => panic!("{error}"),
            }
        }
        self.rush.tally.count("transfer", moved.is_some());
        let mut moved = moved?;
        if moved.status == TransferStatus::InTransit && self.chance(80) {
            moved = self.close(&moved).await;
        }
        Some(Booked::Transfer(moved, transfer.lines))
    }

    /// Receives it, cancels it, or both at the same moment.
    async fn close(&mut self, transfer: &Transfer) -> Transfer {
        let ways: &[TransferStatus] = match self.rng.random_range(0..3) {
            0 => &[TransferStatus::Received],
            1 => &[TransferStatus::Cancelled],
            _ => &[TransferStatus::Received, TransferStatus::Cancelled],
        };
        let twins: Vec<usize> = self.twins().collect();
        let asked = twins
            .iter()
            .flat_map(|twin| ways.iter().map(move |way| (*twin, *way)));
        let closed = join_all(asked.map(async |(twin, way)| {
            let stock = self.process(twin);
            let closed = if way == TransferStatus::Received {
                stock.receive_transfer(transfer.id, None).await
            } else {
                stock.cancel_transfer(transfer.id, None).await
            };
            match closed {
                Ok(transfer) | Err(CloseTransferError::WrongState(transfer)) => transfer,
                Err(error) => panic!("{error}"),
            }
        }))
        .await;
        assert!(
            closed.iter().all(|told| *told == closed[0]),
            "closes once: {closed:?}"
        );
        for way in ways {
            let done = closed[0].status == *way;
            let kind = if *way == TransferStatus::Received {
                "arrive"
            } else {
                "call back"
            };
            self.rush.tally.count(kind, done);
        }
        closed[0].clone()
    }

    async fn set_policy(&mut self) {
        let policy = SetStockPolicy {
            warehouse: self.warehouse(),
            product: self.product(),
            safety_stock: Some(self.rng.random_range(0..=2)),
            low_stock_threshold: None,
        };
        self.process(0).set_stock_policy(policy).await.unwrap();
        self.rush.tally.count("policy", true);
    }

    async fn set_status(&mut self) {
        let status = if self.chance(70) {
            WarehouseStatus::Active
        } else {
            WarehouseStatus::Inactive
        };
        let warehouse = self.warehouse();
        let set = self
            .process(0)
            .set_warehouse_status(warehouse, status)
            .await;
        set.unwrap();
        self.rush.tally.count("status", true);
    }

    /// Lets time go by, and gives back what was held for too long.
    async fn expire(&mut self) -> Booked {
        self.rush.shop.graph.clock.advance(TimeDelta::seconds(20));
        let expired = self.process(0).expire_reservations(20, None).await.unwrap();
        for _ in &expired.reservations {
            self.rush.tally.count("expire", true);
        }
        Booked::Expired(expired.reservations)
    }
}
