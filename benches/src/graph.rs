//! The graph as a client of it sees it.

use std::net::IpAddr;

use anyhow::Context;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE};
use serde_json::{Value, json};

/// A graph at a URL, for a caller.
#[derive(Clone)]
pub struct Graph {
    http: reqwest::Client,
    url: String,
    /// The `Authorization` header; `None` for an anonymous caller.
    authorization: Option<String>,
}

impl Graph {
    /// The graph for an anonymous caller. Connections are kept: as many as there are requests at a time.
    ///
    /// # Errors
    ///
    /// The HTTP client cannot be made.
    pub fn new(url: &str) -> anyhow::Result<Self> {
        Self::from_client(url, reqwest::Client::builder())
    }

    /// The same for a caller who has this address of the machine.
    ///
    /// # Errors
    ///
    /// The HTTP client cannot be made.
    pub fn from_address(url: &str, address: IpAddr) -> anyhow::Result<Self> {
        let client = reqwest::Client::builder().local_address(address);
        Self::from_client(url, client)
    }

    fn from_client(url: &str, client: reqwest::ClientBuilder) -> anyhow::Result<Self> {
        Ok(Self {
            http: client
                .http1_only()
                .no_gzip()
                .no_proxy()
                .timeout(std::time::Duration::from_secs(30))
                .build()?,
            url: url.to_owned(),
            authorization: None,
        })
    }

    /// The same graph for the holder of this access token.
    pub fn with_token(&self, token: &str) -> Self {
        Self {
            authorization: Some(format!("Bearer {token}")),
            ..self.clone()
        }
    }

    /// The same caller at another process of the same graph.
    pub fn at(&self, url: &str) -> Self {
        Self {
            url: url.to_owned(),
            ..self.clone()
        }
    }

    /// Signs in.
    ///
    /// # Errors
    ///
    /// The graph does not answer, or refuses.
    pub async fn log_in(&self, identifier: &str, password: &str) -> anyhow::Result<Self> {
        let data = self
            .execute(
                "mutation ($input: LogInInput!) {
                    logIn(input: $input) { session { accessToken } errors { __typename ... on UserError { message } } }
                }",
                json!({ "input": { "identifier": identifier, "password": password } }),
            )
            .await?;
        let token = data["logIn"]["session"]["accessToken"].as_str();
        let token = token.with_context(|| format!("{identifier} may not sign in: {data}"))?;
        Ok(self.with_token(token))
    }

    /// Runs an operation; its data.
    ///
    /// # Errors
    ///
    /// The graph does not answer, or answers with errors.
    pub async fn execute(&self, query: &str, variables: Value) -> anyhow::Result<Value> {
        let body = json!({ "query": query, "variables": variables }).to_string();
        let answer = self.send(body).await?;
        let mut answer: Value =
            serde_json::from_slice(&answer).context("the answer is not JSON")?;
        if let Some(errors) = answer.get("errors") {
            anyhow::bail!("the graph answers with errors: {errors}");
        }
        Ok(answer["data"].take())
    }

    /// Sends a request's body as it stands; the answer's.
    ///
    /// # Errors
    ///
    /// The graph does not answer, or not with 200.
    pub async fn send(&self, body: impl Into<reqwest::Body>) -> anyhow::Result<Vec<u8>> {
        let mut request = self
            .http
            .post(&self.url)
            .header(CONTENT_TYPE, "application/json")
            .body(body);
        if let Some(authorization) = &self.authorization {
            request = request.header(AUTHORIZATION, authorization);
        }
        let answer = request.send().await?;
        let status = answer.status();
        let body = answer.bytes().await?;
        if !status.is_success() {
            anyhow::bail!("{status}: {}", String::from_utf8_lossy(&body));
        }
        Ok(body.into())
    }
}
