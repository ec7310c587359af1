//! Which headers pass through the router.

use anyhow::{Context, bail, ensure};
use http::{HeaderName, HeaderValue};
use regex::Regex;
use serde::{Deserialize, Serialize};
use stockgraph_router::headers::{
    HeaderMatch, HeaderRules, RequestAction, RequestRule, ResponseRule, Several,
};

/// Which headers pass through the router, beside the caller's token, language, trace and `x-request-id`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HeadersConfig {
    /// From the client to subgraphs, in this order. Default: none.
    pub request: Vec<RequestHeaderConfig>,
    /// From subgraphs to the client, in this order. Default: none.
    pub response: Vec<ResponseHeaderConfig>,
}

/// One of: `propagate` or `propagate_matching`, `insert`, `remove` or `remove_matching`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RequestHeaderConfig {
    /// The client's header of this name is passed on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub propagate: Option<String>,
    /// All of the client's headers are passed on whose name this regular expression finds a match in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub propagate_matching: Option<String>,
    /// What is passed on gets this name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rename: Option<String>,
    /// The value where the client sent none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    /// The header of this name is set to `value`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub insert: Option<String>,
    /// See `insert`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// The header of this name is not passed on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remove: Option<String>,
    /// No header is passed on whose name this regular expression finds a match in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remove_matching: Option<String>,
    /// Only for these subgraphs. Default: for all.
    pub subgraphs: Vec<String>,
}

/// Exactly one of `propagate` and `propagate_matching`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ResponseHeaderConfig {
    /// A subgraph's header of this name is passed on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub propagate: Option<String>,
    /// All headers of a subgraph are passed on whose name this regular expression finds a match in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub propagate_matching: Option<String>,
    /// What is passed on gets this name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rename: Option<String>,
    /// What the client gets where several subgraphs answer with it: the "first", the "last", or "all". Default: "last".
    pub several: SeveralConfig,
    /// Only of these subgraphs. Default: of all.
    pub subgraphs: Vec<String>,
}

/// See [`ResponseHeaderConfig::several`].
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SeveralConfig {
    /// The one that came first.
    First,
    /// The one that came last.
    #[default]
    Last,
    /// All.
    All,
}

impl HeadersConfig {
    /// The rules, those that always hold before these.
    ///
    /// # Errors
    ///
    /// Names the rule that is none, and why.
    pub fn rules(&self) -> anyhow::Result<HeaderRules> {
        let mut rules = HeaderRules::default();
        for (number, rule) in self.request.iter().enumerate() {
            let told = || format!("rule {} of router.headers.request", number + 1);
            rules.request.push(rule.rule().with_context(told)?);
        }
        for (number, rule) in self.response.iter().enumerate() {
            let told = || format!("rule {} of router.headers.response", number + 1);
            rules.response.push(rule.rule().with_context(told)?);
        }
        Ok(rules)
    }
}

impl RequestHeaderConfig {
    fn rule(&self) -> anyhow::Result<RequestRule> {
        let propagate = matched(
            self.propagate.as_deref(),
            self.propagate_matching.as_deref(),
        )?;
        let remove = matched(self.remove.as_deref(), self.remove_matching.as_deref())?;
        let action = match (propagate, &self.insert, remove) {
            (Some(headers), None, None) => {
                ensure!(self.value.is_none(), "`value` belongs to `insert`");
                let rename = self.rename.as_deref().map(name).transpose()?;
                let default = self.default.as_deref().map(value).transpose()?;
                let has_name = rename.is_some() || matches!(headers, HeaderMatch::Named(_));
                ensure!(
                    default.is_none() || has_name,
                    "`default` needs a name: `propagate` or `rename`"
                );
                RequestAction::Propagate {
                    headers,
                    rename,
                    default,
                }
            }
            (None, Some(inserted), None) => RequestAction::Insert {
                name: name(inserted)?,
                value: value(self.value.as_deref().context("`insert` needs a `value`")?)?,
            },
            (None, None, Some(headers)) => RequestAction::Remove(headers),
            _ => bail!("a rule does one thing: `propagate`, `insert` or `remove`"),
        };
        Ok(RequestRule {
            subgraphs: self.subgraphs.clone(),
            action,
        })
    }
}

impl ResponseHeaderConfig {
    fn rule(&self) -> anyhow::Result<ResponseRule> {
        let headers = matched(
            self.propagate.as_deref(),
            self.propagate_matching.as_deref(),
        )?;
        Ok(ResponseRule {
            subgraphs: self.subgraphs.clone(),
            headers: headers.context("`propagate` or `propagate_matching` is missing")?,
            rename: self.rename.as_deref().map(name).transpose()?,
            several: match self.several {
                SeveralConfig::First => Several::First,
                SeveralConfig::Last => Several::Last,
                SeveralConfig::All => Several::Append,
            },
        })
    }
}

fn matched(named: Option<&str>, matching: Option<&str>) -> anyhow::Result<Option<HeaderMatch>> {
    Ok(match (named, matching) {
        (None, None) => None,
        (Some(named), None) => Some(HeaderMatch::Named(name(named)?)),
        (None, Some(expression)) => {
            let told = || format!("`{expression}` is no regular expression");
            Some(HeaderMatch::Matching(
                Regex::new(expression).with_context(told)?,
            ))
        }
        (Some(_), Some(_)) => bail!("a rule has a name or a regular expression, not both"),
    })
}

fn name(text: &str) -> anyhow::Result<HeaderName> {
    let told = || format!("`{text}` is no name of a header");
    HeaderName::try_from(text).with_context(told)
}

fn value(text: &str) -> anyhow::Result<HeaderValue> {
    // Not shown: it may be a secret.
    HeaderValue::try_from(text).context("the value cannot stand in a header")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> anyhow::Result<HeaderRules> {
        let told: HeadersConfig = figment::Figment::from(figment::providers::Toml::string(text))
            .extract()
            .unwrap();
        told.rules()
    }
    use figment::providers::Format;

    #[test]
    fn rules_are_read_in_their_order_after_those_that_always_hold() {
        let rules = read(
            r#"
            [[request]]
            propagate_matching = "^x-shop-"
            subgraphs = ["orders"]
            [[request]]
            insert = "x-from"
            value = "stockgraph"
            [[request]]
            remove = "x-request-id"
            [[response]]
            propagate = "x-served-by"
            rename = "x-by"
            several = "all"
            "#,
        )
        .unwrap();
        let always = HeaderRules::default().request.len();
        assert_eq!(rules.request.len(), always + 3);
        assert_eq!(rules.request[always].subgraphs, ["orders"]);
        assert_eq!(rules.response[0].several, Several::Append);
    }

    #[test]
    fn a_rule_that_is_none_is_told_by_its_number() {
        for (rule, told) in [
            (
                "propagate = \"a\"\ninsert = \"b\"\nvalue = \"c\"",
                "one thing",
            ),
            ("subgraphs = [\"a\"]", "one thing"),
            ("propagate = \"a b\"", "`a b`"),
            ("propagate_matching = \"(\"", "regular expression"),
            ("insert = \"a\"", "`value`"),
            (
                "propagate_matching = \"a\"\ndefault = \"b\"",
                "needs a name",
            ),
        ] {
            let error = read(&format!("[[request]]\n{rule}")).unwrap_err();
            let error = format!("{error:#}");
            assert!(
                error.contains("rule 1 of router.headers.request") && error.contains(told),
                "{error}"
            );
        }
    }
}
