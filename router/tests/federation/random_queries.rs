//! Operations made at random: many fields at once, aliases, fragments, and conditions, inside each other.

use graphql_tools::static_graphql::schema::Type;
use serde_json::json;
use std::fmt::Write;

use crate::every_path::{graphs, required_arguments};
use crate::generated::Numbers;
use crate::world::{Schema, Served};

/// How many operations are made for each graph.
const QUERIES: u64 = 15;
const DEPTH: usize = 4;

struct Writer<'a> {
    schema: &'a Schema,
    numbers: Numbers,
    text: String,
    aliases: usize,
}

impl Writer<'_> {
    fn selections(&mut self, on: &str, depth: usize) {
        self.text.push_str("{ ");
        let before = self.text.len();
        for _ in 0..=self.numbers.below(3) {
            self.selection(on, depth);
        }
        if self.text.len() == before {
            self.text.push_str("__typename ");
        }
        self.text.push_str("} ");
    }

    fn selection(&mut self, on: &str, depth: usize) {
        let fragments = self.fragments(on);
        if !fragments.is_empty() && self.numbers.in_hundred(25) {
            let condition = fragments[self.numbers.below(fragments.len())].clone();
            _ = write!(self.text, "... on {condition} ");
            self.condition();
            self.selections(&condition, depth);
            return;
        }
        let fields: Vec<String> = self.schema.types[on].fields.keys().cloned().collect();
        if fields.is_empty() || self.numbers.in_hundred(10) {
            self.alias();
            self.text.push_str("__typename ");
            return;
        }
        let name = &fields[self.numbers.below(fields.len())];
        let inner = inner_name(&self.schema.types[on].fields[name].ty).to_owned();
        let is_composite = self
            .schema
            .types
            .get(&inner)
            .is_some_and(|it| it.is_composite);
        if is_composite && depth == 0 {
            return;
        }
        self.alias();
        _ = write!(self.text, "{name}");
        match &*required_arguments(self.schema, on, name) {
            "" => {}
            some => _ = write!(self.text, "({some})"),
        }
        self.text.push(' ');
        self.condition();
        if is_composite {
            self.selections(&inner, depth - 1);
        }
    }

    fn alias(&mut self) {
        if self.numbers.in_hundred(20) {
            // Names of other fields are aliases, too.
            let taken = ["id", "name", "price", "x", "y"];
            let alias = taken[self.numbers.below(taken.len())];
            self.aliases += 1;
            let unique = if self.numbers.in_hundred(20) {
                self.aliases.to_string()
            } else {
                String::new()
            };
            _ = write!(self.text, "{alias}{unique}: ");
        }
    }

    fn condition(&mut self) {
        if self.numbers.in_hundred(20) {
            let name = ["include", "skip"][self.numbers.below(2)];
            let variable = ["t", "f"][self.numbers.below(2)];
            _ = write!(self.text, "@{name}(if: ${variable}) ");
        }
    }

    /// What a fragment may be on where the type is `on`.
    fn fragments(&self, on: &str) -> Vec<String> {
        let objects = |name: &str| {
            let types = self.schema.types.iter();
            let fitting = types.filter(|(it, info)| info.is_object && self.schema.fits(it, name));
            fitting.map(|(it, _)| it.clone()).collect::<Vec<_>>()
        };
        let own = objects(on);
        let types = self
            .schema
            .types
            .iter()
            .filter(|(_, info)| info.is_composite);
        types
            .filter(|(name, _)| objects(name).iter().any(|it| own.contains(it)))
            .map(|(name, _)| name.clone())
            .collect()
    }
}

fn inner_name(ty: &Type) -> &str {
    match ty {
        Type::NamedType(name) => name,
        Type::ListType(inner) | Type::NonNullType(inner) => inner_name(inner),
    }
}

fn query(served: &Served, seed: u64) -> String {
    let mut writer = Writer {
        schema: &served.whole,
        numbers: Numbers(seed),
        text: String::new(),
        aliases: 0,
    };
    writer.selections(&served.whole.query, DEPTH);
    format!("query($t: Boolean!, $f: Boolean!) {}", writer.text)
}

/// How many random operations were asked, and which were answered otherwise than by the one server.
pub async fn differences(served: &Served, queries: u64) -> (usize, Vec<String>) {
    let mut wrong = Vec::new();
    let mut asked = 0;
    for seed in 0..queries {
        let mut query = query(served, seed);
        for variable in ["t", "f"] {
            if query.matches(&format!("${variable}")).count() == 1 {
                query = query.replacen(&format!("${variable}: Boolean!"), "", 1);
            }
        }
        let query = query.replacen("query(, )", "query", 1);
        let variables = json!({"t": true, "f": false});
        // Aliases may meet under one key where GraphQL forbids it.
        if served.is_refused(&query).await {
            continue;
        }
        asked += 1;
        wrong.extend(served.difference_with(&query, variables).await);
    }
    (asked, wrong)
}

#[tokio::test]
async fn whatever_is_asked_is_answered_as_by_one_server() {
    let mut wrong = Vec::new();
    let mut asked = 0;
    for (name, graph) in graphs() {
        let (count, differences) = differences(&graph.serve(), QUERIES).await;
        asked += count;
        wrong.extend(differences.into_iter().map(|it| format!("{name}: {it}")));
    }
    assert!(
        wrong.is_empty(),
        "{} of {asked}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert!(asked > 300, "{asked}");
}
