//! The databases of the graph, beside its back.

use anyhow::Context;
use sea_orm::{ConnectionTrait, DatabaseConnection, QueryResult, Statement};

use crate::process;

/// The URL of a subgraph's database.
pub fn url_of(database: &str, subgraph: &str) -> String {
    database.replace("{subgraph}", subgraph)
}

/// A connection to a subgraph's database.
///
/// # Errors
///
/// It cannot be opened.
pub async fn connect(database: &str, subgraph: &str) -> anyhow::Result<DatabaseConnection> {
    sea_orm::Database::connect(url_of(database, subgraph))
        .await
        .with_context(|| format!("the database of {subgraph} cannot be opened"))
}

/// The only row that this answers.
///
/// # Errors
///
/// It answers none, or the database fails.
pub async fn row(db: &DatabaseConnection, sql: String) -> anyhow::Result<QueryResult> {
    let statement = Statement::from_string(db.get_database_backend(), sql);
    let row = db.query_one_raw(statement).await?;
    row.context("there is a row")
}

/// The process that all of the server's are children of; `None` where it is not on this machine.
///
/// # Errors
///
/// The database fails.
pub async fn postmaster(db: &DatabaseConnection) -> anyhow::Result<Option<u32>> {
    let row = row(db, "SELECT pg_backend_pid() AS process".into()).await?;
    let backend: i32 = row.try_get("", "process")?;
    // On another machine the number is another program's, or nobody's.
    let is_postgres = |name: &str| name.starts_with("postgres") || name == "postmaster";
    let parent = process::name_and_parent(backend.try_into()?)
        .filter(|(name, _)| is_postgres(name))
        .map(|(_, parent)| parent);
    Ok(parent.filter(|parent| {
        process::name_and_parent(*parent).is_some_and(|(name, _)| is_postgres(&name))
    }))
}

#[cfg(test)]
mod tests {
    #[test]
    fn each_subgraph_has_its_database() {
        let url = super::url_of("postgres://h/shop_{subgraph}", "orders");
        assert_eq!(url, "postgres://h/shop_orders");
    }
}
