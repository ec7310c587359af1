//! Configuration: one TOML file and the environment.
//!
//! Every value has a default but secrets, which have none: the embedded server makes its own. A value is taken from the environment
//! (`STOCKGRAPH_ORDERS__PAYMENT_TIMEOUT_SECONDS=60`), else from the file, else the default holds. An unknown key or a wrong value
//! is an error that names the key and where it stands.

mod auth;
mod database;
mod demo;
mod headers;
mod job;
mod log;
mod orders;
mod router;
mod secret;
mod server;
mod subgraph;
mod traces;
mod traffic;
mod webhooks;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use anyhow::Context;
use figment::{
    Figment,
    providers::{Env, Format, Serialized, Toml},
};
use serde::{Deserialize, Serialize};
use stockgraph_users::service::IdentityConfig;

pub use self::{
    auth::AuthConfig,
    database::DatabaseConfig,
    demo::DemoConfig,
    headers::HeadersConfig,
    job::JobConfig,
    log::{LogConfig, LogFormat},
    orders::OrdersConfig,
    router::{
        CorsConfig, DebugConfig, DocumentsConfig, LimitsConfig, RouterConfig, SubscriptionsConfig,
    },
    secret::Secret,
    server::ServerConfig,
    subgraph::{SubgraphName, SubgraphsConfig},
    traces::TracesConfig,
    traffic::TrafficConfig,
    webhooks::{PaymentWebhookConfig, WebhooksConfig},
};

/// The file that is read when no other is named, if it is there.
pub const DEFAULT_FILE: &str = "stockgraph.toml";

/// What stands before every variable of the environment that is a setting.
const ENVIRONMENT_PREFIX: &str = "STOCKGRAPH_";

/// All settings, a struct for each concern.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Where the embedded databases and the signing key are kept. Default: `./data`.
    pub data_dir: PathBuf,
    /// Where this process listens.
    pub server: ServerConfig,
    /// The databases.
    pub database: DatabaseConfig,
    /// Tokens and the key that signs them.
    pub auth: AuthConfig,
    /// Accounts.
    pub users: IdentityConfig,
    /// The checkout.
    pub orders: OrdersConfig,
    /// The router.
    pub router: RouterConfig,
    /// Where the subgraphs are, for processes that reach them over HTTP.
    pub subgraphs: SubgraphsConfig,
    /// What is sent to the graph on a schedule, by name. The two expiry jobs are there by default; what is said of one of them
    /// leaves its other values as they are.
    pub jobs: BTreeMap<String, JobConfig>,
    /// What others report to the shop over HTTP.
    pub webhooks: WebhooksConfig,
    /// The demo shop.
    pub demo: DemoConfig,
    /// What is logged, and how.
    pub log: LogConfig,
    /// Traces of requests.
    pub traces: TracesConfig,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            data_dir: PathBuf::from("./data"),
            server: ServerConfig::default(),
            database: DatabaseConfig::default(),
            auth: AuthConfig::default(),
            users: IdentityConfig::default(),
            orders: OrdersConfig::default(),
            router: RouterConfig::default(),
            subgraphs: SubgraphsConfig::default(),
            jobs: JobConfig::expiry(),
            webhooks: WebhooksConfig::default(),
            demo: DemoConfig::default(),
            log: LogConfig::default(),
            traces: TracesConfig::default(),
        }
    }
}

impl Config {
    /// Reads the file (`stockgraph.toml` if it is there, when none is named) and the environment.
    ///
    /// # Errors
    ///
    /// The named file is not there, or a value is wrong: the message names the key, what it should be and where it stands.
    pub fn load(file: Option<&Path>) -> anyhow::Result<Self> {
        let mut figment = Figment::from(Serialized::defaults(Self::default()));
        if let Some(file) = file {
            anyhow::ensure!(
                file.is_file(),
                "the configuration file {} is not there",
                file.display()
            );
        }
        let file = file.unwrap_or(Path::new(DEFAULT_FILE));
        if file.exists() {
            figment = figment.merge(Toml::file_exact(file));
        }
        let config: Self = figment
            .merge(
                Env::prefixed(ENVIRONMENT_PREFIX)
                    // The command line's, not a setting.
                    .ignore(&["config"])
                    .split("__"),
            )
            .extract()
            .map_err(explain)?;
        config.check().context("the configuration is not right")?;
        Ok(config)
    }

    /// What no type can say of a value.
    ///
    /// # Errors
    ///
    /// Names the setting and what it must be.
    pub fn check(&self) -> anyhow::Result<()> {
        self.database.check()?;
        self.auth.check()?;
        self.orders.check()?;
        self.router.check()?;
        self.server.check()?;
        self.webhooks.check()?;
        job::check_all(&self.jobs)
    }
}

/// All that is wrong, a line each.
///
/// Of a file that is no TOML, the parser quotes the line, with the number or nothing and `|` before it. It may hold a secret, so the
/// place alone is told.
fn explain(errors: figment::Error) -> anyhow::Error {
    let quotes = |line: &&str| {
        let line = line.trim_start();
        line.trim_start_matches(|c: char| c.is_ascii_digit())
            .trim_start()
            .starts_with('|')
    };
    let lines: Vec<String> = errors
        .into_iter()
        .flat_map(|error| {
            let text = error.to_string();
            let told = text.lines().filter(|line| !quotes(line));
            told.map(str::to_owned).collect::<Vec<_>>()
        })
        .collect();
    anyhow::anyhow!("the configuration is not right: {}", lines.join("\n  "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(text: &str) -> anyhow::Result<Config> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        Config::load(Some(file.path()))
    }

    #[test]
    fn without_a_setting_the_defaults_hold() {
        let config = load("").unwrap();
        assert_eq!(config.server.listen, ([127, 0, 0, 1], 4000).into());
        assert_eq!(config.orders.payment_timeout_seconds, 900);
        assert_eq!(config.jobs.len(), 2);
    }

    #[test]
    fn the_example_file_is_right_and_changes_nothing() {
        let example = include_str!("../../stockgraph.example.toml");
        let uncommented: String = example
            .lines()
            .filter_map(|line| {
                let setting = line.strip_prefix("# ").is_some_and(|rest| {
                    rest.starts_with('[')
                        || rest.split_once(" = ").is_some_and(|(key, _)| {
                            key.chars().all(|c| c.is_ascii_lowercase() || c == '_')
                        })
                });
                match line.strip_prefix("# ") {
                    Some(rest) if setting => Some(format!("{rest}\n")),
                    Some(_) => None,
                    None => Some(format!("{line}\n")),
                }
            })
            .collect();
        let example = load(&uncommented).unwrap();
        assert_eq!(
            serde_json::to_value(&example).unwrap(),
            serde_json::to_value(Config::default()).unwrap()
        );
    }

    #[test]
    fn an_unknown_key_is_named() {
        let error = load("[orders]\npayment_timeout = 5")
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("payment_timeout") && error.contains("payment_timeout_seconds"),
            "{error}"
        );
    }

    #[test]
    fn a_wrong_value_is_named_with_its_key() {
        let error = load("[server]\nlisten = \"nowhere\"")
            .unwrap_err()
            .to_string();
        assert!(error.contains("server.listen"), "{error}");
        let error = load("[orders]\npayment_timeout_seconds = 0");
        assert!(format!("{:#}", error.unwrap_err()).contains("payment_timeout_seconds"));
    }

    #[test]
    fn a_line_that_is_not_toml_is_placed_but_not_shown() {
        let file = "[webhooks.payments]\nsecrets = \"a secret of the provider\n";
        let error = load(file).unwrap_err().to_string();
        assert!(error.contains("line 2"), "{error}");
        assert!(!error.contains("provider"), "{error}");
    }

    #[test]
    fn one_value_of_a_job_leaves_the_others_as_they_are() {
        let config = load("[jobs.expire_orders]\nschedule = \"0 * * * * *\"").unwrap();
        let (job, default) = (&config.jobs["expire_orders"], &JobConfig::expiry());
        assert_eq!(job.schedule, "0 * * * * *");
        assert_eq!(job.mutation, default["expire_orders"].mutation);
        assert_eq!(job.batch_size, Some(50));
        assert_eq!(
            config.jobs["expire_reservations"].schedule,
            "*/15 * * * * *"
        );
        let config = load("[jobs.expire_orders]\nenabled = false").unwrap();
        assert!(!config.jobs["expire_orders"].enabled);
    }

    #[test]
    fn a_job_of_ones_own_needs_a_schedule_and_a_mutation() {
        let own = "[jobs.tidy]\nschedule = \"0 0 3 * * *\"\n";
        let config = load(&format!("{own}mutation = \"mutation {{ tidy }}\"")).unwrap();
        assert_eq!(config.jobs.len(), 3);
        let error = load(own).unwrap_err().to_string();
        assert!(
            error.contains("mutation") && error.contains("jobs.tidy"),
            "{error}"
        );
    }

    #[test]
    fn what_is_wrong_with_a_job_is_told_with_its_key() {
        for (wrong, told) in [
            (
                "[jobs.expire_orders]\nschedule = \"every day\"",
                "jobs.expire_orders.schedule: `every day`",
            ),
            (
                "[jobs.expire_orders]\nbatch_size = 1001",
                "jobs.expire_orders.batch_size must be from 1 to 1000",
            ),
            (
                "[jobs.expire_orders]\nscopes = [\"orders:eat\"]",
                "jobs.expire_orders.scopes: `orders:eat`",
            ),
            (
                "[jobs.a-b]\nschedule = \"* * * * * *\"\nmutation = \"mutation { a }\"",
                "jobs.a-b: the name",
            ),
        ] {
            let error = format!("{:#}", load(wrong).unwrap_err());
            assert!(error.contains(told), "{error}");
        }
    }

    #[test]
    fn a_file_that_was_named_must_be_there() {
        let error = Config::load(Some(Path::new("/nowhere/stockgraph.toml"))).unwrap_err();
        assert!(error.to_string().contains("/nowhere/stockgraph.toml"));
    }
}
