//! A client that asks for one thing after the other, and keeps what it was answered.

use std::{
    mem,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};
use futures_util::future::join;
use rand::{Rng, SeedableRng, rngs::StdRng, seq::IndexedRandom};
use stockgraph_kit::clock::Clock;
use stockgraph_warehouses::domain::reservation::End;

use super::{
    call::{Answer, Call},
    model::Record,
    wishes::{Assortment, Wishes},
};
use crate::{
    client::{Client, Reply},
    process::PATIENCE,
    report::{Ended, Report},
};

/// Why a call may be without an answer.
const EXPECTED: [&str; 5] = [
    "NO_CONNECTION",
    "CONNECTION_LOST",
    "TIMEOUT",
    "OVERLOADED",
    "UNAVAILABLE",
];

/// A client.
pub struct Buyer {
    rng: StdRng,
    client: Client,
    /// Where it can ask, its favourite first.
    urls: Vec<String>,
    wishes: Wishes,
    report: Report,
    /// What it was answered.
    pub records: Vec<Record>,
    /// What it was not answered.
    pending: Option<Call>,
    /// What must not be.
    wrong: Vec<String>,
    /// What was not answered at first.
    doubts: Vec<Doubt>,
}

/// A call that was not answered, and since when the same was asked again.
pub struct Doubt {
    pub call: Call,
    pub since: DateTime<Utc>,
}

impl Buyer {
    pub fn new(
        number: usize,
        seed: u64,
        client: &Client,
        mut urls: Vec<String>,
        goods: &Arc<Assortment>,
        report: &Report,
    ) -> Self {
        let favourite = number % urls.len();
        urls.rotate_left(favourite);
        Self {
            rng: StdRng::seed_from_u64(seed.wrapping_mul(10_000).wrapping_add(number as u64)),
            client: client.clone(),
            urls,
            wishes: Wishes::new(Arc::clone(goods), number == 0),
            report: report.clone(),
            records: Vec::new(),
            pending: None,
            wrong: Vec::new(),
            doubts: Vec::new(),
        }
    }

    /// Asks for one thing after the other until it is told to stop, or is not answered.
    pub async fn run(mut self, stop: Arc<AtomicBool>) -> Self {
        while self.pending.is_none() && !stop.load(Ordering::SeqCst) {
            if self.rng.random_ratio(1, 10) && !self.records.is_empty() {
                self.repeat().await;
            } else {
                let call = self.wishes.next(&mut self.rng);
                self.perform(call).await;
            }
        }
        self
    }

    /// Finds out what came of the call that was not answered, by asking the same again until it is.
    pub async fn resolve(&mut self) {
        if let Some(call) = self.pending.take() {
            self.doubt(&call);
            let start = Instant::now();
            loop {
                match self.ask(0, &call).await {
                    Some(answer) => return self.settle(call, answer),
                    None => tokio::time::sleep(Duration::from_millis(50)).await,
                }
                assert!(start.elapsed() < PATIENCE, "{call:?} is not answered");
            }
        }
    }

    /// Asks for something new; where there are two processes, now and then both at the same moment. Who is not answered sometimes asks
    /// the other at once, while the first may still be at it.
    pub async fn perform(&mut self, call: Call) {
        let answer = if self.urls.len() > 1 && self.rng.random_ratio(1, 8) {
            self.ask_both(&call).await
        } else {
            self.ask(0, &call).await
        };
        if let Some(answer) = answer {
            return self.settle(call, answer);
        }
        self.report.call(call.kind(), Ended::Unknown);
        if self.urls.len() > 1 && self.rng.random_ratio(1, 2) {
            let sent = "unknown calls sent to the other process at once";
            self.report.add(sent, 1);
            self.doubt(&call);
            if let Some(answer) = self.ask(1, &call).await {
                return self.settle(call, answer);
            }
        }
        self.pending = Some(call);
    }

    /// The twins' answer: where one has it done, it is done, and neither is told anything else.
    async fn ask_both(&mut self, call: &Call) -> Option<Answer> {
        let (first, second) = join(self.send(0, call), self.send(1, call)).await;
        let first = self.hear(call, first);
        let second = self.hear(call, second);
        self.report.add("calls sent to both processes at once", 1);
        let is_refused = |answer: &Answer| matches!(answer, Answer::Refused(_));
        match (first, second) {
            (Some(one), Some(other)) if is_refused(&one) => Some(other),
            (Some(one), Some(other)) => {
                if one != other && !is_refused(&other) {
                    self.wrong
                        .push(format!("{call:?} is {one:?} and {other:?}"));
                }
                Some(one)
            }
            // What the other does not know may be what is done.
            (Some(known), None) | (None, Some(known)) if !is_refused(&known) => Some(known),
            _ => None,
        }
    }

    fn doubt(&mut self, call: &Call) {
        self.doubts.push(Doubt {
            call: call.clone(),
            since: Clock::system().now(),
        });
    }

    async fn ask(&mut self, process: usize, call: &Call) -> Option<Answer> {
        let reply = self.send(process, call).await;
        self.hear(call, reply)
    }

    async fn send(&self, process: usize, call: &Call) -> Reply {
        let (query, variables) = call.operation();
        let url = &self.urls[process];
        self.client.ask(url, &query, &variables).await
    }

    /// The answer, where there is one. No fault of these tests explains an internal error.
    fn hear(&mut self, call: &Call, reply: Reply) -> Option<Answer> {
        match reply {
            Reply::Answered(data) => Some(call.answer(&data)),
            Reply::NotDone(reason) | Reply::Unknown(reason) => {
                self.report.lost(&reason);
                if !EXPECTED.contains(&reason.as_str()) {
                    self.wrong.push(format!("{call:?} was answered {reason}"));
                }
                None
            }
        }
    }

    /// Keeps what was answered.
    fn settle(&mut self, call: Call, answer: Answer) {
        let is_refused = matches!(answer, Answer::Refused(_));
        let ended = if is_refused {
            Ended::Refused
        } else {
            Ended::Done
        };
        self.report.call(call.kind(), ended);
        if is_refused && !call.may_be_refused(&answer) {
            self.wrong.push(format!("{call:?} was answered {answer:?}"));
        }
        self.wishes.learn(&call, &answer);
        self.records.push(Record { call, answer });
    }

    /// Asks for something of earlier again: it moves nothing, and the answer is what it was.
    async fn repeat(&mut self) {
        let record = self.records.choose(&mut self.rng).cloned();
        let Some(Record { call, answer }) = record else {
            return;
        };
        if matches!(answer, Answer::Refused(_))
            || matches!(call, Call::SetStatus { .. } | Call::SetPolicy { .. })
        {
            return;
        }
        let process = self.rng.random_range(0..self.urls.len());
        // A repeat that is lost moves nothing either.
        if let Some(told) = self.ask(process, &call).await {
            self.report.add("repeated calls absorbed", 1);
            if told != self.told_again(&call, answer) {
                self.wrong.push(format!("{call:?} again is {told:?}"));
            }
        }
    }

    fn told_again(&self, call: &Call, answer: Answer) -> Answer {
        let gone = |id| {
            self.records.iter().any(|record| {
                matches!(record.call, Call::End { id: ended, end: End::Release } if ended == id)
            })
        };
        match call {
            Call::Reserve { id, .. } if gone(*id) => Answer::Refused("WrongState".into()),
            _ => answer,
        }
    }

    /// What it has to tell that must not be.
    pub fn take_wrong(&mut self) -> Vec<String> {
        mem::take(&mut self.wrong)
    }

    /// What was not answered at first, since this was asked last.
    pub fn take_doubts(&mut self) -> Vec<Doubt> {
        mem::take(&mut self.doubts)
    }
}
