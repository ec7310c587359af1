//! Requests that wait together, on one thread, so that who waits when is the same in every run.

use futures_util::future::join_all;
use tokio::{sync::Semaphore, task::yield_now};

use super::*;

/// Doubles numbers, one batch for each permit. 13 makes it fail, 14 makes it panic, 15 makes it give no answer, 16 finds it out of reach.
struct Doubler {
    permits: Semaphore,
    batches: Mutex<Vec<Vec<u32>>>,
}

impl Settle for Doubler {
    type Ask = u32;
    type Answer = u32;
    type Error = &'static str;

    async fn settle(&self, asks: &[u32]) -> Result<Vec<u32>, &'static str> {
        self.batches.lock().unwrap().push(asks.to_vec());
        self.permits.acquire().await.unwrap().forget();
        assert!(!asks.contains(&14), "asked for");
        if asks.contains(&13) {
            return Err("poisoned");
        }
        if asks.contains(&16) {
            return Err("out of reach");
        }
        let answered = asks.iter().filter(|ask| **ask != 15);
        Ok(answered.map(|ask| ask * 2).collect())
    }

    fn befalls_all(error: &&'static str) -> bool {
        *error == "out of reach"
    }
}

fn doubler(permits: usize) -> Batcher<Doubler> {
    let settler = Doubler {
        permits: Semaphore::new(permits),
        batches: Mutex::default(),
    };
    let bounds = Bounds {
        waiting: 4,
        together: 3,
    };
    Batcher::new(settler, bounds)
}

fn batches(batcher: &Batcher<Doubler>) -> Vec<Vec<u32>> {
    batcher.settler().batches.lock().unwrap().clone()
}

async fn ask_all(
    batcher: &Batcher<Doubler>,
    asks: &[u32],
) -> Vec<Result<u32, Unanswered<&'static str>>> {
    join_all(asks.iter().map(|ask| batcher.ask(*ask))).await
}

/// Lets a request wait, or be settled, in a task of its own.
async fn send(
    batcher: &Batcher<Doubler>,
    ask: u32,
) -> tokio::task::JoinHandle<Result<u32, Unanswered<&'static str>>> {
    let batcher = batcher.clone();
    let task = tokio::spawn(async move { batcher.ask(ask).await });
    for _ in 0..4 {
        yield_now().await;
    }
    task
}

#[tokio::test]
async fn one_alone_is_settled_at_once_and_whatever_comes_meanwhile_is_the_next_batch() {
    let batcher = doubler(0);
    let first = send(&batcher, 1).await;
    assert_eq!(batches(&batcher), [vec![1]]);
    let second = send(&batcher, 2).await;
    let third = send(&batcher, 3).await;
    assert_eq!(batches(&batcher), [vec![1]]);
    batcher.settler().permits.add_permits(2);
    assert_eq!(first.await.unwrap(), Ok(2));
    assert_eq!(second.await.unwrap(), Ok(4));
    assert_eq!(third.await.unwrap(), Ok(6));
    assert_eq!(batches(&batcher), [vec![1], vec![2, 3]]);
}

#[tokio::test]
async fn no_batch_is_larger_than_its_bound() {
    let batcher = doubler(2);
    let told = ask_all(&batcher, &[1, 2, 3, 4]).await;
    assert_eq!(told, [Ok(2), Ok(4), Ok(6), Ok(8)]);
    assert_eq!(batches(&batcher), [vec![1, 2, 3], vec![4]]);
}

#[tokio::test]
async fn one_too_many_is_told_so_and_the_others_are_settled() {
    let batcher = doubler(2);
    let told = ask_all(&batcher, &[1, 2, 3, 4, 5]).await;
    let overloaded = Err(Unanswered::Overloaded);
    assert_eq!(told, [Ok(2), Ok(4), Ok(6), Ok(8), overloaded]);
    batcher.settler().permits.add_permits(1);
    assert_eq!(batcher.ask(5).await, Ok(10));
}

#[tokio::test]
async fn a_poisoned_request_harms_only_itself() {
    for (poison, told) in [
        (13, Unanswered::Failed("poisoned")),
        (14, Unanswered::Lost),
        (15, Unanswered::Lost),
    ] {
        let batcher = doubler(5);
        assert_eq!(
            ask_all(&batcher, &[1, poison, 3]).await,
            [Ok(2), Err(told), Ok(6)]
        );
        assert_eq!(batcher.ask(4).await, Ok(8), "after {poison}");
        let tried = [vec![1, poison, 3], vec![1], vec![poison], vec![3], vec![4]];
        assert_eq!(batches(&batcher), tried);
    }
}

#[tokio::test]
async fn what_would_befall_each_alone_is_tried_once() {
    let batcher = doubler(3);
    let out_of_reach = Err(Unanswered::Failed("out of reach"));
    let told = ask_all(&batcher, &[1, 16, 3]).await;
    assert_eq!(told, vec![out_of_reach.clone(); 3]);
    assert_eq!(batches(&batcher), [vec![1, 16, 3]]);
    // Found out one by one, it ends the trying.
    let batcher = doubler(3);
    let told = ask_all(&batcher, &[13, 16, 3]).await;
    let poisoned = Err(Unanswered::Failed("poisoned"));
    assert_eq!(told, [poisoned, out_of_reach.clone(), out_of_reach]);
    assert_eq!(batches(&batcher), [vec![13, 16, 3], vec![13], vec![16]]);
}

#[tokio::test]
async fn a_caller_that_goes_away_harms_no_other() {
    let batcher = doubler(0);
    let begun = send(&batcher, 1).await;
    let withdrawn = send(&batcher, 2).await;
    let stays = send(&batcher, 3).await;
    begun.abort();
    withdrawn.abort();
    assert!(begun.await.unwrap_err().is_cancelled());
    assert!(withdrawn.await.unwrap_err().is_cancelled());
    batcher.settler().permits.add_permits(2);
    assert_eq!(stays.await.unwrap(), Ok(6));
    assert_eq!(batches(&batcher), [vec![1], vec![3]]);
}

#[tokio::test]
async fn callers_that_went_away_make_room() {
    let batcher = doubler(0);
    let begun = send(&batcher, 1).await;
    let gone = join_all((2..6).map(|ask| send(&batcher, ask))).await;
    assert_eq!(batcher.ask(6).await, Err(Unanswered::Overloaded));
    for task in gone {
        task.abort();
        assert!(task.await.unwrap_err().is_cancelled());
    }
    let last = send(&batcher, 6).await;
    batcher.settler().permits.add_permits(2);
    assert_eq!(begun.await.unwrap(), Ok(2));
    assert_eq!(last.await.unwrap(), Ok(12));
}

#[tokio::test]
async fn closing_settles_what_waits_and_takes_on_no_more() {
    let batcher = doubler(0);
    let first = send(&batcher, 1).await;
    let second = send(&batcher, 2).await;
    let closing = {
        let batcher = batcher.clone();
        tokio::spawn(async move { batcher.close().await })
    };
    yield_now().await;
    assert_eq!(batcher.ask(3).await, Err(Unanswered::Closed));
    assert!(!closing.is_finished());
    batcher.settler().permits.add_permits(2);
    closing.await.unwrap();
    assert!(batches(&batcher).concat().iter().eq(&[1, 2]));
    assert_eq!(first.await.unwrap(), Ok(2));
    assert_eq!(second.await.unwrap(), Ok(4));
}

#[test]
fn a_runtime_that_ends_leaves_nobody_waiting() {
    let batcher = doubler(0);
    let runtime = || {
        tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap()
    };
    let first = runtime();
    first.block_on(async { drop(send(&batcher, 1).await) });
    let second = runtime();
    let waits = second.block_on(send(&batcher, 2));
    drop(first);
    assert_eq!(second.block_on(waits).unwrap(), Err(Unanswered::Lost));
    batcher.settler().permits.add_permits(1);
    assert_eq!(second.block_on(batcher.ask(3)), Ok(6));
}
