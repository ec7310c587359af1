//! News between the processes on one PostgreSQL database, by `LISTEN` and `NOTIFY`.

use std::{
    collections::hash_map::RandomState,
    hash::{BuildHasher, Hasher},
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, Statement,
    sqlx::{self, Executor, PgPool, postgres::PgListener},
};
use tokio::time::{sleep, timeout};

use super::{Change, News, Topic};
use crate::database::{Database, Engine};

/// The most bytes that are told at once: PostgreSQL takes less than 8,000.
const LONGEST: usize = 7_900;

/// Stands for more than can be told one by one.
const ANYTHING: &str = "*";

/// How long to wait before connecting again: at first, and at most.
const PAUSES: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(10));

/// After how long without news the connection is tried, and how long it may take to answer: one that is cut without a word would never
/// be missed otherwise.
const TRIED_AFTER: (Duration, Duration) = (Duration::from_secs(30), Duration::from_secs(10));

/// The way to the other replicas.
#[derive(Debug)]
pub(super) struct Replicas {
    pool: PgPool,
    channel: &'static str,
    /// Tells own news from those of others.
    origin: String,
    is_heard: Mutex<bool>,
    /// Whether it was said in the log that the others cannot be heard.
    is_told: AtomicBool,
}

impl Replicas {
    /// The other processes on this database; `None` where there are none.
    pub fn on(database: &Database, channel: &'static str) -> Option<Self> {
        (database.engine() == Engine::Postgres).then(|| Self {
            pool: database.writer().get_postgres_connection_pool().clone(),
            channel,
            // Nothing depends on it but which news are one's own, and no test repeats it.
            origin: format!("{:016x}", RandomState::new().build_hasher().finish()),
            is_heard: Mutex::new(false),
            is_told: AtomicBool::new(false),
        })
    }

    pub async fn announce(
        &self,
        tx: &DatabaseTransaction,
        changes: Vec<String>,
    ) -> Result<(), DbErr> {
        if changes.is_empty() {
            return Ok(());
        }
        let payload = payload(&self.origin, &changes);
        let sql = "SELECT pg_notify($1, $2)";
        let values = [self.channel.into(), payload.into()];
        let statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, values);
        tx.execute_raw(statement).await?;
        Ok(())
    }

    fn is_heard(&self) -> MutexGuard<'_, bool> {
        self.is_heard.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The news in a notification of another replica.
    fn read<T: Change>(&self, payload: &str) -> Vec<News<T>> {
        let mut words = payload.split(' ');
        if words.next() == Some(self.origin.as_str()) {
            return Vec::new();
        }
        let news = words.map(|word| T::from_text(word).map_or(News::Missed, News::Changed));
        news.collect()
    }
}

fn payload(origin: &str, changes: &[String]) -> String {
    let length: usize = changes.iter().map(|change| change.len() + 1).sum();
    if origin.len() + length > LONGEST {
        return format!("{origin} {ANYTHING}");
    }
    format!("{origin} {}", changes.join(" "))
}

/// Sees to it that a task hears the other replicas as long as somebody here wants to know.
pub(super) fn hear<T: Change>(topic: &Topic<T>) {
    let Some(replicas) = &topic.0.replicas else {
        return;
    };
    let mut is_heard = replicas.is_heard();
    if !*is_heard {
        *is_heard = true;
        let topic = topic.clone();
        tokio::spawn(async move { topic.hear_replicas().await });
    }
}

impl<T: Change> Topic<T> {
    async fn hear_replicas(&self) {
        let Some(replicas) = &self.0.replicas else {
            return;
        };
        let mut pause = PAUSES.0;
        loop {
            match self.listen(replicas).await {
                Ok(()) if self.rests(replicas) => return,
                Ok(()) => pause = PAUSES.0,
                Err(sqlx::Error::PoolClosed) => {
                    *replicas.is_heard() = false;
                    return;
                }
                Err(cause) => {
                    if !replicas.is_told.swap(true, Ordering::Relaxed) {
                        tracing::warn!(%cause, channel = replicas.channel, "other replicas cannot be heard just now");
                    }
                    tokio::select! {
                        () = sleep(pause) => pause = (pause * 2).min(PAUSES.1),
                        () = self.0.sender.closed() => {}
                    }
                }
            }
        }
    }

    /// Hears the other replicas until nobody here wants to know.
    async fn listen(&self, replicas: &Replicas) -> Result<(), sqlx::Error> {
        if self.0.sender.receiver_count() == 0 {
            return Ok(());
        }
        let mut listener = PgListener::connect_with(&replicas.pool).await?;
        listener.listen(replicas.channel).await?;
        if replicas.is_told.swap(false, Ordering::Relaxed) {
            tracing::info!(
                channel = replicas.channel,
                "other replicas can be heard again"
            );
        }
        // What happened before cannot be known.
        self.tell(News::Missed);
        loop {
            tokio::select! {
                notification = timeout(TRIED_AFTER.0, listener.try_recv()) => match notification {
                    Ok(Ok(Some(notification))) => {
                        for news in replicas.read(notification.payload()) {
                            self.tell(news);
                        }
                    }
                    // It was lost, and is there again.
                    Ok(Ok(None)) => self.tell(News::Missed),
                    Ok(Err(cause)) => return Err(cause),
                    Err(_) => {
                        timeout(TRIED_AFTER.1, listener.execute("SELECT 1"))
                            .await
                            .map_err(|_| sqlx::Error::PoolTimedOut)??;
                    }
                },
                () = self.0.sender.closed() => return Ok(()),
            }
        }
    }

    /// Ends the hearing, unless somebody has come meanwhile.
    fn rests(&self, replicas: &Replicas) -> bool {
        let mut is_heard = replicas.is_heard();
        *is_heard = self.0.sender.receiver_count() > 0;
        !*is_heard
    }
}

#[cfg(test)]
#[cfg(feature = "testing")]
mod tests {
    use futures_util::StreamExt;
    use sea_orm_migration::{MigrationTrait, MigratorTrait};

    use super::*;
    use crate::{
        database::commit,
        testing::{TestDatabase, options},
    };

    /// No tables.
    struct Nothing;

    impl MigratorTrait for Nothing {
        fn migrations() -> Vec<Box<dyn MigrationTrait>> {
            Vec::new()
        }
    }

    const CHANNEL: &str = "test";

    /// A topic on a database, and another of the same channel over other connections.
    async fn replicas(test: &TestDatabase) -> (Topic<usize>, Topic<usize>, Database) {
        let other = Database::connect(&options(&test.url)).await.unwrap();
        let topic = |database| Topic::across(database, CHANNEL);
        (topic(&test.database), topic(&other), other)
    }

    async fn change(topic: &Topic<usize>, database: &Database, changes: &[usize]) {
        let tx = database.begin().await.unwrap();
        topic.announce(&tx, changes.iter().copied()).await.unwrap();
        commit(tx, "test").await.unwrap();
    }

    #[test]
    fn more_than_one_notification_takes_is_told_as_anything() {
        let changes = |count: usize| vec!["product_01h455vb4pex5vsknk084sn02q".to_owned(); count];
        assert_eq!(payload("o", &changes(2)).split(' ').count(), 3);
        assert!(payload("o", &changes(225)).len() < 8_000);
        assert_eq!(payload("o", &changes(226)), "o *");
    }

    #[tokio::test]
    async fn other_replicas_hear_what_was_committed_and_nothing_else() {
        let test = TestDatabase::fresh::<Nothing>(Engine::Postgres).await;
        let (here, there, other) = replicas(&test).await;
        let mut heard = Box::pin(there.subscribe());
        assert_eq!(heard.next().await, Some(News::Missed), "it is listened to");
        let tx = test.database.begin().await.unwrap();
        here.announce(&tx, [1]).await.unwrap();
        tx.rollback().await.unwrap();
        change(&here, &test.database, &[2, 3]).await;
        change(&there, &other, &[4]).await;
        change(&here, &test.database, &vec![5; 8_000]).await;
        change(&here, &test.database, &[]).await;
        change(&here, &test.database, &[6]).await;
        for news in [
            News::Changed(2),
            News::Changed(3),
            // 4 is its own, which it published itself, and the next were too many to name.
            News::Missed,
            News::Changed(6),
        ] {
            assert_eq!(heard.next().await, Some(news));
        }
    }

    #[tokio::test]
    async fn a_listener_that_was_cut_off_comes_back_and_says_that_it_missed_something() {
        let test = TestDatabase::fresh::<Nothing>(Engine::Postgres).await;
        let (here, there, _other) = replicas(&test).await;
        let mut heard = Box::pin(there.subscribe());
        assert_eq!(heard.next().await, Some(News::Missed));
        let sql = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                   WHERE datname = current_database() AND query LIKE 'LISTEN%'";
        let cut = test
            .database
            .writer()
            .execute_unprepared(sql)
            .await
            .unwrap();
        assert_eq!(cut.rows_affected(), 1);
        assert_eq!(heard.next().await, Some(News::Missed));
        change(&here, &test.database, &[7]).await;
        assert_eq!(heard.next().await, Some(News::Changed(7)));
    }

    #[tokio::test]
    async fn who_still_listens_keeps_no_database_from_closing_and_who_has_gone_can_come_again() {
        let test = TestDatabase::fresh::<Nothing>(Engine::Postgres).await;
        let (here, there, other) = replicas(&test).await;
        for _ in 0..2 {
            let mut heard = Box::pin(there.subscribe());
            assert_eq!(heard.next().await, Some(News::Missed));
            change(&here, &test.database, &[1]).await;
            assert_eq!(heard.next().await, Some(News::Changed(1)));
            drop(heard);
            // The task that listens has seen it.
            while there.0.replicas.as_ref().is_some_and(|it| *it.is_heard()) {
                tokio::task::yield_now().await;
            }
        }
        let mut heard = Box::pin(there.subscribe());
        assert_eq!(heard.next().await, Some(News::Missed));
        other.close().await.unwrap();
    }
}
