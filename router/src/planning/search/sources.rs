//! Fields that lead to different objects in different subgraphs, as where a union has other members there.
//!
//! Such a field's value is that of one subgraph. What another answers for the same field may be other objects, so theirs
//! are not put together unless there is no other way to have what is wanted of them; the executor refuses to take
//! objects of different types for one.

use super::model::{GraphIndex, Place};
use super::positions::{PositionId, View};
use super::wanted::{Purpose, Wanted};
use super::{Failure, Search};
use crate::planning::plan::FlattenSegment;

/// A field's place in the answer, and the object on which it is.
pub(super) type FieldPath<'a> = (Vec<FlattenSegment>, &'a str, String);

/// The objects to which one place of a field leads.
#[derive(Clone)]
pub(super) struct Lead<'a> {
    pub place: usize,
    pub objects: Vec<(&'a str, Place<'a>)>,
}

impl Lead<'_> {
    fn knows(&self, object: &str) -> bool {
        self.objects.iter().any(|(known, _)| *known == object)
    }
}

/// Whether all lead to the same objects.
pub(super) fn are_same(leads: &[Lead<'_>]) -> bool {
    leads.iter().skip(1).all(|lead| {
        lead.objects.len() == leads[0].objects.len()
            && lead
                .objects
                .iter()
                .all(|(object, _)| leads[0].knows(object))
    })
}

impl<'a> Search<'a> {
    /// Where the places of a field lead.
    pub(super) fn leads(
        &self,
        view: &View<'a>,
        wanted: &Wanted<'a>,
        places: &[usize],
    ) -> Vec<Lead<'a>> {
        let position = &self.positions[view.position];
        let lead = |place: &usize| {
            let field = self.field(view.position, *place, wanted.name)?;
            let at = &position.reached[*place].place;
            let objects = self.model.follow(at, position.object(), wanted.name, field);
            Some(Lead {
                place: *place,
                objects: objects.collect(),
            })
        };
        places.iter().filter_map(lead).collect()
    }

    /// The positions to which a field leads from one place, the cheapest from which everything can be had that is wanted
    /// below; from all places if there is none, but only for the objects that one of them knows.
    pub(super) fn led_to_by_one(
        &mut self,
        view: &View<'a>,
        wanted: &Wanted<'a>,
        purpose: Purpose,
        mut leads: Vec<Lead<'a>>,
    ) -> Result<Vec<PositionId>, Failure> {
        // An interface that nothing implements there answers with nothing.
        leads.retain(|it| !it.objects.is_empty());
        let position = &self.positions[view.position];
        let path: FieldPath<'a> = (position.path.clone(), position.object(), wanted.key.clone());
        // What is told to subgraphs comes from where the client's answer comes, and the other way round.
        let earlier = self.sources.get(&path).copied();
        let graph = |lead: &Lead<'_>| position.reached[lead.place].place.graph;
        leads.sort_by_key(|lead| {
            let is_other = earlier.is_some_and(|it| it != graph(lead));
            (is_other, self.cost(view.position, lead.place))
        });
        for lead in leads.clone() {
            let graph: GraphIndex = self.positions[view.position].reached[lead.place]
                .place
                .graph;
            let children = self.led_to(view, wanted, purpose, &[lead])?;
            if self.have_all(&children, wanted, purpose)? {
                self.sources.entry(path).or_insert(graph);
                return Ok(children);
            }
        }
        let mut least = None;
        for lead in &leads {
            let known = leads.iter().map(|it| Lead {
                place: it.place,
                objects: it
                    .objects
                    .iter()
                    .filter(|(object, _)| lead.knows(object))
                    .cloned()
                    .collect(),
            });
            let known: Vec<Lead<'a>> = known.collect();
            let children = self.led_to(view, wanted, purpose, &known)?;
            if self.have_all(&children, wanted, purpose)? {
                return Ok(children);
            }
            least.get_or_insert(children);
        }
        Ok(least.unwrap_or_default())
    }

    /// Whether everything can be had that is wanted of the objects of a field.
    fn have_all(
        &mut self,
        children: &[PositionId],
        wanted: &Wanted<'a>,
        purpose: Purpose,
    ) -> Result<bool, Failure> {
        for child in children {
            let view = self.whole(*child);
            for wanted in self.wanted_below(&view, wanted, purpose) {
                if !self.can_have_field(&view, &wanted)? {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }
}
