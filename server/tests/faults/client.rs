//! A caller over HTTP, who knows what it means to have no answer.

use http::header::AUTHORIZATION;
use serde_json::{Value, json};
use stockgraph_kit::serve::ROUTER_TOKEN;

use crate::process::PATIENCE;

/// What a caller is told.
#[derive(Debug)]
pub enum Reply {
    /// The answer's data.
    Answered(Value),
    /// The code says that nothing was done.
    NotDone(String),
    /// It may or may not have been done.
    Unknown(String),
}

/// Callers with one token. Clones share their connections.
#[derive(Clone)]
pub struct Client {
    pub http: reqwest::Client,
    token: String,
    /// The token again, for subgraphs that are asked as a router asks them.
    router_token: Option<String>,
}

impl Client {
    /// Callers with this token.
    pub fn new(token: &str) -> Self {
        stockgraph_server::use_ring();
        // What is asked for may still happen later; but no fault of these tests makes anybody wait that long.
        let http = reqwest::Client::builder().timeout(PATIENCE);
        Self {
            http: http.build().unwrap(),
            token: format!("Bearer {token}"),
            router_token: None,
        }
    }

    /// The same callers, who may ask subgraphs for entities besides, by a token that has the scope `federation:read`.
    pub fn of_router(token: &str) -> Self {
        Self {
            router_token: Some(token.to_owned()),
            ..Self::new(token)
        }
    }

    /// Other callers, with this token, over the same connections.
    pub fn with_token(&self, token: &str) -> Self {
        Self {
            http: self.http.clone(),
            token: format!("Bearer {token}"),
            router_token: None,
        }
    }

    /// Sends one operation.
    pub async fn ask(&self, url: &str, query: &str, variables: &Value) -> Reply {
        let answer = match self.request(url, query, variables).send().await {
            Ok(answer) => answer,
            Err(error) if error.is_connect() => return Reply::NotDone("NO_CONNECTION".into()),
            Err(error) => return lost(&error),
        };
        let status = answer.status();
        match answer.json().await {
            Ok(body) if status.is_success() => read(body),
            Ok(_) => Reply::Unknown(status.to_string()),
            Err(error) => lost(&error),
        }
    }

    fn request(&self, url: &str, query: &str, variables: &Value) -> reqwest::RequestBuilder {
        let mut request = self.http.post(url).header(AUTHORIZATION, &self.token);
        if let Some(token) = &self.router_token {
            request = request.header(ROUTER_TOKEN, token);
        }
        request.json(&json!({ "query": query, "variables": variables }))
    }

    /// The whole answer, errors and all.
    ///
    /// # Panics
    ///
    /// When there is none.
    pub async fn body(&self, url: &str, query: &str, variables: &Value) -> Value {
        let answer = self.request(url, query, variables).send().await.unwrap();
        answer.json().await.unwrap()
    }

    /// The data of an answer that must come.
    ///
    /// # Panics
    ///
    /// When there is none.
    pub async fn data(&self, url: &str, query: &str, variables: &Value) -> Value {
        match self.ask(url, query, variables).await {
            Reply::Answered(data) => data,
            other => panic!("{query} {variables}: {other:?}"),
        }
    }
}

fn lost(error: &reqwest::Error) -> Reply {
    let how = if error.is_timeout() {
        "TIMEOUT"
    } else {
        "CONNECTION_LOST"
    };
    Reply::Unknown(how.into())
}

fn read(mut body: Value) -> Reply {
    if body["errors"].is_null() {
        return Reply::Answered(body["data"].take());
    }
    match body["errors"][0]["extensions"]["code"].as_str() {
        // Not taken on, or rolled back.
        Some("OVERLOADED") => Reply::NotDone("OVERLOADED".into()),
        // Of an outage too: the connection to the database may have been lost before its commit or after.
        Some(code) => Reply::Unknown(code.to_owned()),
        None => Reply::Unknown(body["errors"].to_string()),
    }
}
