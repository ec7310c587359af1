//! Which of the places a field comes from that have it: what there is least choice about decides first, and everything
//! else comes from where it then costs least.

use std::rc::Rc;

use super::positions::{How, PositionId, View};
use super::sources::are_same;
use super::wanted::{Purpose, Wanted};
use super::{Failure, Search};

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
        let mut least = self.starts(view, resolvers)?;
        // Which of several sources a field comes from is decided when it is fetched.
        if !resolvers.is_empty()
            && self.is_composite(view.position, wanted)
            && are_same(&self.leads(view, wanted)?)
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

    /// By how many of the places where the object is had anyway one comes to some of these places.
    fn starts(&mut self, view: &View<'a>, places: &[usize]) -> Result<usize, Failure> {
        let mut moves = Vec::new();
        for place in places {
            match &self.positions[view.position].reached[*place].how {
                How::Entity(entry) => moves.push(Rc::clone(entry)),
                How::Root | How::RootBelow | How::Field(_) => {}
            }
        }
        if moves.len() < places.len() {
            return Ok(places.len() - moves.len());
        }
        let mut starts = 0_usize;
        for entry in moves {
            let before = View {
                reach: entry.reach,
                ..view.clone()
            };
            let key = self.needed(view.position, &[entry.key]);
            starts = starts.saturating_add(self.least_choice(&before, &key, Purpose::Inside)?);
        }
        Ok(starts)
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
