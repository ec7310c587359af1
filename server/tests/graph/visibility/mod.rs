//! No call, whatever it asks and whoever sends it, is answered with an object that its caller may not see.
//!
//! Calls are drawn at random from the schemas themselves, so that a new field is asked for as soon as there is one: queries and
//! mutations by the router, the same on each subgraph behind the router's back, and `_entities` of every type by every key.
//! Arguments are the ids, numbers, tokens and names of all customers. What may be seen is judged by [`rights`], which repeats the
//! contract in its own words, and by what is known to be whose ([`facts`]). Where a caller who has no scope names something that is
//! hidden from them, the call is repeated for something that is not there, and both must be answered alike ([`twin`]).
//!
//! `VISIBILITY_SEED` and `VISIBILITY_CALLS` make other calls, and more.

mod draw;
mod facts;
mod operation;
mod oracle;
pub mod pool;
mod rigged;
mod rights;
pub mod schema;
mod shop;
mod trial;
mod twin;

use std::collections::BTreeMap;

use stockgraph_kit::{database::Engine, on_both_engines};

use crate::test_graph::TestGraph;

/// A number from the environment.
fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().unwrap())
}

on_both_engines! {
    async fn no_call_shows_what_its_caller_may_not_see(engine: Engine) {
        let seed = number("VISIBILITY_SEED", 20_261_126);
        let calls = usize::try_from(number("VISIBILITY_CALLS", 900)).unwrap();
        let mut trial = trial::Trial::open(engine, seed).await;
        let found = trial.run(calls).await;
        let seen = &trial.seen;
        println!("seed {seed}: {seen:?}");
        if let Err(failure) = found {
            panic!("VISIBILITY_SEED={seed} VISIBILITY_CALLS={calls}, call {}: {failure}", seen.calls);
        }
        // Calls that are all refused would show nothing, whatever is broken.
        let least = |part: usize, of: usize| assert!(part >= of, "{seen:?}");
        least(seen.answered, calls / 3);
        least(seen.twins, calls / 10);
        least(seen.done, calls / 20);
    }
}

#[tokio::test]
async fn what_takes_a_scope_is_what_the_contract_says() {
    let graph = TestGraph::empty(Engine::Sqlite).await.graph;
    let sdls = [
        graph.users.sdl(),
        graph.products.sdl(),
        graph.warehouses.sdl(),
        graph.orders.sdl(),
    ];
    let found: BTreeMap<_, _> = sdls
        .iter()
        .flat_map(|sdl| schema::Schema::parse(sdl).scoped())
        .collect();
    let expected: BTreeMap<_, _> = rights::SCOPED
        .iter()
        .map(|(field, scope)| ((*field).to_owned(), scope.to_string()))
        .collect();
    assert_eq!(found, expected);
}
