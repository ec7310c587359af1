//! `stockgraph verify`: the rules, on the live databases.

use std::process::ExitCode;

use crate::{
    config::Config, databases::Databases, foundation::Foundation, graph::Graph, verify::verify,
};

/// Checks every rule and prints what was found. The exit code tells whether all hold.
///
/// # Errors
///
/// A database cannot be opened or read.
pub async fn run(config: &Config) -> anyhow::Result<ExitCode> {
    let foundation = Foundation::without_callers()?;
    let databases = Databases::connect(config).await?;
    let graph = Graph::assemble(config, &foundation, &databases)?;
    let report = verify(&graph).await?;
    databases.close().await?;
    print!("{report}");
    if report.is_clean() {
        println!("\nEvery rule holds.");
        Ok(ExitCode::SUCCESS)
    } else {
        println!("\nNot every rule holds.");
        Ok(ExitCode::FAILURE)
    }
}
