//! Turns what can be reached into fetches.

use graphql_tools::static_graphql::query::SelectionSet;
use hive_router_query_planner::ast::selection_item::SelectionItem;
use hive_router_query_planner::ast::selection_set::{
    FieldSelection, SelectionSet as PlanSelections,
};
use std::collections::BTreeSet;
use std::rc::Rc;

use super::draft::{Entry, FetchId, FetchKind, Selected, Site, add_items};
use super::positions::{How, PositionId, View};
use super::selections::narrowed;
use super::wanted::{Purpose, Wanted};
use super::{ENTITY, Failure, Search};

/// What was wanted, and where it comes from.
#[derive(Default)]
struct Had {
    /// As it is told to subgraphs; nothing if it is for the client.
    items: Vec<SelectionItem>,
    waits_for: BTreeSet<FetchId>,
}

impl<'a> Search<'a> {
    /// Fetches what the client wants of a position.
    pub(super) fn answer(&mut self, view: &View<'a>) -> Result<(), Failure> {
        let wanted = self.positions[view.position].wanted.clone();
        self.have(view, wanted, Purpose::Answer).map(|_| ())
    }

    /// Fetches what is wanted of a position.
    fn have(
        &mut self,
        view: &View<'a>,
        wanted: Vec<Wanted<'a>>,
        purpose: Purpose,
    ) -> Result<Had, Failure> {
        self.time.bail_if_cancelled()?;
        let mut choices = Vec::with_capacity(wanted.len());
        for wanted in wanted {
            let resolvers = self.resolvers(view, wanted.name)?;
            let choice = self.choice(view, &wanted, &resolvers, purpose)?;
            choices.push((choice, resolvers, wanted));
        }
        // What there is least choice about decides where the rest comes from.
        choices.sort_by_key(|(choice, ..)| *choice);
        let mut had = Had::default();
        for (_, resolvers, wanted) in choices {
            if resolvers.is_empty() {
                let object = self.positions[view.position].object();
                return Err(Failure::NoWay(format!("{object}.{}", wanted.name)));
            }
            if wanted.is_typename() {
                let place = self.cheapest(view, &resolvers, &wanted);
                let site = self.site(view.position, place)?;
                self.tell_type(&site);
                had.waits_for.insert(site.fetch);
                continue;
            }
            let below = match self.is_composite(view.position, &wanted) {
                true => self.have_below(view, &wanted, purpose)?,
                false => Had::default(),
            };
            if below.waits_for.is_empty() {
                let place = self.cheapest(view, &resolvers, &wanted);
                let (site, _) = self.select(view, place, &wanted)?;
                // Who is told of an entity is told its type.
                if purpose == Purpose::Entity {
                    self.tell_type(&site);
                }
                had.waits_for.insert(site.fetch);
            }
            had.waits_for.extend(below.waits_for);
            if purpose != Purpose::Answer {
                had.items.push(told(&wanted, below.items));
            }
        }
        Ok(had)
    }

    /// Fetches what is wanted of a field's objects.
    fn have_below(
        &mut self,
        view: &View<'a>,
        wanted: &Wanted<'a>,
        purpose: Purpose,
    ) -> Result<Had, Failure> {
        let children = self.children(view, wanted, purpose)?;
        let mut choices = Vec::new();
        for child in children.iter().flat_map(|it| it.iter()).copied() {
            let view = self.whole(child);
            let fields = self.wanted_below(&view, wanted, purpose);
            let least = self.least_choice(&view, &fields, purpose.inside())?;
            choices.push((least, child, fields));
        }
        choices.sort_by_key(|(choice, ..)| *choice);
        let mut had = Had::default();
        for (_, child, fields) in choices {
            let view = self.whole(child);
            let below = self.have(&view, fields, purpose.inside())?;
            had.waits_for.extend(below.waits_for);
            if purpose == Purpose::Answer {
                continue;
            }
            let position = &self.positions[child];
            if !position.is_abstract {
                add_items(&mut had.items, below.items);
                continue;
            }
            for object in &position.objects {
                had.items.push(narrowed(object, below.items.clone()));
            }
        }
        Ok(had)
    }

    /// What is wanted of one of the objects of a field.
    pub(super) fn wanted_below(
        &mut self,
        child: &View<'a>,
        wanted: &Wanted<'a>,
        purpose: Purpose,
    ) -> Vec<Wanted<'a>> {
        let position = &self.positions[child.position];
        let is_hidden = !self.schema.has_fields(position.object());
        let asks_for_type = purpose != Purpose::Answer
            && position.is_abstract
            && self
                .fragments
                .depends_on_type(position.declared, &wanted.sets);
        let mut fields = match purpose {
            Purpose::Answer => position.wanted.clone(),
            Purpose::Entity | Purpose::Inside => self.needed(child.position, &wanted.sets),
        };
        if asks_for_type && !fields.iter().any(Wanted::is_typename) {
            fields.push(Wanted::typename());
        }
        if (asks_for_type || is_hidden) && !self.knows_type(child) {
            fields.retain(|it| !it.is_typename());
        }
        fields
    }

    /// Selects a field at a reached place. Gives the sites of its object and of what is selected of it.
    fn select(
        &mut self,
        view: &View<'a>,
        place: usize,
        wanted: &Wanted<'a>,
    ) -> Result<(Site, Site), Failure> {
        let Some(field) = self.field(view.position, place, wanted.name) else {
            return Err(Failure::NoWay(wanted.name.to_owned()));
        };
        let selected = Selected {
            name: wanted.name,
            arguments: wanted.arguments.clone(),
            ty: &field.ty,
            below: None,
        };
        let is_composite = self.is_composite(view.position, wanted);
        let site = match &field.requires {
            Some(required) => self.enter(view, place, wanted.name, Some(required))?,
            None => self.site(view.position, place)?,
        };
        let position = &self.positions[view.position];
        let type_name = position.reached[place].place.type_name;
        let guises = match type_name == position.object() {
            true => position.objects.clone(),
            false => vec![type_name],
        };
        let below = |site: Site, nodes: Vec<usize>| {
            let fetch = site.fetch;
            let nodes = nodes.into();
            (site, Site { fetch, nodes })
        };
        let key = &wanted.key;
        let draft = &mut self.draft;
        if let Ok(nodes) = draft.select(&site.nodes, &guises, key, &selected, is_composite) {
            return Ok(below(site, nodes));
        }
        // The subgraph knows objects that are different for the client by one type: each is asked for on its own. A fetch
        // for the sake of a requirement is that already.
        let site = self.enter(view, place, "", None)?;
        let draft = &mut self.draft;
        let nodes = draft
            .select(&site.nodes, &guises, key, &selected, is_composite)
            .map_err(|_| Failure::NoWay(format!("{} again", wanted.name)))?;
        Ok(below(site, nodes))
    }

    /// Where a reached place is fetched.
    fn site(&mut self, id: PositionId, place: usize) -> Result<Site, Failure> {
        let reached = &self.positions[id].reached[place];
        if let Some(site) = &reached.site {
            return Ok(site.clone());
        }
        let (graph, type_name) = (reached.place.graph, reached.place.type_name);
        let how = reached.how.clone();
        let site = match how {
            How::Root => {
                let kind = FetchKind::Root(self.kind);
                self.draft
                    .fetch(graph, Vec::new(), kind, &BTreeSet::new(), type_name)
            }
            How::RootBelow => {
                let mut waits_for = self.waits_for_gates(id)?;
                waits_for.insert(self.site(id, 0)?.fetch);
                let path = self.positions[id].path.clone();
                let kind = FetchKind::Root(self.kind_of(type_name));
                self.draft.fetch(graph, path, kind, &waits_for, type_name)
            }
            How::Field(step) => {
                let (_, site) = self.select(&step.from, step.place, &step.wanted)?;
                site
            }
            How::Entity(entry) => {
                let view = View {
                    reach: entry.reach,
                    ..self.whole(id)
                };
                self.fetch_entities(&view, graph, entry.told_type, &[entry.key])?
            }
        };
        self.positions[id].reached[place].site = Some(site.clone());
        Ok(site)
    }

    /// Lets a site tell the type of its objects. Of entities it is known, unless that is what they are asked for.
    fn tell_type(&mut self, site: &Site) {
        for node in site.nodes.iter() {
            let node = &mut self.draft.nodes[*node];
            node.tells_type |= node.declared != ENTITY;
        }
    }

    /// Asks for the object once more where it is reached, and tells the subgraph what a field requires.
    fn enter(
        &mut self,
        view: &View<'a>,
        place: usize,
        field: &'a str,
        required: Option<&'a SelectionSet>,
    ) -> Result<Site, Failure> {
        let entry = (place, field, view.reach, Rc::clone(&view.asking));
        if let Some(site) = self.positions[view.position].entered.get(&entry) {
            return Ok(site.clone());
        }
        let asking = required.and_then(|_| self.asking(view, place, field));
        let asking = asking.unwrap_or_else(|| view.clone());
        let at = &self.positions[view.position].reached[place].place;
        let (graph, type_name) = (at.graph, at.type_name);
        let Some(key) = self.key_of(&asking, place)? else {
            return Err(Failure::NoWay(format!("a key of {type_name}")));
        };
        let sets: Vec<&SelectionSet> = [key].into_iter().chain(required).collect();
        let site = self.fetch_entities(&asking, graph, type_name, &sets)?;
        self.positions[view.position]
            .entered
            .insert(entry, site.clone());
        Ok(site)
    }

    /// Adds a fetch of a position's object, which tells the subgraph what field sets select.
    fn fetch_entities(
        &mut self,
        view: &View<'a>,
        graph: usize,
        told_type: &'a str,
        sets: &[&'a SelectionSet],
    ) -> Result<Site, Failure> {
        let mut needed = self.needed(view.position, sets);
        let position = &self.positions[view.position];
        let is_abstract = position.is_abstract;
        let path = position.path.clone();
        let objects = position.objects.clone();
        let is_own = told_type == position.object();
        // An interface that is told to learn the object's type is told for all objects.
        let is_told = is_own
            || (!self.model.is_interface(graph, told_type)
                && (!is_abstract || (!position.is_uniform && self.knows_type(view))));
        if is_told && (is_abstract || is_own) && !needed.iter().any(Wanted::is_typename) {
            needed.push(Wanted::typename());
        }
        let had = self.have(view, needed, Purpose::Entity)?;
        let mut waits_for = had.waits_for;
        waits_for.extend(self.waits_for_gates(view.position)?);
        let entry = Entry {
            told_type: (!is_own).then_some(told_type),
            objects: if is_told { objects } else { Vec::new() },
            is_conditional: is_told && is_abstract,
            requires: had.items,
        };
        let kind = FetchKind::Entities(entry);
        let site = self.draft.fetch(graph, path, kind, &waits_for, ENTITY);
        for node in site.nodes.iter() {
            self.draft.nodes[*node].tells_type = self.model.is_interface(graph, told_type);
        }
        Ok(site)
    }

    /// What tells the types on the way to a position.
    fn waits_for_gates(&mut self, id: PositionId) -> Result<BTreeSet<FetchId>, Failure> {
        let mut waits_for = BTreeSet::new();
        for gate in self.positions[id].gates.clone() {
            let had = self.have(&gate, vec![Wanted::typename()], Purpose::Inside)?;
            waits_for.extend(had.waits_for);
        }
        Ok(waits_for)
    }
}

/// A field as it is told to a subgraph: under its name, whatever the key under which it was fetched.
fn told(wanted: &Wanted<'_>, below: Vec<SelectionItem>) -> SelectionItem {
    SelectionItem::Field(FieldSelection {
        name: wanted.key.clone(),
        selections: PlanSelections { items: below },
        alias: (wanted.key != wanted.name).then(|| wanted.name.to_owned()),
        ..FieldSelection::default()
    })
}
