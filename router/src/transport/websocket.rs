//! Subscriptions to a subgraph over HTTP: a websocket for each, which speaks `graphql-transport-ws`.

use futures_util::stream::{self, BoxStream};
use futures_util::{SinkExt, StreamExt};
use http::header::{AUTHORIZATION, SEC_WEBSOCKET_PROTOCOL};
use http::{HeaderMap, HeaderValue};
use serde_json::{Map, Value, json};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use stockgraph_websocket::SUBPROTOCOL;
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until, timeout};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async_with_config};

use super::http::read_response;
use super::{Events, SubgraphError, SubgraphRequest, SubgraphResponse};
use crate::error::GraphQLError;

/// Most bytes of one event.
const MOST_EVENT_BYTES: usize = 16 * 1024 * 1024;

/// The id of the one operation on a connection.
const OPERATION: &str = "1";

/// How a subscription to a subgraph over HTTP is kept.
#[derive(Debug, Clone)]
pub struct SubscriptionOptions {
    /// How long it may take to connect and to be acknowledged.
    pub connect_timeout: Duration,
    /// How often the subgraph is pinged.
    pub ping_interval: Duration,
    /// How long nothing may be heard of the subgraph, its pongs included, before it counts as lost.
    pub silence: Duration,
    /// How many events are kept for a client that does not take them. One more ends the
    /// subscription: events of a foreign subgraph may be of any kind, so none may be left out.
    pub kept_events: usize,
}

impl Default for SubscriptionOptions {
    fn default() -> Self {
        SubscriptionOptions {
            connect_timeout: Duration::from_secs(10),
            ping_interval: Duration::from_secs(10),
            silence: Duration::from_secs(30),
            kept_events: 64,
        }
    }
}

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;
type Told = Result<SubgraphResponse, SubgraphError>;

/// Follows the subscription at `url`. The caller's headers and `own` go with the upgrade; the caller's
/// token and `own` are told in `connection_init` as well, for servers that read it there.
pub(super) fn subscribe(
    url: &reqwest::Url,
    request: SubgraphRequest<'_>,
    own: HeaderMap,
    options: &SubscriptionOptions,
) -> Events {
    let mut init: Map<String, Value> = Map::new();
    let caller = request.headers.get(AUTHORIZATION);
    for (name, value) in own
        .iter()
        .chain(caller.map(|value| (&AUTHORIZATION, value)))
    {
        if let Ok(value) = value.to_str() {
            init.insert(name.as_str().to_owned(), value.into());
        }
    }
    let mut headers = request.headers.clone();
    headers.extend(own);
    let task = Task {
        // A URL of the scheme `http` has `ws` in its place, and `https` has `wss`.
        url: url.as_str().replacen("http", "ws", 1),
        headers,
        init: json!({"type": "connection_init", "payload": init}).to_string(),
        subscribe: json!({
            "type": "subscribe",
            "id": OPERATION,
            "payload": {"query": request.query, "variables": request.variables},
        })
        .to_string(),
        options: options.clone(),
    };
    let (events, received) = mpsc::channel(options.kept_events.max(1));
    // Read by a task of its own, so that pings are answered also while nobody takes events.
    let end: Arc<OnceLock<SubgraphError>> = Arc::default();
    let told = Arc::clone(&end);
    let running = tokio::spawn(async move {
        if let Err(error) = task.run(&events).await {
            told.set(error).ok();
        }
    });
    received_until(received, end, running)
}

/// The events, and then why there are no more, if it was not in good order.
fn received_until(
    received: mpsc::Receiver<SubgraphResponse>,
    end: Arc<OnceLock<SubgraphError>>,
    running: tokio::task::JoinHandle<()>,
) -> BoxStream<'static, Told> {
    let state = Some((received, end, running));
    stream::unfold(state, |state| async {
        let (mut received, end, running) = state?;
        match received.recv().await {
            Some(event) => Some((Ok(event), Some((received, end, running)))),
            None => {
                // It writes down the reason at its very end.
                let is_whole = running.await.is_ok();
                let lost = || SubgraphError::Unreachable("the task broke off".to_owned());
                let error = end.get().cloned().or_else(|| (!is_whole).then(lost))?;
                Some((Err(error), None))
            }
        }
    })
    .boxed()
}

struct Task {
    url: String,
    headers: HeaderMap,
    init: String,
    subscribe: String,
    options: SubscriptionOptions,
}

/// What a message of the subgraph means.
enum Heard {
    Event(SubgraphResponse),
    Last(SubgraphResponse),
    Complete,
    Acknowledged,
    Ping,
    Nothing,
}

impl Task {
    /// Passes events on until there are no more, or nobody takes them.
    async fn run(self, events: &mpsc::Sender<SubgraphResponse>) -> Result<(), SubgraphError> {
        let opened = timeout(self.options.connect_timeout, self.open());
        let mut socket = tokio::select! {
            () = events.closed() => return Ok(()),
            opened = opened => opened.map_err(|_| SubgraphError::TimedOut)??,
        };
        let mut heard_at = Instant::now();
        let mut ping_at = heard_at + self.options.ping_interval;
        loop {
            tokio::select! {
                () = events.closed() => {
                    let complete = json!({"type": "complete", "id": OPERATION}).to_string();
                    let farewell = async {
                        socket.send(Message::text(complete)).await.ok();
                        socket.close(None).await.ok();
                    };
                    timeout(self.options.connect_timeout, farewell).await.ok();
                    return Ok(());
                }
                message = socket.next() => {
                    heard_at = Instant::now();
                    match read(message)? {
                        Heard::Event(event) => pass_on(events, event)?,
                        Heard::Last(event) => return pass_on(events, event),
                        Heard::Complete => {
                            socket.close(None).await.ok();
                            return Ok(());
                        }
                        Heard::Ping => self.send(&mut socket, Message::text(PONG)).await?,
                        Heard::Acknowledged | Heard::Nothing => {}
                    }
                }
                () = sleep_until(ping_at) => {
                    if heard_at.elapsed() >= self.options.silence {
                        return Err(lost("nothing was heard of it"));
                    }
                    ping_at = Instant::now() + self.options.ping_interval;
                    self.send(&mut socket, Message::Ping(Default::default())).await?;
                }
            }
        }
    }

    /// Connects and begins the subscription.
    async fn open(&self) -> Result<Socket, SubgraphError> {
        let mut request = self
            .url
            .as_str()
            .into_client_request()
            .map_err(|error| SubgraphError::Misconfigured(error.to_string()))?;
        request.headers_mut().extend(self.headers.clone());
        let protocol = HeaderValue::from_static(SUBPROTOCOL);
        request
            .headers_mut()
            .insert(SEC_WEBSOCKET_PROTOCOL, protocol);
        let config = WebSocketConfig::default()
            .max_message_size(Some(MOST_EVENT_BYTES))
            .max_frame_size(Some(MOST_EVENT_BYTES));
        let (mut socket, _) = connect_async_with_config(request, Some(config), true)
            .await
            .map_err(|error| failure(&error))?;
        self.send(&mut socket, Message::text(&self.init)).await?;
        loop {
            match read(socket.next().await)? {
                Heard::Acknowledged => break,
                Heard::Ping => self.send(&mut socket, Message::text(PONG)).await?,
                Heard::Nothing => {}
                Heard::Event(_) | Heard::Last(_) | Heard::Complete => {
                    let message = "it answered before it was asked".to_owned();
                    return Err(SubgraphError::BadAnswer(message));
                }
            }
        }
        self.send(&mut socket, Message::text(&self.subscribe))
            .await?;
        Ok(socket)
    }

    async fn send(&self, socket: &mut Socket, message: Message) -> Result<(), SubgraphError> {
        match timeout(self.options.silence, socket.send(message)).await {
            Ok(sent) => sent.map_err(|error| failure(&error)),
            Err(_) => Err(lost("it does not read")),
        }
    }
}

const PONG: &str = r#"{"type":"pong"}"#;

fn pass_on(
    events: &mpsc::Sender<SubgraphResponse>,
    event: SubgraphResponse,
) -> Result<(), SubgraphError> {
    match events.try_send(event) {
        // Who has gone needs nothing more, and is noticed by the loop.
        Ok(()) | Err(mpsc::error::TrySendError::Closed(_)) => Ok(()),
        Err(mpsc::error::TrySendError::Full(_)) => Err(SubgraphError::TooSlow),
    }
}

fn read(message: Option<Result<Message, Error>>) -> Result<Heard, SubgraphError> {
    let text = match message {
        Some(Ok(Message::Text(text))) => text,
        Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => {
            return Ok(Heard::Nothing);
        }
        Some(Ok(Message::Binary(_))) => return Err(bad("a binary message")),
        Some(Ok(Message::Close(None))) | None => return Err(lost("it closed the connection")),
        Some(Ok(Message::Close(Some(frame)))) => {
            return Err(lost(&format!(
                "it closed the connection: {} {}",
                frame.code, frame.reason
            )));
        }
        Some(Err(error)) => return Err(failure(&error)),
    };
    let Ok(Value::Object(mut message)) = serde_json::from_str(&text) else {
        return Err(bad("a message that is no JSON object"));
    };
    let kind = message.remove("type");
    match (
        kind.as_ref().and_then(Value::as_str),
        message.remove("payload"),
    ) {
        (Some("connection_ack"), _) => Ok(Heard::Acknowledged),
        (Some("next"), Some(Value::Object(payload))) => {
            read_response(payload).map(Heard::Event).map_err(bad)
        }
        (Some("error"), Some(Value::Array(errors))) => Ok(Heard::Last(SubgraphResponse {
            data: Value::Null,
            errors: errors.into_iter().map(GraphQLError::from_foreign).collect(),
            headers: HeaderMap::new(),
        })),
        (Some("complete"), _) => Ok(Heard::Complete),
        (Some("ping"), _) => Ok(Heard::Ping),
        (Some("pong"), _) => Ok(Heard::Nothing),
        _ => Err(bad("a message that the protocol does not have")),
    }
}

fn bad(what: &str) -> SubgraphError {
    SubgraphError::BadAnswer(format!("over its websocket came {what}"))
}

fn lost(why: &str) -> SubgraphError {
    SubgraphError::Unreachable(why.to_owned())
}

fn failure(error: &Error) -> SubgraphError {
    match error {
        Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => {
            lost("the connection was cut")
        }
        Error::Capacity(_) | Error::Protocol(_) | Error::Utf8(_) => {
            SubgraphError::BadAnswer(error.to_string())
        }
        _ => SubgraphError::Unreachable(error.to_string()),
    }
}
