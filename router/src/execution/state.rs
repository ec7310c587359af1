//! What an execution has gathered so far: the merged data, and the errors at their places.

use http::HeaderMap;
use rustc_hash::FxHashSet;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

use super::blame::{Blamed, FetchedFields, attribute, entities_of};
use super::merge::merge;
use super::places::{Step, owned, typename, visit_mut};
use super::{FetchTiming, Outcome, Projection, rewrite, taken};
use crate::error::{GraphQLError, PathSegment, code};
use crate::planning::Schema;
use crate::planning::plan::FlattenSegment;
use crate::transport::{SubgraphError, SubgraphResponse};

/// Data and errors of a running execution.
pub(super) struct State {
    pub data: Value,
    errors: Vec<GraphQLError>,
    /// See [`Outcome::taken_along`].
    taken_along: FxHashSet<Vec<PathSegment>>,
    /// Headers of subgraphs that the client shall see.
    pub headers: HeaderMap,
    /// How long fetches took, if that was asked for.
    pub timings: Vec<FetchTiming>,
    /// Subgraphs that gave no data at all when asked.
    failed: Vec<String>,
}

impl Default for State {
    fn default() -> Self {
        State {
            data: Value::Object(Map::new()),
            errors: Vec::new(),
            taken_along: FxHashSet::default(),
            headers: HeaderMap::new(),
            timings: Vec::new(),
            failed: Vec::new(),
        }
    }
}

/// The places under a path, in the order in which they are visited, each with the position of its
/// entity in the fetch's representations.
pub(super) struct Target<'n> {
    pub path: &'n [FlattenSegment],
    pub positions: Vec<Option<usize>>,
}

/// The response path of an entity, and its type as far as it was known.
type Place = (Vec<PathSegment>, Option<String>);

/// What a subgraph answered for the entities under one alias.
pub(super) struct EntityAnswer<'n, 'f> {
    pub alias: &'n str,
    /// `None` if the list is missing, that is, all entities failed.
    pub entities: Option<Vec<Value>>,
    pub targets: Vec<Target<'n>>,
    pub fields: &'f FetchedFields<'f>,
}

impl State {
    /// Whether some subgraph gave no data at all.
    pub fn something_failed(&self) -> bool {
        !self.failed.is_empty()
    }

    /// Merges the answer of a fetch from a root type, at the root or at every place of `path`.
    pub fn merge_root(
        &mut self,
        service: &str,
        path: &[FlattenSegment],
        answer: Result<SubgraphResponse, SubgraphError>,
        fields: &FetchedFields<'_>,
        projection: &Projection,
    ) {
        let (mut data, errors, failed) = taken(answer, service);
        rewrite::apply(fields.schema, fields.rewrites, &mut data);
        let mut places = Vec::new();
        let told = &mut self.errors;
        let has_errors = !errors.is_empty();
        visit_mut(
            fields.schema,
            &mut self.data,
            path,
            &mut Vec::new(),
            &mut |place, steps| {
                if has_errors {
                    places.push(owned(steps));
                }
                let data = match path.is_empty() {
                    true => data.take(),
                    false => data.clone(),
                };
                merge_at(fields.schema, place, steps, data, told);
            },
        );
        let along = if failed { fields.at_root() } else { Vec::new() };
        let mut rest = Vec::new();
        for mut error in errors {
            rewrite::apply_to_path(fields.rewrites, &mut error.path);
            let error = attribute(error, service);
            if !error.path.is_empty() {
                for place in &places {
                    self.push_below(place, &error.path, &error);
                    self.take_along(place, &along);
                }
            } else if failed {
                for place in &places {
                    self.blame(place, &fields.at_root(), &error, projection);
                }
            } else {
                rest.push(error);
            }
        }
        self.keep(service, rest, failed);
    }

    /// Merges entities into their places and puts errors there. Gives back the errors that belong
    /// to no entity under this alias.
    pub fn merge_entities(
        &mut self,
        service: &str,
        answer: EntityAnswer<'_, '_>,
        errors: Vec<GraphQLError>,
        projection: &Projection,
    ) -> Vec<GraphQLError> {
        let fields = answer.fields;
        let blamed = entities_of(&errors, answer.alias, answer.entities.as_deref());
        let track = !errors.is_empty();
        let alias = answer.alias;
        let entities = answer.entities.iter().flatten();
        let is_null: Vec<bool> = entities.map(Value::is_null).collect();
        let places = self.place_entities(answer, track);
        let mut rest = Vec::new();
        for (error, blamed) in errors.into_iter().zip(blamed) {
            match blamed {
                Blamed::Entities(positions, mut below) => {
                    rewrite::apply_to_path(fields.rewrites, &mut below);
                    let error = attribute(error, service);
                    for position in positions {
                        for (place, known) in places.get(&position).into_iter().flatten() {
                            self.push_below(place, &below, &error);
                            if is_null.get(position) == Some(&true) {
                                let keys = fields.on_entity(alias, known.as_deref());
                                self.take_along(place, &keys);
                            }
                        }
                    }
                }
                Blamed::All => {
                    let error = attribute(error, service);
                    for (place, known) in places.values().flatten() {
                        let keys = fields.on_entity(alias, known.as_deref());
                        self.blame(place, &keys, &error, projection);
                    }
                    // It may concern entities under other aliases as well.
                    if error.path.is_empty() {
                        rest.push(error);
                    }
                }
                Blamed::Elsewhere => rest.push(error),
            }
        }
        rest
    }

    /// Merges entities into their places; tells the places of each if `track` is set.
    fn place_entities(
        &mut self,
        answer: EntityAnswer<'_, '_>,
        track: bool,
    ) -> BTreeMap<usize, Vec<Place>> {
        let schema = answer.fields.schema;
        let mut entities = answer.entities.unwrap_or_default();
        for entity in &mut entities {
            rewrite::apply(schema, answer.fields.rewrites, entity);
        }
        let mut uses = vec![0_usize; entities.len()];
        for position in answer
            .targets
            .iter()
            .flat_map(|target| &target.positions)
            .flatten()
        {
            if let Some(uses) = uses.get_mut(*position) {
                *uses += 1;
            }
        }
        let mut places: BTreeMap<usize, Vec<Place>> = BTreeMap::new();
        for target in &answer.targets {
            let mut positions = target.positions.iter();
            let (data, told) = (&mut self.data, &mut self.errors);
            visit_mut(
                schema,
                data,
                target.path,
                &mut Vec::new(),
                &mut |place, steps| {
                    let Some(&Some(position)) = positions.next() else {
                        return;
                    };
                    if track {
                        let known = typename(place).map(str::to_owned);
                        places
                            .entry(position)
                            .or_default()
                            .push((owned(steps), known));
                    }
                    // The last place of an entity takes it, earlier ones get a copy.
                    if let (Some(entity), Some(uses)) =
                        (entities.get_mut(position), uses.get_mut(position))
                    {
                        *uses -= 1;
                        let entity = match *uses {
                            0 => entity.take(),
                            _ => entity.clone(),
                        };
                        merge_at(schema, place, steps, entity, told);
                    }
                },
            );
        }
        places
    }

    /// Keeps errors that have no place, and remembers a subgraph that gave no data.
    pub fn keep(&mut self, service: &str, errors: Vec<GraphQLError>, failed: bool) {
        for error in errors {
            let error = attribute(error, service);
            // An error that was already put at the fields it cost is not repeated without a path.
            let placed = |known: &GraphQLError| {
                !known.path.is_empty()
                    && known.message == error.message
                    && known.extensions == error.extensions
            };
            if !self.errors.iter().any(placed) {
                let path = Vec::new();
                self.errors.push(GraphQLError { path, ..error });
            }
        }
        if failed && !self.failed.iter().any(|known| known == service) {
            self.failed.push(service.to_owned());
        }
    }

    /// Says that a field needs what a failed subgraph did not give.
    pub fn blame_dependency(&mut self, place: &[PathSegment], key: &str, projection: &Projection) {
        let names = self.failed.join("`, `");
        let message = format!("the field depends on the subgraph `{names}`, which gave no answer");
        let service = self.failed.first().cloned().unwrap_or_default();
        let error = GraphQLError::new(code::SUBGRAPH_UNAVAILABLE, message)
            .with_extension("service", service);
        self.blame(place, &[key], &error, projection);
    }

    /// Puts an error at each of the keys of a place that the client asked for.
    fn blame(
        &mut self,
        place: &[PathSegment],
        keys: &[&str],
        error: &GraphQLError,
        projection: &Projection,
    ) {
        for &key in keys {
            let mut path = place.to_vec();
            path.push(PathSegment::from(key));
            if projection.selected_prefix(&path) == path.len() {
                self.errors.push(error.clone().with_path(path));
            }
        }
    }

    /// Notes that these fields of a place are missing because of an error that is told.
    fn take_along(&mut self, place: &[PathSegment], keys: &[&str]) {
        for &key in keys {
            let mut path = place.to_vec();
            path.push(PathSegment::from(key));
            self.taken_along.insert(path);
        }
    }

    fn push_below(&mut self, place: &[PathSegment], below: &[PathSegment], error: &GraphQLError) {
        let path = [place, below].concat();
        self.errors.push(error.clone().with_path(path));
    }

    /// The end of the execution. Paths of errors end where the client's selection ends: what lies
    /// below was fetched for another subgraph.
    pub fn finish(mut self, projection: &Projection) -> Outcome {
        for error in &mut self.errors {
            projection.response_path(&mut error.path);
        }
        let taken_along = self.taken_along.into_iter().map(|mut path| {
            projection.response_path(&mut path);
            path
        });
        Outcome {
            data: self.data,
            errors: self.errors,
            taken_along: taken_along.collect(),
            headers: self.headers,
            timings: self.timings,
        }
    }
}

/// Merges a value into a place, and tells what subgraphs answered differently.
fn merge_at(
    schema: &Schema,
    place: &mut Value,
    steps: &[Step<'_>],
    value: Value,
    told: &mut Vec<GraphQLError>,
) {
    for disagreement in merge(schema, place, value) {
        let path = [owned(steps), disagreement.path].concat();
        let error = GraphQLError::new(code::SUBGRAPH_BAD_ANSWER, disagreement.message);
        told.push(error.with_path(path));
    }
}
