//! `stockgraph schema`: the GraphQL schema files, from the code.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context;

use crate::{
    cli::SchemaCommand,
    config::{Config, SubgraphName},
    databases::Databases,
    foundation::Foundation,
    graph::Graph,
};

/// Writes or checks the files.
///
/// # Errors
///
/// A file cannot be written or read.
pub fn run(command: &SchemaCommand) -> anyhow::Result<ExitCode> {
    let files = generate()?;
    match command {
        SchemaCommand::Write { folder } => {
            fs::create_dir_all(folder)
                .with_context(|| format!("the folder {}", folder.display()))?;
            for (name, content) in &files {
                let file = folder.join(name);
                fs::write(&file, content).with_context(|| format!("{}", file.display()))?;
                println!("wrote {}", file.display());
            }
            Ok(ExitCode::SUCCESS)
        }
        SchemaCommand::Check { folder } => check(&files, folder),
    }
}

fn check(files: &[(String, String)], folder: &Path) -> anyhow::Result<ExitCode> {
    let mut code = ExitCode::SUCCESS;
    for (name, content) in files {
        let file: PathBuf = folder.join(name);
        let found = match fs::read_to_string(&file) {
            Ok(found) => found,
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(error).with_context(|| format!("{}", file.display())),
        };
        if found == *content {
            println!("{} is as the code says", file.display());
        } else {
            let line = 1 + found
                .lines()
                .zip(content.lines())
                .take_while(|(found, generated)| found == generated)
                .count();
            println!(
                "{} differs from the code, first in line {line}; `stockgraph schema write` writes it anew",
                file.display()
            );
            code = ExitCode::FAILURE;
        }
    }
    Ok(code)
}

/// The schema files, by name: the four subgraphs', the supergraph's, and what clients see.
///
/// # Errors
///
/// The subgraphs do not compose.
pub fn generate() -> anyhow::Result<Vec<(String, String)>> {
    let graph = Graph::assemble(
        &Config::default(),
        &Foundation::without_callers()?,
        &Databases::none(),
    )?;
    let mut files = vec![
        subgraph_file(SubgraphName::Users, graph.users.sdl()),
        subgraph_file(SubgraphName::Products, graph.products.sdl()),
        subgraph_file(SubgraphName::Warehouses, graph.warehouses.sdl()),
        subgraph_file(SubgraphName::Orders, graph.orders.sdl()),
    ];
    for (name, sdl) in [
        ("supergraph.graphql", graph.router.supergraph_sdl()),
        ("api.graphql", graph.router.public_sdl()),
    ] {
        files.push((name.into(), with_line_end(sdl)));
    }
    Ok(files)
}

fn subgraph_file(name: SubgraphName, sdl: String) -> (String, String) {
    (format!("{name}.graphql"), with_line_end(&sdl))
}

fn with_line_end(text: &str) -> String {
    format!("{}\n", text.trim())
}
