//! Five hundred buyers of a hundred units, while keepers move, count, receive and close: whatever happens at the same moment, no unit
//! is held or sold twice, and what was answered is in the database, once.
//!
//! `STOCK_SEED` chooses what is asked for, `STOCK_SECONDS` for how long it goes on: half a minute by default.

mod book;
mod buyer;
mod keeper;
mod person;
mod promises;
mod tally;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use stockgraph_kit::database::Engine;
use stockgraph_warehouses::domain::line::Line;
use tokio::task::JoinHandle;

use self::{
    book::{Booked, disagreements},
    person::Person,
    promises::Promises,
    tally::Tally,
};
use crate::at_once::Shop;

const WAREHOUSES: usize = 4;
const PRODUCTS: usize = 4;
/// Of each product in each warehouse: a hundred in all.
const UNITS: i32 = 25;
const BUYERS: usize = 500;
const KEEPERS: usize = 10;
const STEPS: u32 = 12;

/// A crowd in a shop of its own.
pub struct Rush {
    pub shop: Arc<Shop>,
    pub promises: Promises,
    pub tally: Arc<Tally>,
    pub seed: u64,
}

impl Rush {
    async fn new(engine: Engine, seed: u64, tally: &Arc<Tally>) -> Arc<Self> {
        let shop = Shop::new(engine, WAREHOUSES, PRODUCTS, UNITS).await;
        let units = UNITS * i32::try_from(WAREHOUSES).unwrap();
        Arc::new(Self {
            promises: Promises::new(&shop.products, units),
            tally: Arc::clone(tally),
            shop,
            seed,
        })
    }

    /// Lets everybody loose, and tells what they were answered.
    async fn run(self: &Arc<Self>) -> Vec<Booked> {
        let is_over = Arc::new(AtomicBool::new(false));
        let auditor = self.audit(&is_over);
        let keepers = (0..KEEPERS).map(|number| {
            tokio::spawn(keeper::look_after(
                Person::new(self, BUYERS + number),
                STEPS,
            ))
        });
        let buyers =
            (0..BUYERS).map(|number| tokio::spawn(buyer::shop_around(Person::new(self, number))));
        // All of them are under way before the first is waited for.
        let everybody: Vec<JoinHandle<_>> = keepers.chain(buyers).collect();
        let booked = join_all(everybody).await;
        is_over.store(true, Ordering::SeqCst);
        auditor.await.unwrap();
        booked.into_iter().flat_map(Result::unwrap).collect()
    }

    /// Checks the rules now and then.
    fn audit(&self, is_over: &Arc<AtomicBool>) -> JoinHandle<()> {
        let (shop, tally) = (Arc::clone(&self.shop), Arc::clone(&self.tally));
        let is_over = Arc::clone(is_over);
        tokio::spawn(async move {
            while !is_over.load(Ordering::SeqCst) {
                shop.graph.verify().await;
                tally.count("verify", true);
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
        })
    }
}

/// A number from the environment.
fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name)
        .ok()
        .map_or(default, |text| text.parse().unwrap())
}

async fn nobody_is_sold_what_is_not_there(engine: Engine) {
    let first_seed = setting("STOCK_SEED", 42);
    let time = Duration::from_secs(setting("STOCK_SECONDS", 30));
    let tally = Arc::new(Tally::default());
    let start = Instant::now();
    let mut rounds = 0;
    // As many rounds as the time allows, but one.
    while rounds == 0 || start.elapsed() * (rounds + 1) / rounds < time {
        let seed = first_seed.wrapping_add(rounds.into());
        println!("{engine:?}: STOCK_SEED={seed}");
        let rush = Rush::new(engine, seed, &tally).await;
        let booked = rush.run().await;
        let wrong = disagreements(&rush.shop, &booked, UNITS).await;
        assert!(wrong.is_empty(), "{wrong:#?}");
        rush.shop.remove().await;
        rounds += 1;
    }
    let seconds = start.elapsed().as_secs();
    println!("{engine:?}, {rounds} rounds in {seconds} s, done/refused{tally}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nobody_is_sold_what_is_not_there_on_sqlite() {
    nobody_is_sold_what_is_not_there(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nobody_is_sold_what_is_not_there_on_postgres() {
    nobody_is_sold_what_is_not_there(Engine::Postgres).await;
}

/// A checker that never found anything proves nothing.
#[tokio::test]
async fn what_is_booked_otherwise_than_it_was_answered_is_found() {
    let rush = Rush::new(Engine::Sqlite, 1, &Arc::default()).await;
    let mut booked = buyer::shop_around(Person::new(&rush, 1)).await;
    let found = async |booked: &[Booked]| disagreements(&rush.shop, booked, UNITS).await.join("; ");
    assert_eq!(found(&booked).await, "");

    let answered = booked.split_off(0);
    let wrong = found(&booked).await;
    assert!(wrong.contains("reservations, not 0"), "forgotten: {wrong}");

    booked = answered;
    let line = Line {
        product: rush.shop.products[0],
        quantity: 1,
    };
    booked.push(Booked::Receipt(rush.shop.warehouses[0], line));
    let wrong = found(&booked).await;
    assert!(
        wrong.contains("on_hand"),
        "answered and not booked: {wrong}"
    );

    let oversold = std::panic::AssertUnwindSafe(|| rush.promises.there(line.product, -101));
    assert!(std::panic::catch_unwind(oversold).is_err());
}
