//! The command line.

use std::{net::SocketAddr, path::PathBuf, process::ExitCode};

use clap::{
    Args, Parser, Subcommand,
    builder::{PossibleValuesParser, TypedValueParser},
};
use futures_util::future::BoxFuture;
use stockgraph_users::domain::audit::EventKind;

use crate::{
    commands::{self, audit::Since},
    config::{Config, SubgraphName},
    supergraph::OfSubgraph,
    telemetry, use_ring,
};

/// A shop's back end as one federated GraphQL graph. Without a command it serves everything: the router, all four subgraphs,
/// the scheduler and the playground, on embedded databases unless the configuration names others.
#[derive(Debug, Parser)]
#[command(name = "stockgraph", version)]
pub struct Cli {
    #[command(flatten)]
    settings: Settings,
    #[command(subcommand)]
    command: Option<Command>,
}

/// What the command line may say of the configuration; it goes before the file and the environment.
#[derive(Debug, Args)]
struct Settings {
    /// The configuration file [default: stockgraph.toml, if it is there]
    #[arg(long, global = true, env = "STOCKGRAPH_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    /// Where to listen [default: 127.0.0.1:4000; for a subgraph 4001 to 4004]
    #[arg(long, global = true, value_name = "ADDRESS:PORT")]
    listen: Option<SocketAddr>,
    /// Where the embedded databases and the signing key are kept [default: ./data]
    #[arg(long, global = true, value_name = "FOLDER")]
    data_dir: Option<PathBuf>,
    /// The databases' URL, in which {subgraph} stands for the subgraph's name
    #[arg(long, global = true, value_name = "URL")]
    database: Option<String>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve everything in this process (the default)
    Serve,
    /// Serve one subgraph over HTTP
    Subgraph {
        /// Which one
        name: SubgraphName,
    },
    /// Serve the router over HTTP: our own subgraphs at the URLs of the configuration, others beside them, or any supergraph
    Router(RouterOptions),
    /// Compose schemas of subgraphs into a supergraph, or tell all that is wrong with them
    ///
    /// The exit code is 0 where there is a supergraph, and 1 where there is none. What is legal but odd is a hint, on the standard
    /// error.
    Compose(ComposeOptions),
    /// Change the databases' schemas
    #[command(subcommand)]
    Migrate(MigrateCommand),
    /// The GraphQL schema files in `schema/`
    #[command(subcommand)]
    Schema(SchemaCommand),
    /// The keys that sign access tokens
    #[command(subcommand)]
    Keys(KeysCommand),
    /// Bring in many things at once from a file
    #[command(subcommand)]
    Import(ImportCommand),
    /// Accounts, beside the running server
    #[command(subcommand)]
    User(UserCommand),
    /// Show what happened to accounts, newest first: who signed in and whence, who failed, what was changed and by whom
    Audit(AuditOptions),
    /// Check the rules of the stock, and that orders and reservations agree, on the live databases; exits with 1 where one does
    /// not hold, and with 2 where it cannot be told
    Verify,
}

/// What a router serves.
#[derive(Clone, Debug, Args)]
pub struct RouterOptions {
    /// A supergraph that a composer made; its subgraphs are at the URLs in it
    #[arg(long, value_name = "FILE", conflicts_with = "sdls")]
    pub supergraph: Option<PathBuf>,
    /// Where a subgraph is, one more or another place; it may be given several times
    #[arg(long = "subgraph", value_name = "NAME=URL")]
    pub subgraphs: Vec<OfSubgraph>,
    /// Serve only the subgraphs that are named here, not this shop's own four
    #[arg(long, conflicts_with = "supergraph")]
    pub only: bool,
    /// A file with a subgraph's schema, which is not asked for it then; it may be given several times
    #[arg(long = "sdl", value_name = "NAME=FILE")]
    pub sdls: Vec<OfSubgraph>,
}

/// What to compose.
#[derive(Clone, Debug, Args)]
pub struct ComposeOptions {
    /// The subgraphs, each with the file of its schema
    #[arg(value_name = "NAME=FILE", required = true)]
    pub subgraphs: Vec<OfSubgraph>,
    /// Where a subgraph is served, for the supergraph to say; it may be given several times
    #[arg(long = "url", value_name = "NAME=URL")]
    pub urls: Vec<OfSubgraph>,
    /// The file to write the supergraph to [default: the standard output]
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// What to do with the databases' schemas.
#[derive(Clone, Copy, Debug, Subcommand)]
pub enum MigrateCommand {
    /// Apply what is pending
    Up,
    /// Undo the last migration of each database, or of one
    Down {
        /// Which subgraph's database [default: all]
        subgraph: Option<SubgraphName>,
        /// How many migrations to undo
        #[arg(long, default_value_t = 1)]
        steps: u32,
    },
    /// Show what is applied and what is pending
    Status,
}

/// What to do with the schema files.
#[derive(Clone, Debug, Subcommand)]
pub enum SchemaCommand {
    /// Write them from the code
    Write {
        /// The folder
        #[arg(default_value = "schema")]
        folder: PathBuf,
    },
    /// Compare them with the code; exits with an error where they differ
    Check {
        /// The folder
        #[arg(default_value = "schema")]
        folder: PathBuf,
    },
}

/// What to do with the signing keys. Running processes follow by themselves, within seconds.
#[derive(Clone, Debug, Subcommand)]
pub enum KeysCommand {
    /// Show the keys and how each stands
    List,
    /// Make a new key that takes over from the present one, whose tokens stay good until they expire
    Rotate {
        /// When the new key begins to sign, in seconds from now; by then every process must have seen it
        #[arg(long, value_name = "SECONDS", default_value_t = 120)]
        after: u32,
    },
    /// Delete a key that somebody has stolen; all tokens that it signed are refused from then on
    Remove {
        /// The key's id, as `keys list` shows it
        #[arg(allow_hyphen_values = true)]
        id: String,
    },
}

/// What to bring in.
#[derive(Clone, Debug, Subcommand)]
pub enum ImportCommand {
    /// Receive and adjust stock from a CSV file: all of its lines, or none
    ///
    /// The file is UTF-8 with commas between the fields. Its first line names the columns, in any order:
    ///
    ///   warehouse  the code of the warehouse, or its id (warehouse_…)
    ///   sku        the product's SKU; or, instead of this column,
    ///   product    the product's id (product_…)
    ///   kind       receipt (goods came in) or adjustment (a count, damage or loss is put
    ///              right); without this column every line is a receipt
    ///   quantity   of a receipt how many came in, from 1 to 1000000; of an adjustment the
    ///              number to add, from -1000000 to 1000000 and not 0
    ///   reason     why, up to 500 characters; an adjustment needs one
    ///
    /// For example:
    ///
    ///   warehouse,sku,kind,quantity,reason
    ///   JKT,LAPTOP-16GB,receipt,25,delivery 4711
    ///   JKT,MOUSE-WIRELESS,receipt,100,delivery 4711
    ///   SUB,LAPTOP-16GB,adjustment,-2,damaged in the rack
    ///
    /// Lines take effect in their order, up to 100000 of them; a product may stand in several.
    /// Nothing moves unless every line can be booked; those that cannot are listed with their
    /// numbers.
    ///
    /// The same lines are booked once, however often they come: the second time it is told when
    /// that was, and nothing moves. An equal delivery is booked again under a --key of its own.
    ///
    /// It may run beside the server. Exit code: 0 where the lines are booked, now or before; 1
    /// where they are refused.
    #[command(verbatim_doc_comment)]
    Stock {
        /// The file; - stands for the standard input
        file: PathBuf,
        /// Names the delivery [default: follows from the lines]. The same key with other lines is refused
        #[arg(long)]
        key: Option<String>,
        /// Check every line against the present stock, and move nothing
        #[arg(long)]
        dry_run: bool,
    },
}

/// What to do with accounts. Passwords are asked for at the terminal, or else they are the first line of the standard input.
#[derive(Clone, Debug, Subcommand)]
pub enum UserCommand {
    /// Open an account: a customer's, unless it says otherwise
    Create {
        /// May do everything, accounts included
        #[arg(long, conflicts_with = "staff")]
        admin: bool,
        /// Runs the shop: catalogue, stock, orders, payments
        #[arg(long)]
        staff: bool,
        /// For signing in
        #[arg(long)]
        email: String,
        /// For signing in as well
        #[arg(long)]
        phone: Option<String>,
        /// What others call them
        #[arg(long)]
        name: Option<String>,
    },
    /// Set somebody's password and end their sessions
    SetPassword(Account),
}

/// An account, by one of its names.
#[derive(Clone, Debug, Args)]
#[group(required = true, multiple = false)]
pub struct Account {
    /// Its e-mail address
    #[arg(long)]
    pub email: Option<String>,
    /// Its phone number
    #[arg(long)]
    pub phone: Option<String>,
    /// Its id (user_…)
    #[arg(long)]
    pub id: Option<String>,
}

/// What to show of the audit trail.
#[derive(Clone, Debug, Args)]
pub struct AuditOptions {
    /// Of this account alone
    #[arg(long, value_name = "EMAIL|PHONE|ID")]
    pub user: Option<String>,
    /// Of this kind alone; it may be given several times
    #[arg(long, value_parser = event_kinds())]
    pub kind: Vec<EventKind>,
    /// Not before this instant (2026-11-26T09:00:00Z), or this long ago (90s, 30m, 2h, 7d)
    #[arg(long)]
    pub since: Option<Since>,
    /// At most so many
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u64).range(1..=100_000))]
    pub limit: u64,
    /// An object a line, with the sessions and all details
    #[arg(long)]
    pub json: bool,
}

fn event_kinds() -> impl TypedValueParser<Value = EventKind> {
    PossibleValuesParser::new(EventKind::ALL.iter().map(|kind| kind.as_str()))
        .try_map(|text| text.parse::<EventKind>())
}

/// Does what the command line says.
///
/// The future is boxed so that everything behind it is compiled with this crate, once, and not again with the binary.
///
/// # Errors
///
/// What went wrong, for a person to read.
pub fn run(cli: Cli) -> BoxFuture<'static, anyhow::Result<ExitCode>> {
    Box::pin(run_command(cli))
}

async fn run_command(cli: Cli) -> anyhow::Result<ExitCode> {
    use_ring();
    if let Some(Command::Schema(command)) = &cli.command {
        // Needs no configuration, so that it works in a build that has none.
        return commands::schema::run(command);
    }
    if let Some(Command::Compose(options)) = &cli.command {
        return commands::compose::run(options);
    }
    let listen = cli.settings.listen;
    let config = cli.settings.load()?;
    let telemetry = telemetry::start(&config.log, &config.traces)?;
    let outcome = run_on(config, cli.command.unwrap_or(Command::Serve), listen).await;
    telemetry.stop().await;
    outcome
}

async fn run_on(
    config: Config,
    command: Command,
    listen: Option<SocketAddr>,
) -> anyhow::Result<ExitCode> {
    match command {
        Command::Serve => commands::serve::run(config).await,
        Command::Subgraph { name } => commands::subgraph::run(config, name, listen).await,
        Command::Router(options) => commands::router::run(config, &options).await,
        Command::Compose(options) => commands::compose::run(&options),
        Command::Migrate(command) => commands::migrate::run(&config, command).await,
        Command::Schema(command) => commands::schema::run(&command),
        Command::Keys(command) => commands::keys::run(&config, &command),
        Command::Import(command) => commands::import::run(&config, command).await,
        Command::User(command) => commands::user::run(&config, command).await,
        Command::Audit(options) => commands::audit::run(&config, &options).await,
        Command::Verify => Ok(commands::verify::run(&config).await),
    }
}

impl Settings {
    fn load(self) -> anyhow::Result<Config> {
        let mut config = Config::load(self.config.as_deref())?;
        if let Some(listen) = self.listen {
            config.server.listen = listen;
        }
        if let Some(data_dir) = self.data_dir {
            config.data_dir = data_dir;
        }
        if let Some(database) = self.database {
            config.database.url = database;
        }
        config.check()?;
        Ok(config)
    }
}
