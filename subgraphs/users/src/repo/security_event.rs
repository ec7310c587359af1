//! The audit trail.

use std::fmt;

use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait, Set,
};
use stockgraph_kit::id::{Id, UserId};

use crate::{
    domain::{
        audit::{EventKind, SecurityEvent},
        origin::Actor,
    },
    entity::security_event,
};

/// Saves these events; there must be some.
pub(crate) async fn insert(
    connection: &impl ConnectionTrait,
    events: &[SecurityEvent],
) -> Result<(), DbErr> {
    security_event::Entity::insert_many(events.iter().map(row))
        .exec_without_returning(connection)
        .await?;
    Ok(())
}

fn row(event: &SecurityEvent) -> security_event::ActiveModel {
    let actor = match &event.actor {
        Actor::Anonymous => None,
        Actor::User(id) => Some(id.to_string()),
        Actor::Service(name) => Some(name.clone()),
    };
    security_event::ActiveModel {
        id: Set(event.id),
        occurred_at: Set(event.occurred_at),
        kind: Set(event.kind.as_str().to_owned()),
        user_id: Set(event.user),
        actor: Set(actor),
        session_id: Set(event.session),
        address: Set(event.address.map(|address| address.to_string())),
        detail: Set(event.detail.as_ref().map(ToString::to_string)),
    }
}

/// Up to `limit` events that meet every given condition, newest first.
pub(crate) async fn newest(
    connection: &impl ConnectionTrait,
    user: Option<UserId>,
    kinds: &[EventKind],
    since: Option<DateTime<Utc>>,
    limit: u64,
) -> Result<Vec<SecurityEvent>, DbErr> {
    let kinds = (!kinds.is_empty()).then(|| kinds.iter().map(|kind| kind.as_str()));
    let condition = Condition::all()
        .add_option(user.map(|user| security_event::Column::UserId.eq(user)))
        .add_option(kinds.map(|kinds| security_event::Column::Kind.is_in(kinds)))
        .add_option(since.map(|since| security_event::Column::OccurredAt.gte(since)));
    security_event::Entity::find()
        .filter(condition)
        .order_by_desc(security_event::Column::OccurredAt)
        .order_by_desc(security_event::Column::Id)
        .limit(limit)
        .all(connection)
        .await?
        .into_iter()
        .map(event)
        .collect()
}

fn event(row: security_event::Model) -> Result<SecurityEvent, DbErr> {
    let actor = match row.actor {
        None => Actor::Anonymous,
        Some(actor) => match UserId::parse(&actor) {
            Ok(user) => Actor::User(user),
            Err(_) => Actor::Service(actor),
        },
    };
    let address = row.address.map(|text| text.parse()).transpose();
    let detail = row.detail.map(|text| text.parse()).transpose();
    Ok(SecurityEvent {
        id: row.id,
        occurred_at: row.occurred_at,
        kind: row.kind.parse().map_err(|error| wrong("kind", error))?,
        user: row.user_id,
        actor,
        session: row.session_id,
        address: address.map_err(|error| wrong("address", error))?,
        detail: detail.map_err(|error| wrong("detail", error))?,
    })
}

fn wrong(column: &str, error: impl fmt::Display) -> DbErr {
    DbErr::Type(format!("security_events.{column}: {error}"))
}

/// Removes up to `most` of the events at this instant or before; tells how many.
pub(crate) async fn purge(
    connection: &impl ConnectionTrait,
    until: DateTime<Utc>,
    most: u64,
) -> Result<u64, DbErr> {
    let old = security_event::Entity::find()
        .select_only()
        .column(security_event::Column::Id)
        .filter(security_event::Column::OccurredAt.lte(until))
        .limit(most);
    let purged = security_event::Entity::delete_many()
        .filter(security_event::Column::Id.in_subquery(old.into_query()))
        .exec(connection)
        .await?;
    Ok(purged.rows_affected)
}
