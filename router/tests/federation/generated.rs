//! Graphs made at random from a seed: what composes is answered as it should be, on every path.

use serde_json::{Map, Value, json};
use std::fmt::Write;
use stockgraph_router::RouterError;
use stockgraph_router::composition::Code;

use crate::every_path::paths;
use crate::world::{Graph, Served};

const SUBGRAPHS: usize = 3;
const TYPES: usize = 4;
const FIELDS: usize = 3;
/// How many graphs are made.
const SEEDS: u64 = 60;
const KEYS: [&str; 3] = ["id", "alt", "id alt"];

/// How many graphs are made: more than usual if the environment variable `GENERATED_GRAPHS` says so.
pub fn seeds(usual: u64) -> u64 {
    std::env::var("GENERATED_GRAPHS").map_or(usual, |it| it.parse().unwrap())
}

/// Numbers that look random and are the same for the same seed (splitmix64).
pub struct Numbers(pub u64);

impl Numbers {
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((mixed ^ (mixed >> 31)) % limit as u64).unwrap()
    }

    pub fn in_hundred(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }
}

/// What one subgraph has of one type.
#[derive(Default)]
struct Part {
    keys: String,
    fields: String,
}

fn graph(seed: u64) -> Graph {
    let mut numbers = Numbers(seed);
    let requirements = seed.is_multiple_of(2);
    let mut parts: Vec<Vec<Option<Part>>> = Vec::new();
    for _ in 0..TYPES {
        let mut of_type: Vec<Option<Part>> = (0..SUBGRAPHS)
            .map(|_| numbers.in_hundred(65).then(|| part(&mut numbers)))
            .collect();
        let some = numbers.below(SUBGRAPHS);
        if of_type.iter().all(Option::is_none) {
            of_type[some] = Some(part(&mut numbers));
        }
        parts.push(of_type);
    }
    let mut roots = vec![String::new(); SUBGRAPHS];
    for ty in 0..TYPES {
        let having: Vec<usize> = (0..SUBGRAPHS)
            .filter(|it| parts[ty][*it].is_some())
            .collect();
        for field in 0..FIELDS {
            scalar(&mut numbers, &mut parts[ty], &having, field, requirements);
        }
        for target in ty + 1..TYPES {
            let both: Vec<usize> = having
                .iter()
                .copied()
                .filter(|it| parts[target][*it].is_some())
                .collect();
            if !both.is_empty() && numbers.in_hundred(60) {
                let owner = both[numbers.below(both.len())];
                let (open, close) = if numbers.in_hundred(40) {
                    ("[", "]")
                } else {
                    ("", "")
                };
                let part = parts[ty][owner].as_mut().unwrap();
                _ = write!(part.fields, " r{target}: {open}T{target}{close}");
            }
        }
        if ty == 0 || numbers.in_hundred(40) {
            let owner = having[numbers.below(having.len())];
            _ = write!(roots[owner], " q{ty}: [T{ty}]");
        }
    }
    assemble(&parts, &roots)
}

fn part(numbers: &mut Numbers) -> Part {
    let mut part = Part {
        keys: String::new(),
        fields: "id: ID! @shareable".to_owned(),
    };
    let mut has_alt = numbers.in_hundred(20);
    for key in KEYS {
        if numbers.in_hundred(45) {
            has_alt |= key.contains("alt");
            let resolvable = numbers.in_hundred(85);
            _ = write!(
                part.keys,
                r#" @key(fields: "{key}", resolvable: {resolvable})"#
            );
        }
    }
    if has_alt {
        part.fields += " alt: ID! @shareable";
    }
    part
}

/// Adds a scalar field to its owners, and now and then one that requires it elsewhere.
fn scalar(
    numbers: &mut Numbers,
    parts: &mut [Option<Part>],
    having: &[usize],
    field: usize,
    requirements: bool,
) {
    let owner = having[numbers.below(having.len())];
    let other = having[numbers.below(having.len())];
    let is_shared = other != owner && numbers.in_hundred(40);
    let shareable = if is_shared { " @shareable" } else { "" };
    _ = write!(
        parts[owner].as_mut().unwrap().fields,
        " f{field}: String{shareable}"
    );
    if is_shared {
        _ = write!(
            parts[other].as_mut().unwrap().fields,
            " f{field}: String @shareable"
        );
    } else if requirements && other != owner && numbers.in_hundred(60) {
        let fields = &mut parts[other].as_mut().unwrap().fields;
        _ = write!(
            fields,
            r#" f{field}: String @external c{field}: String @requires(fields: "f{field}")"#
        );
    }
}

fn assemble(parts: &[Vec<Option<Part>>], roots: &[String]) -> Graph {
    let mut graph = Graph::new();
    let mut query = Map::new();
    let mut data = Map::new();
    for (subgraph, root) in roots.iter().enumerate() {
        let mut sdl = String::new();
        if !root.is_empty() {
            _ = write!(sdl, "type Query {{{root} }}");
        }
        for (ty, part) in parts.iter().enumerate() {
            if let Some(part) = &part[subgraph] {
                _ = write!(sdl, " type T{ty}{} {{ {} }}", part.keys, part.fields);
            }
        }
        if !sdl.is_empty() {
            graph = graph.with(&format!("s{subgraph}"), &sdl);
        }
    }
    for ty in 0..TYPES {
        query.insert(
            format!("q{ty}"),
            json!([format!("#{ty}0"), format!("#{ty}1"), null]),
        );
        for number in 0..2 {
            data.insert(format!("#{ty}{number}"), object(parts, ty, number));
        }
    }
    data.insert("Query".to_owned(), Value::Object(query));
    graph.data(Value::Object(data))
}

fn object(parts: &[Vec<Option<Part>>], ty: usize, number: usize) -> Value {
    let mut object = Map::new();
    object.insert("__typename".to_owned(), format!("T{ty}").into());
    object.insert("id".to_owned(), format!("id{number}").into());
    object.insert("alt".to_owned(), format!("alt{number}").into());
    for field in 0..FIELDS {
        object.insert(
            format!("f{field}"),
            format!("f{field} of {ty}{number}").into(),
        );
        object.insert(
            format!("c{field}"),
            format!("c{field} of {ty}{number}").into(),
        );
    }
    for target in ty + 1..TYPES {
        let list = format!("r{target}: [");
        let mut fields = parts[ty].iter().flatten().map(|it| &it.fields);
        let value = if fields.any(|it| it.contains(&list)) {
            json!([format!("#{target}{number}"), format!("#{target}0")])
        } else {
            json!(format!("#{target}{number}"))
        };
        object.insert(format!("r{target}"), value);
    }
    Value::Object(object)
}

/// Serves a graph that was made from a seed; `None` if some query of it could not be answered.
pub fn served(seed: u64, graph: Graph) -> Option<Served> {
    match graph.try_serve() {
        Ok(served) => Some(served),
        Err(RouterError::Composition(errors)) => {
            let mut others = errors.diagnostics().iter();
            let other = others.find(|it| it.code != Code::SatisfiabilityError);
            assert_eq!(other, None, "seed {seed}");
            None
        }
        Err(other) => panic!("seed {seed}: {other}"),
    }
}

/// Whether the graph composes; if so, every path of it is answered rightly.
async fn composes(seed: u64) -> bool {
    let Some(served) = served(seed, graph(seed)) else {
        return false;
    };
    for path in paths(&served.whole, 3) {
        if let Some(difference) = served.difference(&path).await {
            let sdl = served.router.supergraph_sdl();
            let graph = sdl.split("enum join__Graph").nth(1).unwrap();
            panic!("seed {seed}: {difference}\n{graph}\n{:#?}", served.asked());
        }
    }
    true
}

#[tokio::test]
async fn a_graph_that_composes_answers_every_path() {
    let mut composed = 0;
    let seeds = seeds(SEEDS);
    for seed in 0..seeds {
        composed += u64::from(composes(seed).await);
    }
    // Neither all nor none, or this would show little.
    assert!(
        (seeds / 10..seeds * 9 / 10).contains(&composed),
        "{composed}"
    );
}
