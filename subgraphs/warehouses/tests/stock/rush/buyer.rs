//! Somebody who wants what everybody wants, and may change their mind.

use std::slice;

use chrono::TimeDelta;
use futures_util::future::join_all;
use rand::Rng;
use stockgraph_kit::id::{Id, ReservationId};
use stockgraph_warehouses::{
    domain::{
        line::Line,
        reservation::{End, Reservation, ReservationStatus},
    },
    service::{EndReservationError, ReserveStock, ReserveStockError, RestockGoods},
};

use super::{
    book::{Booked, Deal},
    person::Person,
};

/// How long a patient buyer's hold lasts: longer than the clock is moved.
const LONG: TimeDelta = TimeDelta::days(30);

/// Buys, once or twice.
pub async fn shop_around(mut buyer: Person) -> Vec<Booked> {
    let mut deals = vec![Booked::Deal(buyer.deal().await)];
    if buyer.chance(30) {
        deals.push(Booked::Deal(buyer.deal().await));
    }
    deals
}

impl Person {
    async fn deal(&mut self) -> Deal {
        let (id, wishes) = (self.id(), self.wishes());
        let patient = self.chance(70);
        let lasts = if patient {
            LONG
        } else {
            TimeDelta::seconds(60)
        };
        let hold = ReserveStock {
            expires_at: self.rush.shop.graph.clock.now() + lasts,
            ..self.rush.shop.hold(id, wishes)
        };
        let mut deal = Deal {
            id: hold.id,
            lines: hold.lines.clone(),
            status: self.reserve(&hold).await,
            returned: None,
        };
        if deal.status != Some(ReservationStatus::Held) {
            return deal;
        }
        // What may expire is promised once it is sold.
        if patient {
            self.rush.promises.promised(&deal.lines);
        }
        self.change_mind(&mut deal, patient).await;
        if self.chance(20) {
            self.ask_again(&hold, &mut deal).await;
        }
        if deal.status == Some(ReservationStatus::Committed) && self.chance(30) {
            self.bring_back(&mut deal).await;
        }
        deal
    }

    /// Mostly what everybody wants.
    fn wishes(&mut self) -> Vec<Line> {
        let products = self.rush.shop.products.clone();
        let mut wishes = Vec::new();
        if self.chance(75) {
            wishes.push(products[0]);
        }
        if wishes.is_empty() || self.chance(25) {
            wishes.push(products[self.rng.random_range(1..products.len())]);
        }
        if self.chance(50) {
            wishes.reverse();
        }
        let line = |product| Line {
            product,
            quantity: self.rng.random_range(1..=2),
        };
        wishes.into_iter().map(line).collect()
    }

    /// Asks, sometimes several times at the same moment: whoever is told that it is held is told the same.
    async fn reserve(&mut self, hold: &ReserveStock) -> Option<ReservationStatus> {
        let twins = self.twins();
        let asked = join_all(twins.map(async |twin| {
            loop {
                match self.process(twin).reserve_stock(hold.clone()).await {
                    // Nothing was done; there is room soon.
                    Err(ReserveStockError::Overloaded) => tokio::task::yield_now().await,
                    answer => return answer,
                }
            }
        }))
        .await;
        let mut held: Option<Reservation> = None;
        let mut is_expired = false;
        for answer in asked {
            match answer {
                Ok(told) => assert_eq!(held.get_or_insert_with(|| told.clone()), &told),
                // Its time was up while a twin waited.
                Err(ReserveStockError::WrongState(told)) => {
                    assert_eq!(told.status, ReservationStatus::Expired);
                    is_expired = true;
                }
                // Its time was up before its turn came.
                Err(ReserveStockError::Invalid(_))
                    if hold.expires_at <= self.rush.shop.graph.clock.now() => {}
                Err(ReserveStockError::Short(_)) => {}
                Err(error) => panic!("{error}"),
            }
        }
        let status = held.map(|held| held.status);
        self.rush.tally.count("reserve", status.is_some());
        if is_expired {
            Some(ReservationStatus::Expired)
        } else {
            status
        }
    }

    /// Buys, gives back, both at the same moment, or neither.
    async fn change_mind(&mut self, deal: &mut Deal, patient: bool) {
        let ends: &[End] = match self.rng.random_range(0..100) {
            0..40 => &[End::Commit],
            40..65 => &[End::Release],
            65..80 => &[End::Commit, End::Release],
            _ => return,
        };
        if patient && ends.contains(&End::Release) {
            self.rush.promises.let_go(&deal.lines);
        }
        let twins: Vec<usize> = self.twins().collect();
        let asked = twins
            .iter()
            .flat_map(|twin| ends.iter().map(move |end| (*twin, *end)));
        let answers = join_all(asked.map(|(twin, end)| self.end(deal.id, twin, end))).await;
        let status = answers[0].status;
        assert!(
            answers.iter().all(|told| *told == answers[0]),
            "ends once: {answers:?}"
        );
        let promised = patient && !ends.contains(&End::Release);
        if status == ReservationStatus::Committed && !promised {
            self.rush.promises.promised(&deal.lines);
        }
        for end in ends {
            let kind = if *end == End::Commit {
                "commit"
            } else {
                "release"
            };
            self.rush.tally.count(kind, status == end.status());
        }
        deal.status = Some(status);
    }

    /// The reservation after it was asked to end so.
    async fn end(&self, id: ReservationId, twin: usize, end: End) -> Reservation {
        loop {
            let stock = self.process(twin);
            let ended = if end == End::Commit {
                stock.commit_reservation(id, None).await
            } else {
                stock.release_reservation(id, None).await
            };
            match ended {
                Ok(reservation) | Err(EndReservationError::WrongState(reservation)) => {
                    return reservation;
                }
                Err(EndReservationError::Overloaded) => tokio::task::yield_now().await,
                Err(error) => panic!("{error}"),
            }
        }
    }

    /// Much later, by another process: the answer is the same, whatever has become of it.
    async fn ask_again(&mut self, hold: &ReserveStock, deal: &mut Deal) {
        let told = self.reserve_once(hold).await;
        assert_eq!(told.id, deal.id);
        match deal.status {
            Some(ReservationStatus::Held) => deal.status = Some(told.status),
            status => assert_eq!(status, Some(told.status)),
        }
        self.rush.tally.count("reserve again", true);
    }

    async fn reserve_once(&self, hold: &ReserveStock) -> Reservation {
        loop {
            match self.process(1).reserve_stock(hold.clone()).await {
                Ok(reservation) | Err(ReserveStockError::WrongState(reservation)) => {
                    return reservation;
                }
                Err(ReserveStockError::Overloaded) => tokio::task::yield_now().await,
                Err(error) => panic!("{error}"),
            }
        }
    }

    /// Brings back some of it.
    async fn bring_back(&mut self, deal: &mut Deal) {
        let line = deal.lines[self.rng.random_range(0..deal.lines.len())];
        let line = Line {
            quantity: self.rng.random_range(1..=line.quantity),
            ..line
        };
        let goods = RestockGoods {
            id: Id::from_uuid(self.uuid()),
            reservation: deal.id,
            lines: vec![line],
            warehouse: self.chance(40).then(|| self.warehouse()),
            reason: None,
            actor: None,
        };
        self.rush.promises.let_go(slice::from_ref(&line));
        let twins: Vec<usize> = self.twins().collect();
        let asked = twins
            .iter()
            .map(|twin| self.process(*twin).restock(goods.clone()));
        for answer in join_all(asked).await {
            answer.unwrap();
        }
        self.rush.tally.count("restock", true);
        deal.returned = Some(goods);
    }
}
