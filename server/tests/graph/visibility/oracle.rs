//! Tells whether an answer shows anything that its caller may not see.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};
use stockgraph_kit::caller::Scope;
use uuid::Uuid;

use super::{
    facts::Facts,
    operation::{Operation, field_of},
    rights::{Caller, Grant, Thing, scope_of},
};

/// Objects that are the stock's own: nobody sees them without the right to.
const OF_THE_STOCK: [&str; 5] = [
    "StockMovement",
    "StockMovementConnection",
    "StockMovementEdge",
    "StockTransfer",
    "StockTransferLine",
];

/// Objects that have an id and are somebody's.
const OWNED: [&str; 4] = ["Order", "OrderLine", "Payment", "StockReservation"];

/// The oracle of one call.
pub struct Oracle<'a> {
    pub facts: &'a Facts,
    /// By text, of whom it tells.
    pub markers: &'a BTreeMap<String, Vec<Thing>>,
    pub caller: &'a Caller,
    pub operation: &'a Operation,
    /// Who had an account before the call.
    pub before: &'a BTreeSet<Uuid>,
}

impl Oracle<'_> {
    /// All that is wrong with the answer.
    pub fn leaks(&self, answer: &Value) -> Vec<String> {
        let mut leaks = Vec::new();
        let root = if self.operation.mutation {
            "Mutation"
        } else {
            "Query"
        };
        if let Some(data) = answer["data"].as_object() {
            for (key, value) in data {
                let grant = self.grant(key);
                self.field(root, key, value, &mut leaks);
                self.objects(value, &grant, &mut leaks);
                self.texts(value, &grant, &mut leaks);
            }
        }
        self.texts(&answer["errors"], &Grant::default(), &mut leaks);
        for error in answer["errors"].as_array().into_iter().flatten() {
            if error["extensions"]["code"] == "INTERNAL_SERVER_ERROR" {
                leaks.push(format!("a fault of the inside: {error}"));
            }
        }
        leaks
    }

    /// What the root field under this key shows its caller for once.
    pub fn grant(&self, key: &str) -> Grant {
        let mut grant = Grant::default();
        if !self.operation.mutation {
            return grant;
        }
        let inputs = self.operation.inputs(key);
        let said = |text: &str| inputs.iter().any(|input| input.trim() == text);
        let people = &self.facts.people;
        let field = field_of(key);
        let allowed = scope_of(&format!("Mutation.{field}")).is_some_and(|it| self.caller.may(it));
        match field {
            "registerUser" => {
                let new = people.keys().filter(|id| !self.before.contains(id));
                grant.signed_in.extend(new);
            }
            "logIn" => {
                let known = people.iter().filter(|(_, person)| {
                    (said(&person.email) || person.phone.as_deref().is_some_and(said))
                        && person.passwords.iter().any(|it| said(it))
                });
                grant.signed_in.extend(known.map(|(id, _)| id));
            }
            "refreshSession" => {
                let known = people
                    .iter()
                    .filter(|(_, person)| person.refresh_tokens.iter().any(|it| said(it)));
                grant.signed_in.extend(known.map(|(id, _)| id));
            }
            "changePassword" => grant.signed_in.extend(self.caller.user),
            "assignRoles" | "setUserActive" if allowed => {
                let named = people.keys().filter(|id| said(&account(**id)));
                grant.administered.extend(named);
            }
            "cancelOrder" => grant.orders = self.caller.may(Scope::OrdersWrite),
            "shipOrder"
            | "deliverOrder"
            | "returnOrder"
            | "confirmPayment"
            | "confirmRefund"
            | "expireOverdueOrders" => grant.orders = allowed,
            "reserveStock"
            | "commitReservation"
            | "releaseReservation"
            | "releaseReservations"
            | "expireReservations" => grant.reservations = allowed,
            "transferStock" | "receiveTransfer" | "cancelTransfer" => grant.stock = allowed,
            _ => {}
        }
        grant
    }

    /// What takes a scope is null for whoever lacks it.
    fn field(&self, of: &str, key: &str, value: &Value, leaks: &mut Vec<String>) {
        let field = format!("{of}.{}", field_of(key));
        if let Some(scope) = scope_of(&field)
            && !value.is_null()
            && !self.caller.may(scope)
        {
            leaks.push(format!("{field} without {scope}"));
        }
    }

    /// Every object is one that the caller may see.
    fn objects(&self, value: &Value, grant: &Grant, leaks: &mut Vec<String>) {
        match value {
            Value::Array(items) => {
                for item in items {
                    self.objects(item, grant, leaks);
                }
            }
            Value::Object(object) => {
                let of = object.get("__typename").and_then(Value::as_str);
                self.object(of.unwrap_or_default(), object, grant, leaks);
                for (key, value) in object {
                    self.field(of.unwrap_or_default(), key, value, leaks);
                    self.objects(value, grant, leaks);
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }

    fn object(&self, of: &str, it: &Map<String, Value>, grant: &Grant, leaks: &mut Vec<String>) {
        let mut leak = |what: &str| leaks.push(format!("{what}: {}", shortened(it)));
        let id = it.get("id").and_then(Value::as_str).unwrap_or_default();
        let things = self.of_id(id);
        let may = |thing: &Thing| self.caller.may_see(*thing, grant);
        match of {
            _ if OF_THE_STOCK.contains(&of)
                && !self.caller.may(Scope::StockRead)
                && !grant.stock =>
            {
                leak("the stock's own");
            }
            _ if OWNED.contains(&of) => {
                if !things.is_empty() && !things.iter().any(may) {
                    leak("another's");
                } else if things.is_empty() && of == "Order" {
                    leak("an order that nobody knows");
                }
            }
            "User" => {
                let named = |key: &str| matches!(field_of(key), "__typename" | "id" | "orders");
                let told = it
                    .iter()
                    .any(|(key, value)| !named(key) && !value.is_null());
                let whose = self.facts.people.keys().find(|user| account(**user) == id);
                match whose {
                    Some(user) if told && !may(&Thing::Profile(*user)) => leak("another's profile"),
                    None if told => leak("a user whom nobody knows"),
                    _ => {}
                }
                let orders = it
                    .iter()
                    .any(|(key, value)| field_of(key) == "orders" && !value.is_null());
                let own = self.caller.user.is_some() && self.caller.user == whose.copied();
                if orders && !own && !self.caller.may(Scope::OrdersRead) {
                    leak("another's orders");
                }
            }
            "UserConnection" | "UserEdge" if !self.caller.may(Scope::UsersRead) => leak("users"),
            "Session" => {
                let theirs = it.iter().find(|(key, _)| field_of(key) == "user");
                let user = theirs.and_then(|(_, user)| user["id"].as_str());
                let signed_in = |user: &str| grant.signed_in.iter().any(|id| account(*id) == user);
                if grant.signed_in.is_empty() || user.is_some_and(|user| !signed_in(user)) {
                    leak("another's session");
                }
            }
            _ => {}
        }
    }

    /// What an id tells of.
    fn of_id(&self, id: &str) -> &[Thing] {
        let suffix = id.rsplit_once('_').map_or(id, |(_, suffix)| suffix);
        self.markers.get(suffix).map_or(&[], Vec::as_slice)
    }

    /// No text tells of another, unless the caller has said it first.
    fn texts(&self, value: &Value, grant: &Grant, leaks: &mut Vec<String>) {
        if value.is_null() {
            return;
        }
        let said = self.operation.said();
        let text = value.to_string();
        for (marker, things) in self.markers {
            if text.contains(marker.as_str())
                && !said.contains(marker.as_str())
                && !things.iter().any(|it| self.caller.may_see(*it, grant))
            {
                leaks.push(format!("`{marker}` is told, of {:?}", things[0]));
            }
        }
    }
}

fn account(id: Uuid) -> String {
    super::facts::id_text::<stockgraph_kit::id::UserId>(id)
}

fn shortened(object: &Map<String, Value>) -> String {
    let text = Value::Object(object.clone()).to_string();
    text.chars().take(200).collect()
}
