//! Where an object can be had, and what it takes to get there.

use graphql_tools::static_graphql::query::SelectionSet;
use rustc_hash::FxHashMap;
use std::rc::Rc;

use super::draft::Site;
use super::model::{GraphIndex, Place};
use super::wanted::Wanted;
use crate::planning::plan::FlattenSegment;

/// A position's place in the list of positions.
pub(super) type PositionId = usize;

/// A subgraph's field that requires others.
pub(super) type Requirement<'a> = (GraphIndex, &'a str, &'a str);

/// The requirements that are being looked for. They are no way to themselves.
pub(super) type Asking<'a> = Rc<[Requirement<'a>]>;

/// A position, as far as it may be used: by the first places that were reached, and not by way of what is being looked
/// for. What is found so can be fetched, for it needs only what was found before.
#[derive(Clone)]
pub(super) struct View<'a> {
    pub position: PositionId,
    /// How many of the reached places may be used.
    pub reach: usize,
    pub asking: Asking<'a>,
}

/// An object at a place in the answer, and all places in subgraphs where it can be had.
pub(super) struct Position<'a> {
    /// The object, and others that are like it.
    pub objects: Vec<&'a str>,
    /// Its place in the answer, without a condition on its own type.
    pub path: Vec<FlattenSegment>,
    /// Where types must be known before places on the path can be told apart.
    pub gates: Vec<View<'a>>,
    /// The type of the field that leads there.
    pub declared: &'a str,
    /// Whether other objects may stand at the place.
    pub is_abstract: bool,
    /// Whether all objects that may stand there are wanted and come in the same way, so that nobody needs to know which
    /// it is.
    pub is_uniform: bool,
    /// What the client wants of it, here or at another position of the object.
    pub client: Vec<Wanted<'a>>,
    /// What of that is fetched from here.
    pub wanted: Vec<Wanted<'a>>,
    pub asking: Asking<'a>,
    pub reached: Vec<Reached<'a>>,
    pub children: FxHashMap<ChildKey<'a>, Rc<[PositionId]>>,
    /// Where the object is fetched anew.
    pub entered: FxHashMap<EntryKey<'a>, Site>,
}

impl<'a> Position<'a> {
    /// The object, for all that are like it.
    pub fn object(&self) -> &'a str {
        self.objects[0]
    }
}

/// A field's key, whether it is for the client, what is wanted of it (told by the addresses of the field sets), and the
/// view in which it was looked at.
pub(super) type ChildKey<'a> = (String, bool, Vec<usize>, usize, Asking<'a>);

/// The reached place, the field for whose sake it is entered, and the view in which that was looked at.
pub(super) type EntryKey<'a> = (usize, &'a str, usize, Asking<'a>);

/// A place that can be reached.
pub(super) struct Reached<'a> {
    pub place: Place<'a>,
    pub how: How<'a>,
    /// Where it is fetched, once it is.
    pub site: Option<Site>,
}

/// How a place is reached.
#[derive(Clone)]
pub(super) enum How<'a> {
    /// As an operation's root.
    Root,
    /// As a root, asked anew below a field.
    RootBelow,
    /// By a field.
    Field(Rc<Step<'a>>),
    /// As an entity.
    Entity(Rc<Move<'a>>),
}

/// A field of another position.
pub(super) struct Step<'a> {
    pub from: View<'a>,
    /// Which of its places answers for the field.
    pub place: usize,
    pub wanted: Wanted<'a>,
}

/// An entity that is asked for by a key.
pub(super) struct Move<'a> {
    /// The type that the subgraph is told.
    pub told_type: &'a str,
    pub key: &'a SelectionSet,
    /// How many of the position's places the key is gathered from.
    pub reach: usize,
    /// How many moves come one after the other.
    pub round: usize,
}
