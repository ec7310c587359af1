//! What is hidden is told like what is not there: the same call, with every hidden thing in it replaced by one that does not exist.

use std::collections::BTreeMap;

use rand::rngs::StdRng;
use serde_json::{Value, json};

use super::{
    operation::{Arg, Node, Operation},
    oracle::Oracle,
    pool::{Sort, fresh},
    rights::{Grant, Thing},
};

/// What tells by the contract whether there is such an account or session.
const TELLS: [&str; 4] = ["registerUser", "updateProfile", "refreshSession", "logOut"];

/// The twin of an operation, and what stands in it for what.
pub struct Twin {
    pub operation: Operation,
    replaced: BTreeMap<String, String>,
}

impl Twin {
    /// The twin; nothing where nothing in the operation is hidden from its caller, or the two may differ by right.
    pub fn of(oracle: &Oracle<'_>, rng: &mut StdRng) -> Option<Self> {
        let operation = oracle.operation;
        let alone = !operation.mutation || operation.roots.len() == 1;
        if !oracle.caller.scopes.is_empty() || operation.asks_any(&TELLS) || !alone {
            return None;
        }
        let signs_in = operation.roots.iter().any(
            |root| matches!(root, Node::Field(it) if !oracle.grant(&it.key()).signed_in.is_empty()),
        );
        if signs_in {
            return None;
        }
        let said = operation.said();
        let none = Grant::default();
        let hidden = oracle.markers.iter().filter(|(marker, things)| {
            said.contains(marker.as_str())
                && !things.iter().any(|it| oracle.caller.may_see(*it, &none))
        });
        let mut replaced = BTreeMap::new();
        for (marker, things) in hidden {
            replaced.insert(marker.clone(), instead(rng, marker, things[0]));
        }
        if replaced.is_empty() {
            return None;
        }
        let mut twin = operation.clone();
        for root in &mut twin.roots {
            replace_in_node(root, &replaced);
        }
        for it in &mut twin.representations {
            *it = serde_json::from_str(&replace(&it.to_string(), &replaced)).unwrap();
        }
        Some(Self {
            operation: twin,
            replaced,
        })
    }

    /// What tells the two answers apart.
    pub fn difference(&self, oracle: &Oracle<'_>, answer: &Value, twin: &Value) -> Option<String> {
        let back = self
            .replaced
            .iter()
            .map(|(marker, instead)| (instead.clone(), marker.clone()))
            .collect();
        let twin: Value = serde_json::from_str(&replace(&twin.to_string(), &back)).unwrap();
        let (one, other) = if oracle.operation.mutation {
            (refusals(answer), refusals(&twin))
        } else {
            (sorted(answer), sorted(&twin))
        };
        let throttled = |it: &Value| it.to_string().contains("TooManyAttempts");
        if one == other || throttled(&one) || throttled(&other) {
            None
        } else {
            Some(format!(
                "what is hidden is not told like what is not there:\n{one}\n{other}"
            ))
        }
    }
}

/// What is not there in the place of this.
fn instead(rng: &mut StdRng, marker: &str, thing: Thing) -> String {
    let sort = match thing {
        Thing::Profile(_) if marker.contains('@') => Sort::Email,
        Thing::Profile(_) if marker.starts_with('+') => Sort::Phone,
        Thing::Ledger(_) if marker.starts_with("SO-") => Sort::Number,
        Thing::Secret(_) if marker.len() == 43 => Sort::Token,
        Thing::Draft if !marker.contains(' ') => Sort::Sku,
        _ if marker.len() == 26 && !marker.contains(' ') => {
            let id = fresh(rng, Sort::Account);
            return id.trim_start_matches("user_").to_owned();
        }
        _ => Sort::Text,
    };
    fresh(rng, sort)
}

fn replace(text: &str, by: &BTreeMap<String, String>) -> String {
    by.iter()
        .fold(text.to_owned(), |text, (old, new)| text.replace(old, new))
}

fn replace_in_node(node: &mut Node, by: &BTreeMap<String, String>) {
    let selection = match node {
        Node::Field(asked) => {
            for (_, arg) in &mut asked.args {
                replace_in_arg(arg, by);
            }
            &mut asked.selection
        }
        Node::On { selection, .. } => selection,
    };
    for node in selection {
        replace_in_node(node, by);
    }
}

fn replace_in_arg(arg: &mut Arg, by: &BTreeMap<String, String>) {
    match arg {
        Arg::Text(text) => *text = replace(text, by),
        Arg::List(args) => args.iter_mut().for_each(|arg| replace_in_arg(arg, by)),
        Arg::Object(fields) => fields
            .iter_mut()
            .for_each(|(_, arg)| replace_in_arg(arg, by)),
        Arg::Null | Arg::Flag(_) | Arg::Number(_) | Arg::Name(_) | Arg::Variable(_) => {}
    }
}

/// The whole answer; in which order fetches have failed tells nothing, nor does where the fields stood in the request.
fn sorted(answer: &Value) -> Value {
    let mut answer = answer.clone();
    if let Some(errors) = answer["errors"].as_array_mut() {
        for error in errors.iter_mut().filter_map(Value::as_object_mut) {
            error.remove("locations");
        }
        errors.sort_by_key(ToString::to_string);
    }
    answer
}

/// Why a mutation did nothing: what it has made is another thing each time.
fn refusals(answer: &Value) -> Value {
    let mut payloads = answer["data"].clone();
    for payload in payloads
        .as_object_mut()
        .into_iter()
        .flat_map(|it| it.values_mut())
    {
        if let Some(payload) = payload.as_object_mut() {
            payload.retain(|key, value| {
                let made = value.is_object();
                if made {
                    *value = json!("something");
                }
                made || super::operation::field_of(key) == "errors"
            });
        }
    }
    json!([payloads, sorted(answer)["errors"]])
}
