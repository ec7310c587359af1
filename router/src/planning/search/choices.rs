//! Which of the places a field comes from that have it: what there is least choice about decides first, and everything
//! else comes from where it then costs least.

use super::positions::{How, PositionId, View};
use super::sources::are_same;
use super::wanted::{Purpose, Wanted};
use super::{Failure, Search};

/// What is decided first. Neither always leads to fewer fetches than the other.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// What can be had from the fewest of the places where a search starts; a move to another subgraph is none.
    EarliestFirst,
    /// What can be had from the fewest places of all.
    ScarcestFirst,
}

impl<'a> Search<'a> {
    /// From how many places a field can be had, or what there is least choice about below it.
    pub(super) fn choice(
        &mut self,
        view: &View<'a>,
        wanted: &Wanted<'a>,
        resolvers: &[usize],
        purpose: Purpose,
    ) -> Result<usize, Failure> {
        self.time.bail_if_cancelled()?;
        let mut least = self.choice_of(view, resolvers)?;
        // Which of several sources a field comes from is decided when it is fetched.
        if !resolvers.is_empty()
            && self.is_composite(view.position, wanted)
            && (resolvers.len() == 1 || are_same(&self.leads(view, wanted, resolvers)))
        {
            let children = self.children(view, wanted, purpose)?;
            for child in children.iter().flat_map(|it| it.iter()).copied() {
                let view = self.whole(child);
                let fields = self.wanted_below(&view, wanted, purpose);
                least = least.min(self.least_choice(&view, &fields, purpose.inside())?);
            }
        }
        Ok(least)
    }

    /// How much choice there is about the places that have a field.
    fn choice_of(&mut self, view: &View<'a>, places: &[usize]) -> Result<usize, Failure> {
        if self.order == Order::ScarcestFirst {
            return Ok(places.len());
        }
        let direct = places.iter();
        let direct = direct.filter(|place| self.is_direct(view.position, **place));
        match direct.count() {
            0 => self.ways(view.position, places),
            direct => Ok(direct),
        }
    }

    /// Whether a place is had without asking for an object by its key before.
    fn is_direct(&self, id: PositionId, place: usize) -> bool {
        match &self.positions[id].reached[place].how {
            How::Root => true,
            How::RootBelow | How::Entity(_) => false,
            How::Field(step) => self.is_direct(step.from.position, step.place),
        }
    }

    /// How much choice there is about what leads to places.
    fn ways(&mut self, id: PositionId, places: &[usize]) -> Result<usize, Failure> {
        let mut ways = 0_usize;
        for place in places {
            ways = ways.saturating_add(self.ways_to(id, *place)?);
        }
        Ok(ways)
    }

    fn ways_to(&mut self, id: PositionId, place: usize) -> Result<usize, Failure> {
        if let Some(known) = self.ways.get(&(id, place)) {
            return Ok(*known);
        }
        let ways = match self.positions[id].reached[place].how.clone() {
            How::Root | How::RootBelow => 1,
            How::Field(step) => self.ways_to(step.from.position, step.place)?,
            How::Entity(entry) => {
                let before = View {
                    reach: entry.reach,
                    ..self.whole(id)
                };
                let key = self.needed(id, &[entry.key]);
                self.least_choice(&before, &key, Purpose::Inside)?
            }
        };
        self.ways.insert((id, place), ways);
        Ok(ways)
    }

    /// What there is least choice about of several fields.
    pub(super) fn least_choice(
        &mut self,
        view: &View<'a>,
        fields: &[Wanted<'a>],
        purpose: Purpose,
    ) -> Result<usize, Failure> {
        let mut least = usize::MAX;
        for field in fields {
            let resolvers = self.resolvers(view, field.name)?;
            least = least.min(self.choice(view, field, &resolvers, purpose)?);
        }
        Ok(least)
    }

    /// The place from which a field costs least.
    pub(super) fn cheapest(&self, view: &View<'a>, places: &[usize], wanted: &Wanted<'a>) -> usize {
        let cost = |place: &usize| {
            let field = self.field(view.position, *place, wanted.name);
            let requires = field.is_some_and(|it| it.requires.is_some());
            let (cost, level) = self.cost(view.position, *place);
            (cost + usize::from(requires), level)
        };
        places.iter().copied().min_by_key(cost).unwrap_or_default()
    }

    /// How many fetches a place costs that is not fetched yet, about, and how late it comes.
    pub(super) fn cost(&self, id: PositionId, place: usize) -> (usize, usize) {
        let reached = &self.positions[id].reached[place];
        if let Some(site) = &reached.site {
            return (0, self.draft.fetches[site.fetch].level);
        }
        match &reached.how {
            How::Root => (1, 0),
            How::RootBelow => (2, 1),
            How::Entity(entry) => (1 + entry.round, entry.round),
            How::Field(step) => {
                let (cost, level) = self.cost(step.from.position, step.place);
                let field = self.field(step.from.position, step.place, step.wanted.name);
                let requires = usize::from(field.is_some_and(|it| it.requires.is_some()));
                (cost + requires, level + requires)
            }
        }
    }
}
