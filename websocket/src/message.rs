//! The messages of the protocol, and why a connection is closed.

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes};
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// What a client says.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum ClientMessage {
    ConnectionInit {
        #[serde(default)]
        payload: Option<Map<String, Value>>,
    },
    Ping {},
    Pong {},
    Subscribe {
        id: String,
        payload: Value,
    },
    Complete {
        id: String,
    },
}

pub(crate) fn ack() -> Message {
    Message::text(r#"{"type":"connection_ack"}"#)
}

pub(crate) fn pong() -> Message {
    Message::text(r#"{"type":"pong"}"#)
}

pub(crate) fn complete(id: &str) -> Message {
    Message::text(json!({"id": id, "type": "complete"}).to_string())
}

/// `next` with a response, or `error` with a list of errors: `payload` is JSON text, and is not read again.
pub(crate) fn of_operation(id: &str, kind: &str, payload: &[u8]) -> Message {
    let id = Value::from(id).to_string();
    let mut text = String::with_capacity(payload.len() + id.len() + 40);
    text.push_str(r#"{"id":"#);
    text.push_str(&id);
    text.push_str(r#","type":""#);
    text.push_str(kind);
    text.push_str(r#"","payload":"#);
    text.push_str(&String::from_utf8_lossy(payload));
    text.push('}');
    Message::text(text)
}

/// Why a connection ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum End {
    /// The client has closed it, or is gone.
    Gone,
    /// The server closes it, with this code and reason.
    Close(u16, String),
}

impl End {
    pub fn bad_request(reason: impl Into<String>) -> Self {
        Self::Close(4400, reason.into())
    }

    pub fn unauthorized() -> Self {
        Self::Close(4401, "Unauthorized".into())
    }

    pub fn forbidden(reason: String) -> Self {
        Self::Close(4403, reason)
    }

    pub fn init_timeout() -> Self {
        Self::Close(4408, "Connection initialisation timeout".into())
    }

    pub fn already_exists(id: &str) -> Self {
        Self::Close(4409, format!("Subscriber for {id} already exists"))
    }

    pub fn too_many_inits() -> Self {
        Self::Close(4429, "Too many initialisation requests".into())
    }

    pub fn too_large() -> Self {
        Self::Close(1009, "The message is too large".into())
    }

    pub fn restart() -> Self {
        Self::Close(1012, "The server stops; come again".into())
    }

    /// The frame that says so; a reason has at most 123 bytes.
    pub fn frame(&self) -> Option<Message> {
        let Self::Close(code, reason) = self else {
            return None;
        };
        let mut end = reason.len().min(123);
        while !reason.is_char_boundary(end) {
            end -= 1;
        }
        Some(Message::Close(Some(CloseFrame {
            code: *code,
            reason: Utf8Bytes::from(&reason[..end]),
        })))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_put_into_its_message_as_it_is() {
        let message = of_operation("a\"b", "next", br#"{"data":{"x":1.0}}"#);
        assert_eq!(
            message.into_text().unwrap(),
            r#"{"id":"a\"b","type":"next","payload":{"data":{"x":1.0}}}"#
        );
    }

    #[test]
    fn a_long_reason_is_cut_where_a_letter_ends() {
        let Some(Message::Close(Some(frame))) = End::forbidden("é".repeat(100)).frame() else {
            panic!("a close");
        };
        assert_eq!(frame.reason.len(), 122);
    }
}
