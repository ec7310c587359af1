//! A client that does this and that with the stock, and keeps what it was answered.

use std::{
    mem,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use chrono::{DateTime, Utc};
use rand::{Rng, SeedableRng, rngs::StdRng, seq::IndexedRandom};
use stockgraph_kit::id::{Id, ProductId, ReservationId};
use stockgraph_warehouses::domain::{
    line::Line,
    reservation::{End, ReservationStatus},
    transfer::{TransferId, TransferStatus},
    warehouse::{WarehouseId, WarehouseStatus},
};
use uuid::{Builder, Uuid};

use crate::{
    call::{Answer, Call},
    client::{Client, Reply},
    model::Record,
    process::PATIENCE,
    report::{Ended, Report},
};

/// The client that alone opens and closes warehouses and sets policies, so that it is known which came last.
const MANAGER: usize = 0;

/// What the stock is of, the hot product first.
#[derive(Clone)]
pub struct Assortment {
    pub warehouses: Vec<WarehouseId>,
    pub products: Vec<ProductId>,
    /// When a hold ends: after the test.
    pub expires_at: DateTime<Utc>,
}

/// A client.
pub struct Buyer {
    number: usize,
    rng: StdRng,
    client: Client,
    /// Where it can ask, its favourite first.
    urls: Vec<String>,
    goods: Arc<Assortment>,
    report: Report,
    /// What it was answered.
    pub records: Vec<Record>,
    /// What it was not answered.
    pending: Option<Call>,
    /// What must not be.
    pub wrong: Vec<String>,
    held: Vec<(ReservationId, Vec<Line>)>,
    sold: Vec<(ReservationId, Vec<Line>)>,
    on_the_way: Vec<TransferId>,
}

impl Buyer {
    pub fn new(
        number: usize,
        seed: u64,
        client: &Client,
        mut urls: Vec<String>,
        goods: &Arc<Assortment>,
        report: &Report,
    ) -> Self {
        let favourite = number % urls.len();
        urls.rotate_left(favourite);
        Self {
            number,
            rng: StdRng::seed_from_u64(seed.wrapping_mul(10_000).wrapping_add(number as u64)),
            client: client.clone(),
            urls,
            goods: Arc::clone(goods),
            report: report.clone(),
            records: Vec::new(),
            pending: None,
            wrong: Vec::new(),
            held: Vec::new(),
            sold: Vec::new(),
            on_the_way: Vec::new(),
        }
    }

    /// Asks for one thing after the other until it is told to stop, or is not answered.
    pub async fn run(mut self, stop: Arc<AtomicBool>) -> Self {
        while self.pending.is_none() && !stop.load(Ordering::SeqCst) {
            if self.rng.random_ratio(1, 10) && !self.records.is_empty() {
                self.repeat().await;
            } else {
                let call = self.wish();
                self.perform(call).await;
            }
        }
        self
    }

    /// Finds out what came of the call that was not answered, by asking the same again until it is.
    pub async fn resolve(&mut self) {
        if let Some(call) = self.pending.take() {
            let start = std::time::Instant::now();
            loop {
                match self.ask(0, &call).await {
                    Some(answer) => return self.settle(call, answer),
                    None => tokio::time::sleep(Duration::from_millis(50)).await,
                }
                assert!(start.elapsed() < PATIENCE, "{call:?} is not answered");
            }
        }
    }

    /// Asks for something new. Who is not answered sometimes asks another process at once, while the first may still be at it.
    pub async fn perform(&mut self, call: Call) {
        if let Some(answer) = self.ask(0, &call).await {
            return self.settle(call, answer);
        }
        self.report.call(call.kind(), Ended::Unknown);
        if self.urls.len() > 1 && self.rng.random_ratio(1, 2) {
            self.report
                .add("unknown calls sent to the other process at once", 1);
            if let Some(answer) = self.ask(1, &call).await {
                return self.settle(call, answer);
            }
        }
        self.pending = Some(call);
    }

    async fn ask(&mut self, process: usize, call: &Call) -> Option<Answer> {
        let (query, variables) = call.operation();
        match self
            .client
            .ask(&self.urls[process], &query, &variables)
            .await
        {
            Reply::Answered(data) => Some(call.answer(&data)),
            Reply::NotDone(reason) | Reply::Unknown(reason) => {
                self.report.lost(&reason);
                if !matches!(
                    reason.as_str(),
                    "NO_CONNECTION" | "CONNECTION_LOST" | "OVERLOADED" | "UNAVAILABLE"
                ) {
                    self.wrong.push(format!("{call:?} was answered {reason}"));
                }
                None
            }
        }
    }

    /// Keeps what was answered.
    fn settle(&mut self, call: Call, answer: Answer) {
        let is_refused = matches!(answer, Answer::Refused(_));
        let ended = if is_refused {
            Ended::Refused
        } else {
            Ended::Done
        };
        self.report.call(call.kind(), ended);
        match &call {
            // Nobody else touches what this one holds, sold or sent.
            _ if is_refused => {
                let scarce = matches!(
                    call,
                    Call::Reserve { .. } | Call::Adjust { .. } | Call::Transfer { .. }
                );
                if !scarce || answer != Answer::Refused("InsufficientStock".into()) {
                    self.wrong.push(format!("{call:?} was answered {answer:?}"));
                }
            }
            Call::Reserve { id, lines, .. } => self.held.push((*id, lines.clone())),
            Call::Transfer {
                in_transit: true, ..
            } => {
                if let Answer::Moved(id) = &answer {
                    self.on_the_way.push(*id);
                }
            }
            _ => {}
        }
        self.records.push(Record { call, answer });
    }

    /// Asks for something of earlier again: it moves nothing, and the answer is what it was.
    async fn repeat(&mut self) {
        let record = self.records.choose(&mut self.rng).cloned();
        let Some(Record { call, answer }) = record else {
            return;
        };
        if matches!(answer, Answer::Refused(_))
            || matches!(call, Call::SetStatus { .. } | Call::SetPolicy { .. })
        {
            return;
        }
        let process = self.rng.random_range(0..self.urls.len());
        // A repeat that is lost moves nothing either.
        if let Some(told) = self.ask(process, &call).await {
            self.report.add("repeated calls absorbed", 1);
            if told != self.told_again(&call, answer) {
                self.wrong.push(format!("{call:?} again is {told:?}"));
            }
        }
    }

    fn told_again(&self, call: &Call, answer: Answer) -> Answer {
        let gone = |id| {
            self.records.iter().any(|record| {
                matches!(record.call, Call::End { id: ended, end: End::Release } if ended == id)
            })
        };
        match call {
            Call::Reserve { id, .. } if gone(*id) => Answer::Refused("WrongState".into()),
            _ => answer,
        }
    }

    fn wish(&mut self) -> Call {
        match self.rng.random_range(0..100) {
            0..18 => self.end(End::Commit),
            18..32 => self.end(End::Release),
            32..40 => self.restock(),
            40..47 => self.receive(),
            47..54 => self.adjust(),
            54..61 => self.transfer(),
            61..68 => self.close(),
            68..90 if self.number == MANAGER => self.manage(),
            _ => self.reserve(),
        }
    }

    fn reserve(&mut self) -> Call {
        let mut lines = vec![self.line(2)];
        if self.rng.random_ratio(1, 3) {
            let more = self.line(2);
            if more.product != lines[0].product {
                lines.push(more);
            }
        }
        Call::Reserve {
            id: Id::from_uuid(self.uuid()),
            lines,
            expires_at: self.goods.expires_at,
        }
    }

    fn end(&mut self, end: End) -> Call {
        if self.held.is_empty() {
            return self.reserve();
        }
        let number = self.rng.random_range(0..self.held.len());
        let (id, lines) = self.held.swap_remove(number);
        if end.status() == ReservationStatus::Committed {
            self.sold.push((id, lines));
        }
        Call::End { id, end }
    }

    fn restock(&mut self) -> Call {
        let Some((reservation, lines)) = self.sold.pop() else {
            return self.reserve();
        };
        let line = lines[self.rng.random_range(0..lines.len())];
        Call::Restock {
            id: Id::from_uuid(self.uuid()),
            reservation,
            line: Line {
                quantity: self.rng.random_range(1..=line.quantity),
                ..line
            },
            warehouse: self.rng.random_bool(0.4).then(|| self.warehouse()),
        }
    }

    fn receive(&mut self) -> Call {
        let line = self.line(3);
        self.receive_there(self.goods.warehouses[0], line)
    }

    /// Goods that come in.
    pub fn receive_there(&mut self, warehouse: WarehouseId, line: Line) -> Call {
        Call::Receive {
            key: self.uuid(),
            warehouse,
            line,
        }
    }

    fn adjust(&mut self) -> Call {
        let mut line = self.line(3);
        if self.rng.random_bool(0.5) {
            line.quantity = -line.quantity;
        }
        Call::Adjust {
            key: self.uuid(),
            warehouse: self.warehouse(),
            line,
        }
    }

    fn transfer(&mut self) -> Call {
        let source = self.rng.random_range(0..self.goods.warehouses.len());
        let further = self.rng.random_range(1..self.goods.warehouses.len());
        let destination = (source + further) % self.goods.warehouses.len();
        Call::Transfer {
            key: self.uuid(),
            source: self.goods.warehouses[source],
            destination: self.goods.warehouses[destination],
            line: self.line(4),
            in_transit: self.rng.random_bool(0.7),
        }
    }

    fn close(&mut self) -> Call {
        let Some(id) = self.on_the_way.pop() else {
            return self.reserve();
        };
        let status = if self.rng.random_bool(0.6) {
            TransferStatus::Received
        } else {
            TransferStatus::Cancelled
        };
        Call::Close { id, status }
    }

    fn manage(&mut self) -> Call {
        let warehouse = self.warehouse();
        if self.rng.random_bool(0.5) {
            return Call::SetPolicy {
                warehouse,
                product: self.line(1).product,
                safety_stock: self.rng.random_range(0..=3),
            };
        }
        let status = if self.rng.random_bool(0.7) {
            WarehouseStatus::Active
        } else {
            WarehouseStatus::Inactive
        };
        Call::SetStatus { warehouse, status }
    }

    /// Mostly of the hot product.
    fn line(&mut self, most: i32) -> Line {
        let number = if self.rng.random_bool(0.6) {
            0
        } else {
            self.rng.random_range(0..self.goods.products.len())
        };
        Line {
            product: self.goods.products[number],
            quantity: self.rng.random_range(1..=most),
        }
    }

    fn warehouse(&mut self) -> WarehouseId {
        self.goods.warehouses[self.rng.random_range(0..self.goods.warehouses.len())]
    }

    fn uuid(&mut self) -> Uuid {
        Builder::from_random_bytes(self.rng.random()).into_uuid()
    }

    /// What it has to tell that must not be.
    pub fn take_wrong(&mut self) -> Vec<String> {
        mem::take(&mut self.wrong)
    }
}
