//! Passes a payment on to the orders by `confirmPayment`, and reads what came of it.

use http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::json;
use stockgraph_kit::error::Code;
use stockgraph_router::{
    GraphQLError,
    transport::{SubgraphClient, SubgraphError},
};

use super::super::answer::Refusal;

const CONFIRM: &str = "mutation Confirm($input: ConfirmPaymentInput!) {
  answer: confirmPayment(input: $input) {
    order { id number status }
    payment { status }
    errors { __typename ... on UserError { message } }
  }
}";

/// Money that came in, as the provider tells it: the input of `confirmPayment`. What else it tells is passed over.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PaymentConfirmed {
    order_id: String,
    payment_reference: String,
    amount: Amount,
}

/// An exact amount.
#[derive(Debug, Deserialize, Serialize)]
struct Amount {
    /// A text, because a number of JSON is not exact.
    amount: String,
    currency: String,
}

/// Money that is recorded.
#[derive(Debug, Serialize)]
pub(super) struct Kept {
    /// `paid` where it settled the order, else `refund_due`, or `refunded` where that has been done.
    pub status: &'static str,
    /// The order's id.
    #[serde(rename = "orderId")]
    pub order: String,
    #[serde(rename = "orderNumber")]
    number: String,
    /// Why it did not settle the order.
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
}

#[derive(Deserialize)]
struct Envelope {
    answer: Answer,
}

#[derive(Deserialize)]
struct Answer {
    order: Option<Order>,
    payment: Option<Payment>,
    errors: Vec<UserError>,
}

#[derive(Deserialize)]
struct Order {
    id: String,
    number: String,
    status: String,
}

#[derive(Deserialize)]
struct Payment {
    status: PaymentStatus,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum PaymentStatus {
    Captured,
    RefundDue,
    Refunded,
}

#[derive(Deserialize)]
struct UserError {
    #[serde(rename = "__typename")]
    name: String,
    message: String,
}

/// Confirms the payment.
pub(super) async fn confirm(
    orders: &SubgraphClient,
    headers: &HeaderMap,
    payment: PaymentConfirmed,
) -> Result<Kept, Refusal> {
    let Envelope { answer } = orders
        .call_as(CONFIRM, json!({ "input": payment }), headers)
        .await
        .map_err(|error| failed(&error))?;
    read(answer)
}

fn read(answer: Answer) -> Result<Kept, Refusal> {
    let error = answer.errors.into_iter().next();
    match (answer.order, answer.payment, error) {
        // Whatever the error: money that is recorded is not to be told of again.
        (Some(order), Some(payment), error) => Ok(Kept {
            status: status(&order, payment.status, error.is_none()),
            order: order.id,
            number: order.number,
            message: error.map(|error| error.message),
        }),
        (_, _, Some(error)) => Err(refused(error)),
        _ => {
            tracing::error!("the orders answered neither a payment nor an error");
            Err(Refusal::internal())
        }
    }
}

/// Of a payment that paid its order a part may be owed back for goods that came back since; of one that did not, it is all.
fn status(order: &Order, payment: PaymentStatus, paid: bool) -> &'static str {
    match payment {
        _ if paid && order.status != "CANCELLED" => "paid",
        PaymentStatus::Captured => "paid",
        PaymentStatus::RefundDue => "refund_due",
        PaymentStatus::Refunded => "refunded",
    }
}

fn refused(error: UserError) -> Refusal {
    let (status, code) = match error.name.as_str() {
        "NotFound" => (StatusCode::NOT_FOUND, "ORDER_NOT_FOUND"),
        "IdempotencyKeyReused" => (StatusCode::CONFLICT, "REFERENCE_REUSED"),
        "WrongState" => (StatusCode::CONFLICT, "WRONG_STATE"),
        "WrongAmount" => (StatusCode::UNPROCESSABLE_ENTITY, "WRONG_AMOUNT"),
        _ => return Refusal::unprocessable(error.message),
    };
    Refusal::new(status, code, error.message)
}

/// What the provider is told of a call that failed: whether to send it again, and nothing of the inside.
fn failed(error: &SubgraphError) -> Refusal {
    match error {
        SubgraphError::Answered(errors) => answered(errors),
        SubgraphError::Unreachable(_)
        | SubgraphError::TimedOut
        | SubgraphError::LeftAlone
        | SubgraphError::RequestTimedOut
        | SubgraphError::TooSlow
        | SubgraphError::Misconfigured(_) => {
            tracing::warn!(%error, "the orders cannot be reached");
            Refusal::unavailable()
        }
        SubgraphError::BadAnswer(_) => {
            tracing::error!(%error, "the orders cannot be understood");
            Refusal::internal()
        }
    }
}

fn answered(errors: &[GraphQLError]) -> Refusal {
    let has = |code: Code| {
        errors
            .iter()
            .find(|error| error.code() == Some(code.as_str()))
    };
    if has(Code::Overloaded).is_some() || has(Code::Unavailable).is_some() {
        return Refusal::unavailable();
    }
    match has(Code::BadUserInput) {
        Some(error) => Refusal::unprocessable(&error.message),
        None => {
            let messages: Vec<_> = errors.iter().map(|error| &error.message).collect();
            tracing::error!(?messages, "a payment cannot be confirmed");
            Refusal::internal()
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn of(answer: Value) -> Result<&'static str, (u16, &'static str)> {
        read(serde_json::from_value(answer).unwrap())
            .map(|kept| kept.status)
            .map_err(|refusal| (refusal.status().as_u16(), refusal.code()))
    }

    fn answer(order: &str, payment: Option<&str>, error: Option<&str>) -> Value {
        let error = error.map(|name| json!({ "__typename": name, "message": "so it is" }));
        json!({
            "order": payment.map(|_| json!({ "id": "order_1", "number": "SG-1", "status": order })),
            "payment": payment.map(|status| json!({ "status": status })),
            "errors": error.into_iter().collect::<Vec<_>>(),
        })
    }

    #[test]
    fn what_becomes_of_recorded_money_is_told_in_a_word() {
        for (order, payment, error, expected) in [
            ("PAID", "CAPTURED", None, "paid"),
            ("DELIVERED", "REFUND_DUE", None, "paid"),
            ("CANCELLED", "REFUND_DUE", None, "refund_due"),
            ("EXPIRED", "REFUND_DUE", Some("WrongState"), "refund_due"),
            (
                "PENDING_PAYMENT",
                "REFUND_DUE",
                Some("WrongAmount"),
                "refund_due",
            ),
            ("PAID", "REFUNDED", Some("WrongState"), "refunded"),
        ] {
            assert_eq!(of(answer(order, Some(payment), error)), Ok(expected));
        }
    }

    #[test]
    fn money_that_is_not_recorded_is_refused() {
        for (error, expected) in [
            ("NotFound", (404, "ORDER_NOT_FOUND")),
            ("IdempotencyKeyReused", (409, "REFERENCE_REUSED")),
            ("WrongAmount", (422, "WRONG_AMOUNT")),
            ("SomethingNew", (422, "UNPROCESSABLE")),
        ] {
            assert_eq!(of(answer("", None, Some(error))), Err(expected));
        }
        assert_eq!(of(answer("", None, None)), Err((500, "INTERNAL")));
    }

    #[test]
    fn a_failed_call_says_whether_to_send_it_again_and_nothing_of_the_inside() {
        let coded = |code: &str| {
            SubgraphError::Answered(vec![GraphQLError::new(code, "secret of the inside")])
        };
        for (error, status) in [
            (SubgraphError::Unreachable("secret".into()), 503),
            (SubgraphError::TimedOut, 503),
            (SubgraphError::Misconfigured("secret".into()), 503),
            (SubgraphError::BadAnswer("secret".into()), 500),
            (coded("OVERLOADED"), 503),
            (coded("UNAVAILABLE"), 503),
            (coded("FORBIDDEN"), 500),
            (coded("INTERNAL_SERVER_ERROR"), 500),
        ] {
            let refusal = failed(&error);
            assert_eq!(refusal.status().as_u16(), status, "{error}");
            assert!(!format!("{refusal:?}").contains("secret"), "{error}");
        }
        assert_eq!(failed(&coded("BAD_USER_INPUT")).status().as_u16(), 422);
    }
}
