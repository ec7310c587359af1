//! The binary `stockgraph`: a shop's back end as one federated GraphQL graph.

use std::process::ExitCode;

use clap::Parser;
use stockgraph_server::cli::{Cli, run};

#[tokio::main]
async fn main() -> ExitCode {
    match run(Cli::parse()).await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("stockgraph: {error:#}");
            ExitCode::FAILURE
        }
    }
}
