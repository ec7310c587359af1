//! The shop's own graph under operations made at random: what the router answers is what one server with one schema would.
//!
//! `PROPTEST_CASES` says how many operations, `PROPTEST_RNG_SEED` which.

mod data;
mod serve;
mod types;
mod write;

use futures_util::future::BoxFuture;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestError, TestRunner};
use serde_json::{Value, json};
use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use stockgraph_router::transport::{Subgraph, SubgraphError, SubgraphRequest, SubgraphResponse};
use stockgraph_router::{GraphQLError, GraphQLRequest, Router, RouterOptions, SubgraphDefinition};

use self::data::Shop;
use self::serve::{Answer, Failure};
use self::types::Types;
use self::write::{Operation, operation};

const SCHEMAS: [(&str, &str); 4] = [
    ("users", include_str!("../../../../schema/users.graphql")),
    (
        "products",
        include_str!("../../../../schema/products.graphql"),
    ),
    (
        "warehouses",
        include_str!("../../../../schema/warehouses.graphql"),
    ),
    ("orders", include_str!("../../../../schema/orders.graphql")),
];
const PUBLIC: &str = include_str!("../../../../schema/api.graphql");
/// Enough for a few seconds.
const CASES: u32 = 150;
/// The longest tape: larger operations find nothing more.
const TAPE: usize = 400;

struct Part {
    shop: Arc<Shop>,
    index: usize,
    mutations: Arc<AtomicUsize>,
}

impl Subgraph for Part {
    fn execute<'a>(
        &'a self,
        request: SubgraphRequest<'a>,
    ) -> BoxFuture<'a, Result<SubgraphResponse, SubgraphError>> {
        let answer = self.shop.answer(
            Some(self.index),
            request.query,
            &request.variables,
            &self.mutations,
        );
        Box::pin(async move {
            let answer = answer.map_err(|wrong| {
                SubgraphError::Misconfigured(format!("{wrong} in {}", request.query))
            })?;
            let error = |it: &Failure| {
                GraphQLError::from_foreign(json!({"message": it.message, "path": it.path}))
            };
            Ok(SubgraphResponse {
                data: answer.data,
                errors: answer.failures.iter().map(error).collect(),
                ..SubgraphResponse::default()
            })
        })
    }
}

struct Graph {
    router: Router,
    shop: Arc<Shop>,
    mutations: Arc<AtomicUsize>,
}

impl Graph {
    fn new() -> Self {
        // The link comes last; the parser of the tests does not know it.
        let own = |sdl: &'static str| sdl.split("extend schema").next().unwrap();
        let read = |(name, sdl)| (str::to_owned(name), Types::read(own(sdl)));
        let shop = Arc::new(Shop {
            whole: Types::read(PUBLIC),
            subgraphs: SCHEMAS.map(read).into(),
        });
        let mutations = Arc::new(AtomicUsize::new(0));
        let subgraphs = SCHEMAS
            .iter()
            .enumerate()
            .map(|(index, (name, sdl))| SubgraphDefinition {
                name: (*name).to_owned(),
                url: format!("http://{name}.test/graphql"),
                sdl: (*sdl).to_owned(),
                transport: Arc::new(Part {
                    shop: Arc::clone(&shop),
                    index,
                    mutations: Arc::clone(&mutations),
                }),
            });
        // What is too large is refused, and says nothing of the rest.
        let mut options = RouterOptions::default();
        options.limits.operation.aliases = usize::MAX;
        options.limits.operation.root_fields = usize::MAX;
        options.limits.operation.depth = 100;
        options.limits.cost.maximum = u64::MAX;
        let router = Router::compose(subgraphs.collect(), options).unwrap();
        Graph {
            router,
            shop,
            mutations,
        }
    }

    /// What is wrong with the router's answer; `None` for an operation that is against the rules of GraphQL.
    async fn check(&self, asked: &Operation) -> Option<Result<(), String>> {
        let expected = self
            .shop
            .answer(None, &asked.text, &asked.variables, &AtomicUsize::new(0));
        let request = GraphQLRequest::new(&*asked.text).variables(asked.variables.clone().into());
        self.mutations.store(0, Ordering::Relaxed);
        let answer = self
            .router
            .execute(request.clone(), &http::HeaderMap::new())
            .await;
        let given = answer.to_json();
        let found = match &expected {
            Err(_) if given["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED" => {
                return None;
            }
            Err(wrong) => Err(format!("it is wrong: {wrong}")),
            // A field that stands there several times comes where it stands first, also where it is skipped there.
            Ok(expected) => compare(&given, expected, !asked.text.contains('@')),
        };
        if let Err(wrong) = found {
            let plan = match self.router.prepare(&request).await {
                Ok(prepared) => prepared.plan_text().unwrap_or_default(),
                Err(errors) => format!("{errors:?}"),
            };
            let wanted = expected.map(|it| it.data).unwrap_or_default();
            return Some(Err(format!(
                "{wrong}\n{}\nwith {}\nis answered {given}\nand not {wanted}\nby {plan}",
                asked.text,
                Value::Object(asked.variables.clone())
            )));
        }
        Some(Ok(()))
    }
}

/// Data must be the same, in the same order as well if `in_order`. Every error must be about a field that has failed, and every null that came of
/// a failure must have one: which of several is told, and whether more are, is the server's affair.
fn compare(given: &Value, expected: &Answer, in_order: bool) -> Result<(), String> {
    let data = given.get("data").unwrap_or(&Value::Null);
    let (text, wanted) = (data.to_string(), expected.data.to_string());
    if *data != expected.data || (in_order && text != wanted) {
        return Err("the data differ".to_owned());
    }
    let none = Vec::new();
    let errors = given["errors"].as_array().unwrap_or(&none);
    let mut explained: Vec<&[Value]> = Vec::new();
    for error in errors {
        let path = error["path"].as_array().unwrap_or(&none);
        let of_path: Vec<&Failure> = expected
            .failures
            .iter()
            .filter(|it| it.path == *path)
            .collect();
        if of_path.is_empty() {
            return Err(format!("nothing fails where {error} is"));
        }
        let is_told = |it: &&Failure| error["message"] == *it.message;
        if error["extensions"]["code"] == "DOWNSTREAM_SERVICE_ERROR" && !of_path.iter().any(is_told)
        {
            return Err(format!("{error} is told of {of_path:?}"));
        }
        explained.extend(of_path.iter().map(|it| landing(it)));
    }
    for failure in &expected.failures {
        let lands = landing(failure);
        let is_hidden = expected.failures.iter().any(|it| {
            let other = landing(it);
            other.len() < lands.len() && lands.starts_with(other)
        });
        if !is_hidden && !explained.contains(&lands) {
            return Err(format!("no error tells of {failure:?}"));
        }
    }
    Ok(())
}

fn landing(failure: &Failure) -> &[Value] {
    failure.lands.as_deref().unwrap_or_default()
}

fn config() -> Config {
    let mut config = Config {
        failure_persistence: None,
        max_shrink_iters: 300,
        ..Config::default()
    };
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = CASES;
    }
    if std::env::var_os("PROPTEST_RNG_SEED").is_none() {
        config.rng_seed = RngSeed::Fixed(2026);
    }
    config
}

#[test]
fn whatever_is_asked_of_the_shop_is_answered_as_by_one_schema() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let graph = Graph::new();
    let (asked, refused) = (Cell::new(0_u32), Cell::new(0_u32));
    let tapes = proptest::collection::vec(any::<u16>(), 0..TAPE);
    let result = TestRunner::new(config()).run(&tapes, |tape| {
        let asked_for = operation(&graph.shop.whole, &tape);
        match runtime.block_on(graph.check(&asked_for)) {
            None => refused.set(refused.get() + 1),
            Some(Ok(())) => asked.set(asked.get() + 1),
            Some(Err(wrong)) => return Err(TestCaseError::fail(wrong)),
        }
        Ok(())
    });
    match result {
        Ok(()) => {}
        Err(TestError::Fail(why, _)) => panic!("{why}"),
        Err(TestError::Abort(why)) => panic!("broke off: {why}"),
    }
    // Keys may meet where GraphQL forbids it, but not often.
    assert!(
        asked.get() > 2 * refused.get(),
        "{} of {}",
        refused.get(),
        asked.get()
    );
}
