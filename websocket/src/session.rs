//! One connection, from its upgrade to its end.

use std::{collections::HashMap, pin::Pin, sync::Arc};

use axum::extract::ws::{Message, WebSocket};
use futures_util::{
    SinkExt, Stream, StreamExt,
    stream::{self, AbortHandle, SelectAll, SplitSink, SplitStream, abortable},
};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep_until, timeout};
use tokio_util::sync::CancellationToken;

use crate::{
    Answer, Operations, Options, TOO_MANY,
    message::{self, ClientMessage, End},
};

/// The id of an operation, and what it answers; `None` at its end.
type Told = (Arc<str>, Option<Answer>);

struct Session<O> {
    operations: O,
    options: Options,
    sink: SplitSink<WebSocket, Message>,
    is_open: bool,
    running: HashMap<Arc<str>, AbortHandle>,
    answers: SelectAll<Pin<Box<dyn Stream<Item = Told> + Send>>>,
    heard_at: Instant,
    /// When the client is pinged next, or, before `connection_init`, given up.
    next_tick: Instant,
}

enum Step {
    Stop,
    Heard(Option<Result<Message, axum::Error>>),
    Told(Told),
    Tick,
}

/// Serves the connection until it ends.
pub(crate) async fn run<O: Operations>(
    socket: WebSocket,
    options: Options,
    stop: CancellationToken,
    operations: O,
) {
    let (sink, mut stream) = socket.split();
    let now = Instant::now();
    let mut session = Session {
        operations,
        sink,
        is_open: false,
        running: HashMap::new(),
        answers: SelectAll::new(),
        heard_at: now,
        next_tick: now + options.init_timeout,
        options,
    };
    let Err(end) = session.serve(&mut stream, &stop).await;
    // What runs is broken off before the farewell, which may take its time.
    session.running.clear();
    session.answers.clear();
    tracing::debug!(?end, "a websocket has ended");
    if let Some(frame) = end.frame()
        && session.send(frame).await.is_ok()
    {
        let patience = session.options.send_timeout;
        // The client's own close, without which the end of the connection could overtake ours.
        let farewell = async { while let Some(Ok(_)) = stream.next().await {} };
        timeout(patience.min(FAREWELL), farewell).await.ok();
    }
}

/// The longest id of an operation, in bytes; clients take UUIDs or numbers.
const LONGEST_ID: usize = 128;

/// How long a client may take to answer a close.
const FAREWELL: std::time::Duration = std::time::Duration::from_secs(1);

impl<O: Operations> Session<O> {
    async fn serve(
        &mut self,
        stream: &mut SplitStream<WebSocket>,
        stop: &CancellationToken,
    ) -> Result<std::convert::Infallible, End> {
        loop {
            let step = tokio::select! {
                () = stop.cancelled() => Step::Stop,
                message = stream.next() => Step::Heard(message),
                Some(told) = self.answers.next(), if !self.answers.is_empty() => Step::Told(told),
                () = sleep_until(self.next_tick) => Step::Tick,
            };
            match step {
                Step::Stop => return Err(End::restart()),
                Step::Heard(message) => self.hear(message).await?,
                Step::Told((id, answer)) => self.tell(&id, answer).await?,
                Step::Tick => self.tick().await?,
            }
        }
    }

    async fn hear(&mut self, message: Option<Result<Message, axum::Error>>) -> Result<(), End> {
        self.heard_at = Instant::now();
        let text = match message {
            Some(Ok(Message::Text(text))) => text,
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => return Ok(()),
            Some(Ok(Message::Binary(_))) => {
                return Err(End::bad_request("Messages are text"));
            }
            Some(Err(error)) if is_too_large(&error) => return Err(End::too_large()),
            Some(Ok(Message::Close(_)) | Err(_)) | None => return Err(End::Gone),
        };
        let message = serde_json::from_str(&text)
            .map_err(|error| End::bad_request(format!("Invalid message: {error}")))?;
        match message {
            ClientMessage::ConnectionInit { .. } if self.is_open => Err(End::too_many_inits()),
            ClientMessage::ConnectionInit { payload } => {
                let payload = payload.unwrap_or_default();
                self.operations
                    .init(payload)
                    .await
                    .map_err(End::forbidden)?;
                self.is_open = true;
                self.next_tick = Instant::now() + self.options.ping_interval;
                self.send(message::ack()).await
            }
            ClientMessage::Ping {} => self.send(message::pong()).await,
            ClientMessage::Pong {} => Ok(()),
            ClientMessage::Subscribe { id, payload } => self.start(id, payload).await,
            ClientMessage::Complete { id } => {
                if let Some(operation) = self.running.remove(id.as_str()) {
                    operation.abort();
                }
                Ok(())
            }
        }
    }

    async fn start(&mut self, id: String, payload: Value) -> Result<(), End> {
        if !self.is_open {
            return Err(End::unauthorized());
        }
        // It is kept, and said again with every answer.
        if id.len() > LONGEST_ID {
            return Err(End::bad_request(format!(
                "An id has at most {LONGEST_ID} bytes"
            )));
        }
        if self.running.contains_key(id.as_str()) {
            return Err(End::already_exists(&id));
        }
        let value = self.running.len() + 1;
        let limit = self.options.operations;
        if value > limit {
            let errors = json!([{
                "message": format!("A connection runs at most {limit} operations at once; this would be number {value}."),
                "extensions": {"code": TOO_MANY, "limit": limit, "value": value},
            }]);
            let errors = errors.to_string();
            return self
                .send(message::of_operation(&id, "error", errors.as_bytes()))
                .await;
        }
        let id: Arc<str> = id.into();
        let told = Arc::clone(&id);
        let answers = self.operations.start(payload).map(Some);
        let answers = answers
            .chain(stream::once(std::future::ready(None)))
            .map(move |answer| (Arc::clone(&told), answer));
        let (answers, handle) = abortable(answers);
        self.running.insert(id, handle);
        self.answers.push(Box::pin(answers));
        Ok(())
    }

    async fn tell(&mut self, id: &Arc<str>, answer: Option<Answer>) -> Result<(), End> {
        match answer {
            Some(Answer::Next(response)) => {
                self.send(message::of_operation(id, "next", &response))
                    .await
            }
            Some(Answer::Refused(errors)) => {
                if let Some(operation) = self.running.remove(id) {
                    operation.abort();
                }
                self.send(message::of_operation(id, "error", &errors)).await
            }
            None => {
                self.running.remove(id);
                self.send(message::complete(id)).await
            }
        }
    }

    /// Pings the client, or finds that it is gone.
    async fn tick(&mut self) -> Result<(), End> {
        if !self.is_open {
            return Err(End::init_timeout());
        }
        let now = Instant::now();
        if now - self.heard_at >= self.options.silence {
            return Err(End::Gone);
        }
        self.next_tick = now + self.options.ping_interval;
        self.send(Message::Ping(Default::default())).await
    }

    async fn send(&mut self, message: Message) -> Result<(), End> {
        match timeout(self.options.send_timeout, self.sink.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(End::Gone),
            Err(_) => {
                tracing::info!("a client of a websocket does not read and is given up");
                Err(End::Gone)
            }
        }
    }
}

/// axum tells this by the text of its cause alone.
fn is_too_large(error: &axum::Error) -> bool {
    let mut cause: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = cause {
        if error.to_string().contains("too long") || error.to_string().contains("too large") {
            return true;
        }
        cause = error.source();
    }
    false
}
