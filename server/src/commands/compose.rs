//! `stockgraph compose`: schemas of subgraphs, from files, become a supergraph.

use std::{
    fs,
    io::{self, Write as _},
    process::ExitCode,
};

use anyhow::Context;
use stockgraph_router::composition::{self, SubgraphSdl};

use crate::cli::ComposeOptions;

/// Composes, and writes the supergraph; what is wrong, and what is odd, goes to the standard error.
///
/// # Errors
///
/// A file cannot be read or written.
pub fn run(options: &ComposeOptions) -> anyhow::Result<ExitCode> {
    let sdls = options.subgraphs.iter().map(|subgraph| {
        let sdl = fs::read_to_string(&subgraph.value);
        sdl.with_context(|| format!("{} cannot be read", subgraph.value))
    });
    let sdls = sdls.collect::<anyhow::Result<Vec<_>>>()?;
    for url in &options.urls {
        anyhow::ensure!(
            options.subgraphs.iter().any(|it| it.name == url.name),
            "--url: there is no subgraph `{}`",
            url.name
        );
    }
    let subgraphs = options.subgraphs.iter().zip(&sdls).map(|(subgraph, sdl)| {
        let url = options.urls.iter().find(|it| it.name == subgraph.name);
        SubgraphSdl {
            name: &subgraph.name,
            url: url.map_or("", |url| &url.value),
            sdl,
        }
    });
    match composition::compose(&subgraphs.collect::<Vec<_>>()) {
        Ok(supergraph) => {
            for hint in &supergraph.hints {
                eprintln!("hint: {hint}");
            }
            match &options.output {
                Some(file) => fs::write(file, supergraph.sdl)
                    .with_context(|| format!("{} cannot be written", file.display()))?,
                None => io::stdout().write_all(supergraph.sdl.as_bytes())?,
            }
            Ok(ExitCode::SUCCESS)
        }
        Err(errors) => {
            eprintln!("{errors}");
            Ok(ExitCode::FAILURE)
        }
    }
}
