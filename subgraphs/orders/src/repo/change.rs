//! A change of an order: its new status, what is told of it in the timeline, and what it owes the warehouses, written together.

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QuerySelect,
    sea_query::{Expr, LockType},
};
use stockgraph_kit::{
    clock::Clock,
    id::{OrderId, UserId},
};

use super::convert;
use crate::{
    domain::{
        EffectId,
        effect::Effect,
        order::{Order, OrderEvent, OrderEventKind},
    },
    entity::{order, order_event, stock_effect},
};

/// An order whose row is locked, and what is to become of it.
#[derive(Clone, Debug)]
pub struct Change {
    /// The order; its status is saved.
    pub order: Order,
    seen_status: String,
    event_count: i32,
    effect_count: i32,
    events: Vec<order_event::ActiveModel>,
    effects: Vec<stock_effect::ActiveModel>,
    now: DateTime<Utc>,
}

impl Change {
    /// Locks the order until the transaction ends. On SQLite, the transaction is the lock.
    ///
    /// The clock is read behind the lock: what happens to an order happens at the time at which it was decided, however long others
    /// were waited for, so the instants of a timeline never go back.
    pub async fn lock(
        tx: &DatabaseTransaction,
        id: OrderId,
        clock: &Clock,
    ) -> Result<Option<Self>, DbErr> {
        let row = order::Entity::find_by_id(id)
            .lock(LockType::NoKeyUpdate)
            .one(tx)
            .await?;
        row.map(|row| Self::of(row, clock.now())).transpose()
    }

    /// When the change happens.
    pub const fn now(&self) -> DateTime<Utc> {
        self.now
    }

    fn of(row: order::Model, now: DateTime<Utc>) -> Result<Self, DbErr> {
        Ok(Self {
            seen_status: row.status.clone(),
            event_count: row.event_count,
            effect_count: row.effect_count,
            order: convert::order(row)?,
            events: Vec::new(),
            effects: Vec::new(),
            now,
        })
    }

    /// Tells the timeline.
    pub fn tell(&mut self, kind: OrderEventKind, actor: Option<UserId>, note: Option<String>) {
        self.event_count += 1;
        let event = OrderEvent {
            kind,
            note,
            actor,
            occurred_at: self.now,
        };
        self.events
            .push(event_row(self.order.id, self.event_count, event));
    }

    /// Owes the warehouses an effect, from now on.
    pub fn owe(&mut self, id: EffectId, effect: &Effect) -> Result<(), DbErr> {
        self.effect_count += 1;
        let sequence = self.effect_count;
        self.effects
            .push(effect_row(id, self.order.id, sequence, effect, self.now)?);
        Ok(())
    }

    /// Writes it all down.
    pub async fn save(self, tx: &DatabaseTransaction) -> Result<Order, DbErr> {
        let saved = order::Entity::update_many()
            .col_expr(
                order::Column::Status,
                Expr::value(self.order.status.as_str()),
            )
            .col_expr(order::Column::EventCount, Expr::value(self.event_count))
            .col_expr(order::Column::EffectCount, Expr::value(self.effect_count))
            .filter(order::Column::Id.eq(self.order.id))
            // The row is locked, so this always holds; were it not, the change must not go through.
            .filter(order::Column::Status.eq(self.seen_status.as_str()))
            .exec(tx)
            .await?;
        if saved.rows_affected != 1 {
            return Err(DbErr::RecordNotUpdated);
        }
        write(tx, self.events, self.effects).await?;
        Ok(self.order)
    }
}

/// Writes events and effects.
pub async fn write(
    tx: &DatabaseTransaction,
    events: Vec<order_event::ActiveModel>,
    effects: Vec<stock_effect::ActiveModel>,
) -> Result<(), DbErr> {
    if !events.is_empty() {
        order_event::Entity::insert_many(events)
            .exec_without_returning(tx)
            .await?;
    }
    if !effects.is_empty() {
        stock_effect::Entity::insert_many(effects)
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
}

/// The row of an event; events of an order are numbered from 1.
pub fn event_row(order: OrderId, sequence: i32, event: OrderEvent) -> order_event::ActiveModel {
    order_event::ActiveModel {
        order_id: Set(order),
        sequence: Set(sequence),
        kind: Set(event.kind.as_str().to_owned()),
        note: Set(event.note),
        actor_id: Set(event.actor),
        occurred_at: Set(event.occurred_at),
    }
}

/// The same effect, but on loan to who writes it, for the first attempt: it is due for others only after that.
pub fn on_loan(
    effect: stock_effect::ActiveModel,
    until: DateTime<Utc>,
) -> stock_effect::ActiveModel {
    stock_effect::ActiveModel {
        next_attempt_at: Set(until),
        attempts: Set(1),
        ..effect
    }
}

/// The row of an effect that is due at once; effects of an order are numbered from 1.
pub fn effect_row(
    id: EffectId,
    order: OrderId,
    sequence: i32,
    effect: &Effect,
    now: DateTime<Utc>,
) -> Result<stock_effect::ActiveModel, DbErr> {
    let payload = match effect {
        Effect::Commit | Effect::Release => None,
        Effect::Restock(payload) => Some(serde_json::to_string(payload).map_err(convert::corrupt)?),
    };
    Ok(stock_effect::ActiveModel {
        id: Set(id),
        order_id: Set(order),
        sequence: Set(sequence),
        kind: Set(effect.kind().as_str().to_owned()),
        payload: Set(payload),
        created_at: Set(now),
        next_attempt_at: Set(now),
        attempts: Set(0),
        done_at: NotSet,
        outcome: NotSet,
        last_error: NotSet,
    })
}
