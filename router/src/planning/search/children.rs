//! The positions to which fields lead.

use graphql_tools::static_graphql::query::SelectionSet;
use indexmap::IndexMap;
use std::rc::Rc;

use super::kin::{Kin, Starts, WantedOf};
use super::model::Place;
use super::positions::{How, Position, PositionId, Reached, Step, View};
use super::sources::{Lead, are_same};
use super::wanted::{Purpose, Wanted};
use super::{Failure, Search};
use crate::planning::TypeRef;
use crate::planning::plan::FlattenSegment;

impl<'a> Search<'a> {
    /// The positions to which a field leads, for all objects that may be there; `None` if nobody answers for it.
    pub(super) fn children(
        &mut self,
        view: &View<'a>,
        wanted: &Wanted<'a>,
        purpose: Purpose,
    ) -> Result<Option<Rc<[PositionId]>>, Failure> {
        let sets = wanted
            .sets
            .iter()
            .map(|set| std::ptr::from_ref(*set).addr());
        let known = (
            wanted.key.clone(),
            purpose == Purpose::Answer,
            sets.collect(),
            view.reach,
            Rc::clone(&view.asking),
        );
        if let Some(children) = self.positions[view.position].children.get(&known) {
            return Ok(Some(Rc::clone(children)));
        }
        let resolvers = self.resolvers(view, wanted.name)?;
        if resolvers.is_empty() {
            return Ok(None);
        }
        let leads = self.leads(view, wanted, &resolvers);
        let children = match are_same(&leads) {
            true => self.led_to(view, wanted, purpose, &leads)?,
            false => self.led_to_by_one(view, wanted, purpose, leads)?,
        };
        let children: Rc<[PositionId]> = children.into();
        self.positions[view.position]
            .children
            .insert(known, Rc::clone(&children));
        Ok(Some(children))
    }

    /// A position for all objects that are alike among those to which places lead.
    pub(super) fn led_to(
        &mut self,
        view: &View<'a>,
        wanted: &Wanted<'a>,
        purpose: Purpose,
        leads: &[Lead<'a>],
    ) -> Result<Vec<PositionId>, Failure> {
        let mut by_object: IndexMap<&'a str, Starts<'a>> = IndexMap::new();
        for lead in leads {
            for (object, next) in &lead.objects {
                let starts = by_object.entry(object).or_default();
                starts.push((lead.place, next.clone()));
            }
        }
        let below = Below::new(self, view, wanted, &by_object);
        let of = WantedOf {
            client: &below.client,
            needed: (purpose != Purpose::Answer).then_some(&wanted.sets),
            asks_for_type: below.asks_for_type,
        };
        let mut children = Vec::new();
        for kin in self.kin(by_object, &of) {
            children.push(self.child(view, wanted, &below, kin)?);
        }
        Ok(children)
    }

    fn child(
        &mut self,
        view: &View<'a>,
        wanted: &Wanted<'a>,
        below: &Below<'a>,
        kin: Kin<'a>,
    ) -> Result<PositionId, Failure> {
        let (mut path, gates) = self.way_below(view, &kin.starts);
        path.push(FlattenSegment::Field(wanted.key.clone()));
        path.extend((0..below.lists).map(|_| FlattenSegment::List));
        let reached = kin.starts.into_iter().map(|(place, next)| Reached {
            place: next,
            how: How::Field(Rc::new(Step {
                from: view.clone(),
                place,
                wanted: wanted.clone(),
            })),
            site: None,
        });
        let position = Position {
            objects: kin.objects,
            path,
            gates,
            declared: below.declared,
            is_abstract: below.is_abstract,
            is_uniform: below.is_uniform,
            client: kin.client,
            wanted: kin.wanted,
            asking: Rc::clone(&view.asking),
            reached: reached.collect(),
            children: Default::default(),
            entered: Default::default(),
        };
        self.positions.push(position);
        let id = self.positions.len() - 1;
        self.close(id)?;
        Ok(id)
    }

    /// The path on which children lie, and where types must be known before. The object's own type is a condition on
    /// it, unless nobody needs to know it.
    fn way_below(
        &self,
        view: &View<'a>,
        starts: &[(usize, Place<'a>)],
    ) -> (Vec<FlattenSegment>, Vec<View<'a>>) {
        let parent = &self.positions[view.position];
        let (mut path, mut gates) = (parent.path.clone(), parent.gates.clone());
        let is_untold = |place: usize| {
            let reached = &parent.reached[place];
            matches!(reached.how, How::Field(_)) && reached.place.type_name != parent.object()
        };
        let is_uniform = parent.is_uniform && starts.iter().all(|(place, _)| is_untold(*place));
        if parent.is_abstract && !is_uniform && self.knows_type(view) {
            let own = parent.objects.iter().map(|it| (*it).to_owned());
            path.push(FlattenSegment::TypeCondition(own.collect()));
            gates.push(view.clone());
        }
        (path, gates)
    }
}

/// What the children of a field have in common.
struct Below<'a> {
    lists: usize,
    /// The field's type.
    declared: &'a str,
    is_abstract: bool,
    is_uniform: bool,
    /// What the client wants of them.
    client: Vec<&'a SelectionSet>,
    /// Whether the client's answer depends on their type.
    asks_for_type: bool,
}

impl<'a> Below<'a> {
    fn new(
        search: &Search<'a>,
        view: &View<'a>,
        wanted: &Wanted<'a>,
        by_object: &IndexMap<&'a str, Starts<'a>>,
    ) -> Self {
        let position = &search.positions[view.position];
        let ty = search.field_type(view.position, wanted);
        let own = position.client.iter().find(|it| it.key == wanted.key);
        let client = own.map_or_else(Vec::new, |it| it.sets.clone());
        let declared: &'a str = ty.map_or("", |ty| ty.inner_name());
        let is_abstract = search.model.is_abstract(declared);
        let depends_on_type = |sets: &[_]| search.fragments.depends_on_type(declared, sets);
        let mut starts = by_object.iter();
        Below {
            lists: ty.map_or(0, lists),
            declared,
            is_abstract,
            is_uniform: !depends_on_type(&client)
                && !depends_on_type(&wanted.sets)
                && starts.all(|(object, it)| it.iter().all(|(_, at)| at.type_name != *object)),
            asks_for_type: is_abstract && depends_on_type(&client),
            client,
        }
    }
}

fn lists(ty: &TypeRef) -> usize {
    match ty {
        TypeRef::Named(_) => 0,
        TypeRef::NonNull(inner) => lists(inner),
        TypeRef::List(inner) => 1 + lists(inner),
    }
}
