//! Keys and sessions between processes: each verifies tokens for itself, by what the others publish.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Stdio},
    time::{Duration, Instant},
};

use http::header::CONTENT_TYPE;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{output, stockgraph};

/// How long anything may take that is sure to happen, on a machine that has other things to do as well.
const PATIENCE: Duration = Duration::from_secs(60);

/// A part of the graph in a process and a folder of its own.
pub struct Part {
    child: Child,
    pub url: String,
    pub folder: TempDir,
}

impl Part {
    /// Starts a command that serves, on a free port, and waits until it says where.
    pub fn start(arguments: &[&str], settings: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut child = stockgraph(folder.path())
            .args(arguments)
            .args(["--listen", "127.0.0.1:0"])
            .envs(settings.iter().copied())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.as_mut().unwrap()).lines();
        let mut words = lines.map_while(Result::ok).flat_map(|line| {
            let words = line.split_whitespace().map(str::to_owned);
            words.collect::<Vec<_>>()
        });
        let url = words.find(|word| word.starts_with("http://"));
        Self {
            url: url.expect("it says where it serves"),
            child,
            folder,
        }
    }

    /// The URL of another path.
    fn beside(&self, path: &str) -> String {
        self.url.replace("/graphql", path)
    }

    fn has_keys(&self) -> bool {
        self.folder.path().join("data/keys").exists()
    }

    /// Sends SIGHUP.
    pub fn hang_up(&self) {
        let kill = std::process::Command::new("kill")
            .args(["-HUP", &self.child.id().to_string()])
            .status();
        assert!(kill.unwrap().success());
    }

    pub async fn ask(&self, token: Option<&str>, query: &str) -> Value {
        let mut request = reqwest::Client::new()
            .post(&self.url)
            .header(CONTENT_TYPE, "application/json")
            .json(&json!({ "query": query }));
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        request.send().await.unwrap().json().await.unwrap()
    }

    /// The code of the first error for whoever has this token; `None` where there is no error.
    async fn code(&self, token: &str) -> Option<String> {
        let answer = self.ask(
            Some(token),
            "{ __typename products(first: 1) { nodes { id } } }",
        );
        code_of(&answer.await)
    }

    async fn published(&self) -> Vec<String> {
        let set = reqwest::get(self.beside("/.well-known/jwks.json"))
            .await
            .unwrap();
        let set: Value = set.json().await.unwrap();
        let keys = set["keys"].as_array().unwrap().iter();
        keys.map(|key| key["kid"].as_str().unwrap().to_owned())
            .collect()
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// Asks again and again until the answer is this one.
pub async fn until<T: PartialEq + std::fmt::Debug>(expected: T, ask: impl AsyncFn() -> T) {
    let begun = Instant::now();
    loop {
        let answer = ask().await;
        if answer == expected {
            return;
        }
        assert!(
            begun.elapsed() < PATIENCE,
            "still {answer:?}, not {expected:?}"
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// `stockgraph keys …` on the keys in this folder; what it says.
fn keys(folder: &Path, arguments: &[&str]) -> String {
    let output = output(stockgraph(folder).arg("keys").args(arguments));
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{error}");
    String::from_utf8(output.stdout).unwrap()
}

const REGISTER: &str = "mutation { registerUser(input: { email: \"ayu@example.com\", password: \"seven green umbrellas\" }) {
  user { id } session { accessToken } errors { ... on UserError { message } }
} }";

fn kid(token: &str) -> String {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    let header = URL_SAFE_NO_PAD.decode(token.split('.').next().unwrap());
    let header: Value = serde_json::from_slice(&header.unwrap()).unwrap();
    header["kid"].as_str().unwrap().to_owned()
}

async fn log_in(users: &Part) -> String {
    let answer = users.ask(
        None,
        "mutation { logIn(input: { identifier: \"ayu@example.com\", password: \"seven green umbrellas\" }) { session { accessToken } } }",
    );
    let token = answer.await["data"]["logIn"]["session"]["accessToken"].take();
    token.as_str().expect("signed in").to_owned()
}

#[tokio::test]
async fn parts_without_a_common_secret_trust_each_other_by_published_keys() {
    stockgraph_server::use_ring();
    let users = Part::start(&["subgraph", "users"], &[]);
    let settings = [
        ("STOCKGRAPH_SUBGRAPHS__USERS", users.url.as_str()),
        ("STOCKGRAPH_AUTH__JWKS_REFRESH_SECONDS", "1"),
        ("STOCKGRAPH_AUTH__REVOCATIONS_POLL_MILLISECONDS", "50"),
    ];
    let products = Part::start(&["subgraph", "products"], &settings);
    assert!(users.has_keys() && !products.has_keys());

    let registered = users.ask(None, REGISTER).await["data"]["registerUser"].take();
    let token = registered["session"]["accessToken"].as_str().unwrap();
    assert_eq!(products.code(token).await, None);

    // The key is rotated: both tokens are good, and the new key is found where it is published.
    let keys_of_users = users.folder.path();
    keys(keys_of_users, &["rotate", "--after", "0"]);
    until(2, async || users.published().await.len()).await;
    until(true, async || kid(&log_in(&users).await) != kid(token)).await;
    let new = log_in(&users).await;
    until(None, async || products.code(&new).await).await;
    assert_eq!(products.code(token).await, None);

    // The old key was stolen: its tokens are refused, here and there.
    let listed = keys(keys_of_users, &["remove", &kid(token)]);
    assert!(
        listed.contains(&kid(&new)) && !listed.contains(&kid(token)),
        "{listed}"
    );
    let unauthenticated = Some("UNAUTHENTICATED".to_owned());
    until(unauthenticated.clone(), async || {
        users_code(&users, token).await
    })
    .await;
    until(unauthenticated, async || products.code(token).await).await;
    assert_eq!(products.code(&new).await, None);
}

/// The code of the first error of users, who have no products.
async fn users_code(users: &Part, token: &str) -> Option<String> {
    let answer = users.ask(Some(token), "{ me { id } }").await;
    code_of(&answer)
}

fn code_of(answer: &Value) -> Option<String> {
    let code = &answer["errors"][0]["extensions"]["code"];
    code.as_str().map(str::to_owned)
}

#[tokio::test]
async fn a_session_that_is_over_is_over_in_every_process() {
    stockgraph_server::use_ring();
    let users = Part::start(&["subgraph", "users"], &[]);
    let settings = [
        ("STOCKGRAPH_SUBGRAPHS__USERS", users.url.as_str()),
        ("STOCKGRAPH_AUTH__REVOCATIONS_POLL_MILLISECONDS", "50"),
    ];
    let products = Part::start(&["subgraph", "products"], &settings);
    users.ask(None, REGISTER).await;
    let session = "mutation { logIn(input: { identifier: \"ayu@example.com\", password: \"seven green umbrellas\" }) {
      session { accessToken refreshToken } } }";
    let session = users.ask(None, session).await["data"]["logIn"]["session"].take();
    let token = session["accessToken"].as_str().unwrap();
    let other = log_in(&users).await;
    assert_eq!(products.code(token).await, None);
    let log_out = format!(
        "mutation {{ logOut(input: {{ refreshToken: {} }}) {{ loggedOut }} }}",
        session["refreshToken"]
    );
    users.ask(None, &log_out).await;
    let unauthenticated = Some("UNAUTHENTICATED".to_owned());
    assert_eq!(users_code(&users, token).await, unauthenticated);
    until(unauthenticated, async || products.code(token).await).await;
    assert_eq!(products.code(&other).await, None);
}

#[test]
fn the_keys_are_looked_after_by_a_command() {
    let folder = tempfile::tempdir().unwrap();
    let first = keys(folder.path(), &["rotate"]);
    assert!(
        first.contains("signs at once") && first.contains("the beginning"),
        "{first}"
    );
    let rotated = keys(folder.path(), &["rotate"]);
    assert!(rotated.contains("waits"), "{rotated}");
    let again = output(stockgraph(folder.path()).args(["keys", "rotate"]));
    assert_eq!(again.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&again.stderr).contains("waits for its time"));
    let none = output(stockgraph(folder.path()).args(["keys", "remove", "nothing"]));
    assert_eq!(none.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&none.stderr).contains("there is no key `nothing`"));
    let listed = keys(folder.path(), &["list"]);
    let id = |state: &str| {
        let rows = listed
            .lines()
            .map(|line| line.split(['│', '┆']).map(str::trim));
        let mut rows = rows.map(Iterator::collect::<Vec<_>>);
        let row = rows.find(|cells| cells.contains(&state)).unwrap();
        row.into_iter()
            .find(|cell| cell.len() == 43)
            .unwrap()
            .to_owned()
    };
    let signing = output(stockgraph(folder.path()).args(["keys", "remove", &id("signs")]));
    assert!(String::from_utf8_lossy(&signing.stderr).contains("let another take over first"));
    let left = keys(folder.path(), &["remove", &id("waits")]);
    assert!(!left.contains("waits"), "{left}");
}

#[tokio::test]
async fn a_server_that_others_can_reach_warns_of_plain_text_and_known_passwords() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = stockgraph(folder.path())
        .args(["--listen", "0.0.0.0:0"])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let warnings: Vec<String> = lines
        .map_while(Result::ok)
        .filter(|line| line.starts_with("!! WARNING"))
        .take(2)
        .collect();
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(warnings[0].contains("TLS"), "{warnings:?}");
    assert!(warnings[1].contains("admin@example.com"), "{warnings:?}");
}
