//! What can be reached from where an object is had: by keys into other subgraphs, and from there by fields. Composition
//! asks the same of every graph, so that what composes can be planned.

use graphql_tools::static_graphql::query::SelectionSet;
use std::rc::Rc;

use super::model::{Field, GraphIndex, Place};
use super::positions::{How, Move, PositionId, Reached, Requirement, View};
use super::wanted::{Purpose, Wanted};
use super::{Failure, Search};
use crate::planning::TypeRef;

impl<'a> Search<'a> {
    /// Everything that can be had of a position.
    pub(super) fn whole(&self, id: PositionId) -> View<'a> {
        let position = &self.positions[id];
        View {
            position: id,
            reach: position.reached.len(),
            asking: Rc::clone(&position.asking),
        }
    }

    /// The field at a reached place, if its subgraph answers for it.
    pub(super) fn field(&self, id: PositionId, place: usize, name: &str) -> Option<&'a Field> {
        let position = &self.positions[id];
        let place = &position.reached[place].place;
        self.model.resolver(place, position.object(), name)
    }

    /// The places that answer for a field, or that know the object's type if that is the field.
    pub(super) fn resolvers(&mut self, view: &View<'a>, name: &str) -> Result<Vec<usize>, Failure> {
        if name == "__typename" {
            return Ok(self.knowing_type(view));
        }
        let mut found = Vec::new();
        for place in 0..view.reach {
            if let Some(field) = self.field(view.position, place, name)
                && self.has_required(view, place, name, field)?
            {
                found.push(place);
            }
        }
        Ok(found)
    }

    fn knowing_type(&self, view: &View<'a>) -> Vec<usize> {
        let position = &self.positions[view.position];
        let knows = |place: &usize| position.reached[*place].place.type_name == position.object();
        (0..view.reach).filter(knows).collect()
    }

    pub(super) fn knows_type(&self, view: &View<'a>) -> bool {
        !self.knowing_type(view).is_empty()
    }

    /// Whether what the field requires can be brought to its subgraph.
    fn has_required(
        &mut self,
        view: &View<'a>,
        place: usize,
        name: &str,
        field: &'a Field,
    ) -> Result<bool, Failure> {
        let Some(required) = &field.requires else {
            return Ok(true);
        };
        let Some(asking) = self.asking(view, place, name) else {
            return Ok(false);
        };
        Ok(self.can_have(&asking, &[required])? && self.key_of(&asking, place)?.is_some())
    }

    /// The view in which the requirements of a field are looked for; `None` if they are being looked for already.
    pub(super) fn asking(&self, view: &View<'a>, place: usize, name: &str) -> Option<View<'a>> {
        let at = &self.positions[view.position].reached[place].place;
        let part = self.model.part(at.graph, at.type_name)?;
        let (name, _) = part.fields.get_key_value(name)?;
        let requirement: Requirement<'a> = (at.graph, at.type_name, name);
        if view.asking.contains(&requirement) {
            return None;
        }
        let all = view.asking.iter().copied().chain([requirement]);
        Some(View {
            asking: all.collect(),
            ..view.clone()
        })
    }

    /// A key by which the object can be asked for again where it is reached.
    pub(super) fn key_of(
        &mut self,
        view: &View<'a>,
        place: usize,
    ) -> Result<Option<&'a SelectionSet>, Failure> {
        let at = &self.positions[view.position].reached[place].place;
        let (graph, type_name) = (at.graph, at.type_name);
        self.key(view, graph, type_name)
    }

    fn key(
        &mut self,
        view: &View<'a>,
        graph: GraphIndex,
        type_name: &str,
    ) -> Result<Option<&'a SelectionSet>, Failure> {
        let part = self.model.part(graph, type_name);
        for key in part.into_iter().flat_map(|part| &part.keys) {
            if key.is_resolvable && self.can_have(view, &[&key.fields])? {
                return Ok(Some(&key.fields));
            }
        }
        Ok(None)
    }

    /// Whether everything that field sets select can be had.
    pub(super) fn can_have(
        &mut self,
        view: &View<'a>,
        sets: &[&'a SelectionSet],
    ) -> Result<bool, Failure> {
        self.time.bail_if_cancelled()?;
        for wanted in self.needed(view.position, sets) {
            if !self.can_have_field(view, &wanted)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Whether a field can be had, with everything that is wanted below it.
    pub(super) fn can_have_field(
        &mut self,
        view: &View<'a>,
        wanted: &Wanted<'a>,
    ) -> Result<bool, Failure> {
        if !self.is_composite(view.position, wanted) {
            return Ok(!self.resolvers(view, wanted.name)?.is_empty());
        }
        let Some(children) = self.children(view, wanted, Purpose::Inside)? else {
            return Ok(false);
        };
        for child in children.iter() {
            let view = self.whole(*child);
            if !self.can_have(&view, &wanted.sets)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// What field sets say of a position's object.
    pub(super) fn needed(&mut self, id: PositionId, sets: &[&'a SelectionSet]) -> Vec<Wanted<'a>> {
        let position = &self.positions[id];
        self.needs
            .of(&self.fragments, position.object(), sets, &position.client)
    }

    pub(super) fn is_composite(&self, id: PositionId, wanted: &Wanted<'a>) -> bool {
        self.field_type(id, wanted)
            .is_some_and(|ty| self.model.is_composite(ty.inner_name()))
    }

    pub(super) fn field_type(&self, id: PositionId, wanted: &Wanted<'a>) -> Option<&'a TypeRef> {
        self.model
            .field_type(self.positions[id].object(), wanted.name)
    }

    /// Finds all places that can be reached from those where the position starts.
    pub(super) fn close(&mut self, id: PositionId) -> Result<(), Failure> {
        let object = self.positions[id].object();
        let is_root = self.model.roots.iter().any(|it| it == object);
        let mut round = 1;
        loop {
            self.time.bail_if_cancelled()?;
            let view = self.whole(id);
            let mut found = Vec::new();
            for (graph, guise) in self.model.guises(object) {
                let mut reached = self.positions[id].reached.iter();
                if reached.any(|it| it.place.graph == *graph && it.place.type_name == guise) {
                    continue;
                }
                let how = match is_root {
                    true => Some(How::RootBelow),
                    false => {
                        let entry = self.entry(&view, *graph, guise, round)?;
                        entry.map(|entry| How::Entity(Rc::new(entry)))
                    }
                };
                found.extend(how.map(|how| Reached {
                    place: Place {
                        graph: *graph,
                        type_name: guise,
                        provided: Vec::new(),
                    },
                    how,
                    site: None,
                }));
            }
            if found.is_empty() {
                return Ok(());
            }
            self.positions[id].reached.extend(found);
            round += 1;
        }
    }

    /// How the object can be asked for in another subgraph.
    fn entry(
        &mut self,
        view: &View<'a>,
        graph: GraphIndex,
        guise: &'a str,
        round: usize,
    ) -> Result<Option<Move<'a>>, Failure> {
        let object = self.positions[view.position].object();
        let mut told_types = vec![guise];
        if guise == object && !self.knows_type(view) {
            // Only who has a key of the interface can tell what the interface object is.
            let reached = self.positions[view.position].reached[..view.reach].iter();
            let guises = reached.map(|it| it.place.type_name);
            told_types = guises
                .filter(|it| self.model.is_interface(graph, it))
                .collect();
        }
        for told_type in told_types {
            if let Some(key) = self.key(view, graph, told_type)? {
                return Ok(Some(Move {
                    told_type,
                    key,
                    reach: view.reach,
                    round,
                }));
            }
        }
        Ok(None)
    }
}
