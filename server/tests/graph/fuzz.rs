//! Whatever comes over HTTP: never a panic, never an answer of 5xx, and always GraphQL or a refusal in HTTP's own words.
//!
//! `PROPTEST_CASES` says how many requests, `PROPTEST_RNG_SEED` which.

use axum::{
    Router,
    body::{Body, to_bytes},
};
use http::{HeaderName, HeaderValue, Method, Request, header::CONTENT_TYPE};
use proptest::{
    collection::vec,
    prelude::*,
    sample::select,
    test_runner::{Config, RngSeed, TestError, TestRunner},
};
use serde_json::{Value, json};
use stockgraph_kit::database::Engine;
use stockgraph_router::serving::Streaming;
use stockgraph_server::routes;
use tower::ServiceExt;

use crate::test_graph::TestGraph;

/// Enough for a few seconds.
const CASES: u32 = 400;
const DOCUMENTS: [&str; 8] = [
    "{ products(first: 20) { nodes { name price { amount currency } stock { available byWarehouse { warehouse { name status } onHand } } } } }",
    "query Q($n: Int = 3, $t: Boolean!) { products(first: $n) { ...P @include(if: $t) } } fragment P on ProductConnection { nodes { id sku } }",
    "mutation ($i: LogInInput!) { logIn(input: $i) { session { accessToken } errors { __typename ... on UserError { message } } } }",
    "mutation { a: createWarehouse(input: {code: \"X\", name: \"Ü\", priority: -1}) { warehouse { id } errors { ... on InvalidInput { field } } } }",
    "{ __schema { types { name fields(includeDeprecated: true) { name type { ofType { name } } } } } __type(name: \"User\") { kind } }",
    "{ orders(first: 1) { nodes { customer { email } lines { product { stock { available } } } } } me { id orders { totalCount } } }",
    "{ product(id: \"product_01h455vb4pex5vsknk084sn02q\") { id } category(id: 7) { name } users(filter: {search: \"\"\"a\nb\"\"\"}) { totalCount } }",
    "query A { __typename } query B { x: __typename }",
];
/// What breaks parsers, planners and readers of JSON, if they break.
const PIECES: [&str; 28] = [
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    "...",
    "@skip(if: true)",
    "@include(if: $t)",
    "$t",
    "$",
    ":",
    "\"",
    "\"\"\"",
    "\\u0000",
    "\\ud800",
    "-",
    "1e999",
    "99999999999999999999",
    "null",
    "... on Product {",
    "fragment P on P { ...P }",
    "query",
    "mutation ",
    "\u{feff}",
    "\u{0}",
    "#",
    "é",
];
const HEADERS: [(&str, &[u8]); 22] = [
    ("accept", b"application/graphql-response+json"),
    ("accept", b"text/event-stream"),
    ("accept", b"multipart/mixed"),
    ("accept", b"text/html;q=x, */*;q=0"),
    ("accept", b"\xff\xfe"),
    ("content-type", b"application/json; charset=utf-16"),
    ("content-type", b"application/graphql"),
    ("content-type", b"multipart/form-data; boundary=x"),
    ("content-type", b";;;="),
    ("content-encoding", b"gzip"),
    ("content-encoding", b"br, br, br"),
    ("accept-encoding", b"gzip;q=2, br;q=, *"),
    ("authorization", b"Bearer a.b.c"),
    ("authorization", b"Bearer \xe4"),
    ("authorization", b"Basic Og=="),
    ("content-length", b"-1"),
    ("transfer-encoding", b"nonsense"),
    ("upgrade", b"websocket"),
    ("sec-websocket-version", b"13"),
    ("traceparent", b"00-zz-zz-zz"),
    ("accept-language", b"\x80\x81;q=\x82"),
    ("x-request-id", b"'; DROP TABLE users; --"),
];
const CODES_OF_BUGS: [&str; 2] = ["INTERNAL_SERVER_ERROR", "QUERY_PLANNING_FAILED"];

/// A change of some bytes: where, of how many, and what comes in their place.
type Change = (usize, usize, Option<&'static str>);

#[derive(Clone, Debug)]
struct Asked {
    method: &'static str,
    path: &'static str,
    headers: Vec<(&'static str, Vec<u8>)>,
    may_do_everything: bool,
    body: Vec<u8>,
}

fn changes(most: usize) -> impl Strategy<Value = Vec<Change>> {
    let piece = proptest::option::of(select(&PIECES[..]));
    vec((any::<usize>(), 0..12_usize, piece), 0..most)
}

fn changed(text: &str, changes: &[Change]) -> String {
    let mut text: Vec<char> = text.chars().collect();
    for (place, count, piece) in changes {
        let begin = place % (text.len() + 1);
        let end = (begin + count).min(text.len());
        let piece: Vec<char> = match piece {
            Some(piece) => piece.chars().collect(),
            // Once more what stands there.
            None => text[begin..end].repeat(2),
        };
        text.splice(begin..end, piece);
    }
    text.into_iter().collect()
}

/// Any JSON, not too deep.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        select(&PIECES[..]).prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    let key = select(
        &[
            "n",
            "t",
            "i",
            "identifier",
            "password",
            "persistedQuery",
            "version",
            "sha256Hash",
            "",
        ][..],
    );
    leaf.prop_recursive(4, 32, 6, move |inner| {
        prop_oneof![
            vec(inner.clone(), 0..5).prop_map(Value::from),
            vec((key.clone(), inner), 0..5).prop_map(|it| it
                .into_iter()
                .map(|(key, value)| (key.to_owned(), value))
                .collect()),
        ]
    })
}

/// A request's JSON: a document that is broken a little, and members that are anything or missing.
fn request() -> impl Strategy<Value = Value> {
    let member = || proptest::option::weighted(0.4, any_json());
    (
        select(&DOCUMENTS[..]),
        changes(4),
        member(),
        member(),
        member(),
    )
        .prop_map(|(document, changes, variables, name, extensions)| {
            let mut request = json!({ "query": changed(document, &changes) });
            for (member, value) in [
                ("variables", variables),
                ("operationName", name),
                ("extensions", extensions),
            ] {
                if let Some(value) = value {
                    request[member] = value;
                }
            }
            request
        })
}

fn body() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        6 => request().prop_map(|it| it.to_string().into_bytes()),
        2 => (request(), changes(6)).prop_map(|(it, changes)| changed(&it.to_string(), &changes).into_bytes()),
        1 => vec(request(), 0..4).prop_map(|it| Value::from(it).to_string().into_bytes()),
        1 => any_json().prop_map(|it| it.to_string().into_bytes()),
        1 => vec(any::<u8>(), 0..300),
        // Depth that a reader on the stack would not survive.
        1 => (1..20_000_usize, select(&["[", "{\"a\":", "{\"query\":\"{"][..])).prop_map(|(depth, it)| it.repeat(depth).into_bytes()),
    ]
}

fn asked() -> impl Strategy<Value = Asked> {
    let method = prop_oneof![8 => Just("POST"), 2 => Just("GET"), 1 => select(&["PUT", "OPTIONS", "DELETE", "HEAD", "BREW"][..])];
    let path = prop_oneof![12 => Just("/graphql"), 1 => select(&["/", "/health", "/.well-known/jwks.json", "/graphql/", "//graphql?%"][..])];
    let headers = vec(
        prop_oneof![
            3 => select(&HEADERS[..]).prop_map(|(name, value)| (name, value.to_vec())),
            1 => (select(&HEADERS[..]), vec(any::<u8>(), 0..40)).prop_map(|((name, _), value)| (name, value)),
        ],
        0..3,
    );
    (method, path, headers, any::<bool>(), body()).prop_map(
        |(method, path, headers, may_do_everything, body)| Asked {
            method,
            path,
            headers,
            may_do_everything,
            body,
        },
    )
}

/// The bytes as a part of a URL.
fn escaped(bytes: &[u8]) -> String {
    bytes.iter().map(|it| format!("%{it:02X}")).collect()
}

impl Asked {
    fn request(&self, everything: &HeaderValue) -> Request<Body> {
        let mut uri = self.path.to_owned();
        let mut body = Body::empty();
        if self.method == "GET" {
            // What stands in the JSON, as parameters: as far as there is any.
            let json: Value = serde_json::from_slice(&self.body).unwrap_or_default();
            uri.push('?');
            for (name, value) in json.as_object().into_iter().flatten() {
                let value = value
                    .as_str()
                    .map_or_else(|| value.to_string(), str::to_owned);
                uri.push_str(&format!("{name}={}&", escaped(value.as_bytes())));
            }
            uri.push_str(&escaped(&self.body[..self.body.len().min(100)]));
        } else {
            body = self.body.clone().into();
        }
        let method = Method::from_bytes(self.method.as_bytes()).unwrap();
        let mut request = Request::builder()
            .method(method)
            .uri(uri)
            .body(body)
            .unwrap();
        let headers = request.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if self.may_do_everything {
            headers.insert("authorization", everything.clone());
        }
        for (name, value) in &self.headers {
            // What is no header at all is refused before it comes here.
            if let Ok(value) = HeaderValue::from_bytes(value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
        request
    }
}

/// What is wrong with the answer.
async fn check(routes: &Router, asked: &Asked, everything: &HeaderValue) -> Result<(), String> {
    let response = match routes.clone().oneshot(asked.request(everything)).await {
        Ok(response) => response,
        Err(never) => match never {},
    };
    let status = response.status();
    let header = response.headers().get(CONTENT_TYPE).cloned();
    let kind = header
        .as_ref()
        .and_then(|it| it.to_str().ok())
        .unwrap_or_default()
        .to_owned();
    let is_plain = response.headers().get("content-encoding").is_none();
    let body = to_bytes(response.into_body(), 1 << 24)
        .await
        .map_err(|error| error.to_string())?;
    let text = String::from_utf8_lossy(&body);
    let wrong = |what: &str| Err(format!("{what}: {status} {kind} {text}"));
    if status.is_server_error() {
        return wrong("the server failed");
    }
    if CODES_OF_BUGS
        .iter()
        .any(|code| text.contains(&format!("\"{code}\"")))
    {
        return wrong("there is a bug");
    }
    let is_graphql = kind.starts_with("application/json")
        || kind.starts_with("application/graphql-response+json");
    if asked.path != "/graphql" || asked.method == "HEAD" || !is_plain {
        return Ok(());
    }
    if is_graphql {
        let Ok(answer) = serde_json::from_slice::<Value>(&body) else {
            return wrong("no JSON");
        };
        let answers = answer
            .as_array()
            .map_or_else(|| std::slice::from_ref(&answer), Vec::as_slice);
        let is_answer =
            |it: &Value| it.get("data").is_some() || it["errors"][0]["message"].is_string();
        if !answers.iter().all(is_answer) {
            return wrong("neither data nor errors");
        }
        return Ok(());
    }
    if status.is_success()
        && asked.method != "OPTIONS"
        && !kind.starts_with("text/event-stream")
        && !kind.starts_with("text/html")
        && !kind.starts_with("multipart/mixed")
    {
        return wrong("it is no answer of GraphQL");
    }
    Ok(())
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
fn whatever_comes_over_http_is_answered_or_refused() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let _entered = runtime.enter();
    let graph = runtime.block_on(TestGraph::empty(Engine::Sqlite));
    let routes = routes::of_router(
        graph.graph.router.clone(),
        graph.foundation.clone(),
        &graph.config.router,
        Streaming::default(),
    )
    .unwrap();
    let everything = graph.everything().headers()["authorization"].clone();
    let result = TestRunner::new(config()).run(&asked(), |asked| {
        runtime
            .block_on(check(&routes, &asked, &everything))
            .map_err(TestCaseError::fail)
    });
    match result {
        Ok(()) => {}
        Err(TestError::Fail(why, asked)) => {
            panic!(
                "{why}\nto {asked:?}\n{}",
                String::from_utf8_lossy(&asked.body)
            )
        }
        Err(TestError::Abort(why)) => panic!("broke off: {why}"),
    }
}
