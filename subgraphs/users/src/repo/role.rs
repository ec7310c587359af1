//! The roles of accounts.

use std::collections::HashMap;

use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set,
    sea_query::LockType,
};
use stockgraph_kit::id::UserId;

use crate::{
    domain::role::{Role, Roles},
    entity::user_role,
};

/// The roles of each of these users, in one statement.
pub(crate) async fn of(
    connection: &impl ConnectionTrait,
    users: impl IntoIterator<Item = UserId>,
) -> Result<HashMap<UserId, Roles>, DbErr> {
    let rows = user_role::Entity::find()
        .filter(user_role::Column::UserId.is_in(users))
        .all(connection)
        .await?;
    let mut roles: HashMap<UserId, Roles> = HashMap::new();
    for row in rows {
        let role = parse(&row.role)?;
        roles.entry(row.user_id).or_default().insert(role);
    }
    Ok(roles)
}

/// The roles in these rows.
pub(super) fn read(rows: Vec<user_role::Model>) -> Result<Roles, DbErr> {
    rows.iter().map(|row| parse(&row.role)).collect()
}

fn parse(text: &str) -> Result<Role, DbErr> {
    text.parse()
        .map_err(|error| DbErr::Type(format!("user_roles.role: {error}")))
}

/// Gives the user these roles.
pub(crate) async fn insert(
    transaction: &impl ConnectionTrait,
    user: UserId,
    roles: &Roles,
) -> Result<(), DbErr> {
    let rows = roles.iter().map(|role| user_role::ActiveModel {
        user_id: Set(user),
        role: Set(role.as_str().to_owned()),
    });
    user_role::Entity::insert_many(rows)
        .exec_without_returning(transaction)
        .await?;
    Ok(())
}

/// Takes all roles from the user.
pub(crate) async fn delete(transaction: &impl ConnectionTrait, user: UserId) -> Result<(), DbErr> {
    user_role::Entity::delete_many()
        .filter(user_role::Column::UserId.eq(user))
        .exec(transaction)
        .await?;
    Ok(())
}

/// Who has this role. Until the transaction ends nobody else can take it from any of them.
pub(crate) async fn lock_holders(
    transaction: &impl ConnectionTrait,
    role: Role,
) -> Result<Vec<UserId>, DbErr> {
    let rows = user_role::Entity::find()
        .filter(user_role::Column::Role.eq(role.as_str()))
        .order_by_asc(user_role::Column::UserId)
        .lock(LockType::Update)
        .all(transaction)
        .await?;
    Ok(rows.into_iter().map(|row| row.user_id).collect())
}
