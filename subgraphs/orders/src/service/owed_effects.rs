//! How much is owed to the warehouses, for those who watch over the shop.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::DbErr;

use super::Orders;
use crate::{domain::effect::EffectKind, repo};

/// What the warehouses have not confirmed yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwedEffects {
    /// How many effects of each kind.
    pub open: Vec<(EffectKind, u64)>,
    /// How many have been owed for longer than the options allow.
    pub stuck: u64,
    /// Since when the oldest is owed.
    pub oldest: Option<DateTime<Utc>>,
}

impl OwedEffects {
    /// How long the oldest has been owed at this time; no time at all where nothing is.
    #[must_use]
    pub fn age(&self, now: DateTime<Utc>) -> TimeDelta {
        // Another process's clock may be ahead.
        self.oldest.map_or(TimeDelta::zero(), |oldest| {
            (now - oldest).max(TimeDelta::zero())
        })
    }
}

impl Orders {
    /// What is owed to the warehouses.
    ///
    /// # Errors
    ///
    /// The database fails.
    pub async fn owed_effects(&self) -> Result<OwedEffects, DbErr> {
        let by_kind = repo::owed::open_by_kind(self.database.reader()).await?;
        let number = |kind| {
            let of_kind = by_kind.iter().find(|(found, ..)| *found == kind);
            (kind, of_kind.map_or(0, |(_, number, _)| *number))
        };
        Ok(OwedEffects {
            open: EffectKind::ALL.into_iter().map(number).collect(),
            stuck: self.count_stuck_effects().await?,
            oldest: by_kind.iter().map(|(.., oldest)| *oldest).min(),
        })
    }
}
