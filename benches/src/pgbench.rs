//! pgbench, which comes with PostgreSQL: what the database does without us.

use std::process::Stdio;

use anyhow::Context;
use tempfile::TempDir;
use tokio::process::Command;

use crate::load::LoadOptions;

/// The program.
pub struct Pgbench {
    program: String,
    folder: TempDir,
}

impl Pgbench {
    /// The program with this name.
    ///
    /// # Errors
    ///
    /// There is no folder for its scripts.
    pub fn new(program: &str) -> anyhow::Result<Self> {
        Ok(Self {
            program: program.to_owned(),
            folder: TempDir::new()?,
        })
    }

    /// How often a second so many clients run this script, each statement prepared once: after the warm-up, for as long as is
    /// measured. `variables` are the script's, e.g. `products=1`.
    ///
    /// # Errors
    ///
    /// The program is not to be had, or the database fails.
    pub async fn rate(
        &self,
        url: &str,
        script: &str,
        variables: &[&str],
        clients: usize,
        load: &LoadOptions,
    ) -> anyhow::Result<f64> {
        if load.warm_up > 0 {
            self.run(url, script, variables, clients, load.warm_up)
                .await?;
        }
        let rate = self
            .run(url, script, variables, clients, load.seconds)
            .await?;
        anyhow::ensure!(rate > 0.0, "pgbench has ended no transaction");
        Ok(rate)
    }

    async fn run(
        &self,
        url: &str,
        script: &str,
        variables: &[&str],
        clients: usize,
        seconds: u16,
    ) -> anyhow::Result<f64> {
        // A file of its own for each run: two may go on at a time.
        let file = tempfile::Builder::new().tempfile_in(self.folder.path())?;
        std::fs::write(file.path(), script)?;
        let output = Command::new(&self.program)
            .args(["--no-vacuum", "--protocol=prepared", "--jobs=2"])
            .arg(format!("--client={clients}"))
            .arg(format!("--time={seconds}"))
            .args(
                variables
                    .iter()
                    .map(|variable| format!("--define={variable}")),
            )
            .arg("--file")
            .arg(file.path())
            .arg(url)
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output()
            .await
            .with_context(|| format!("{} (--pgbench names it)", self.program))?;
        let told = String::from_utf8_lossy(&output.stdout);
        anyhow::ensure!(
            output.status.success(),
            "pgbench: {told}{}",
            String::from_utf8_lossy(&output.stderr)
        );
        // Where no transaction was ended, there is no such line.
        let rate = told
            .lines()
            .find_map(|line| line.strip_prefix("tps = "))
            .and_then(|rest| rest.split(' ').next())
            .and_then(|rate| rate.parse().ok());
        Ok(rate.unwrap_or_default())
    }
}
