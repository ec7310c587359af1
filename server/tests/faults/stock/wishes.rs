//! What a client wants next: whatever keeps the stock moving and the hot product scarce.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use rand::{Rng, rngs::StdRng};
use stockgraph_kit::id::{Id, ProductId, ReservationId};
use stockgraph_warehouses::domain::{
    line::Line,
    reservation::{End, ReservationStatus},
    transfer::{TransferId, TransferStatus},
    warehouse::{WarehouseId, WarehouseStatus},
};
use uuid::{Builder, Uuid};

use super::call::{Answer, Call};

/// What the stock is of, the hot product first.
pub struct Assortment {
    pub warehouses: Vec<WarehouseId>,
    pub products: Vec<ProductId>,
    /// When a hold ends: after the test.
    pub expires_at: DateTime<Utc>,
}

/// What one client has, and what it may want.
pub struct Wishes {
    goods: Arc<Assortment>,
    /// Whether it opens and closes warehouses and sets policies. One does, so that it is known what came last.
    manages: bool,
    held: Vec<(ReservationId, Vec<Line>)>,
    sold: Vec<(ReservationId, Vec<Line>)>,
    on_the_way: Vec<TransferId>,
}

impl Wishes {
    pub const fn new(goods: Arc<Assortment>, manages: bool) -> Self {
        Self {
            goods,
            manages,
            held: Vec::new(),
            sold: Vec::new(),
            on_the_way: Vec::new(),
        }
    }

    /// A call was answered so.
    pub fn learn(&mut self, call: &Call, answer: &Answer) {
        match (call, answer) {
            (Call::Reserve { id, lines, .. }, Answer::Held(_)) => {
                self.held.push((*id, lines.clone()));
            }
            (
                Call::Transfer {
                    in_transit: true, ..
                },
                Answer::Moved(id),
            ) => {
                self.on_the_way.push(*id);
            }
            _ => {}
        }
    }

    /// The next call. What is held or sold or on the way is ended by nobody else, and once.
    pub fn next(&mut self, rng: &mut StdRng) -> Call {
        match rng.random_range(0..100) {
            0..18 => self.end(rng, End::Commit),
            18..32 => self.end(rng, End::Release),
            32..40 => self.restock(rng),
            40..47 => self.receive(rng),
            47..54 => self.adjust(rng),
            54..61 => self.transfer(rng),
            61..68 => self.close(rng),
            68..90 if self.manages => self.manage(rng),
            _ => self.reserve(rng),
        }
    }

    fn reserve(&mut self, rng: &mut StdRng) -> Call {
        let mut lines = vec![self.line(rng, 2)];
        if rng.random_ratio(1, 3) {
            let more = self.line(rng, 2);
            if more.product != lines[0].product {
                lines.push(more);
            }
        }
        Call::Reserve {
            id: Id::from_uuid(uuid(rng)),
            lines,
            expires_at: self.goods.expires_at,
        }
    }

    fn end(&mut self, rng: &mut StdRng, end: End) -> Call {
        if self.held.is_empty() {
            return self.reserve(rng);
        }
        let number = rng.random_range(0..self.held.len());
        let (id, lines) = self.held.swap_remove(number);
        if end.status() == ReservationStatus::Committed {
            self.sold.push((id, lines));
        }
        Call::End { id, end }
    }

    fn restock(&mut self, rng: &mut StdRng) -> Call {
        let Some((reservation, lines)) = self.sold.pop() else {
            return self.reserve(rng);
        };
        let line = lines[rng.random_range(0..lines.len())];
        Call::Restock {
            id: Id::from_uuid(uuid(rng)),
            reservation,
            line: Line {
                quantity: rng.random_range(1..=line.quantity),
                ..line
            },
            warehouse: rng.random_bool(0.4).then(|| self.warehouse(rng)),
        }
    }

    fn receive(&mut self, rng: &mut StdRng) -> Call {
        Call::Receive {
            key: uuid(rng),
            warehouse: self.warehouse(rng),
            line: self.line(rng, 3),
        }
    }

    fn adjust(&mut self, rng: &mut StdRng) -> Call {
        let mut line = self.line(rng, 3);
        if rng.random_bool(0.5) {
            line.quantity = -line.quantity;
        }
        Call::Adjust {
            key: uuid(rng),
            warehouse: self.warehouse(rng),
            line,
        }
    }

    fn transfer(&mut self, rng: &mut StdRng) -> Call {
        let source = rng.random_range(0..self.goods.warehouses.len());
        let further = rng.random_range(1..self.goods.warehouses.len());
        let destination = (source + further) % self.goods.warehouses.len();
        Call::Transfer {
            key: uuid(rng),
            source: self.goods.warehouses[source],
            destination: self.goods.warehouses[destination],
            line: self.line(rng, 4),
            in_transit: rng.random_bool(0.7),
        }
    }

    fn close(&mut self, rng: &mut StdRng) -> Call {
        let Some(id) = self.on_the_way.pop() else {
            return self.reserve(rng);
        };
        let status = if rng.random_bool(0.6) {
            TransferStatus::Received
        } else {
            TransferStatus::Cancelled
        };
        Call::Close { id, status }
    }

    fn manage(&mut self, rng: &mut StdRng) -> Call {
        let warehouse = self.warehouse(rng);
        if rng.random_bool(0.5) {
            return Call::SetPolicy {
                warehouse,
                product: self.line(rng, 1).product,
                safety_stock: rng.random_range(0..=3),
            };
        }
        let status = if rng.random_bool(0.7) {
            WarehouseStatus::Active
        } else {
            WarehouseStatus::Inactive
        };
        Call::SetStatus { warehouse, status }
    }

    /// Mostly of the hot product.
    fn line(&self, rng: &mut StdRng, most: i32) -> Line {
        let number = if rng.random_bool(0.6) {
            0
        } else {
            rng.random_range(0..self.goods.products.len())
        };
        Line {
            product: self.goods.products[number],
            quantity: rng.random_range(1..=most),
        }
    }

    fn warehouse(&self, rng: &mut StdRng) -> WarehouseId {
        self.goods.warehouses[rng.random_range(0..self.goods.warehouses.len())]
    }
}

/// An id or a key.
pub fn uuid(rng: &mut StdRng) -> Uuid {
    Builder::from_random_bytes(rng.random()).into_uuid()
}
