use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, Ordering},
};

use futures_util::future::BoxFuture;
use serde_json::{Map, json};
use stockgraph_kit::token::Realm;
use stockgraph_router::{
    RouterOptions, SubgraphDefinition,
    transport::{Subgraph, SubgraphError, SubgraphRequest, SubgraphResponse},
};
use tokio::sync::{Notify, mpsc};

use super::*;

const SDL: &str = "type Query { a: Int }
    type Mutation { slow: Done, quick(most: Int): Done }
    type Done { items: [Int!]!, hasMore: Boolean! }";

/// A subgraph that tells which mutation came, and answers `slow` when it is let go.
struct Double {
    came: mpsc::UnboundedSender<&'static str>,
    let_go: Notify,
    fails: AtomicBool,
    variables: Mutex<Map<String, Value>>,
}

impl Subgraph for Double {
    fn execute<'a>(
        &'a self,
        request: SubgraphRequest<'a>,
    ) -> BoxFuture<'a, Result<SubgraphResponse, SubgraphError>> {
        Box::pin(async move {
            let name = if request.query.contains("slow") {
                "slow"
            } else {
                "quick"
            };
            *self.variables.lock().unwrap() = request.variables;
            self.came.send(name).unwrap();
            if self.fails.swap(false, Ordering::SeqCst) {
                return Err(SubgraphError::Unreachable("gone".into()));
            }
            if name == "slow" {
                self.let_go.notified().await;
            }
            Ok(SubgraphResponse {
                data: json!({ name: { "items": [], "hasMore": false } }),
                ..SubgraphResponse::default()
            })
        })
    }
}

struct Stage {
    double: Arc<Double>,
    came: mpsc::UnboundedReceiver<&'static str>,
    scheduler: Scheduler,
    foundation: Foundation,
}

impl Stage {
    /// The clock stands still a millisecond before a full second: a job of every second is due again after a millisecond, each time.
    fn new() -> Self {
        let (sender, came) = mpsc::unbounded_channel();
        let double = Arc::new(Double {
            came: sender,
            let_go: Notify::new(),
            fails: AtomicBool::new(false),
            variables: Mutex::default(),
        });
        let definition = SubgraphDefinition {
            name: "double".into(),
            url: "http://double.test/graphql".into(),
            sdl: format!(
                "extend schema @link(url: \"https://specs.apollo.dev/federation/v2.5\")\n{SDL}"
            ),
            transport: double.clone(),
        };
        let router = Router::compose(vec![definition], RouterOptions::default()).unwrap();
        let clock = Clock::manual(DateTime::from_timestamp_millis(1_800_000_000_999).unwrap());
        let foundation = Foundation::without_callers().unwrap();
        Self {
            double,
            came,
            scheduler: Scheduler {
                router: Arc::new(router).into(),
                clock: clock.clone(),
                metrics: Metrics::default(),
            },
            foundation: foundation.at(clock, &Realm::default()),
        }
    }

    fn job(&self, mutation: &str) -> Job {
        let config = JobConfig {
            enabled: true,
            schedule: "* * * * * *".into(),
            mutation: mutation.into(),
            batch_size: Some(7),
            scopes: Vec::new(),
        };
        let issuer = self.foundation.issuer.clone();
        Job::new("job", &config, issuer, self.scheduler.clock.clone()).unwrap()
    }
}

const SLOW: &str = "mutation { slow { items hasMore } }";
const QUICK: &str = "mutation { quick { items hasMore } }";

#[tokio::test]
async fn a_job_that_fails_is_given_up_and_tried_at_its_next_time() {
    let mut stage = Stage::new();
    stage.double.fails.store(true, Ordering::SeqCst);
    stage.scheduler.run(&stage.job(QUICK)).await;
    assert_eq!(stage.came.recv().await, Some("quick"));
    assert!(stage.came.try_recv().is_err(), "not at once");

    stage.double.fails.store(true, Ordering::SeqCst);
    let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
    stage.scheduler.start(vec![stage.job(QUICK)], &stop, &tasks);
    assert_eq!(stage.came.recv().await, Some("quick"));
    assert_eq!(stage.came.recv().await, Some("quick"), "after the failure");
    assert!(!stage.double.fails.load(Ordering::SeqCst));
    stop.cancel();
    tasks.close();
    tasks.wait().await;
}

#[tokio::test]
async fn a_job_that_still_runs_is_not_started_a_second_time() {
    let mut stage = Stage::new();
    let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
    let jobs = vec![stage.job(SLOW), stage.job(QUICK)];
    stage.scheduler.start(jobs, &stop, &tasks);
    let mut slow = 0;
    let mut quick = 0;
    // The other job, which has the same times, tells that ten of them have passed.
    while quick < 10 {
        match stage.came.recv().await.unwrap() {
            "slow" => slow += 1,
            _ if slow > 0 => quick += 1,
            _ => {}
        }
    }
    assert_eq!(slow, 1);
    stage.double.let_go.notify_one();
    while stage.came.recv().await != Some("slow") {}
    stop.cancel();
    // What runs is finished first.
    stage.double.let_go.notify_one();
    tasks.close();
    tasks.wait().await;
}

#[tokio::test]
async fn the_batch_size_reaches_the_mutation_that_asks_for_it() {
    let stage = Stage::new();
    let asks = "mutation ($limit: Int!) { quick(most: $limit) { items hasMore } }";
    stage.scheduler.run(&stage.job(asks)).await;
    let variables = stage.double.variables.lock().unwrap().clone();
    assert_eq!(Value::Object(variables), json!({ "limit": 7 }));
}

#[test]
fn an_answer_tells_how_much_was_done_and_whether_there_is_more() {
    let data = json!({ "expireOverdueOrders": { "expired": [{ "number": "a" }, { "number": "b" }], "hasMore": true } });
    assert_eq!(answered_items(&data), 2);
    assert!(has_more(&data));
    assert!(!has_more(&json!({ "a": { "hasMore": false }, "b": null })));
}
