//! Tells subscribers that something has changed: those in this process, and on PostgreSQL those of every replica.

mod replicas;

use std::sync::Arc;

use futures_util::{Stream, stream};
use sea_orm::{DatabaseTransaction, DbErr};
use tokio::sync::broadcast;

use self::replicas::Replicas;
use crate::{database::Database, id::Id};

/// How many changes a subscriber may lag behind before it is told that it missed some.
const BACKLOG: usize = 1_024;

/// What can be told of in a few letters.
pub trait Change: Clone + Send + Sync + 'static {
    /// Its text, without a space.
    fn to_text(&self) -> String;

    /// Reads the text; `None` if it is none of ours.
    fn from_text(text: &str) -> Option<Self>;
}

impl<I: Id> Change for I {
    fn to_text(&self) -> String {
        self.to_string()
    }

    fn from_text(text: &str) -> Option<Self> {
        I::parse(text).ok()
    }
}

/// News of one kind, e.g. "the stock of this product changed". Clones are the same topic.
///
/// Published after the commit that made the change, and announced within it to other replicas. An item says what changed, not how:
/// subscribers read the present state, so one who missed some news has lost nothing that the next reading does not show.
#[derive(Debug)]
pub struct Topic<T>(Arc<Inner<T>>);

#[derive(Debug)]
struct Inner<T> {
    sender: broadcast::Sender<News<T>>,
    /// Of a topic whose database several processes may share.
    replicas: Option<Replicas>,
}

impl<T> Clone for Topic<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

/// What a subscriber hears.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News<T> {
    /// This has changed.
    Changed(T),
    /// More has changed than could be kept for a subscriber this slow, or another replica could not be heard for a while: anything may
    /// have changed.
    Missed,
}

impl<T: Change> Default for Topic<T> {
    fn default() -> Self {
        Self::new(None)
    }
}

impl<T: Change> Topic<T> {
    /// A topic of all processes on this database, by `NOTIFY` on this channel. A SQLite database belongs to one process, which needs
    /// nothing more than the topic itself.
    #[must_use]
    pub fn across(database: &Database, channel: &'static str) -> Self {
        Self::new(Replicas::on(database, channel))
    }

    fn new(replicas: Option<Replicas>) -> Self {
        Self(Arc::new(Inner {
            sender: broadcast::channel(BACKLOG).0,
            replicas,
        }))
    }

    /// Tells the subscribers of other replicas, when and if this transaction commits, and in the order of the commits. Once in a
    /// transaction, right before its commit: PostgreSQL commits transactions that notify one after the other.
    ///
    /// # Errors
    ///
    /// The database fails.
    pub async fn announce(
        &self,
        tx: &DatabaseTransaction,
        changes: impl IntoIterator<Item = T> + Send,
    ) -> Result<(), DbErr> {
        match &self.0.replicas {
            Some(replicas) => {
                let texts = changes.into_iter().map(|change| change.to_text());
                replicas.announce(tx, texts.collect()).await
            }
            None => Ok(()),
        }
    }

    /// Tells the subscribers in this process. Without any it is forgotten.
    pub fn publish(&self, change: T) {
        self.tell(News::Changed(change));
    }

    fn tell(&self, news: News<T>) {
        // The only error there is: nobody listens.
        self.0.sender.send(news).ok();
    }

    /// What is published from now on. Other replicas are heard as long as there are subscribers, which must be within a tokio runtime;
    /// as soon as they are heard, that anything may have changed before is the first news.
    pub fn subscribe(&self) -> impl Stream<Item = News<T>> + Send + use<T> {
        let receiver = self.0.sender.subscribe();
        replicas::hear(self);
        stream::unfold(receiver, |mut receiver| async move {
            match receiver.recv().await {
                Ok(news) => Some((news, receiver)),
                Err(broadcast::error::RecvError::Lagged(_)) => Some((News::Missed, receiver)),
                Err(broadcast::error::RecvError::Closed) => None,
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use futures_util::StreamExt;

    use super::*;

    impl Change for usize {
        fn to_text(&self) -> String {
            self.to_string()
        }

        fn from_text(text: &str) -> Option<Self> {
            text.parse().ok()
        }
    }

    #[tokio::test]
    async fn every_subscriber_hears_what_is_published_after_it_came() {
        let topic = Topic::default();
        topic.publish(1);
        let mut first = Box::pin(topic.subscribe());
        topic.publish(2);
        let mut second = Box::pin(topic.subscribe());
        topic.publish(3);
        assert_eq!(first.next().await, Some(News::Changed(2)));
        assert_eq!(first.next().await, Some(News::Changed(3)));
        assert_eq!(second.next().await, Some(News::Changed(3)));
    }

    #[tokio::test]
    async fn one_who_is_too_slow_is_told_so() {
        let topic = Topic::default();
        let mut slow = Box::pin(topic.subscribe());
        for number in 0..=BACKLOG {
            topic.publish(number);
        }
        assert_eq!(slow.next().await, Some(News::Missed));
        assert_eq!(slow.next().await, Some(News::Changed(1)));
    }
}
