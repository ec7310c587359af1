//! What can be reached from where a query stands: by keys into other subgraphs, and from there by fields.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashMap, HashSet};

use super::positions::{Graphs, Position, Positions};
use super::selection::{Selected, Selection};
use crate::composition::model::{Field, GraphIndex, Kind};

/// Finds ways. What is being looked for already is no way to itself: such a search may find less than there is, and what
/// it does not find is not remembered.
pub(super) struct Reach<'a> {
    pub graphs: Graphs<'a>,
    moving: RefCell<HashMap<Moved, Positions>>,
    moved: RefCell<HashMap<Moved, Positions>>,
    requiring: RefCell<HashSet<Requiring>>,
    required: RefCell<HashMap<(Requiring, Moved), bool>>,
    /// Whether a search has come upon itself.
    cut_short: Cell<bool>,
}

/// An object and where it is.
type Moved = (String, Position);

/// A subgraph's field that requires others.
type Requiring = (GraphIndex, String, String);

impl<'a> Reach<'a> {
    pub fn new(graphs: Graphs<'a>) -> Self {
        Reach {
            graphs,
            moving: RefCell::default(),
            moved: RefCell::default(),
            requiring: RefCell::default(),
            required: RefCell::default(),
            cut_short: Cell::new(false),
        }
    }

    /// All places where an object can be had that is at these places.
    pub fn closure(&self, object: &str, from: &Positions) -> Positions {
        if matches!(object, "Query" | "Mutation" | "Subscription") {
            let mut reached = from.clone();
            reached.extend(self.roots(object));
            return reached;
        }
        let each = from.iter().map(|it| self.closure_of_one(object, it));
        each.flatten().collect()
    }

    /// All places where an object can be had that is at this place. What is told to a subgraph on the way is gathered
    /// from here, and not from other places where the object happens to be as well: no planner looks there.
    fn closure_of_one(&self, object: &str, from: &Position) -> Positions {
        let active = (object.to_owned(), from.clone());
        if let Some(known) = self.moved.borrow().get(&active) {
            return known.clone();
        }
        if let Some(so_far) = self.moving.borrow().get(&active) {
            self.cut_short.set(true);
            return so_far.clone();
        }
        let mut reached = Positions::from([from.clone()]);
        let before = self.cut_short.replace(false);
        self.moving
            .borrow_mut()
            .insert(active.clone(), reached.clone());
        while let Some(next) = self.next_move(object, &reached) {
            reached.insert(next);
            self.moving
                .borrow_mut()
                .insert(active.clone(), reached.clone());
        }
        self.moving.borrow_mut().remove(&active);
        if !self.cut_short.get() {
            self.moved.borrow_mut().insert(active, reached.clone());
        }
        self.cut_short.set(before || self.cut_short.get());
        reached
    }

    /// Every subgraph can be asked anew at a root.
    pub fn roots(&self, root: &str) -> Positions {
        let having = |graph: &GraphIndex| self.graphs.ty(*graph, root).is_some();
        let graphs = 0..self.graphs.subgraphs.len();
        let position = |graph| Position {
            graph,
            type_name: root.to_owned(),
            provided: Selection::default(),
        };
        graphs.filter(having).map(position).collect()
    }

    fn next_move(&self, object: &str, reached: &Positions) -> Option<Position> {
        for graph in 0..self.graphs.subgraphs.len() {
            for type_name in self.graphs.guises(graph, object) {
                let is_new = !reached
                    .iter()
                    .any(|it| it.graph == graph && it.type_name == type_name);
                if is_new && self.can_enter(object, reached, graph, type_name) {
                    return Some(Position {
                        graph,
                        type_name: type_name.to_owned(),
                        provided: Selection::default(),
                    });
                }
            }
        }
        None
    }

    fn can_enter(
        &self,
        object: &str,
        reached: &Positions,
        graph: GraphIndex,
        type_name: &str,
    ) -> bool {
        let by_key = |type_name: &str| {
            let ty = self.graphs.ty(graph, type_name);
            let keys = ty.into_iter().flat_map(|ty| &ty.keys);
            keys.filter(|key| key.resolvable)
                .any(|key| self.can_have(object, reached, &Selection::read(&key.fields)))
        };
        if type_name != object || self.knows_type(object, reached) {
            return by_key(type_name);
        }
        // Only who has a key of the interface can tell what the interface object is.
        let mut interfaces = reached.iter().map(|it| it.type_name.as_str());
        interfaces.any(|interface| {
            let ty = self.graphs.ty(graph, interface);
            ty.is_some_and(|ty| ty.kind == Kind::Interface) && by_key(interface)
        })
    }

    /// Whether some subgraph can tell the object's own type.
    pub fn knows_type(&self, object: &str, reached: &Positions) -> bool {
        reached.iter().any(|it| it.type_name == object)
    }

    /// Whether everything that is selected can be had, from these places and from where it leads.
    pub fn can_have(&self, object: &str, reached: &Positions, selection: &Selection) -> bool {
        selection.0.iter().all(|selected| match selected {
            Selected::On { type_name, below } => {
                !self.graphs.fits(object, type_name) || self.can_have(object, reached, below)
            }
            Selected::Field { name, .. } if name == "__typename" => {
                self.knows_type(object, reached)
            }
            Selected::Field { name, below } => {
                let Some(next) = self.advance(object, reached, name) else {
                    return false;
                };
                below.is_empty()
                    || next.iter().all(|(object, positions)| {
                        let reached = self.closure(object, positions);
                        self.can_have(object, &reached, below)
                    })
            }
        })
    }

    /// Where a field leads from these places, by the objects that may be there; `None` if none of them answers for it.
    pub fn advance(
        &self,
        object: &str,
        reached: &Positions,
        name: &str,
    ) -> Option<BTreeMap<String, Positions>> {
        let mut next = BTreeMap::new();
        let mut is_answered = false;
        for at in reached {
            if let Some(field) = self.graphs.resolver(at, object, name)
                && self.has_required(object, at, name, field)
            {
                is_answered = true;
                self.graphs.follow(at, object, name, field, &mut next);
            }
        }
        is_answered.then_some(next)
    }

    /// Whether what the field requires can be brought to its subgraph.
    fn has_required(&self, object: &str, at: &Position, name: &str, field: &Field) -> bool {
        let Some(required) = &field.requires else {
            return true;
        };
        let active = (at.graph, at.type_name.clone(), name.to_owned());
        let asked = (active.clone(), (object.to_owned(), at.clone()));
        if let Some(known) = self.required.borrow().get(&asked) {
            return *known;
        }
        if !self.requiring.borrow_mut().insert(active.clone()) {
            self.cut_short.set(true);
            return false;
        }
        let before = self.cut_short.replace(false);
        let reached = &self.closure_of_one(object, at);
        let ty = self.graphs.ty(at.graph, &at.type_name);
        // It is told in a representation, with a key.
        let mut keys = ty.into_iter().flat_map(|ty| &ty.keys);
        let has = keys.any(|key| {
            key.resolvable && self.can_have(object, reached, &Selection::read(&key.fields))
        }) && self.can_have(object, reached, &Selection::read(required));
        self.requiring.borrow_mut().remove(&active);
        if has || !self.cut_short.get() {
            self.required.borrow_mut().insert(asked, has);
        }
        self.cut_short.set(before || self.cut_short.get());
        has
    }
}
