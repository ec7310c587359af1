//! Which headers pass through a router: from the client to subgraphs, and from subgraphs to the client.

use http::header::{
    ACCEPT, ACCEPT_ENCODING, ACCEPT_LANGUAGE, AUTHORIZATION, CONNECTION, CONTENT_ENCODING,
    CONTENT_LENGTH, CONTENT_TYPE, HOST, PROXY_AUTHENTICATE, PROXY_AUTHORIZATION, TE, TRAILER,
    TRANSFER_ENCODING, UPGRADE,
};
use http::{HeaderMap, HeaderName, HeaderValue};
use regex::Regex;
use rustc_hash::FxHashMap;

/// Headers that belong to one connection (RFC 9110, section 7.6.1) or describe one body. No rule passes them on.
const NEVER: [HeaderName; 14] = [
    ACCEPT,
    ACCEPT_ENCODING,
    CONNECTION,
    CONTENT_ENCODING,
    CONTENT_LENGTH,
    CONTENT_TYPE,
    HOST,
    HeaderName::from_static("keep-alive"),
    PROXY_AUTHENTICATE,
    PROXY_AUTHORIZATION,
    TE,
    TRAILER,
    TRANSFER_ENCODING,
    UPGRADE,
];

/// Whether it is one of those, or whoever sent it says in `Connection` that it is for the next hop alone.
fn is_of_connection(name: &HeaderName, headers: &HeaderMap) -> bool {
    let said = headers.get_all(CONNECTION).iter();
    let mut said = said.flat_map(|it| it.to_str().unwrap_or_default().split(','));
    NEVER.contains(name) || said.any(|it| it.trim().eq_ignore_ascii_case(name.as_str()))
}

/// Which headers a rule is about.
#[derive(Debug, Clone)]
pub enum HeaderMatch {
    /// The one of this name.
    Named(HeaderName),
    /// All whose name, in lower case, this expression finds a match in.
    Matching(Regex),
}

impl HeaderMatch {
    fn of<'h>(&self, headers: &'h HeaderMap) -> Vec<(&'h HeaderName, &'h HeaderValue)> {
        let is_meant = |name: &HeaderName| match self {
            HeaderMatch::Named(this) => this == name,
            HeaderMatch::Matching(expression) => expression.is_match(name.as_str()),
        };
        headers
            .iter()
            .filter(|(name, _)| is_meant(name) && !is_of_connection(name, headers))
            .collect()
    }
}

/// What is done to the headers that subgraphs see.
#[derive(Debug, Clone)]
pub enum RequestAction {
    /// Passes the client's headers on.
    Propagate {
        /// Which.
        headers: HeaderMatch,
        /// Under this name instead.
        rename: Option<HeaderName>,
        /// This value if the client sent none. It needs a name: [`HeaderMatch::Named`] or `rename`.
        default: Option<HeaderValue>,
    },
    /// Sets a header, whatever the client sent.
    Insert {
        /// Its name.
        name: HeaderName,
        /// Its value.
        value: HeaderValue,
    },
    /// Takes out what rules before this one have put in.
    Remove(HeaderMatch),
}

/// What becomes of a header that several subgraphs answer with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Several {
    /// The client gets the one that came first.
    First,
    /// The client gets the one that came last.
    #[default]
    Last,
    /// The client gets all.
    Append,
}

/// A rule for what subgraphs see.
#[derive(Debug, Clone)]
pub struct RequestRule {
    /// The subgraphs it is about; empty for all.
    pub subgraphs: Vec<String>,
    /// What it does.
    pub action: RequestAction,
}

/// A rule for what the client sees of the headers that subgraphs answer with.
#[derive(Debug, Clone)]
pub struct ResponseRule {
    /// The subgraphs it is about; empty for all.
    pub subgraphs: Vec<String>,
    /// Which headers are passed on.
    pub headers: HeaderMatch,
    /// Under this name instead.
    pub rename: Option<HeaderName>,
    /// What becomes of several.
    pub several: Several,
}

/// The rules, which are applied in their order. What no rule passes on stays behind.
#[derive(Debug, Clone)]
pub struct HeaderRules {
    /// From the client to subgraphs.
    pub request: Vec<RequestRule>,
    /// From subgraphs to the client.
    pub response: Vec<ResponseRule>,
}

impl Default for HeaderRules {
    /// The caller's token, language and trace.
    fn default() -> Self {
        let names = [
            AUTHORIZATION,
            ACCEPT_LANGUAGE,
            HeaderName::from_static("traceparent"),
            HeaderName::from_static("tracestate"),
            HeaderName::from_static("x-request-id"),
        ];
        HeaderRules {
            request: names.into_iter().map(RequestRule::propagate).collect(),
            response: Vec::new(),
        }
    }
}

impl RequestRule {
    /// Passes this header on to all subgraphs.
    pub fn propagate(name: HeaderName) -> Self {
        RequestRule {
            subgraphs: Vec::new(),
            action: RequestAction::Propagate {
                headers: HeaderMatch::Named(name),
                rename: None,
                default: None,
            },
        }
    }

    fn apply(&self, client: &HeaderMap, outgoing: &mut HeaderMap) {
        match &self.action {
            RequestAction::Propagate {
                headers,
                rename,
                default,
            } => {
                let found = headers.of(client);
                let mut cleared: Vec<&HeaderName> = Vec::new();
                for &(name, value) in &found {
                    let name = rename.as_ref().unwrap_or(name);
                    // A rule replaces what those before it have put under this name; several values of one rule stand together.
                    if !cleared.contains(&name) {
                        outgoing.remove(name);
                        cleared.push(name);
                    }
                    outgoing.append(name.clone(), value.clone());
                }
                let name = match (rename, headers) {
                    (Some(name), _) | (None, HeaderMatch::Named(name)) => Some(name),
                    (None, HeaderMatch::Matching(_)) => None,
                };
                if found.is_empty()
                    && let (Some(name), Some(value)) = (name, default)
                {
                    outgoing.insert(name.clone(), value.clone());
                }
            }
            RequestAction::Insert { name, value } => {
                outgoing.insert(name.clone(), value.clone());
            }
            RequestAction::Remove(headers) => {
                let names = headers.of(outgoing).into_iter();
                let names: Vec<HeaderName> = names.map(|(name, _)| name.clone()).collect();
                for name in names {
                    outgoing.remove(name);
                }
            }
        }
    }
}

fn concerns(subgraphs: &[String], subgraph: &str) -> bool {
    subgraphs.is_empty() || subgraphs.iter().any(|name| name == subgraph)
}

impl HeaderRules {
    /// What subgraphs see of a client's headers.
    pub(crate) fn outgoing(&self, client: &HeaderMap) -> Outgoing {
        let build = |subgraph: Option<&str>| {
            let mut outgoing = HeaderMap::with_capacity(self.request.len());
            for rule in &self.request {
                let is_meant = match subgraph {
                    Some(name) => concerns(&rule.subgraphs, name),
                    None => rule.subgraphs.is_empty(),
                };
                if is_meant {
                    rule.apply(client, &mut outgoing);
                }
            }
            outgoing
        };
        let named = self.request.iter().flat_map(|rule| &rule.subgraphs);
        let mut special = FxHashMap::default();
        for name in named {
            special
                .entry(name.clone())
                .or_insert_with(|| build(Some(name)));
        }
        Outgoing {
            common: build(None),
            special,
        }
    }

    /// Adds what the client may see of a subgraph's headers.
    pub(crate) fn respond(&self, subgraph: &str, headers: &HeaderMap, to_client: &mut HeaderMap) {
        for rule in &self.response {
            if !concerns(&rule.subgraphs, subgraph) {
                continue;
            }
            let mut replaced: Vec<&HeaderName> = Vec::new();
            for (name, value) in rule.headers.of(headers) {
                let name = rule.rename.as_ref().unwrap_or(name);
                let is_ours = replaced.contains(&name);
                match rule.several {
                    Several::First if to_client.contains_key(name) && !is_ours => continue,
                    Several::Last if !is_ours => {
                        to_client.remove(name);
                    }
                    Several::First | Several::Last | Several::Append => {}
                }
                if !is_ours {
                    replaced.push(name);
                }
                to_client.append(name.clone(), value.clone());
            }
        }
    }
}

/// The headers of one request's fetches.
#[derive(Debug)]
pub(crate) struct Outgoing {
    common: HeaderMap,
    /// Those of subgraphs that a rule names.
    special: FxHashMap<String, HeaderMap>,
}

impl Outgoing {
    /// Those that this subgraph sees.
    pub fn to(&self, subgraph: &str) -> &HeaderMap {
        self.special.get(subgraph).unwrap_or(&self.common)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for (name, value) in pairs {
            map.append(*name, HeaderValue::from_static(value));
        }
        map
    }

    fn name(text: &'static str) -> HeaderName {
        HeaderName::from_static(text)
    }

    fn told(headers: &HeaderMap) -> Vec<String> {
        let mut told: Vec<String> = headers
            .iter()
            .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
            .collect();
        told.sort();
        told
    }

    fn rule(subgraphs: &[&str], action: RequestAction) -> RequestRule {
        RequestRule {
            subgraphs: subgraphs.iter().map(ToString::to_string).collect(),
            action,
        }
    }

    #[test]
    fn only_what_a_rule_names_is_passed_on_and_never_what_belongs_to_the_connection() {
        let client = map(&[
            ("authorization", "Bearer a"),
            ("cookie", "secret"),
            ("x-shop", "1"),
            ("x-shop", "2"),
            ("x-shop-hop", "1"),
            ("connection", "keep-alive, X-Shop-Hop"),
            ("content-length", "7"),
        ]);
        let everything = HeaderMatch::Matching(Regex::new("^(x-shop|conn|content-)").unwrap());
        let mut rules = HeaderRules::default();
        rules.request.push(rule(
            &[],
            RequestAction::Propagate {
                headers: everything,
                rename: None,
                default: None,
            },
        ));
        let outgoing = rules.outgoing(&client);
        assert_eq!(
            told(outgoing.to("any")),
            ["authorization: Bearer a", "x-shop: 1", "x-shop: 2"]
        );
    }

    #[test]
    fn rules_rename_default_insert_and_remove_in_their_order() {
        let rules = HeaderRules {
            request: vec![
                rule(
                    &[],
                    RequestAction::Propagate {
                        headers: HeaderMatch::Named(name("x-a")),
                        rename: Some(name("x-b")),
                        default: None,
                    },
                ),
                rule(
                    &[],
                    RequestAction::Propagate {
                        headers: HeaderMatch::Named(name("x-region")),
                        rename: None,
                        default: Some(HeaderValue::from_static("id")),
                    },
                ),
                rule(
                    &["orders"],
                    RequestAction::Insert {
                        name: name("x-b"),
                        value: HeaderValue::from_static("ours"),
                    },
                ),
                rule(
                    &["users"],
                    RequestAction::Remove(HeaderMatch::Named(name("x-region"))),
                ),
            ],
            response: Vec::new(),
        };
        let outgoing = rules.outgoing(&map(&[("x-a", "theirs")]));
        assert_eq!(
            told(outgoing.to("products")),
            ["x-b: theirs", "x-region: id"]
        );
        assert_eq!(told(outgoing.to("orders")), ["x-b: ours", "x-region: id"]);
        assert_eq!(told(outgoing.to("users")), ["x-b: theirs"]);
    }

    #[test]
    fn of_what_several_subgraphs_answer_the_client_gets_what_the_rule_says() {
        let get = |several| {
            let rules = HeaderRules {
                request: Vec::new(),
                response: vec![ResponseRule {
                    subgraphs: vec!["a".to_owned(), "b".to_owned()],
                    headers: HeaderMatch::Named(name("x-served-by")),
                    rename: None,
                    several,
                }],
            };
            let mut client = HeaderMap::new();
            for (subgraph, value) in [("a", "1"), ("b", "2"), ("c", "3")] {
                let headers = map(&[("x-served-by", value), ("set-cookie", "no")]);
                rules.respond(subgraph, &headers, &mut client);
            }
            told(&client)
        };
        assert_eq!(get(Several::First), ["x-served-by: 1"]);
        assert_eq!(get(Several::Last), ["x-served-by: 2"]);
        assert_eq!(get(Several::Append), ["x-served-by: 1", "x-served-by: 2"]);
    }
}
