//! Rounds of load and fault, each followed by the proof that nothing is lost and nothing is there twice.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use chrono::TimeDelta;
use futures_util::future::join_all;
use rand::{Rng, SeedableRng, rngs::StdRng};
use serde_json::json;
use stockgraph_kit::{
    caller::{Scope, Scopes},
    clock::Clock,
    id::{IdSource, ReservationId},
    random::Random,
};
use stockgraph_warehouses::domain::{
    line::Line,
    reservation::ReservationStatus,
    transfer::{TransferId, TransferStatus},
};

use super::{
    call::{Answer, Call, id},
    load::Buyer,
    model::{Record, violations},
    reading::Reading,
    wishes::{Assortment, uuid},
};
use crate::{
    client::{Client, Reply},
    process::{Server, Site, until},
    report::Report,
};

const CLIENTS: usize = 64;
const WAREHOUSES: usize = 3;
const PRODUCTS: usize = 4;
/// Of each product in each warehouse at the start.
const UNITS: i32 = 30;

/// What goes wrong in a round.
#[derive(Clone, Copy, Debug)]
pub enum Fault {
    Nothing,
    /// The process with this number is killed.
    Kill(usize),
    /// The database server crashes.
    Database,
}

/// A shop that is loaded and hurt.
pub struct Trial {
    // Before the site, so that nothing runs when its data go.
    servers: Vec<Server>,
    site: Site,
    client: Client,
    crowd: Vec<Buyer>,
    reading: Reading,
    report: Report,
    rng: StdRng,
}

impl Trial {
    /// So many processes of the warehouses on this site, and their stock.
    pub async fn new(mut site: Site, processes: usize, seed: u64) -> Self {
        let scopes = Scopes::from([
            Scope::StockRead,
            Scope::StockWrite,
            Scope::StockReserve,
            Scope::FederationRead,
        ]);
        let client = Client::of_router(&site.token(scopes));
        site.run(&["migrate", "up"]);
        site.publish_keys(&client.http).await;
        let mut servers: Vec<_> = (0..processes).map(|_| site.serve("warehouses")).collect();
        for server in &mut servers {
            server.healthy(&client.http).await;
        }
        let urls: Vec<_> = servers.iter().map(Server::url).collect();
        let goods = Arc::new(open(&client, &urls[0], seed).await);
        let report = Report::default();
        let mut rng = StdRng::seed_from_u64(seed);
        let buyer = |number| Buyer::new(number, seed, &client, urls.clone(), &goods, &report);
        let mut crowd: Vec<_> = (0..CLIENTS).map(buyer).collect();
        for warehouse in &goods.warehouses {
            for product in goods.products.iter().copied() {
                let quantity = UNITS;
                let receipt = Call::Receive {
                    key: uuid(&mut rng),
                    warehouse: *warehouse,
                    line: Line { product, quantity },
                };
                crowd[0].perform(receipt).await;
            }
        }
        Self {
            servers,
            site,
            client,
            crowd,
            reading: Reading::default(),
            report,
            rng,
        }
    }

    /// Loads the shop, lets a fault happen in the midst of it, and proves that all is well.
    pub async fn round(&mut self, fault: Fault) {
        let stop = Arc::new(AtomicBool::new(false));
        let crowd = std::mem::take(&mut self.crowd).into_iter();
        let running: Vec<_> = crowd
            .map(|buyer| tokio::spawn(buyer.run(Arc::clone(&stop))))
            .collect();
        self.pass_time().await;
        match fault {
            Fault::Nothing => self.pass_time().await,
            Fault::Kill(number) => self.kill(number).await,
            Fault::Database => self.crash_database().await,
        }
        stop.store(true, Ordering::SeqCst);
        let crowd = join_all(running).await;
        self.crowd = crowd.into_iter().map(Result::unwrap).collect();
        self.site.run(&["verify"]);
        join_all(self.crowd.iter_mut().map(Buyer::resolve)).await;
        self.report.add("rounds", 1);
        let wrong = self.check(false).await;
        assert!(wrong.is_empty(), "after {fault:?}: {wrong:#?}");
    }

    /// The last proof, in which everything is read again, and the report.
    pub async fn finish(mut self) -> Report {
        let wrong = self.check(true).await;
        assert!(wrong.is_empty(), "at the end: {wrong:#?}");
        self.report.add("violations", wrong.len());
        self.report.clone()
    }

    /// A random moment of the load.
    async fn pass_time(&mut self) {
        let millis = self.rng.random_range(300..2_000);
        tokio::time::sleep(Duration::from_millis(millis)).await;
    }

    async fn kill(&mut self, number: usize) {
        let server = &mut self.servers[number];
        server.kill();
        let start = Instant::now();
        server.start();
        server.healthy(&self.client.http).await;
        first_answer(&self.client, server).await;
        self.report.recovered("a process", start.elapsed());
        self.report.add("kills", 1);
    }

    async fn crash_database(&mut self) {
        let postgres = self.site.postgres().expect("a database server of its own");
        postgres.crash();
        let start = Instant::now();
        postgres.start();
        for server in &self.servers {
            first_answer(&self.client, server).await;
        }
        self.report.recovered("the database", start.elapsed());
        self.report.add("database stops", 1);
    }

    /// What is wrong.
    async fn check(&mut self, everything: bool) -> Vec<String> {
        if everything {
            self.reading = Reading::default();
        }
        let mut wrong: Vec<_> = self.crowd.iter_mut().flat_map(Buyer::take_wrong).collect();
        let (reservations, transfers) = self.open_ends();
        let url = self.servers[self.rng.random_range(0..self.servers.len())].url();
        self.reading
            .read(&self.client, &url, &reservations, &transfers)
            .await;
        self.report
            .add("reservations read back", reservations.len());
        for doubt in self.crowd.iter_mut().flat_map(Buyer::take_doubts) {
            let found = match self.reading.found.was_done(&doubt.call, doubt.since) {
                Some(true) => "unknown calls that had been done",
                Some(false) => "unknown calls that had not been done",
                None => "unknown calls of which nobody can tell",
            };
            self.report.add(found, 1);
        }
        let records = self.crowd.iter().flat_map(|buyer| &buyer.records);
        wrong.extend(violations(records, &self.reading.found));
        wrong
    }

    /// What may have changed since it was read last: all but what has come to its end.
    fn open_ends(&self) -> (Vec<ReservationId>, Vec<TransferId>) {
        let found = &self.reading.found;
        let (mut reservations, mut transfers) = (Vec::new(), Vec::new());
        for record in self.crowd.iter().flat_map(|buyer| &buyer.records) {
            match record {
                Record {
                    call: Call::Reserve { id, .. },
                    answer: Answer::Held(_),
                } => {
                    let known = found.reservations.get(id).map(|(status, _)| *status);
                    if known.is_none_or(|status| status == ReservationStatus::Held) {
                        reservations.push(*id);
                    }
                }
                Record {
                    answer: Answer::Moved(id),
                    ..
                } => {
                    let known = found.transfers.get(id);
                    if known.is_none_or(|status| *status == TransferStatus::InTransit) {
                        transfers.push(*id);
                    }
                }
                _ => {}
            }
        }
        (reservations, transfers)
    }
}

/// Opens warehouses for products that need no catalogue.
async fn open(client: &Client, url: &str, seed: u64) -> Assortment {
    const QUERY: &str = "mutation($input: CreateWarehouseInput!) { createWarehouse(input: $input) { warehouse { id } } }";
    let mut warehouses = Vec::new();
    for number in 0..WAREHOUSES {
        let code = format!("W{number}");
        let input = json!({ "input": { "code": code, "name": code } });
        let data = client.data(url, QUERY, &input).await;
        warehouses.push(id(&data["createWarehouse"]["warehouse"]["id"]));
    }
    let clock = Clock::system();
    let ids = IdSource::new(clock.clone(), Random::seeded(seed));
    Assortment {
        warehouses,
        products: (0..PRODUCTS).map(|_| ids.next()).collect(),
        expires_at: clock.now() + TimeDelta::days(30),
    }
}

/// Waits until the process answers from its database.
async fn first_answer(client: &Client, server: &Server) {
    let url = server.url();
    until(&url, async || {
        let asked = client.ask(&url, "{ warehouses { id } }", &json!({})).await;
        matches!(asked, Reply::Answered(_))
    })
    .await;
}
