//! Objects that are alike, as far as an operation goes: they come from the same places and lead to the same. They are
//! planned as one, or interfaces inside interfaces would take a plan for every combination of objects.

use graphql_tools::static_graphql::query::{Selection, SelectionSet};
use indexmap::IndexMap;

use super::Search;
use super::model::Place;
use super::wanted::Wanted;

/// Where an object comes from: the places before, and those that they lead to.
pub(super) type Starts<'a> = Vec<(usize, Place<'a>)>;

/// Objects that are alike, and where they come from.
#[derive(Clone)]
pub(super) struct Kin<'a> {
    pub objects: Vec<&'a str>,
    pub starts: Starts<'a>,
    /// All that the client wants of the first.
    pub client: Vec<Wanted<'a>>,
    /// What is wanted of each.
    pub wanted: Vec<Wanted<'a>>,
}

/// What is wanted of the objects of a field.
pub(super) struct WantedOf<'w, 'a> {
    pub client: &'w [&'a SelectionSet],
    /// What a subgraph must be told, if it is wanted for that.
    pub needed: Option<&'w [&'a SelectionSet]>,
    /// Whether the client's answer depends on their type.
    pub asks_for_type: bool,
}

impl<'a> Search<'a> {
    /// Puts those objects together that are alike. An object is in several groups if different things are wanted of it
    /// in which it is like different others.
    pub(super) fn kin(
        &self,
        by_object: IndexMap<&'a str, Starts<'a>>,
        of: &WantedOf<'_, 'a>,
    ) -> Vec<Kin<'a>> {
        let mut all: Vec<Kin<'a>> = Vec::new();
        for (object, starts) in by_object {
            let client = self.selected(object, of.client);
            let parts = match of.needed {
                Some(needed) => vec![self.selected(object, needed)],
                None => self.parts(object, of, client.clone()),
            };
            for wanted in parts {
                let new = Kin {
                    objects: vec![object],
                    starts: starts.clone(),
                    client: client.clone(),
                    wanted,
                };
                match all.iter_mut().find(|known| self.are_kin(known, &new)) {
                    Some(known) => known.objects.push(object),
                    None => all.push(new),
                }
            }
        }
        let mut merged: Vec<Kin<'a>> = Vec::new();
        for kin in all {
            match merged.iter_mut().find(|it| it.objects == kin.objects) {
                Some(known) => known.wanted.extend(kin.wanted),
                None => merged.push(kin),
            }
        }
        merged
    }

    /// What the client wants of an object: by itself what leads to interfaces and unions, and the rest.
    fn parts(
        &self,
        object: &str,
        of: &WantedOf<'_, 'a>,
        client: Vec<Wanted<'a>>,
    ) -> Vec<Vec<Wanted<'a>>> {
        // An object that clients cannot see is answered as null, for which its type is all that matters.
        if !self.schema.has_fields(object) {
            return vec![vec![Wanted::typename()]];
        }
        let (apart, mut rest): (Vec<_>, Vec<_>) = client
            .into_iter()
            .partition(|it| self.leads_to_abstract(object, it.name, &it.sets));
        if of.asks_for_type && !rest.iter().any(Wanted::is_typename) {
            rest.push(Wanted::typename());
        }
        let apart = apart.into_iter().map(|it| vec![it]);
        apart.chain([rest]).filter(|it| !it.is_empty()).collect()
    }

    fn leads_to_abstract(&self, object: &str, name: &str, sets: &[&'a SelectionSet]) -> bool {
        let Some(ty) = self.model.field_type(object, name) else {
            return false;
        };
        let inner = ty.inner_name();
        self.model.is_abstract(inner)
            || (self.model.is_composite(inner)
                && self
                    .selected(inner, sets)
                    .iter()
                    .any(|it| self.leads_to_abstract(inner, it.name, &it.sets)))
    }

    fn are_kin(&self, a: &Kin<'a>, b: &Kin<'a>) -> bool {
        let (object_a, object_b) = (a.objects[0], b.objects[0]);
        self.schema.has_fields(object_a) == self.schema.has_fields(object_b)
            && a.starts.len() == b.starts.len()
            && a.starts.iter().zip(&b.starts).all(|(a, b)| {
                a.0 == b.0
                    && a.1.graph == b.1.graph
                    && is_like_guise((object_a, a.1.type_name), (object_b, b.1.type_name))
                    && are_same_sets(&a.1.provided, &b.1.provided)
                    && !a.1.provided.iter().any(|it| depends_on_object(it))
            })
            && are_wanted_alike(&a.wanted, &b.wanted)
            && self.are_known_alike(a, b)
    }

    /// Whether subgraphs know both objects by the same keys, and have of both what is wanted and what that takes.
    fn are_known_alike(&self, kin_a: &Kin<'a>, kin_b: &Kin<'a>) -> bool {
        let (a, b) = (kin_a.objects[0], kin_b.objects[0]);
        let (guises_a, guises_b) = (self.model.guises(a), self.model.guises(b));
        if guises_a.len() != guises_b.len() {
            return false;
        }
        let mut names: Vec<&str> = kin_a.wanted.iter().map(|it| it.name).collect();
        for ((graph_a, guise_a), (graph_b, guise_b)) in guises_a.iter().zip(guises_b) {
            if graph_a != graph_b || !is_like_guise((a, guise_a), (b, guise_b)) {
                return false;
            }
            let parts = (
                self.model.part(*graph_a, guise_a),
                self.model.part(*graph_b, guise_b),
            );
            let (Some(part_a), Some(part_b)) = parts else {
                return false;
            };
            if part_a.keys != part_b.keys {
                return false;
            }
            for key in &part_a.keys {
                if !add_names(&key.fields, &mut names) {
                    return false;
                }
            }
        }
        let mut place = 0;
        while let Some(name) = names.get(place).copied() {
            // The client's own keys decide under which key a field can be fetched that is needed.
            let called = |kin: &Kin<'a>| {
                let mut client = kin.client.iter();
                client.find(|it| it.key == name).cloned()
            };
            if !are_wanted_alike(called(kin_a).as_slice(), called(kin_b).as_slice())
                || !self.is_field_alike(a, b, name, &mut names)
            {
                return false;
            }
            place += 1;
        }
        true
    }

    fn is_field_alike(&self, a: &'a str, b: &'a str, name: &str, names: &mut Vec<&'a str>) -> bool {
        if self.model.field_type(a, name) != self.model.field_type(b, name) {
            return false;
        }
        let guises = self.model.guises(a).iter().zip(self.model.guises(b));
        for ((graph, guise_a), (_, guise_b)) in guises {
            let part_a = self.model.part(*graph, guise_a);
            let part_b = self.model.part(*graph, guise_b);
            let field_a = part_a.and_then(|it| it.fields.get(name));
            if field_a != part_b.and_then(|it| it.fields.get(name)) {
                return false;
            }
            let required = field_a.and_then(|it| it.requires.as_ref());
            if required.is_some_and(|it| !add_names(it, names)) {
                return false;
            }
        }
        true
    }
}

/// Whether both are known by their own types, or by the same other.
fn is_like_guise((a, guise_a): (&str, &str), (b, guise_b): (&str, &str)) -> bool {
    match (guise_a == a, guise_b == b) {
        (true, true) => true,
        (false, false) => guise_a == guise_b,
        _ => false,
    }
}

fn are_wanted_alike(a: &[Wanted<'_>], b: &[Wanted<'_>]) -> bool {
    a.len() == b.len()
        && a.iter().zip(b).all(|(a, b)| {
            a.key == b.key
                && a.name == b.name
                && a.arguments == b.arguments
                && are_same_sets(&a.sets, &b.sets)
        })
}

fn are_same_sets(a: &[&SelectionSet], b: &[&SelectionSet]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| std::ptr::eq(*a, *b))
}

/// Whether a field set says different things of different objects.
fn depends_on_object(set: &SelectionSet) -> bool {
    let mut items = set.items.iter();
    items.any(|it| !matches!(it, Selection::Field(_)))
}

/// Adds the fields that a set names; answers false if they depend on the object.
fn add_names<'a>(set: &'a SelectionSet, names: &mut Vec<&'a str>) -> bool {
    for item in &set.items {
        match item {
            Selection::Field(field) => {
                if !names.contains(&field.name.as_str()) {
                    names.push(&field.name);
                }
            }
            Selection::InlineFragment(_) | Selection::FragmentSpread(_) => return false,
        }
    }
    true
}
