//! How a router deals with subgraphs over HTTP that fail, and with calls that are of no use.

use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use stockgraph_router::headers::{HeaderMatch, ResponseRule, Several};
use stockgraph_router::observe::{FetchReport, Observer};
use stockgraph_router::transport::{
    BreakerOptions, Http, HttpOptions, RetryOptions, Traffic, client,
};
use stockgraph_router::{GraphQLRequest, Router, RouterOptions, SubgraphDefinition};

use crate::doubles::{Scripted, ask};
use crate::faulty::{Fate, Faulty};

const SDL: &str = "type Query { a: Int } type Mutation { b: Int }";
const GOOD: Fate = Fate::Answered(r#"{"data":{"a":1}}"#);
/// Long enough for what answers, on the busiest machine.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long what hangs is waited for.
const IMPATIENCE: Duration = Duration::from_millis(100);

#[derive(Debug, Default)]
struct Told(Mutex<Vec<String>>);

impl Told {
    fn tell(&self, what: String) {
        self.0.lock().unwrap().push(what);
    }

    fn all(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

impl Observer for Told {
    fn fetch_ended(&self, report: &FetchReport<'_>) {
        let failure = report.failure.unwrap_or("ok");
        self.tell(format!("{} {failure}", report.subgraph));
    }

    fn fetch_retried(&self, subgraph: &str) {
        self.tell(format!("{subgraph} again"));
    }

    fn fetch_shared(&self, subgraph: &str) {
        self.tell(format!("{subgraph} shared"));
    }

    fn circuit_changed(&self, subgraph: &str, is_open: bool) {
        let state = if is_open { "open" } else { "closed" };
        self.tell(format!("{subgraph} {state}"));
    }
}

struct Set {
    timeout: Duration,
    traffic: Traffic,
    router: RouterOptions,
    told: Arc<Told>,
}

impl Default for Set {
    fn default() -> Self {
        let told = Arc::<Told>::default();
        Set {
            timeout: PATIENCE,
            traffic: Traffic {
                retry: RetryOptions {
                    first_pause: Duration::from_millis(1),
                    ..RetryOptions::default()
                },
                ..Traffic::default()
            },
            router: RouterOptions {
                observer: told.clone(),
                ..RouterOptions::default()
            },
            told,
        }
    }
}

/// A router over `x`, which is faulty, and `y`, which is well and in process.
fn router_over(faulty: &Faulty, set: &Set) -> Arc<Router> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let options = HttpOptions {
        timeout: set.timeout,
        ..HttpOptions::default()
    };
    let http = Http::new(client(&options).unwrap(), &faulty.url)
        .unwrap()
        .with_traffic(&set.traffic)
        .observed("x", set.told.clone());
    let definition = |name: &str, sdl: &str, transport| SubgraphDefinition {
        name: name.to_owned(),
        url: faulty.url.clone(),
        sdl: sdl.to_owned(),
        transport,
    };
    let well = Scripted::always(json!({"data": {"c": 2}}));
    let subgraphs = vec![
        definition("x", SDL, Arc::new(http)),
        definition("y", "type Query { c: Int }", well),
    ];
    Arc::new(Router::compose(subgraphs, set.router.clone()).unwrap())
}

fn codes(answer: &Value) -> Vec<&str> {
    let errors = answer["errors"].as_array().into_iter().flatten();
    errors
        .map(|error| error["extensions"]["code"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn whatever_breaks_costs_the_subgraphs_own_fields_and_says_nothing_of_the_inside() {
    let fates = [
        (Fate::CutAtOnce, "SUBGRAPH_UNAVAILABLE"),
        (Fate::CutInTheBody, "SUBGRAPH_UNAVAILABLE"),
        (Fate::Hanging, "SUBGRAPH_TIMEOUT"),
        (Fate::HangingInTheBody, "SUBGRAPH_TIMEOUT"),
        (Fate::Endless, "SUBGRAPH_BAD_ANSWER"),
        (
            Fate::With(200, "", "<html>10.0.0.7</html>"),
            "SUBGRAPH_BAD_ANSWER",
        ),
        (
            Fate::With(500, "", "panicked at src/secret.rs"),
            "SUBGRAPH_BAD_ANSWER",
        ),
        (
            Fate::With(302, "location: http://10.0.0.7/\r\n", ""),
            "SUBGRAPH_BAD_ANSWER",
        ),
        (Fate::With(503, "", "overloaded"), "SUBGRAPH_UNAVAILABLE"),
        (Fate::Answered("[]"), "SUBGRAPH_BAD_ANSWER"),
        (Fate::Answered(r#"{"data":[1]}"#), "SUBGRAPH_BAD_ANSWER"),
        (
            Fate::Answered(r#"{"data":{"a":{"deep":[1]}}}"#),
            "SUBGRAPH_BAD_ANSWER",
        ),
        (Fate::Answered(r#"{"errors":7}"#), "SUBGRAPH_BAD_ANSWER"),
    ];
    for (fate, code) in fates {
        let faulty = Faulty::new(std::slice::from_ref(&fate)).await;
        let mut set = Set::default();
        set.traffic.answer_bytes = 1024 * 1024;
        if matches!(fate, Fate::Hanging | Fate::HangingInTheBody) {
            set.timeout = IMPATIENCE;
        }
        let router = router_over(&faulty, &set);
        let answer = ask(&router, "{ a c }").await;
        assert_eq!(answer["data"], json!({"a": null, "c": 2}), "{fate:?}");
        assert_eq!(codes(&answer), [code], "{fate:?}: {answer}");
        let text = answer["errors"].to_string();
        for inside in ["127.0.0.1", "10.0.0.7", "secret", "html", "http"] {
            assert!(!text.contains(inside), "{fate:?}: {text}");
        }
    }
}

#[tokio::test]
async fn a_query_is_sent_again_when_the_connection_breaks() {
    let faulty = Faulty::new(&[Fate::CutAtOnce, Fate::With(503, "", ""), GOOD]).await;
    let set = Set::default();
    let router = router_over(&faulty, &set);
    assert_eq!(ask(&router, "{ a }").await, json!({"data": {"a": 1}}));
    assert_eq!(faulty.requests(), 3);
    assert_eq!(set.told.all(), ["x again", "x again", "x ok"]);
}

#[tokio::test]
async fn a_mutation_is_sent_once_whatever_happens() {
    let faulty = Faulty::new(&[Fate::CutAtOnce]).await;
    let router = router_over(&faulty, &Set::default());
    let answer = ask(&router, "mutation { b }").await;
    assert_eq!(codes(&answer), ["SUBGRAPH_UNAVAILABLE"]);
    assert_eq!(faulty.requests(), 1);
}

#[tokio::test]
async fn a_query_that_took_its_time_is_not_sent_again() {
    let faulty = Faulty::new(&[Fate::Hanging]).await;
    let set = Set {
        timeout: IMPATIENCE,
        ..Set::default()
    };
    let router = router_over(&faulty, &set);
    assert_eq!(codes(&ask(&router, "{ a }").await), ["SUBGRAPH_TIMEOUT"]);
    assert_eq!(faulty.requests(), 1);
}

#[tokio::test]
async fn a_subgraph_that_keeps_failing_is_left_alone_and_asked_again_later() {
    let fates = [Fate::CutAtOnce, Fate::CutAtOnce, Fate::CutAtOnce, GOOD];
    let faulty = Faulty::new(&fates).await;
    let mut set = Set::default();
    set.traffic.retry.most = 0;
    set.traffic.breaker = Some(BreakerOptions {
        least_calls: 3,
        open_for: Duration::from_secs(3600),
        ..BreakerOptions::default()
    });
    let router = router_over(&faulty, &set);
    for _ in 0..5 {
        assert_eq!(
            codes(&ask(&router, "{ a }").await),
            ["SUBGRAPH_UNAVAILABLE"]
        );
    }
    assert_eq!(faulty.requests(), 3, "the fourth was not sent");
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(3600)).await;
    tokio::time::resume();
    assert_eq!(ask(&router, "{ a }").await, json!({"data": {"a": 1}}));
    let told = set.told.all();
    assert_eq!(told.iter().filter(|it| *it == "x open").count(), 1);
    assert_eq!(told.iter().filter(|it| *it == "x closed").count(), 1);
}

#[tokio::test]
async fn the_same_query_of_the_same_caller_is_sent_once_while_it_is_under_way() {
    let faulty = Faulty::new(&[Fate::Hanging]).await;
    let set = Set {
        timeout: Duration::from_millis(300),
        ..Set::default()
    };
    let router = router_over(&faulty, &set);
    let ask = |caller: &'static str| {
        let router = Arc::clone(&router);
        tokio::spawn(async move {
            let mut headers = HeaderMap::new();
            headers.insert("authorization", HeaderValue::from_static(caller));
            let request = GraphQLRequest::new("{ a }");
            router.execute(request, &headers).await.to_json()
        })
    };
    let asked = [ask("ada"), ask("ada"), ask("ada"), ask("bob")];
    for answer in asked {
        assert_eq!(codes(&answer.await.unwrap()), ["SUBGRAPH_TIMEOUT"]);
    }
    assert_eq!(faulty.requests(), 2, "one for each caller");
    let shared = set.told.all();
    assert_eq!(shared.iter().filter(|it| *it == "x shared").count(), 2);
}

#[tokio::test]
async fn a_request_whose_time_is_over_is_answered_with_what_is_there() {
    let faulty = Faulty::new(&[Fate::Hanging]).await;
    let mut set = Set {
        timeout: Duration::from_secs(3600),
        ..Set::default()
    };
    set.router.request_timeout = IMPATIENCE;
    let router = router_over(&faulty, &set);
    let answer = ask(&router, "{ a c }").await;
    assert_eq!(answer["data"], json!({"a": null, "c": 2}));
    assert_eq!(codes(&answer), ["REQUEST_TIMEOUT"]);
    assert_eq!(answer["errors"][0]["path"], json!(["a"]));
}

#[tokio::test]
async fn a_caller_who_goes_away_takes_the_call_along() {
    let faulty = Faulty::new(&[Fate::Hanging, GOOD]).await;
    let set = Set {
        timeout: Duration::from_secs(3600),
        ..Set::default()
    };
    let router = router_over(&faulty, &set);
    let waiting = Arc::clone(&router);
    let gone = tokio::spawn(async move { ask(&waiting, "{ a }").await });
    faulty.arrival().await;
    gone.abort();
    assert!(gone.await.unwrap_err().is_cancelled());
    // It is not waited for by the next, who asks the same.
    assert_eq!(ask(&router, "{ a }").await, json!({"data": {"a": 1}}));
}

#[tokio::test]
async fn a_header_of_a_subgraph_reaches_the_client_where_a_rule_says_so() {
    let headers = "x-served-by: x1\r\nset-cookie: a=b\r\n";
    let faulty = Faulty::new(&[Fate::With(200, headers, r#"{"data":{"a":1}}"#)]).await;
    let mut set = Set::default();
    set.router.headers.response.push(ResponseRule {
        subgraphs: vec!["x".to_owned()],
        headers: HeaderMatch::Named(HeaderName::from_static("x-served-by")),
        rename: None,
        several: Several::Last,
    });
    let router = router_over(&faulty, &set);
    let request = GraphQLRequest::new("{ a c }");
    let response = router.execute(request, &HeaderMap::new()).await;
    assert_eq!(response.headers()["x-served-by"], "x1");
    assert_eq!(response.headers().len(), 1);
}
