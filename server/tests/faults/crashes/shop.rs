//! A shop in three processes (catalogue, stock, orders), and those who ask it again and again until they are answered.

use std::{
    fs,
    path::PathBuf,
    time::{Duration, Instant},
};

use chrono::TimeDelta;
use serde_json::{Value, json};
use stockgraph_kit::{
    caller::{Scope, Scopes},
    clock::Clock,
    id::{IdSource, UserId},
    random::Random,
};

use super::told::{Ordered, Told};
use crate::{
    client::{Client, Reply},
    process::{PATIENCE, Server, Site, until},
};

/// How often a call is made again.
pub const PAUSE: Duration = Duration::from_millis(20);

/// What one unit costs, in rupiah.
pub const PRICE: i64 = 1_000;

/// How long the warehouses keep a hold beyond the time to pay, in seconds: the default.
pub const GRACE: i64 = 300;

/// Where the shop keeps its data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

/// Which process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Process {
    Products,
    Warehouses,
    Orders,
}

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum As {
    Customer,
    /// A service that may do everything.
    Service,
}

/// The shop.
pub struct Shop {
    pub site: Site,
    products: Server,
    pub warehouses: Server,
    orders: Server,
    customer: Client,
    service: Client,
    pub user: UserId,
    /// Whether every call to orders is made a second time.
    pub asks_twice: bool,
    pub told: Told,
    pub warehouse: String,
    /// Of which there is plenty.
    pub plenty: String,
    crash_file: PathBuf,
    count: usize,
}

impl Shop {
    /// Opens it, with these variables in the environment of orders and warehouses.
    pub async fn open(engine: Engine, variables: &[(&str, &str)]) -> Self {
        let mut site = match engine {
            Engine::Sqlite => Site::embedded(),
            Engine::Postgres => Site::on_postgres(),
        };
        site.run(&["migrate", "up"]);
        let ids = IdSource::new(Clock::system(), Random::system());
        let user: UserId = ids.next();
        let service = Client::of_router(&site.token(Scopes::from(Scope::ALL)));
        let customer = Client::new(&site.tokens_of(&[user])[0]);
        let crash_file = site.file("crash");
        let dies_by = crash_file.display().to_string();
        let mut settings = variables.to_vec();
        settings.push(("FAULTS_CRASH_FILE", &dies_by));
        site.publish_keys(&service.http).await;
        let products = site.serve("products");
        let warehouses = site.start(&["subgraph", "warehouses"], &settings);
        let (catalogue, stock) = (products.url(), warehouses.url());
        settings.extend([
            ("STOCKGRAPH_SUBGRAPHS__PRODUCTS", catalogue.as_str()),
            ("STOCKGRAPH_SUBGRAPHS__WAREHOUSES", &stock),
            ("STOCKGRAPH_ORDERS__EFFECT_LEASE_SECONDS", "1"),
            ("STOCKGRAPH_ORDERS__EFFECT_INTERVAL_MILLISECONDS", "500"),
        ]);
        let orders = site.start(&["subgraph", "orders"], &settings);
        let mut shop = Self {
            site,
            products,
            warehouses,
            orders,
            customer,
            service,
            user,
            asks_twice: false,
            told: Told::default(),
            warehouse: String::new(),
            plenty: String::new(),
            crash_file,
            count: 0,
        };
        for process in [Process::Products, Process::Warehouses, Process::Orders] {
            shop.healthy(process).await;
        }
        shop.warehouse = shop.new_warehouse().await;
        shop.plenty = shop.stocked(1_000).await;
        shop
    }

    fn server(&mut self, process: Process) -> &mut Server {
        match process {
            Process::Products => &mut self.products,
            Process::Warehouses => &mut self.warehouses,
            Process::Orders => &mut self.orders,
        }
    }

    async fn healthy(&mut self, process: Process) {
        let http = self.service.http.clone();
        self.server(process).healthy(&http).await;
    }

    /// Lets the next process die that comes to this point.
    pub fn arm(&self, point: Option<&str>) {
        if let Some(point) = point {
            let half = self.crash_file.with_extension("half");
            fs::write(&half, point).unwrap();
            fs::rename(&half, &self.crash_file).unwrap();
        }
    }

    /// Waits until a process has died at the point it was told to, and is back.
    pub async fn assert_died(&mut self, point: &str) {
        let file = self.crash_file.clone();
        until(point, async || !file.exists()).await;
        self.revive().await;
    }

    /// Starts again what has died.
    async fn revive(&mut self) {
        for process in [Process::Warehouses, Process::Orders] {
            let server = self.server(process);
            if server.is_wanted() && server.has_ended() {
                server.start();
                self.healthy(process).await;
            }
        }
    }

    /// Starts orders again with another time to pay.
    pub async fn payment_timeout(&mut self, seconds: u32) {
        self.orders.kill();
        self.orders.set(
            "STOCKGRAPH_ORDERS__PAYMENT_TIMEOUT_SECONDS",
            &seconds.to_string(),
        );
        self.orders.start();
        self.healthy(Process::Orders).await;
    }

    pub async fn stop_warehouses(&mut self) {
        self.warehouses.kill();
    }

    pub async fn start_warehouses(&mut self) {
        self.warehouses.start();
        self.healthy(Process::Warehouses).await;
    }

    /// Who asks as this one.
    pub fn client(&self, caller: As) -> Client {
        match caller {
            As::Customer => self.customer.clone(),
            As::Service => self.service.clone(),
        }
    }

    /// Starts what is missing to a whole graph: accounts, and the router.
    pub async fn open_to_the_public(&self) -> (Server, Server) {
        let users = self.site.serve("users");
        let urls = [
            ("STOCKGRAPH_SUBGRAPHS__USERS", users.url()),
            ("STOCKGRAPH_SUBGRAPHS__PRODUCTS", self.products.url()),
            ("STOCKGRAPH_SUBGRAPHS__WAREHOUSES", self.warehouses.url()),
            ("STOCKGRAPH_SUBGRAPHS__ORDERS", self.orders.url()),
        ];
        let settings = urls.each_ref().map(|(name, url)| (*name, url.as_str()));
        let mut router = self.site.start(&["router"], &settings);
        router.healthy(&self.service.http).await;
        (users, router)
    }

    /// Notes that this order was answered.
    pub fn was_told(&mut self, key: &str, order: &str, product: &str, quantity: i64) {
        let ordered = Ordered {
            order: order.to_owned(),
            product: product.to_owned(),
            quantity,
        };
        self.told.orders.insert(key.to_owned(), ordered);
    }

    /// Asks until there is an answer.
    pub async fn ask(&mut self, caller: As, at: Process, query: &str, variables: Value) -> Value {
        let client = self.client(caller);
        let url = self.server(at).url();
        let mut again = self.asks_twice && at == Process::Orders;
        let start = Instant::now();
        loop {
            let reply = client.ask(&url, query, &variables).await;
            match reply {
                Reply::Answered(_) if again => again = false,
                Reply::Answered(data) => return data,
                Reply::NotDone(_) | Reply::Unknown(_) => {
                    assert!(start.elapsed() < PATIENCE, "{query} {variables}: {reply:?}");
                    tokio::time::sleep(PAUSE).await;
                    self.revive().await;
                }
            }
        }
    }

    /// The payload of a mutation.
    pub async fn mutate(
        &mut self,
        caller: As,
        at: Process,
        name: &str,
        selection: &str,
        input: Value,
    ) -> Value {
        let mut input_type = name.to_owned();
        input_type[..1].make_ascii_uppercase();
        let query = format!(
            "mutation ($input: {input_type}Input!) {{ {name}(input: $input) {{ {selection} errors {{ __typename ... on UserError {{ message }} }} }} }}"
        );
        self.ask(caller, at, &query, json!({ "input": input }))
            .await[name]
            .take()
    }

    /// A mutation of orders. Done once, it may be refused the second time: what stands there then is looked at in the end.
    pub async fn order_mutation(&mut self, name: &str, input: Value) -> Value {
        self.mutate(
            As::Service,
            Process::Orders,
            name,
            "order { id status lines { id } }",
            input,
        )
        .await
    }

    fn new_name(&mut self) -> String {
        self.count += 1;
        format!("N{}", self.count)
    }

    async fn new_warehouse(&mut self) -> String {
        let code = self.new_name();
        let created = self.mutate(
            As::Service,
            Process::Warehouses,
            "createWarehouse",
            "warehouse { id }",
            json!({ "code": code, "name": code }),
        );
        text(&created.await["warehouse"]["id"])
    }

    /// A new product with so many units of it.
    pub async fn stocked(&mut self, units: i64) -> String {
        let sku = self.new_name();
        let price = json!({ "amount": PRICE.to_string(), "currency": "IDR" });
        let input = json!({ "sku": sku, "name": sku, "status": "ACTIVE", "price": price });
        let created = self.mutate(
            As::Service,
            Process::Products,
            "createProduct",
            "product { id }",
            input,
        );
        let product = text(&created.await["product"]["id"]);
        let input = json!({
            "warehouseId": self.warehouse, "idempotencyKey": sku,
            "lines": [{ "productId": product, "quantity": units }],
        });
        let received = self.mutate(
            As::Service,
            Process::Warehouses,
            "receiveStock",
            "stockLevels { onHand }",
            input,
        );
        assert_eq!(received.await["errors"], json!([]));
        self.told.received.insert(product.clone(), units);
        product
    }

    /// A key that no checkout has had.
    pub fn new_key(&mut self) -> String {
        self.new_name()
    }

    /// An order of so many units.
    pub async fn place(&mut self, product: &str, quantity: i64) -> Value {
        let key = self.new_key();
        self.place_with(&key, product, quantity).await
    }

    pub async fn place_with(&mut self, key: &str, product: &str, quantity: i64) -> Value {
        let input = json!({
            "idempotencyKey": key,
            "lines": [{ "productId": product, "quantity": quantity }],
        });
        let selection = "order { id lines { id } reservation { id } }";
        let mut placed = self
            .mutate(
                As::Customer,
                Process::Orders,
                "placeOrder",
                selection,
                input,
            )
            .await;
        assert_eq!(placed["errors"], json!([]));
        let order = placed["order"].take();
        self.was_told(key, &text(&order["id"]), product, quantity);
        order
    }

    /// Its price comes in.
    pub async fn pay(&mut self, order: &Value) -> Value {
        let id = text(&order["id"]);
        let quantity = self
            .told
            .orders
            .values()
            .find(|told| told.order == id)
            .map_or(0, |told| told.quantity);
        let reference = format!("pay-{}", self.new_name());
        let amount = quantity * PRICE;
        self.told
            .payments
            .push((id.clone(), reference.clone(), amount));
        let input = json!({
            "orderId": id, "paymentReference": reference,
            "amount": { "amount": amount.to_string(), "currency": "IDR" },
        });
        self.order_mutation("confirmPayment", input).await
    }

    /// The stock of an unpaid order is given back behind its back.
    pub async fn lose_hold(&mut self, order: &Value) {
        let released = self.mutate(
            As::Service,
            Process::Warehouses,
            "releaseReservation",
            "reservation { status }",
            json!({ "id": order["reservation"]["id"] }),
        );
        assert_eq!(released.await["reservation"]["status"], "RELEASED");
    }

    /// Lets time pass until a payment timeout of `seconds` is over.
    pub async fn overdue(&mut self, seconds: i64) {
        let time = TimeDelta::seconds(seconds).to_std().unwrap();
        tokio::time::sleep(time + Duration::from_millis(50)).await;
    }
}

/// A text of an answer.
pub fn text(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("{value} is no text"))
        .to_owned()
}
