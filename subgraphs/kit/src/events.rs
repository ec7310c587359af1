//! Tells subscribers in this process that something has changed.

use futures_util::{Stream, stream};
use tokio::sync::broadcast;

/// How many changes a subscriber may lag behind before it is told that it missed some.
const BACKLOG: usize = 1_024;

/// News of one kind, e.g. "the stock of this product changed". Clones are the same topic.
///
/// Published after the commit that made the change. An item says what changed, not how: subscribers read the present state, so
/// one who missed some news has lost nothing that the next reading does not show.
#[derive(Clone, Debug)]
pub struct Topic<T>(broadcast::Sender<T>);

/// What a subscriber hears.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News<T> {
    /// This has changed.
    Changed(T),
    /// More has changed than could be kept for a subscriber this slow: anything may have.
    Missed,
}

impl<T: Clone + Send + 'static> Default for Topic<T> {
    fn default() -> Self {
        Self(broadcast::channel(BACKLOG).0)
    }
}

impl<T: Clone + Send + 'static> Topic<T> {
    /// Tells all subscribers. Without any it is forgotten.
    pub fn publish(&self, change: T) {
        // The only error there is: nobody listens.
        self.0.send(change).ok();
    }

    /// What is published from now on.
    pub fn subscribe(&self) -> impl Stream<Item = News<T>> + Send + use<T> {
        stream::unfold(self.0.subscribe(), |mut receiver| async move {
            match receiver.recv().await {
                Ok(change) => Some((News::Changed(change), receiver)),
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
