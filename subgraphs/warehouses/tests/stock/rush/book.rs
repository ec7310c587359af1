//! What the callers were told, and whether the database says the same.

use std::collections::{HashMap, HashSet};

use stockgraph_kit::id::{ProductId, ReservationId};
use stockgraph_warehouses::{
    domain::{
        allocation::Allocation,
        line::Line,
        reservation::{Reservation, ReservationStatus},
        transfer::{Transfer, TransferStatus},
        warehouse::WarehouseId,
    },
    service::{RestockGoods, verify::Report},
};

use crate::at_once::Shop;

/// Something that was asked for and answered.
pub enum Booked {
    Deal(Deal),
    /// Reservations that one call of the expiry closed.
    Expired(Vec<Reservation>),
    Receipt(WarehouseId, Line),
    /// `quantity` is the difference.
    Adjustment(WarehouseId, Line),
    /// The transfer as it was answered last.
    Transfer(Transfer, Vec<Line>),
}

/// A reservation that was asked for.
pub struct Deal {
    pub id: ReservationId,
    pub lines: Vec<Line>,
    /// As its last answer said; none where every answer was that there is not enough.
    pub status: Option<ReservationStatus>,
    pub returned: Option<RestockGoods>,
}

/// A level, as far as the rules go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Numbers {
    on_hand: i32,
    reserved: i32,
}

type Levels = HashMap<(ProductId, WarehouseId), Numbers>;

/// What the answers amount to.
struct Expected<'a> {
    levels: Levels,
    /// How many rows of each table there are.
    counts: HashMap<&'static str, u64>,
    allocations: &'a HashMap<ReservationId, Vec<Allocation>>,
    wrong: Vec<String>,
}

/// Where the database is not what the answers amount to. `units` of each product were in each warehouse at the start.
pub async fn disagreements(shop: &Shop, booked: &[Booked], units: i32) -> Vec<String> {
    let deals: Vec<&Deal> = booked.iter().filter_map(Booked::deal).collect();
    let ids: Vec<_> = deals.iter().map(|deal| deal.id).collect();
    let stock = shop.graph.stock();
    let mut allocations: HashMap<ReservationId, Vec<Allocation>> = HashMap::new();
    for (id, part) in stock.reservation_allocations(&ids).await.unwrap() {
        allocations.entry(id).or_default().push(part);
    }
    let found = stock.reservations_by_id(&ids).await.unwrap();
    let found = found.into_iter().map(|found| (found.id, found)).collect();

    let mut expected = Expected::new(shop, units, &allocations);
    let expired = expected.expired(booked);
    for deal in deals {
        expected.deal(deal, &found, &expired);
    }
    for booked in booked {
        match booked {
            Booked::Deal(_) | Booked::Expired(_) => {}
            Booked::Receipt(warehouse, line) | Booked::Adjustment(warehouse, line) => {
                expected.enter(*warehouse, *line);
            }
            Booked::Transfer(transfer, lines) => expected.transfer(transfer, lines),
        }
    }
    expected.transfers(shop, booked).await;
    expected.compare_levels(shop).await;
    expected.compare_counts(&stock.verify(|_| ()).await.unwrap());
    expected.wrong
}

impl Booked {
    const fn deal(&self) -> Option<&Deal> {
        match self {
            Self::Deal(deal) => Some(deal),
            _ => None,
        }
    }
}

impl<'a> Expected<'a> {
    fn new(
        shop: &Shop,
        units: i32,
        allocations: &'a HashMap<ReservationId, Vec<Allocation>>,
    ) -> Self {
        let mut expected = Self {
            levels: Levels::new(),
            counts: HashMap::from([
                ("reservations", 0),
                ("transfers", 0),
                ("stock_movements", 0),
            ]),
            allocations,
            wrong: Vec::new(),
        };
        for warehouse in &shop.warehouses {
            for product in shop.products.iter().copied() {
                let quantity = units;
                expected.enter(*warehouse, Line { product, quantity });
            }
        }
        expected
    }

    fn count(&mut self, table: &'static str, rows: usize) {
        *self.counts.entry(table).or_default() += u64::try_from(rows).unwrap();
    }

    fn level(&mut self, product: ProductId, warehouse: WarehouseId) -> &mut Numbers {
        self.levels.entry((product, warehouse)).or_default()
    }

    /// An entry that changes what is on hand.
    fn enter(&mut self, warehouse: WarehouseId, line: Line) {
        self.count("stock_movements", 1);
        self.level(line.product, warehouse).on_hand += line.quantity;
    }

    /// Those that were expired. Each once.
    fn expired(&mut self, booked: &[Booked]) -> HashSet<ReservationId> {
        let mut expired = HashSet::new();
        for booked in booked {
            if let Booked::Expired(reservations) = booked {
                for reservation in reservations {
                    if !expired.insert(reservation.id) {
                        self.wrong
                            .push(format!("{} was expired twice", reservation.id));
                    }
                }
            }
        }
        expired
    }

    fn deal(
        &mut self,
        deal: &Deal,
        found: &HashMap<ReservationId, Reservation>,
        expired: &HashSet<ReservationId>,
    ) {
        // Who holds is not told when the time is up.
        let status = match deal.status {
            Some(ReservationStatus::Held) if expired.contains(&deal.id) => {
                Some(ReservationStatus::Expired)
            }
            status => status,
        };
        let is = found.get(&deal.id).map(|found| found.status);
        if is != status {
            self.wrong
                .push(format!("{} is {is:?}, not {status:?}", deal.id));
        }
        let Some(status) = status else {
            return;
        };
        self.count("reservations", 1);
        let parts = self
            .allocations
            .get(&deal.id)
            .map_or(&[][..], Vec::as_slice);
        for line in &deal.lines {
            let of_line = parts.iter().filter(|part| part.product == line.product);
            let allocated: i32 = of_line.map(|part| part.quantity).sum();
            if allocated != line.quantity {
                let (id, quantity) = (deal.id, line.quantity);
                self.wrong
                    .push(format!("{id} has {allocated} of a line of {quantity}"));
            }
        }
        for part in parts {
            self.count(
                "stock_movements",
                if status == ReservationStatus::Held {
                    1
                } else {
                    2
                },
            );
            let level = self.level(part.product, part.warehouse);
            match status {
                ReservationStatus::Held => level.reserved += part.quantity,
                ReservationStatus::Committed => level.on_hand -= part.quantity,
                ReservationStatus::Released | ReservationStatus::Expired => {}
            }
        }
        self.returned(deal, parts);
    }

    fn returned(&mut self, deal: &Deal, parts: &[Allocation]) {
        for part in parts.iter().filter(|part| part.returned > 0) {
            let line = Line {
                product: part.product,
                quantity: part.returned,
            };
            let to = deal.returned.as_ref().and_then(|goods| goods.warehouse);
            self.enter(to.unwrap_or(part.warehouse), line);
        }
        let returned: i32 = parts.iter().map(|part| part.returned).sum();
        let asked = deal.returned.iter().flat_map(|goods| &goods.lines);
        let asked: i32 = asked.map(|line| line.quantity).sum();
        if returned != asked {
            let id = deal.id;
            self.wrong
                .push(format!("{returned} of {id} came back, not {asked}"));
        }
    }

    fn transfer(&mut self, transfer: &Transfer, lines: &[Line]) {
        self.count("transfers", 1);
        for line in lines {
            let left = Line {
                quantity: -line.quantity,
                ..*line
            };
            self.enter(transfer.source, left);
            match transfer.status {
                TransferStatus::InTransit => {}
                TransferStatus::Received => self.enter(transfer.destination, *line),
                TransferStatus::Cancelled => self.enter(transfer.source, *line),
            }
        }
    }

    async fn transfers(&mut self, shop: &Shop, booked: &[Booked]) {
        let told = booked.iter().filter_map(|booked| match booked {
            Booked::Transfer(transfer, _) => Some((transfer.id, transfer)),
            _ => None,
        });
        let told: HashMap<_, _> = told.collect();
        let ids: Vec<_> = told.keys().copied().collect();
        let found = shop.graph.stock().transfers_by_id(&ids).await.unwrap();
        let found: HashMap<_, _> = found.iter().map(|found| (found.id, found)).collect();
        for (id, told) in told {
            if found.get(&id) != Some(&told) {
                self.wrong
                    .push(format!("{:?} was answered as {told:?}", found.get(&id)));
            }
        }
    }

    async fn compare_levels(&mut self, shop: &Shop) {
        let stock = shop.graph.stock().stock_of(&shop.products).await.unwrap();
        for place in stock.values().flat_map(|stock| stock.places(true)) {
            let level = &place.level;
            let found = Numbers {
                on_hand: level.on_hand,
                reserved: level.reserved,
            };
            let key = (level.product, level.warehouse);
            let expected = self.levels.remove(&key).unwrap_or_default();
            if found != expected {
                self.wrong
                    .push(format!("{key:?} is {found:?}, not {expected:?}"));
            }
        }
        for missing in self.levels.drain() {
            self.wrong.push(format!("there is no level {missing:?}"));
        }
    }

    /// That nothing is there besides.
    fn compare_counts(&mut self, report: &Report) {
        for (table, rows) in &report.counts {
            if let Some(expected) = self.counts.get(table)
                && expected != rows
            {
                self.wrong
                    .push(format!("there are {rows} {table}, not {expected}"));
            }
        }
        if !report.is_clean() {
            self.wrong.push(format!("{report:#?}"));
        }
    }
}
