//! The accounts under attack.

mod flood;

use clap::Subcommand;

use crate::{load::LoadOptions, server::ServerOptions};

/// What is measured of the accounts.
#[derive(Subcommand)]
pub enum AccountsCommand {
    /// What a flood of log-ins with a wrong password from one address costs the others, and the account's owner
    Flood(flood::FloodOptions),
}

/// Measures it.
///
/// # Errors
///
/// The server is not to be had, or somebody else than the attacker was refused.
pub async fn run(
    command: AccountsCommand,
    server: &ServerOptions,
    load: &LoadOptions,
) -> anyhow::Result<()> {
    match command {
        AccountsCommand::Flood(options) => flood::run(&options, server, load).await,
    }
}
