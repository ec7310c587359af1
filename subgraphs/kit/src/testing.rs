//! For tests alone: a fresh database on either engine, and the behaviour tests that run on both.
//!
//! PostgreSQL is the server that the environment variable `TEST_POSTGRES_URL` names (the project's test script starts one); a
//! test that needs it fails without, so that none is skipped unseen.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use sea_orm::ConnectionTrait;
use sea_orm_migration::MigratorTrait;
use tempfile::TempDir;

use crate::database::{Database, DatabaseOptions, Engine};

/// Names the PostgreSQL server that tests may make databases on, e.g. `postgres://postgres@127.0.0.1:5433`.
pub const POSTGRES_VARIABLE: &str = "TEST_POSTGRES_URL";

/// A migrated database of its own for one test.
pub struct TestDatabase {
    /// The connections.
    pub database: Database,
    /// Its URL, for a second process or pool.
    pub url: String,
    statements: Arc<Mutex<Vec<String>>>,
    _folder: Option<TempDir>,
}

impl TestDatabase {
    /// A fresh database on `engine`, migrated by `M`.
    ///
    /// # Panics
    ///
    /// When it cannot be made.
    pub async fn fresh<M: MigratorTrait>(engine: Engine) -> Self {
        let (url, folder) = fresh_url(engine).await;
        let statements = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&statements);
        let mut options = options(&url);
        options.observer = Some(Arc::new(move |sql: &str| {
            seen.lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(sql.to_owned());
        }));
        let database = Database::connect(&options)
            .await
            .expect("a test database opens");
        M::up(database.writer(), None)
            .await
            .expect("a test database migrates");
        Self {
            database,
            url,
            statements,
            _folder: folder,
        }
    }

    /// Takes the database away, whoever is connected, for a test that makes more than a few.
    ///
    /// # Panics
    ///
    /// When it cannot be taken away.
    pub async fn remove(&self) {
        let database = self.database.clone();
        database.close().await.expect("a test database closes");
        if self.database.engine() == Engine::Postgres {
            let (server, name) = self.url.rsplit_once('/').expect("a URL with a name");
            administer(server, &[format!("DROP DATABASE {name} WITH (FORCE)")]).await;
        }
    }

    /// The statements since the last call.
    #[must_use]
    pub fn take_statements(&self) -> Vec<String> {
        std::mem::take(
            &mut *self
                .statements
                .lock()
                .unwrap_or_else(PoisonError::into_inner),
        )
    }
}

/// How a test reaches a database: with more patience than a server has, for a machine that is busy is no failure.
#[must_use]
pub fn options(url: &str) -> DatabaseOptions {
    DatabaseOptions {
        acquire_timeout: Duration::from_secs(60),
        ..DatabaseOptions::new(url)
    }
}

/// The URL of an empty database, and the folder that must outlive it.
///
/// # Panics
///
/// When it cannot be made.
pub async fn fresh_url(engine: Engine) -> (String, Option<TempDir>) {
    match engine {
        Engine::Sqlite => {
            let folder = tempfile::tempdir().expect("a temporary folder");
            let url = format!("sqlite:{}", folder.path().join("test.db").display());
            (url, Some(folder))
        }
        Engine::Postgres => (fresh_postgres().await, None),
    }
}

async fn fresh_postgres() -> String {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let server = std::env::var(POSTGRES_VARIABLE).unwrap_or_else(|_| {
        panic!("set {POSTGRES_VARIABLE} to a PostgreSQL server, or run the tests by the project's test script")
    });
    let server = server.trim_end_matches('/');
    let name = format!(
        "t{}_{}",
        std::process::id(),
        NUMBER.fetch_add(1, Ordering::Relaxed)
    );
    let statements = [
        format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"),
        format!("CREATE DATABASE {name}"),
    ];
    administer(server, &statements).await;
    format!("{server}/{name}")
}

/// Executes these statements on a PostgreSQL server, in none of the test databases.
async fn administer(server: &str, statements: &[String]) {
    let admin = sea_orm::Database::connect(format!("{server}/postgres"))
        .await
        .expect("the PostgreSQL server for tests answers");
    for statement in statements {
        admin
            .execute_unprepared(statement)
            .await
            .expect("a test database comes and goes");
    }
    admin.close().await.expect("the connection closes");
}

/// Makes of each `async fn name(engine: Engine)` two tests, `name::sqlite` and `name::postgres`.
#[macro_export]
macro_rules! on_both_engines {
    ($($(#[$meta:meta])* async fn $name:ident($engine:ident: Engine) $body:block)+) => {
        $(
            $(#[$meta])*
            mod $name {
                #[allow(unused_imports, reason = "not every test uses what stands beside it")]
                use super::*;

                async fn behaviour($engine: $crate::database::Engine) $body

                #[tokio::test]
                async fn sqlite() {
                    behaviour($crate::database::Engine::Sqlite).await;
                }

                #[tokio::test]
                async fn postgres() {
                    behaviour($crate::database::Engine::Postgres).await;
                }
            }
        )+
    };
}
