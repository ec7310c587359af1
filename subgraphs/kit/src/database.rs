//! One domain's database: embedded SQLite or PostgreSQL.

use std::{fmt, path::Path, sync::Arc, time::Duration};

use sea_orm::{
    AccessMode, ConnectOptions, DatabaseConnection, DatabaseTransaction, DbErr, IsolationLevel,
    SqliteTransactionMode, TransactionOptions, TransactionTrait,
    sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous},
};

use crate::{crash_point, error::Fault};

/// The two engines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// Embedded; one process at a time.
    Sqlite,
    /// 15 or newer.
    Postgres,
}

/// Sees every statement that was executed, e.g. to count them.
pub type Observer = Arc<dyn Fn(&str) + Send + Sync>;

/// Where a database is and how it is reached.
#[derive(Clone)]
pub struct DatabaseOptions {
    /// `sqlite:PATH` or `postgres://…`.
    pub url: String,
    /// Most connections at once. On SQLite these are the readers; there is one writer beside them.
    pub max_connections: u32,
    /// How long to wait for a free connection.
    pub acquire_timeout: Duration,
    /// How long a statement waits for a row that another transaction has locked, on PostgreSQL, before it fails as contended.
    pub lock_timeout: Duration,
    /// Sees every statement.
    pub observer: Option<Observer>,
}

impl DatabaseOptions {
    /// The database at `url`, with what suits a server.
    #[must_use]
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            max_connections: 16,
            acquire_timeout: Duration::from_secs(5),
            lock_timeout: Duration::from_secs(5),
            observer: None,
        }
    }
}

impl fmt::Debug for DatabaseOptions {
    /// Leaves the URL out, for it can hold a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DatabaseOptions")
            .field("max_connections", &self.max_connections)
            .finish_non_exhaustive()
    }
}

/// Why a database cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The URL is of neither engine.
    #[error("`{0}` is not a database URL: it must begin with `sqlite:` or `postgres://`")]
    UnknownEngine(String),
    /// The folder of a SQLite file cannot be made.
    #[error("the folder of the database file `{path}` cannot be made: {cause}")]
    Folder {
        /// The file.
        path: String,
        /// Why not.
        cause: std::io::Error,
    },
    /// The engine says no.
    #[error("the database cannot be opened: {0}")]
    Engine(#[from] DbErr),
}

/// After how long PostgreSQL ends a transaction that asks for nothing: a process that is stopped in the middle of one, or a machine
/// that is gone, keeps its locks no longer.
const ABANDONED_AFTER: &str = "30s";

/// A connection that has been idle for so long is tested before it is used. One that was used just now was good just now, and to
/// ask each time would be a round trip for each transaction.
const TESTED_WHEN_IDLE_FOR: Duration = Duration::from_secs(1);

/// How much of a SQLite file its one writer keeps in memory: 64 MiB (negative: in KiB). With SQLite's own 2 MiB it reads the inner
/// pages of its indexes again and again.
const WRITER_CACHE: &str = "-65536";

/// How many rows the thread that reads them from SQLite may be ahead of who asked for them: what a batch locks, without waiting.
const ROWS_AHEAD: usize = 1_024;

/// After how many pages of 4 KiB the write-ahead log goes into the file: 32 MiB. With SQLite's own 4 MiB, a busy page is written to
/// the file, and the file to the disk, many times a second; with much more, who comes at that moment waits for long.
const CHECKPOINT_PAGES: &str = "8192";

/// Commits what was done as one step; a test can let the process die right before and right after it.
///
/// # Errors
///
/// The database fails. Whether the step is done is not known then.
pub async fn commit(tx: DatabaseTransaction, step: &'static str) -> Result<(), DbErr> {
    crash_point!(before step);
    tx.commit().await?;
    crash_point!(after step);
    Ok(())
}

/// Connections to one domain's database. Clones share them.
///
/// SQLite has one writer, to whom transactions queue in order (a pool of writers starves some of them until the busy timeout), and a
/// pool of readers that it does not block. On PostgreSQL both are the same pool.
#[derive(Clone, Debug)]
pub struct Database {
    engine: Engine,
    writer: DatabaseConnection,
    reader: DatabaseConnection,
}

impl Database {
    /// Connects, and makes the SQLite file where there is none.
    ///
    /// # Errors
    ///
    /// [`ConnectError`].
    pub async fn connect(options: &DatabaseOptions) -> Result<Self, ConnectError> {
        if let Some(path) = sqlite_path(&options.url) {
            Self::connect_sqlite(path, options).await
        } else if options.url.starts_with("postgres://") || options.url.starts_with("postgresql://")
        {
            let mut pool = pool_options(&options.url, options);
            let lock_timeout = format!("{}ms", options.lock_timeout.as_millis());
            pool.map_sqlx_postgres_opts(move |postgres| {
                postgres.options([
                    ("lock_timeout", lock_timeout.as_str()),
                    ("idle_in_transaction_session_timeout", ABANDONED_AFTER),
                ])
            });
            let pool = open(pool, options).await?;
            Ok(Self {
                engine: Engine::Postgres,
                writer: pool.clone(),
                reader: pool,
            })
        } else {
            let scheme = options.url.split("//").next().unwrap_or_default();
            Err(ConnectError::UnknownEngine(
                scheme.chars().take(32).collect(),
            ))
        }
    }

    async fn connect_sqlite(path: &str, options: &DatabaseOptions) -> Result<Self, ConnectError> {
        if let Some(folder) = Path::new(path).parent() {
            std::fs::create_dir_all(folder).map_err(|cause| ConnectError::Folder {
                path: path.to_owned(),
                cause,
            })?;
        }
        let url = format!("sqlite://{path}");
        let mut writer = pool_options(&format!("{url}?mode=rwc"), options);
        writer
            .max_connections(1)
            // Transactions queue here by design; how long is bounded by who lets them in.
            .acquire_timeout(options.acquire_timeout.max(Duration::from_secs(30)))
            .map_sqlx_sqlite_opts(|sqlite| {
                sqlite
                    .journal_mode(SqliteJournalMode::Wal)
                    .synchronous(SqliteSynchronous::Full)
                    .foreign_keys(true)
                    .busy_timeout(Duration::from_secs(5))
                    .row_buffer_size(ROWS_AHEAD)
                    .pragma("cache_size", WRITER_CACHE)
                    .pragma("wal_autocheckpoint", CHECKPOINT_PAGES)
                    .pragma("temp_store", "MEMORY")
            });
        let writer = open(writer, options).await?;
        let mut reader = pool_options(&format!("{url}?mode=ro"), options);
        reader.map_sqlx_sqlite_opts(|sqlite| {
            sqlite
                .foreign_keys(true)
                .busy_timeout(Duration::from_secs(5))
        });
        Ok(Self {
            engine: Engine::Sqlite,
            writer,
            reader: open(reader, options).await?,
        })
    }

    /// A database that is nowhere: every statement fails. For who needs a schema and no data.
    #[must_use]
    pub fn disconnected() -> Self {
        Self {
            engine: Engine::Sqlite,
            writer: DatabaseConnection::default(),
            reader: DatabaseConnection::default(),
        }
    }

    /// Which engine it is.
    #[must_use]
    pub const fn engine(&self) -> Engine {
        self.engine
    }

    /// For reading what is committed.
    #[must_use]
    pub const fn reader(&self) -> &DatabaseConnection {
        &self.reader
    }

    /// For single writing statements and for migrations.
    #[must_use]
    pub const fn writer(&self) -> &DatabaseConnection {
        &self.writer
    }

    /// Begins a transaction that writes: IMMEDIATE on SQLite, READ COMMITTED on PostgreSQL.
    ///
    /// # Errors
    ///
    /// The database cannot be reached, or is busy for too long.
    pub async fn begin(&self) -> Result<DatabaseTransaction, DbErr> {
        self.writer
            .begin_with_options(TransactionOptions {
                sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
                ..TransactionOptions::default()
            })
            .await
    }

    /// Begins a transaction that only reads, and whose every statement sees the state that the first one saw.
    ///
    /// It keeps nobody from writing. But as long as it is open, neither engine takes away what it may still see: SQLite's log and
    /// PostgreSQL's tables grow meanwhile.
    ///
    /// # Errors
    ///
    /// The database cannot be reached.
    pub async fn snapshot(&self) -> Result<DatabaseTransaction, DbErr> {
        match self.engine {
            Engine::Sqlite => self.reader.begin().await,
            Engine::Postgres => {
                self.reader
                    .begin_with_config(
                        Some(IsolationLevel::RepeatableRead),
                        Some(AccessMode::ReadOnly),
                    )
                    .await
            }
        }
    }

    /// Whether the database answers.
    ///
    /// # Errors
    ///
    /// It does not.
    pub async fn ping(&self) -> Result<(), DbErr> {
        self.reader.ping().await
    }

    /// Closes all connections, after what is under way.
    ///
    /// # Errors
    ///
    /// The engine's.
    pub async fn close(self) -> Result<(), DbErr> {
        if self.engine == Engine::Sqlite {
            self.reader.close().await?;
        }
        self.writer.close().await
    }
}

/// A failure that may be over when the same is tried again.
pub trait Passing {
    /// Whether it failed because others came between.
    fn is_passing(&self) -> bool;
}

impl Passing for DbErr {
    fn is_passing(&self) -> bool {
        Fault::of(self) == Fault::Contended
    }
}

/// How often something is tried when others come between: who wins a lock has got something done, so there is progress.
const ATTEMPTS: u32 = 5;

/// Runs a whole transaction, and again where it fails because others came between: a deadlock, a lock that was not to be had in time. So
/// no caller meets what the next moment puts right.
///
/// # Errors
///
/// What is not passing, or still there at the fifth attempt.
pub async fn persistently<T, E, F>(transaction: impl Fn() -> F) -> Result<T, E>
where
    E: Passing,
    F: Future<Output = Result<T, E>>,
{
    let mut attempt = 1;
    loop {
        match transaction().await {
            Err(failure) if attempt < ATTEMPTS && failure.is_passing() => attempt += 1,
            done => return done,
        }
    }
}

/// The file of a `sqlite:` URL.
fn sqlite_path(url: &str) -> Option<&str> {
    let rest = url.strip_prefix("sqlite:")?;
    let path = rest.strip_prefix("//").unwrap_or(rest);
    Some(path.split('?').next().unwrap_or(path))
}

fn pool_options(url: &str, options: &DatabaseOptions) -> ConnectOptions {
    let mut pool = ConnectOptions::new(url);
    pool.max_connections(options.max_connections)
        .acquire_timeout(options.acquire_timeout)
        .connect_timeout(options.acquire_timeout)
        .test_before_acquire_if_idle_for(TESTED_WHEN_IDLE_FOR)
        .set_application_name("stockgraph")
        // Statements are traced by spans, not logged one by one.
        .sqlx_logging(false);
    pool
}

async fn open(
    pool: ConnectOptions,
    options: &DatabaseOptions,
) -> Result<DatabaseConnection, DbErr> {
    let mut connection = sea_orm::Database::connect(pool).await?;
    if let Some(observer) = options.observer.clone() {
        connection.set_metric_callback(move |info| observer(&info.statement.sql));
    }
    Ok(connection)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[derive(Clone, Copy, Debug, PartialEq)]
    enum Failure {
        OthersCameBetween,
        Lasting,
    }

    impl Passing for Failure {
        fn is_passing(&self) -> bool {
            *self == Self::OthersCameBetween
        }
    }

    /// What comes of a transaction whose first attempts fail so, and how often it was tried.
    async fn attempts(failures: &[Failure]) -> (Result<(), Failure>, u32) {
        let tried = AtomicU32::new(0);
        let done = persistently(|| async {
            let number = tried.fetch_add(1, Ordering::Relaxed);
            failures
                .get(number as usize)
                .map_or(Ok(()), |failure| Err(*failure))
        });
        (done.await, tried.load(Ordering::Relaxed))
    }

    #[tokio::test]
    async fn what_failed_because_of_others_is_tried_again_and_what_lasts_is_told() {
        use Failure::{Lasting, OthersCameBetween};
        assert_eq!(attempts(&[]).await, (Ok(()), 1));
        assert_eq!(attempts(&[OthersCameBetween; 4]).await, (Ok(()), 5));
        assert_eq!(
            attempts(&[OthersCameBetween; 9]).await,
            (Err(OthersCameBetween), 5)
        );
        assert_eq!(
            attempts(&[OthersCameBetween, Lasting]).await,
            (Err(Lasting), 2)
        );
    }
}
