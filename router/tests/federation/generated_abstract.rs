//! Graphs made at random from a seed in which interfaces, unions, interface objects, provisions and requirements meet, and
//! objects stand inside others of their type. What composes is answered as it should be.

use serde_json::{Map, Value, json};
use std::fmt::Write;

use crate::every_path::paths;
use crate::generated::{Numbers, seeds, served};
use crate::random_queries::differences;
use crate::world::Graph;

const SUBGRAPHS: usize = 3;
/// Two that implement `Node`, and one that does not.
const TYPES: [&str; 3] = ["A", "B", "C"];
const OBJECTS: usize = 2;
const SEEDS: u64 = 40;
const QUERIES: u64 = 12;
/// How many paths of a graph are asked for; more are skipped evenly.
const MOST_PATHS: usize = 100;

/// How a subgraph knows `Node`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    /// With all its implementations.
    Defines,
    /// As an interface object.
    Object,
    /// Not at all.
    Ignores,
}

/// A subgraph while it is made: its fields by type.
struct Part {
    role: Role,
    fields: Vec<(&'static str, String)>,
    resolvable: bool,
    /// Whether it shares fields that lead to a union with a member of its own.
    differs: bool,
}

impl Part {
    fn add(&mut self, type_name: &str, field: &str) {
        let mut types = self.fields.iter_mut();
        if let Some((_, fields)) = types.find(|(name, _)| *name == type_name) {
            _ = write!(fields, " {field}");
        }
    }

    fn knows(&self, type_name: &str) -> bool {
        self.fields.iter().any(|(name, _)| *name == type_name)
    }

    fn has_union(&self) -> bool {
        self.knows("A") && self.knows("C")
    }

    /// The types by which fields may lead to objects.
    fn targets(&self) -> Vec<&'static str> {
        let mut targets: Vec<&str> = self.fields.iter().map(|(name, _)| *name).collect();
        targets.retain(|name| *name != "Query");
        if self.has_union() {
            targets.push("U");
        }
        targets
    }

    fn sdl(&self, index: usize) -> String {
        let mut sdl = String::new();
        for (name, fields) in &self.fields {
            let resolvable = self.resolvable;
            let key = format!(r#"@key(fields: "id", resolvable: {resolvable})"#);
            let implements = match (*name, self.role) {
                ("A" | "B", Role::Defines) => " implements Node",
                _ => "",
            };
            match (*name, self.role) {
                ("Query", _) if fields.is_empty() => {}
                ("Query", _) => _ = write!(sdl, "type Query {{{fields} }} "),
                ("Node", Role::Defines) => {
                    _ = write!(sdl, "interface Node {key} {{ id: ID!{fields} }} ");
                }
                ("Node", _) => {
                    _ = write!(
                        sdl,
                        "type Node {key} @interfaceObject {{ id: ID!{fields} }} "
                    );
                }
                _ => _ = write!(sdl, "type {name}{implements} {key} {{ id: ID!{fields} }} "),
            }
        }
        if self.has_union() {
            sdl += "union U = A | C ";
        }
        if self.differs {
            _ = write!(
                sdl,
                "union W = D | E{index} type D {{ d: String @shareable d{index}: String }} type E{index} {{ e: String }} "
            );
        }
        sdl
    }
}

struct Maker {
    numbers: Numbers,
    /// Whether keys are all that it takes to plan: no interface objects, requirements and provisions.
    only_keys: bool,
    parts: Vec<Part>,
    objects: Map<String, Value>,
    query: Map<String, Value>,
}

impl Maker {
    fn new(seed: u64) -> Self {
        let mut numbers = Numbers(seed);
        let only_keys = seed.is_multiple_of(3);
        let mut parts = Vec::new();
        for index in 0..SUBGRAPHS {
            let role = match (index, numbers.below(10)) {
                (0, _) | (_, 0 | 1) => Role::Defines,
                (_, 2..=5) if !only_keys => Role::Object,
                _ => Role::Ignores,
            };
            let mut known = vec!["Query"];
            match role {
                Role::Defines => known.extend(["Node", "A", "B"]),
                Role::Object => known.push("Node"),
                Role::Ignores => {
                    known.extend(["A", "B"].into_iter().filter(|_| numbers.in_hundred(70)));
                }
            }
            if numbers.in_hundred(60) {
                known.push("C");
            }
            parts.push(Part {
                role,
                fields: known
                    .into_iter()
                    .map(|name| (name, String::new()))
                    .collect(),
                resolvable: role == Role::Defines || numbers.in_hundred(85),
                differs: false,
            });
        }
        let mut objects = Map::new();
        for name in TYPES {
            for number in 0..OBJECTS {
                let object = json!({"__typename": name, "id": format!("{name}{number}")});
                objects.insert(format!("#{name}{number}"), object);
            }
        }
        Maker {
            numbers,
            only_keys,
            parts,
            objects,
            query: Map::new(),
        }
    }

    fn one_of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.numbers.below(choices.len())]
    }

    fn knowing(&self, type_name: &str) -> Vec<usize> {
        let knows = |part: &usize| self.parts[*part].knows(type_name);
        (0..SUBGRAPHS).filter(knows).collect()
    }

    /// Gives every object of a type a value.
    fn set(
        &mut self,
        type_name: &str,
        field: &str,
        mut value: impl FnMut(&mut Numbers, &str) -> Value,
    ) {
        for (name, object) in &mut self.objects {
            let own = object["__typename"].as_str().unwrap_or_default();
            if own == type_name || (type_name == "Node" && ["A", "B"].contains(&own)) {
                object[field] = value(&mut self.numbers, name);
            }
        }
    }

    fn set_text(&mut self, type_name: &str, field: &str) {
        self.set(type_name, field, |_, name| {
            format!("{field} of {name}").into()
        });
    }

    /// Scalars with one owner, and now and then another field elsewhere that requires them.
    fn scalars(&mut self) {
        for name in TYPES {
            for number in 0..2 {
                let field = format!("{}{number}", name.to_lowercase());
                let knowing = self.knowing(name);
                if knowing.is_empty() {
                    continue;
                }
                let owner = self.one_of(&knowing);
                let other = self.one_of(&knowing);
                // It may be provided elsewhere.
                self.parts[owner].add(name, &format!("{field}: String @shareable"));
                self.set_text(name, &field);
                let requires = other != owner && self.parts[other].resolvable && !self.only_keys;
                if requires && self.numbers.in_hundred(40) {
                    let required = format!(
                        r#"{field}: String @external r{field}: String @requires(fields: "{field}")"#
                    );
                    self.parts[other].add(name, &required);
                    self.set_text(name, &format!("r{field}"));
                }
            }
        }
        for part in 0..SUBGRAPHS {
            match self.parts[part].role {
                // Every implementation has the field, whoever defines it.
                Role::Defines => {
                    for name in ["Node", "A", "B"] {
                        let shareable = if name == "Node" { "" } else { " @shareable" };
                        self.parts[part].add(name, &format!("name: String{shareable}"));
                    }
                    self.set_text("Node", "name");
                }
                Role::Object => {
                    self.parts[part].add("Node", &format!("n{part}: String"));
                    self.set_text("Node", &format!("n{part}"));
                    if self.parts[part].resolvable && self.numbers.in_hundred(50) {
                        let required = format!(
                            r#"name: String @external m{part}: String @requires(fields: "name")"#
                        );
                        self.parts[part].add("Node", &required);
                        self.set_text("Node", &format!("m{part}"));
                    }
                }
                Role::Ignores => {}
            }
        }
    }

    /// Fields that lead from objects to objects, some of which provide something.
    fn relations(&mut self) {
        for part in 0..SUBGRAPHS {
            let mut sources = self.parts[part].targets();
            sources.retain(|name| {
                *name != "U" && (*name != "Node" || self.parts[part].role == Role::Object)
            });
            sources.extend(["Query", "Query"]);
            for (number, source) in sources.into_iter().enumerate() {
                let targets = self.parts[part].targets();
                if targets.is_empty() || (source != "Query" && self.numbers.in_hundred(40)) {
                    continue;
                }
                let target = self.one_of(&targets);
                let field = format!("to{part}{number}");
                let is_list = self.numbers.in_hundred(40);
                let ty = if is_list {
                    format!("[{target}]")
                } else {
                    target.to_owned()
                };
                let provides = self.provision(part, target);
                self.parts[part].add(source, &format!("{field}: {ty}{provides}"));
                let value =
                    move |numbers: &mut Numbers, _: &str| relation(numbers, target, is_list);
                if source == "Query" {
                    let value = value(&mut self.numbers, "");
                    self.query.insert(field, value);
                } else {
                    self.set(source, &field, value);
                }
            }
        }
    }

    /// Provides a field that is another subgraph's.
    fn provision(&mut self, part: usize, target: &str) -> String {
        let Some(name) = TYPES.iter().find(|it| **it == target) else {
            return String::new();
        };
        let field = format!("{}0", name.to_lowercase());
        let own = self.parts[part].fields.iter().find(|(it, _)| it == name);
        let own = own.map(|(_, fields)| fields.clone()).unwrap_or_default();
        let is_external = own.contains(&format!(" {field}: String @external"));
        let is_own = own.contains(&format!(" {field}: String @shareable"));
        if is_own || self.only_keys || !self.numbers.in_hundred(50) {
            return String::new();
        }
        if !is_external {
            self.parts[part].add(name, &format!("{field}: String @external"));
        }
        format!(r#" @provides(fields: "{field}")"#)
    }

    /// Shared fields that lead to unions with other members elsewhere. Their values are known everywhere, so that it is
    /// clear what is right, but no subgraph knows all of them.
    fn differing_unions(&mut self) {
        if self.numbers.in_hundred(50) {
            return;
        }
        for part in 0..SUBGRAPHS {
            if self.numbers.in_hundred(30) {
                continue;
            }
            self.parts[part].differs = true;
            self.parts[part].add("Query", "w: [W] @shareable");
            for name in ["A", "C"] {
                self.parts[part].add(name, "w: W @shareable");
            }
        }
        for number in 0..OBJECTS {
            let fields = ["d", "d0", "d1", "d2"]
                .map(|it| (it.to_owned(), format!("{it} of {number}").into()));
            let mut object = Map::from_iter(fields);
            object.insert("__typename".to_owned(), "D".into());
            self.objects
                .insert(format!("#D{number}"), Value::Object(object));
        }
        self.query
            .insert("w".to_owned(), json!(["#D0", null, "#D1"]));
        for name in ["A", "C"] {
            self.set(name, "w", |numbers, _| {
                format!("#D{}", numbers.below(OBJECTS)).into()
            });
        }
    }

    fn graph(mut self) -> Graph {
        self.scalars();
        self.relations();
        self.differing_unions();
        let mut graph = Graph::new();
        for (index, part) in self.parts.iter().enumerate() {
            let sdl = part.sdl(index);
            if !sdl.is_empty() {
                graph = graph.with(&format!("s{index}"), &sdl);
            }
        }
        let mut data = self.objects;
        data.insert("Query".to_owned(), Value::Object(self.query));
        graph.data(Value::Object(data))
    }
}

/// An object or a list of them, where the type is asked for.
fn relation(numbers: &mut Numbers, target: &str, is_list: bool) -> Value {
    let one = |numbers: &mut Numbers| {
        let name = match target {
            "Node" => ["A", "B"][numbers.below(2)],
            "U" => ["A", "C"][numbers.below(2)],
            name => name,
        };
        json!(format!("#{name}{}", numbers.below(OBJECTS)))
    };
    match is_list {
        true => json!([one(numbers), null, one(numbers)]),
        false if numbers.in_hundred(10) => Value::Null,
        false => one(numbers),
    }
}

/// Whether the graph composes; if so, every path of it and random operations are answered rightly.
async fn composes(seed: u64) -> bool {
    let Some(served) = served(seed, Maker::new(seed).graph()) else {
        return false;
    };
    let mut wrong = Vec::new();
    let paths = paths(&served.whole, 3);
    let step = paths.len().div_ceil(MOST_PATHS);
    for path in paths
        .iter()
        .skip(usize::try_from(seed).unwrap() % step)
        .step_by(step)
    {
        wrong.extend(served.difference(path).await);
    }
    wrong.extend(differences(&served, QUERIES).await.1);
    assert!(
        wrong.is_empty(),
        "seed {seed}: {} of\n{}\n{}",
        wrong.len(),
        wrong[0],
        served.router.supergraph_sdl()
    );
    true
}

#[tokio::test]
async fn a_graph_of_abstract_types_that_composes_answers_every_path() {
    let seeds = seeds(SEEDS);
    let mut composed = 0;
    for seed in 0..seeds {
        composed += u64::from(composes(seed).await);
    }
    assert!(
        (seeds / 10..seeds * 9 / 10).contains(&composed),
        "{composed}"
    );
}
