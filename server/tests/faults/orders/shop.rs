//! The processes of a shop, the network between them, and how they can be hurt.

use std::time::{Duration, Instant};

use serde_json::json;
use stockgraph_kit::caller::{Scope, Scopes};

use crate::{
    client::{Client, Reply},
    process::{Server, Site, until},
    proxy::{Mode, Proxy},
    report::Report,
};

/// How long an order may wait for its payment, in seconds.
const PAYMENT_TIMEOUT: u32 = 3;
/// How much longer its stock is held, in seconds.
pub const GRACE: u32 = 2;

/// Every process has these settings. What takes minutes in a shop takes seconds here.
fn settings() -> String {
    format!(
        "{JOBS}
        [orders]
        payment_timeout_seconds = {PAYMENT_TIMEOUT}
        hold_grace_seconds = {GRACE}
        effect_interval_milliseconds = 200
        effect_lease_seconds = 5
        [router]
        playground = false
        traffic.timeout_milliseconds = 5000
        [demo]
        seed = false
        "
    )
}

/// The scheduled jobs, each second.
const JOBS: &str = r#"
[jobs.expire_orders]
schedule = "* * * * * *"
[jobs.expire_reservations]
schedule = "* * * * * *"
"#;

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// This process is killed.
    Kill(usize),
    /// This network is a bad one.
    Network(usize, Mode),
    /// The database server crashes.
    Database,
}

/// A shop that runs.
pub struct Shop {
    // Before the site, so that nothing runs when its data go.
    processes: Vec<(&'static str, Server)>,
    networks: Vec<(&'static str, Proxy)>,
    /// The processes that are killed; what matters more stands here more often.
    pub victims: Vec<usize>,
    pub site: Site,
    /// The staff, who may do everything.
    pub staff: Client,
    /// Where the graph is.
    pub urls: Vec<String>,
    report: Report,
}

impl Shop {
    /// Everything in one process, on embedded databases.
    pub async fn in_one_process(report: &Report) -> Self {
        let mut shop = Self::new(Site::embedded(), report);
        let everything = shop.start("everything", &["serve"], &[]).await;
        shop.victims = vec![everything];
        shop.urls = vec![shop.processes[0].1.url()];
        shop
    }

    /// A process for each subgraph and two routers, on PostgreSQL. The routers reach orders, and orders the warehouses, by networks
    /// that can be hurt.
    pub async fn in_processes(report: &Report) -> Self {
        let mut shop = Self::new(Site::on_postgres(), report);
        shop.site.publish_keys(&shop.staff.http).await;
        let products = shop.start("products", &["subgraph", "products"], &[]).await;
        let warehouses = shop
            .start("warehouses", &["subgraph", "warehouses"], &[])
            .await;
        let stock_line = shop.network("orders to warehouses", warehouses).await;
        let to = [
            (
                "STOCKGRAPH_SUBGRAPHS__PRODUCTS",
                shop.processes[products].1.url(),
            ),
            ("STOCKGRAPH_SUBGRAPHS__WAREHOUSES", stock_line),
        ];
        let orders = shop.start("orders", &["subgraph", "orders"], &to).await;
        let orders_line = shop.network("routers to orders", orders).await;
        let to = [
            (
                "STOCKGRAPH_SUBGRAPHS__PRODUCTS",
                shop.processes[products].1.url(),
            ),
            (
                "STOCKGRAPH_SUBGRAPHS__WAREHOUSES",
                shop.processes[warehouses].1.url(),
            ),
            ("STOCKGRAPH_SUBGRAPHS__ORDERS", orders_line),
        ];
        shop.victims = vec![products, warehouses, warehouses, orders, orders, orders];
        for name in ["router 1", "router 2"] {
            let router = shop.start(name, &["router"], &to).await;
            shop.urls.push(shop.processes[router].1.url());
            shop.victims.push(router);
        }
        shop
    }

    fn new(site: Site, report: &Report) -> Self {
        site.configure(&settings());
        site.run(&["migrate", "up"]);
        let staff = Client::new(&site.token(Scopes::from(Scope::ALL)));
        Self {
            processes: Vec::new(),
            networks: Vec::new(),
            victims: Vec::new(),
            site,
            staff,
            urls: Vec::new(),
            report: report.clone(),
        }
    }

    async fn start(
        &mut self,
        name: &'static str,
        arguments: &[&str],
        to: &[(&str, String)],
    ) -> usize {
        let to: Vec<_> = to.iter().map(|(name, url)| (*name, url.as_str())).collect();
        let mut server = self.site.start(arguments, &to);
        server.healthy(&self.staff.http).await;
        self.processes.push((name, server));
        self.processes.len() - 1
    }

    /// A network before this process. Answers the URL of its endpoint as it is seen through it.
    async fn network(&mut self, name: &'static str, process: usize) -> String {
        let proxy = Proxy::before(self.processes[process].1.address()).await;
        let url = format!("http://{}/graphql", proxy.address());
        self.networks.push((name, proxy));
        url
    }

    /// How many networks there are.
    pub const fn networks(&self) -> usize {
        self.networks.len()
    }

    /// Whether the database is a server that can crash by itself.
    pub const fn has_database_server(&self) -> bool {
        self.site.postgres().is_some()
    }

    /// Lets this happen, and puts it right after so long. Returns when the shop answers again.
    pub async fn suffer(&mut self, fault: Fault, time: Duration) {
        self.report.fault(&self.describe(fault));
        match fault {
            Fault::Kill(process) => {
                let (name, server) = &mut self.processes[process];
                server.kill();
                tokio::time::sleep(time).await;
                let start = Instant::now();
                server.start();
                server.healthy(&self.staff.http).await;
                let name = *name;
                self.answers().await;
                self.report.recovered(name, start.elapsed());
            }
            Fault::Network(network, mode) => {
                self.networks[network].1.set(mode);
                tokio::time::sleep(time).await;
                let start = Instant::now();
                self.networks[network].1.set(Mode::Pass);
                self.answers().await;
                self.report.recovered("a network", start.elapsed());
            }
            Fault::Database => {
                let postgres = self.site.postgres().expect("a database server of its own");
                postgres.crash();
                tokio::time::sleep(time).await;
                let start = Instant::now();
                postgres.start();
                self.answers().await;
                self.report.recovered("the database", start.elapsed());
            }
        }
    }

    /// Makes a network a bad one, or a good one again.
    pub fn set_network(&self, network: usize, mode: Mode) {
        if mode != Mode::Pass {
            self.report
                .fault(&self.describe(Fault::Network(network, mode)));
        }
        self.networks[network].1.set(mode);
    }

    fn describe(&self, fault: Fault) -> String {
        match fault {
            Fault::Kill(process) => format!("kill {}", self.processes[process].0),
            Fault::Network(network, mode) => {
                let how = match mode {
                    Mode::Pass => "pass",
                    Mode::Cut => "cut",
                    Mode::Delay(_) => "delay",
                    Mode::DropAnswers => "drop the answers of",
                };
                format!("{how} {}", self.networks[network].0)
            }
            Fault::Database => "crash PostgreSQL".into(),
        }
    }

    /// Waits until each router answers from the databases. A bad network is not waited for.
    async fn answers(&self) {
        const QUERY: &str = "{ orders(first: 1) { totalCount } warehouses { id } }";
        for url in &self.urls {
            until(url, async || {
                let asked = self.staff.ask(url, QUERY, &json!({})).await;
                matches!(asked, Reply::Answered(_))
            })
            .await;
        }
    }
}
