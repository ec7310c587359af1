//! `stockgraph verify`: the rules, on the live databases.

use std::process::ExitCode;

use crate::{
    config::Config,
    databases::Databases,
    foundation::Foundation,
    graph::Graph,
    progress::Progress,
    verify::{Report, verify},
};

/// The exit code where it cannot be told whether the rules hold.
const UNKNOWN: u8 = 2;

/// Checks every rule and prints what was found. The exit code is 0 where all hold, 1 where one does not, and 2 where a database
/// cannot be opened or read.
pub async fn run(config: &Config) -> ExitCode {
    match check(config).await {
        Ok(report) => {
            print!("{report}");
            if report.is_clean() {
                ExitCode::SUCCESS
            } else {
                ExitCode::FAILURE
            }
        }
        Err(error) => {
            eprintln!("stockgraph: {error:#}");
            ExitCode::from(UNKNOWN)
        }
    }
}

async fn check(config: &Config) -> anyhow::Result<Report> {
    let foundation = Foundation::without_callers()?;
    let databases = Databases::connect(config).await?;
    let graph = Graph::assemble(config, &foundation, &databases)?;
    let bar = Progress::start();
    let report = verify(&graph, |now| bar.set(now.done, now.total, now.rule)).await;
    bar.finish();
    let report = report?;
    databases.close().await?;
    Ok(report)
}
