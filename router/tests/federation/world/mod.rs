//! A graph with its data: subgraphs that serve parts of one world, and one server that knows all of it.
//!
//! Each subgraph answers what its schema says and nothing else. It validates what it is asked, wants representations
//! with a whole key and with everything that a field requires, and gives an external field only where it is provided:
//! a router that plans or executes wrongly gets errors. What the router answers is compared with the one server's answer.

mod entities;
mod schema;
mod serve;
mod values;
pub mod written;

use futures_util::future::BoxFuture;
use serde_json::{Map, Value, json};
use std::collections::HashSet;
use std::sync::{Arc, Mutex};
use stockgraph_router::transport::{Subgraph, SubgraphError, SubgraphRequest, SubgraphResponse};
use stockgraph_router::{
    GraphQLError, GraphQLRequest, Router, RouterError, RouterOptions, SubgraphDefinition,
};

pub use self::schema::Schema;

/// What stands before the schema of a Federation 2 subgraph.
pub const LINK: &str = r#"extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@composeDirective",
    "@extends", "@external", "@inaccessible", "@interfaceObject", "@key", "@override", "@provides", "@requires", "@shareable", "@tag"])
"#;

/// Objects by name. A name starts with `#`, and where it stands for a value, the object is meant. The roots' fields
/// stand under `Query` and `Mutation`. A field whose value depends on an argument is `{"$by": [argument, {value: …}]}`,
/// one that fails is `{"$error": message}`, and one that is different in each subgraph `{"$in": {subgraph: value}}`; text from a field with arguments has them added to it.
pub struct World {
    objects: Map<String, Value>,
    subgraphs: Vec<(String, Schema)>,
    /// Fields that another subgraph has taken over: subgraph, type, field.
    overridden: HashSet<(String, String, String)>,
    /// What a subgraph does not know, by subgraph and object.
    unknown: HashSet<(String, String)>,
    asked: Mutex<Vec<Asked>>,
}

impl World {
    /// The world as one subgraph has it.
    fn with_values_of(&self, subgraph: &str) -> World {
        let mut objects = self.objects.clone();
        let values = objects.values_mut().filter_map(Value::as_object_mut);
        for value in values.flat_map(Map::values_mut) {
            if let Some(by_subgraph) = value.get("$in") {
                *value = by_subgraph[subgraph].clone();
            }
        }
        World {
            objects,
            subgraphs: Vec::new(),
            overridden: HashSet::new(),
            unknown: HashSet::new(),
            asked: Mutex::default(),
        }
    }
}

/// A request to a subgraph.
#[derive(Clone, Debug)]
pub struct Asked {
    pub subgraph: String,
    pub query: String,
    pub variables: Value,
}

/// A graph to be built.
#[derive(Default)]
pub struct Graph {
    subgraphs: Vec<(String, String)>,
    data: Value,
    unknown: HashSet<(String, String)>,
}

impl Graph {
    pub fn new() -> Self {
        Graph::default()
    }

    /// Adds a Federation 2 subgraph.
    pub fn with(mut self, name: &str, sdl: &str) -> Self {
        self.subgraphs
            .push((name.to_owned(), format!("{LINK}{sdl}")));
        self
    }

    /// Adds a subgraph with its schema as it stands, e.g. of Federation 1.
    pub fn with_as_is(mut self, name: &str, sdl: &str) -> Self {
        self.subgraphs.push((name.to_owned(), sdl.to_owned()));
        self
    }

    /// Gives the world's objects.
    pub fn data(mut self, data: Value) -> Self {
        self.data = data;
        self
    }

    /// Lets a subgraph answer null for an entity.
    pub fn unknown_to(mut self, subgraph: &str, object: &str) -> Self {
        self.unknown
            .insert((subgraph.to_owned(), object.to_owned()));
        self
    }

    /// Composes the subgraphs and puts a router before them.
    pub fn serve(self) -> Served {
        self.try_serve().unwrap_or_else(|error| panic!("{error}"))
    }

    /// As [`Graph::serve`], for subgraphs that may not compose.
    pub fn try_serve(self) -> Result<Served, RouterError> {
        let read: Vec<(String, Schema)> = self
            .subgraphs
            .iter()
            .map(|(name, sdl)| {
                let sdl = sdl.strip_prefix(LINK).unwrap_or(sdl);
                (name.clone(), Schema::read(sdl))
            })
            .collect();
        let mut overridden = HashSet::new();
        for (_, schema) in &read {
            for (type_name, info) in &schema.types {
                for (field, it) in &info.fields {
                    if let Some(from) = &it.overrides {
                        overridden.insert((from.clone(), type_name.clone(), field.clone()));
                    }
                }
            }
        }
        let Value::Object(objects) = self.data else {
            panic!("a graph needs data");
        };
        let world = Arc::new(World {
            objects,
            subgraphs: read,
            overridden,
            unknown: self.unknown,
            asked: Mutex::default(),
        });
        let subgraphs = self
            .subgraphs
            .iter()
            .enumerate()
            .map(|(index, (name, sdl))| {
                let part = Part {
                    world: Arc::clone(&world),
                    index,
                };
                SubgraphDefinition {
                    name: name.clone(),
                    url: format!("http://{name}.test/graphql"),
                    sdl: sdl.clone(),
                    transport: Arc::new(part),
                }
            });
        let router = Router::compose(subgraphs.collect(), RouterOptions::default())?;
        let whole = Schema::read(router.public_sdl());
        Ok(Served {
            router,
            world,
            whole,
        })
    }
}

/// A running graph.
pub struct Served {
    pub router: Router,
    world: Arc<World>,
    /// What the one server serves.
    pub whole: Schema,
}

impl Served {
    /// The router's answer.
    pub async fn ask(&self, query: &str) -> Value {
        self.ask_with(query, json!({})).await
    }

    /// The router's answer to a query with variables.
    pub async fn ask_with(&self, query: &str, variables: Value) -> Value {
        answer(&self.router, query, variables).await
    }

    /// Asserts that the router answers as the one server does, without errors. Gives the plan.
    pub async fn agrees(&self, query: &str) -> String {
        self.agrees_with(query, json!({})).await
    }

    /// As [`Served::agrees`], with variables.
    pub async fn agrees_with(&self, query: &str, variables: Value) -> String {
        let expected = self.world.answer(None, &self.whole, query, &variables);
        self.answers(query, variables, &expected).await
    }

    /// As [`Served::agrees`], where the one server has the values of one of the subgraphs.
    pub async fn agrees_with_values_of(&self, subgraph: &str, query: &str) -> String {
        let world = self.world.with_values_of(subgraph);
        let expected = world.answer(None, &self.whole, query, &json!({}));
        self.answers(query, json!({}), &expected).await
    }

    async fn answers(&self, query: &str, variables: Value, expected: &Value) -> String {
        self.world.asked.lock().unwrap().clear();
        let plan = self.plan(query).await;
        let answer = self.ask_with(query, variables).await;
        assert_eq!(
            serde_json::to_string_pretty(&answer).unwrap(),
            serde_json::to_string_pretty(expected).unwrap(),
            "for {query} by\n{plan}\nasking {:#?}",
            self.asked()
        );
        assert_eq!(answer.get("errors"), None, "for {query}");
        plan
    }

    /// What differs between the router's answer and the one server's; `None` if nothing does.
    pub async fn difference(&self, query: &str) -> Option<String> {
        self.difference_with(query, json!({})).await
    }

    /// As [`Served::difference`], with variables.
    pub async fn difference_with(&self, query: &str, variables: Value) -> Option<String> {
        let wanted = self.world.answer(None, &self.whole, query, &variables);
        // As text, for the order of fields is part of an answer.
        let wanted = wanted.to_string();
        let request = GraphQLRequest::new(query).variables(variables.clone());
        if let Err(errors) = self.router.prepare(&request).await {
            return Some(format!("{query}: {}", errors[0].message));
        }
        let given = self.ask_with(query, variables).await.to_string();
        (given != wanted).then(|| format!("{query}: {given} and not {wanted}"))
    }

    /// Whether the query is against the rules of GraphQL.
    pub async fn is_refused(&self, query: &str) -> bool {
        match self.router.prepare(&GraphQLRequest::new(query)).await {
            Ok(_) => false,
            Err(errors) => errors[0].extensions["code"] == "GRAPHQL_VALIDATION_FAILED",
        }
    }

    /// The plan of a query; empty if no subgraph is asked.
    pub async fn plan(&self, query: &str) -> String {
        plan(&self.router, query).await
    }

    /// What the subgraphs were asked so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.world.asked.lock().unwrap().clone()
    }
}

async fn answer(router: &Router, query: &str, variables: Value) -> Value {
    let request = GraphQLRequest::new(query).variables(variables);
    let headers = http::HeaderMap::new();
    router.execute(request, &headers).await.to_json()
}

async fn plan(router: &Router, query: &str) -> String {
    match router.prepare(&GraphQLRequest::new(query)).await {
        Ok(operation) => operation.plan_text().unwrap_or_default(),
        Err(errors) => panic!("{query}: {errors:#?}"),
    }
}

/// One subgraph of a world.
struct Part {
    world: Arc<World>,
    index: usize,
}

impl Subgraph for Part {
    fn execute<'a>(
        &'a self,
        request: SubgraphRequest<'a>,
    ) -> BoxFuture<'a, Result<SubgraphResponse, SubgraphError>> {
        Box::pin(async move {
            let (name, schema) = &self.world.subgraphs[self.index];
            let variables = Value::Object(request.variables);
            self.world.asked.lock().unwrap().push(Asked {
                subgraph: name.clone(),
                query: request.query.to_owned(),
                variables: variables.clone(),
            });
            let mut answer = self
                .world
                .answer(Some(name), schema, request.query, &variables);
            let errors = match answer.get_mut("errors").map(Value::take) {
                Some(Value::Array(errors)) => errors,
                _ => Vec::new(),
            };
            Ok(SubgraphResponse {
                data: answer["data"].take(),
                errors: errors.into_iter().map(GraphQLError::from_foreign).collect(),
                ..SubgraphResponse::default()
            })
        })
    }
}
