//! Idempotency keys.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, sea_query::OnConflict};
use uuid::Uuid;

use crate::{
    domain::line::RequestDigest,
    entity::idempotency_key::{Column, Entity, Model},
};

/// A key, and what came with it.
#[derive(Clone, Debug)]
pub struct Key<'a> {
    /// What was asked for, e.g. `receive`.
    pub scope: &'static str,
    /// The caller's key.
    pub key: &'a str,
    /// Tells the content from other content.
    pub digest: RequestDigest,
    /// What comes of it, where that is an object of its own.
    pub answer: Option<Uuid>,
}

/// Whether a key was used before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// It was not: it is now.
    New,
    /// It was, for the same.
    Again {
        /// What came of it then.
        answer: Option<Uuid>,
        /// When that was.
        at: DateTime<Utc>,
    },
    /// It was, for something else.
    Taken {
        /// When that was.
        at: DateTime<Utc>,
    },
}

/// Uses a key. One who uses it at the same moment waits until this transaction ends. Before any level is locked.
pub async fn claim(
    db: &impl ConnectionTrait,
    key: Key<'_>,
    now: DateTime<Utc>,
) -> Result<Claim, DbErr> {
    let row = Model {
        scope: key.scope.to_owned(),
        key: key.key.to_owned(),
        digest: key.digest.clone(),
        answer_id: key.answer,
        created_at: now,
    };
    let nothing = OnConflict::columns([Column::Scope, Column::Key])
        .do_nothing()
        .to_owned();
    let written = Entity::insert(row.into_active_model())
        .on_conflict(nothing)
        .exec_without_returning(db)
        .await?;
    if written == 1 {
        return Ok(Claim::New);
    }
    let known = Entity::find_by_id((key.scope.to_owned(), key.key.to_owned()))
        .one(db)
        .await?
        .ok_or_else(|| DbErr::RecordNotFound("an idempotency key that exists".into()))?;
    Ok(if known.digest == key.digest {
        Claim::Again {
            answer: known.answer_id,
            at: known.created_at,
        }
    } else {
        Claim::Taken {
            at: known.created_at,
        }
    })
}
