//! Rounds of faults under load; after some of them the load stops, and once all has settled it is proved that nothing is lost, and
//! nothing is there twice.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use chrono::TimeDelta;
use futures_util::future::join_all;
use rand::{Rng, SeedableRng, rngs::StdRng};
use stockgraph_kit::{
    clock::Clock,
    id::{IdSource, UserId},
    random::Random,
};
use stockgraph_orders::domain::{
    lifecycle::OrderStatus, number::OrderNumber, order::OrderEventKind, payment::PaymentStatus,
};

use super::{
    call::Line as Lot,
    check::{self, violations},
    check_order::is_given_up_by_shop,
    crowd::Group,
    found::{Found, FoundOrder},
    goods::Goods,
    line::Line,
    reading, scheduler,
    shop::{Fault, GRACE, Shop},
    told::Told,
};
use crate::{proxy::Mode, report::Report};

/// So many groups of customers, of each of which one is served at a time.
const GROUPS: usize = 24;
const CUSTOMERS: usize = 300;
/// How many rounds there are between two proofs.
const ROUNDS_TO_A_PROOF: u64 = 10;
/// How long it may take until all has settled.
const SETTLING: Duration = Duration::from_secs(90);

/// A shop that is loaded and hurt.
pub struct Trial {
    shop: Shop,
    crowd: Vec<Group>,
    goods: Arc<Goods>,
    received: Vec<Lot>,
    expired: Vec<OrderNumber>,
    report: Report,
    rng: StdRng,
}

impl Trial {
    /// Stocks the shop, and lets customers in.
    pub async fn new(shop: Shop, report: Report, seed: u64) -> Self {
        let goods = Arc::new(Goods::open(&shop.staff, &shop.urls[0]).await);
        let received = goods.stock(&shop.staff, &shop.urls[0]).await;
        let ids = IdSource::new(Clock::system(), Random::seeded(seed));
        let users: Vec<UserId> = (0..CUSTOMERS).map(|_| ids.next()).collect();
        let tokens = shop.site.tokens_of(&users);
        let clients = tokens.iter().map(|token| shop.staff.with_token(token));
        let customers: Vec<_> = users.into_iter().zip(clients).collect();
        let groups = customers.chunks(CUSTOMERS.div_ceil(GROUPS)).enumerate();
        let group = |(number, customers): (usize, &[_])| {
            let line = Line {
                staff: shop.staff.clone(),
                urls: shop.urls.clone(),
                report: report.clone(),
                wrong: Vec::new(),
            };
            let seed = seed.wrapping_mul(10_000).wrapping_add(number as u64);
            Group::new(seed, line, customers.to_vec(), &goods)
        };
        let crowd = groups.map(group).collect();
        Self {
            shop,
            crowd,
            goods,
            received,
            expired: Vec::new(),
            report,
            rng: StdRng::seed_from_u64(seed),
        }
    }

    /// So many rounds, and the proofs.
    pub async fn run(mut self, rounds: u64) {
        let mut left = rounds;
        while left > 0 {
            let now = left.min(ROUNDS_TO_A_PROOF);
            self.load(now).await;
            self.prove().await;
            left -= now;
        }
        self.report.add("violations", 0);
    }

    /// Rounds under load.
    async fn load(&mut self, rounds: u64) {
        let stop = Arc::new(AtomicBool::new(false));
        let crowd = std::mem::take(&mut self.crowd).into_iter();
        let running: Vec<_> = crowd
            .map(|group| tokio::spawn(group.run(Arc::clone(&stop))))
            .collect();
        let (staff, urls) = (self.shop.staff.clone(), self.shop.urls.clone());
        let scheduler = tokio::spawn(scheduler::run(staff, urls, Arc::clone(&stop)));
        for _ in 0..rounds {
            let url = &self.shop.urls[0];
            let number = self.received.len();
            let delivery = self.goods.restock(&self.shop.staff, url, number).await;
            self.received.extend(delivery);
            self.pass_time(600..1_800).await;
            self.hurt().await;
            self.report.add("rounds", 1);
        }
        self.pass_time(400..1_200).await;
        stop.store(true, Ordering::SeqCst);
        let crowd = join_all(running).await;
        self.crowd = crowd.into_iter().map(Result::unwrap).collect();
        self.expired.extend(scheduler.await.unwrap());
    }

    /// A fault, and now and then one on a bad network.
    async fn hurt(&mut self) {
        let (kills, networks) = (self.shop.victims.len(), self.shop.networks());
        let kinds = kills + 3 * networks + usize::from(self.shop.has_database_server());
        let kind = self.rng.random_range(0..kinds);
        let fault = if kind < kills {
            Fault::Kill(self.shop.victims[kind])
        } else if kind < kills + 3 * networks {
            let (network, way) = ((kind - kills) / 3, (kind - kills) % 3);
            Fault::Network(network, self.mode(way))
        } else {
            Fault::Database
        };
        let time = Duration::from_millis(self.rng.random_range(0..1_500));
        if networks > 0 && matches!(fault, Fault::Kill(_)) && self.rng.random_ratio(1, 3) {
            let network = self.rng.random_range(0..networks);
            let mode = self.mode(0);
            self.shop.set_network(network, mode);
            self.pass_time(0..500).await;
            self.shop.suffer(fault, time).await;
            self.shop.set_network(network, Mode::Pass);
        } else {
            self.shop.suffer(fault, time).await;
        }
    }

    /// One of three ways in which a network is bad, the first of which lets answers through.
    fn mode(&mut self, number: usize) -> Mode {
        match number {
            0 => Mode::Delay(Duration::from_millis(self.rng.random_range(20..400))),
            1 => Mode::Cut,
            _ => Mode::DropAnswers,
        }
    }

    /// A random time.
    async fn pass_time(&mut self, millis: std::ops::Range<u64>) {
        let millis = self.rng.random_range(millis);
        tokio::time::sleep(Duration::from_millis(millis)).await;
    }

    /// Waits until nothing is wrong any more. What lasts is wrong.
    ///
    /// # Panics
    ///
    /// When something is.
    async fn prove(&mut self) {
        let start = Instant::now();
        let told = self.told();
        let (found, wrong) = loop {
            tokio::time::sleep(Duration::from_millis(300)).await;
            let is_late = start.elapsed() > SETTLING;
            match self.look(&told, is_late).await {
                Ok((found, wrong)) if wrong.is_empty() || is_late => break (found, wrong),
                Err(why) if is_late => panic!("the graph cannot be read: {why}"),
                _ => {}
            }
        };
        self.report
            .took("settling, from the end of the load", start.elapsed());
        self.report.add("proofs", 1);
        self.describe(&told, &found);
        let mut wrong = wrong;
        wrong.extend(self.crowd.iter().flat_map(Group::wrong).cloned());
        if !wrong.is_empty() {
            self.report.add("violations", wrong.len());
            panic!("{} violations: {wrong:#?}", wrong.len());
        }
    }

    /// What there is, and what is wrong with it.
    async fn look(&mut self, told: &Told, is_late: bool) -> Result<(Found, Vec<String>), String> {
        let url = &self.shop.urls[self.rng.random_range(0..self.shop.urls.len())];
        if !is_late && reading::is_open(&self.shop.staff, url).await? {
            return Err("something is open".into());
        }
        let found = reading::read(&self.shop.staff, url).await?;
        let mut wrong = violations(told, &found);
        if wrong.is_empty() || is_late {
            match self.shop.site.try_to_run(&["verify"]) {
                Ok(said) => wrong.extend(check::still_owed(&said)),
                Err(said) => wrong.push(said),
            }
        }
        Ok((found, wrong))
    }

    fn told(&self) -> Told {
        let crowd = self.crowd.iter();
        let orders = crowd.flat_map(|group| group.orders.iter().cloned());
        let maybe = self.crowd.iter().flat_map(|group| group.maybe.iter());
        let mut received = BTreeMap::new();
        for lot in &self.received {
            *received.entry(lot.product).or_default() += lot.quantity;
        }
        Told {
            orders: orders.collect(),
            maybe: maybe.cloned().collect(),
            expired: self.expired.clone(),
            received,
            grace: TimeDelta::seconds(GRACE.into()),
        }
    }

    /// Counts what was found.
    fn describe(&self, told: &Told, found: &Found) {
        let report = &self.report;
        report.set("orders", found.orders.len());
        let unheard = found.orders.len().saturating_sub(told.orders.len());
        report.set("orders: nobody was told of", unheard);
        for status in OrderStatus::ALL {
            let orders = found.orders.iter();
            let count = orders.filter(|order| order.status == status).count();
            report.set(&format!("orders: {}", status.described()), count);
        }
        let orders = found.orders.iter();
        let given_up = orders.filter(|order| is_given_up_by_shop(order)).count();
        report.set("orders: cancelled by the shop, their stock gone", given_up);
        let runs = told.expired.len();
        report.set("orders: expired by the test's own runs of the expiry", runs);
        for status in [
            PaymentStatus::Captured,
            PaymentStatus::RefundDue,
            PaymentStatus::Refunded,
        ] {
            let payments = found.orders.iter().flat_map(|order| &order.payments);
            let count = payments.filter(|payment| payment.status == status).count();
            report.set(&format!("payments: {status:?}"), count);
        }
        let lines = found.orders.iter().flat_map(|order| &order.lines);
        let returned: i32 = lines.map(|line| line.returned).sum();
        let returned = usize::try_from(returned).unwrap_or_default();
        report.set("units that came back", returned);
        let lag = |order: &FoundOrder| {
            let lag = order.when(OrderEventKind::Expired)? - order.due;
            lag.to_std().ok()
        };
        let lags = found.orders.iter().filter_map(lag).collect();
        report.set_times("expiry, from when the payment was due", lags);
    }
}

impl Drop for Trial {
    fn drop(&mut self) {
        println!("{}", self.report);
    }
}
