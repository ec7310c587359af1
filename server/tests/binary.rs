//! The binary as a user meets it: it starts, answers, tells what is wrong, and stops without losing what is in flight.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on has failed, and says where"
)]

#[path = "binary/accounts.rs"]
mod accounts;
#[path = "binary/identity.rs"]
mod identity;
#[path = "binary/import.rs"]
mod import;
#[path = "binary/reload.rs"]
mod reload;
#[path = "binary/shutdown.rs"]
mod shutdown;
#[path = "binary/subscriptions.rs"]
mod subscriptions;
#[path = "binary/supergraph.rs"]
mod supergraph;
#[path = "binary/traces.rs"]
mod traces;

use std::{
    io::{BufRead, BufReader, Read},
    net::TcpListener,
    path::Path,
    process::{Child, Command, Output, Stdio},
};

use http::header::CONTENT_TYPE;
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use serde_json::{Value, json};
use stockgraph_kit::database::{Database, DatabaseOptions};
use stockgraph_warehouses::domain::level::LevelId;
use tempfile::TempDir;

fn stockgraph(data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stockgraph"));
    command
        .current_dir(data)
        .env_clear()
        .arg("--data-dir")
        .arg(data.join("data"))
        .stdin(Stdio::null());
    command
}

fn output(command: &mut Command) -> Output {
    command.output().expect("the binary runs")
}

/// The binary with everything in it, on a free port.
struct Running {
    child: Child,
    url: String,
    said: String,
    data: TempDir,
}

impl Running {
    fn start(settings: &[(&str, &str)]) -> Self {
        let data = tempfile::tempdir().unwrap();
        let mut child = stockgraph(data.path())
            .args(["--listen", "127.0.0.1:0"])
            .envs(settings.iter().copied())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        let mut said = String::new();
        let mut lines = BufReader::new(child.stdout.as_mut().unwrap()).lines();
        for line in lines.by_ref() {
            let line = line.unwrap();
            said += &format!("{line}\n");
            if line.contains("Ctrl-C") {
                break;
            }
        }
        let url = said
            .split_whitespace()
            .find(|word| word.starts_with("http://") && word.ends_with("/graphql"))
            .unwrap_or_else(|| panic!("no address in: {said}"))
            .to_owned();
        Self {
            child,
            url,
            said,
            data,
        }
    }

    async fn ask(&self, query: &str) -> Value {
        stockgraph_server::use_ring();
        reqwest::Client::new()
            .post(&self.url)
            .header(CONTENT_TYPE, "application/json")
            .json(&json!({ "query": query }))
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap()
    }

    /// The exit code of `stockgraph verify` on the open shop, and what it says.
    fn verify(&self) -> (Option<i32>, String) {
        let output = output(stockgraph(self.data.path()).arg("verify"));
        assert!(
            output.stderr.is_empty(),
            "no bar where there is no terminal"
        );
        (
            output.status.code(),
            String::from_utf8(output.stdout).unwrap(),
        )
    }

    /// Takes a unit off a level behind the shop's back; tells which level.
    async fn lose_a_unit(&self) -> LevelId {
        let file = self.data.path().join("data/warehouses.db");
        let options = DatabaseOptions::new(format!("sqlite:{}", file.display()));
        let database = Database::connect(&options).await.unwrap();
        let tampered = Statement::from_string(
            DbBackend::Sqlite,
            "UPDATE stock_levels SET on_hand = on_hand - 1 WHERE id = (SELECT id FROM stock_levels WHERE on_hand > reserved) \
             RETURNING id",
        );
        let row = database.writer().query_one_raw(tampered).await.unwrap();
        let level = row.unwrap().try_get("", "id").unwrap();
        database.close().await.unwrap();
        level
    }

    fn signal(&self, signal: &str) {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args([signal, &pid]).status().unwrap();
        assert!(sent.success());
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

#[tokio::test]
async fn the_first_run_opens_the_demo_shop_and_sigterm_ends_it_well() {
    let mut running = Running::start(&[]);
    for told in [
        "demo shop",
        "Playground",
        "user1@example.com",
        "password123",
        "signing key",
    ] {
        assert!(
            running.said.contains(told),
            "{told} is not in: {}",
            running.said
        );
    }
    let answer = running
        .ask("{ products(first: 20) { nodes { name price { amount currency } stock { available byWarehouse { warehouse { name status } onHand reserved available } } } } }")
        .await;
    assert_eq!(
        answer["data"]["products"]["nodes"]
            .as_array()
            .unwrap()
            .len(),
        20,
        "{answer}"
    );
    let page = reqwest::Client::new()
        .get(running.url.trim_end_matches("graphql"))
        .header("accept-encoding", "gzip")
        .send()
        .await
        .unwrap();
    assert!(page.headers().contains_key("content-security-policy"));
    assert!(page.headers().contains_key("etag"));
    running.signal("-TERM");
    let mut rest = String::new();
    running
        .child
        .stdout
        .take()
        .unwrap()
        .read_to_string(&mut rest)
        .unwrap();
    assert!(running.child.wait().unwrap().success());
    assert!(rest.contains("Stopped."), "{rest}");
}

#[test]
fn a_port_in_use_is_a_clear_error() {
    let data = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output = output(stockgraph(data.path()).args(["--listen", &address]));
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success());
    assert!(
        error.contains(&address) && error.contains("in use") && error.contains("--listen"),
        "{error}"
    );
    assert!(
        !data.path().join("data").exists(),
        "nothing is made before the port is had"
    );
}

#[test]
fn a_database_that_cannot_be_opened_is_a_clear_error() {
    let data = tempfile::tempdir().unwrap();
    for (url, told) in [
        ("postgres://nobody@127.0.0.1:1/{subgraph}", "users"),
        ("mysql://127.0.0.1/x", "mysql"),
        (
            "sqlite:/proc/nowhere/{subgraph}.db",
            "/proc/nowhere/users.db",
        ),
    ] {
        let output =
            output(stockgraph(data.path()).args(["--listen", "127.0.0.1:0", "--database", url]));
        let error = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success());
        assert!(
            error.contains("database") && error.contains(told),
            "{error}"
        );
    }
}

#[test]
fn a_wrong_setting_is_a_clear_error_at_the_start() {
    let data = tempfile::tempdir().unwrap();
    for (variable, value, told) in [
        ("STOCKGRAPH_SERVER__LISTEN", "nowhere", "LISTEN"),
        (
            "STOCKGRAPH_ORDERS__PAYMENT_TIMEOUT_SECONDS",
            "soon",
            "PAYMENT_TIMEOUT_SECONDS",
        ),
        (
            "STOCKGRAPH_JOBS__EXPIRE_ORDERS__BATCH_SIZE",
            "0",
            "jobs.expire_orders.batch_size",
        ),
        ("STOCKGRAPH_COLOUR", "blue", "colour"),
        ("STOCKGRAPH_LOG__FILTER", "=,=", "log.filter"),
        ("STOCKGRAPH_CONFIG", "nowhere.toml", "nowhere.toml"),
    ] {
        let output = output(stockgraph(data.path()).env(variable, value));
        let error = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success());
        assert!(
            error.to_lowercase().contains(&told.to_lowercase()),
            "{error}"
        );
    }
}

#[test]
fn the_environment_changes_one_value_of_a_job() {
    let running = Running::start(&[
        ("STOCKGRAPH_DEMO__SEED", "false"),
        ("STOCKGRAPH_JOBS__EXPIRE_ORDERS__SCHEDULE", "0 30 4 * * *"),
        ("STOCKGRAPH_JOBS__EXPIRE_ORDERS__BATCH_SIZE", "20"),
        ("STOCKGRAPH_JOBS__EXPIRE_RESERVATIONS__ENABLED", "false"),
    ]);
    assert!(running.said.contains("Job expire_orders: 0 30 4 * * *\n"));
    assert!(!running.said.contains("expire_reservations"));
}

#[tokio::test]
async fn payments_are_taken_and_metrics_shown_beside_the_graph() {
    stockgraph_server::use_ring();
    let running = Running::start(&[
        ("STOCKGRAPH_DEMO__SEED", "false"),
        (
            "STOCKGRAPH_WEBHOOKS__PAYMENTS__SECRETS",
            "[\"the secret to come\", \"a secret of the provider\"]",
        ),
    ]);
    assert!(running.said.contains("/webhooks/payments"));
    assert!(!running.said.contains("of the provider"));
    let shop = running.url.trim_end_matches("/graphql");
    let client = reqwest::Client::new();
    let unsigned = client.post(format!("{shop}/webhooks/payments")).send();
    assert_eq!(unsigned.await.unwrap().status(), 401);
    let metrics = client.get(format!("{shop}/metrics")).send().await.unwrap();
    let metrics = metrics.text().await.unwrap();
    for sample in [
        "stockgraph_stock_effects_stuck 0\n",
        "stockgraph_webhook_deliveries_total{webhook=\"payments\",outcome=\"unauthenticated\"} 1\n",
    ] {
        assert!(metrics.contains(sample), "{metrics}");
    }
}

#[test]
fn migrations_go_up_and_down_and_tell_their_state() {
    let data = tempfile::tempdir().unwrap();
    let migrate = |arguments: &[&str]| {
        let output = output(stockgraph(data.path()).arg("migrate").args(arguments));
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{error}");
        String::from_utf8(output.stdout).unwrap()
    };
    assert!(migrate(&["up"]).contains("orders: applied"));
    assert!(migrate(&["up"]).contains("orders: nothing to do"));
    assert!(!migrate(&["status"]).contains("Pending"));
    assert!(migrate(&["down", "orders"]).contains("orders: undid"));
    let status = migrate(&["status"]);
    assert!(
        status.contains("orders: Pending") && status.contains("users: Applied"),
        "{status}"
    );
    assert!(migrate(&["down", "warehouses"]).contains("warehouses: undid"));
    let applied = migrate(&["up"]);
    assert!(
        applied.contains("orders: applied") && applied.contains("warehouses: applied"),
        "{applied}"
    );
}

#[test]
fn verify_tells_what_to_do_where_there_is_nothing_yet() {
    let data = tempfile::tempdir().unwrap();
    let output = output(stockgraph(data.path()).arg("verify"));
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "it cannot be told");
    assert!(error.contains("stockgraph migrate up"), "{error}");
}

#[tokio::test]
async fn verify_finds_nothing_wrong_in_an_open_shop_and_names_what_somebody_breaks() {
    let running = Running::start(&[]);
    let (code, said) = running.verify();
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("┆ Rows checked ┆ Wrong │"), "{said}");
    assert!(said.ends_with("\nEvery rule holds.\n"), "{said}");
    let level = running.lose_a_unit().await;
    let (code, said) = running.verify();
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains(&format!("{level}: on_hand ")), "{said}");
    assert!(said.ends_with("\nNot every rule holds.\n"), "{said}");
}
