//! The line to the shop: it goes dead in the midst of a sentence, and one asks again.

use std::time::{Duration, Instant};

use futures_util::future::join;
use rand::{Rng, rngs::StdRng};

use super::call::{Answer, By, Call};
use crate::{
    client::{Client, Reply},
    process::PATIENCE,
    report::{Ended, Report},
};

/// Why a call may be without an answer.
const EXPECTED: [&str; 7] = [
    "NO_CONNECTION",
    "CONNECTION_LOST",
    "TIMEOUT",
    "OVERLOADED",
    "UNAVAILABLE",
    "SUBGRAPH_UNAVAILABLE",
    "SUBGRAPH_TIMEOUT",
];

/// What came of a call.
pub enum Outcome {
    /// It was answered; before that, it may have been lost on the way there or back.
    Answered(Answer, Lost),
    /// It was lost, and not asked again.
    GivenUp,
}

/// Whether an earlier attempt may have been carried out, or may yet be.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Lost {
    Never,
    Once,
}

/// Ways to the shop.
pub struct Line {
    /// Who may do everything but check out.
    pub staff: Client,
    /// The routers.
    pub urls: Vec<String>,
    pub report: Report,
    /// What must not be.
    pub wrong: Vec<String>,
}

enum Heard {
    Answer(Answer),
    /// It never got there.
    NotSent,
    Lost,
}

impl Line {
    /// Asks until there is an answer, or, now and then, until an answer is lost. Some calls go to two routers at the same moment.
    pub async fn ask(&mut self, rng: &mut StdRng, customer: &Client, call: &Call) -> Outcome {
        let start = Instant::now();
        let mut lost = Lost::Never;
        loop {
            match self.try_to_ask(rng, customer, call).await {
                Heard::Answer(answer) => return self.end(call, answer, lost),
                Heard::NotSent => {}
                Heard::Lost if lost == Lost::Never => {
                    lost = Lost::Once;
                    self.report.call(call.kind(), Ended::Unknown);
                    if rng.random_ratio(1, 8) {
                        self.report.add("lost calls never sent again", 1);
                        return Outcome::GivenUp;
                    }
                }
                Heard::Lost => {}
            }
            assert!(start.elapsed() < PATIENCE, "{call:?} is not answered");
            tokio::time::sleep(Duration::from_millis(rng.random_range(10..250))).await;
        }
    }

    /// Asks once. An error that no fault explains is noted.
    pub async fn ask_once(
        &mut self,
        rng: &mut StdRng,
        customer: &Client,
        call: &Call,
    ) -> Option<Answer> {
        let url = rng.random_range(0..self.urls.len());
        let reply = self.send(url, customer, call).await;
        match self.hear(call, reply) {
            Heard::Answer(answer) => Some(answer),
            Heard::NotSent | Heard::Lost => None,
        }
    }

    fn end(&self, call: &Call, answer: Answer, lost: Lost) -> Outcome {
        let ended = if answer.is_refusal() {
            Ended::Refused
        } else {
            Ended::Done
        };
        self.report.call(call.kind(), ended);
        Outcome::Answered(answer, lost)
    }

    async fn try_to_ask(&mut self, rng: &mut StdRng, customer: &Client, call: &Call) -> Heard {
        let (one, other) = (0, self.urls.len() - 1);
        if !rng.random_ratio(1, 10) {
            let url = rng.random_range(one..=other);
            let reply = self.send(url, customer, call).await;
            return self.hear(call, reply);
        }
        let twins = join(
            self.send(one, customer, call),
            self.send(other, customer, call),
        );
        let (first, second) = twins.await;
        self.report.add("calls sent twice at the same moment", 1);
        let (first, second) = (self.hear(call, first), self.hear(call, second));
        self.heard_by_twins(call, first, second)
    }

    /// Where one of them has it done, it is done, and neither is told that something else was.
    fn heard_by_twins(&mut self, call: &Call, first: Heard, second: Heard) -> Heard {
        match (first, second) {
            (Heard::Answer(one), Heard::Answer(other)) => {
                if one != other && !one.is_refusal() && !other.is_refusal() {
                    let told = format!("{call:?} is {one:?} and {other:?}");
                    self.wrong.push(told);
                }
                Heard::Answer(if one.is_refusal() { other } else { one })
            }
            (Heard::Answer(one), _) | (_, Heard::Answer(one)) if !one.is_refusal() => {
                Heard::Answer(one)
            }
            (Heard::NotSent, Heard::NotSent) => Heard::NotSent,
            _ => Heard::Lost,
        }
    }

    async fn send(&self, url: usize, customer: &Client, call: &Call) -> Reply {
        let client = match call {
            Call::Place { .. }
            | Call::Cancel {
                by: By::Customer(_),
                ..
            } => customer,
            _ => &self.staff,
        };
        let (query, variables) = call.operation();
        client.ask(&self.urls[url], &query, &variables).await
    }

    fn hear(&mut self, call: &Call, reply: Reply) -> Heard {
        let reason = match reply {
            Reply::Answered(data) => return Heard::Answer(call.answer(&data)),
            Reply::NotDone(reason) | Reply::Unknown(reason) => reason,
        };
        self.report.lost(&reason);
        if !EXPECTED.contains(&reason.as_str()) {
            self.wrong.push(format!("{call:?} was answered {reason}"));
        }
        // Who is overloaded may be the warehouses, when the order has long been changed.
        if reason == "NO_CONNECTION" {
            Heard::NotSent
        } else {
            Heard::Lost
        }
    }
}
