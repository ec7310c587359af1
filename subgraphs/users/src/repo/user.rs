//! Accounts.

use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter,
    QuerySelect, QueryTrait, Set,
    sea_query::{Expr, LikeExpr, LockType},
};
use stockgraph_kit::{
    id::{Id, UserId},
    paging::{Page, PageRequest},
};
use uuid::Uuid;

use super::role;
use crate::{
    domain::{
        identifier::{Email, Identifier, PhoneNumber},
        role::{Role, Roles},
        user::{User, search_text},
    },
    entity::{user, user_role},
};

/// The key that the list of users is sorted by.
pub(crate) type Key = (DateTime<Utc>, Uuid);

/// What is needed to tell whether somebody may sign in.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Credentials {
    pub(crate) id: UserId,
    pub(crate) password_hash: String,
    pub(crate) active: bool,
}

/// Which users a list shows.
#[derive(Clone, Debug, Default)]
pub(crate) struct Filter {
    /// Texts of which one must be a part of the user's search text; none: all users.
    pub(crate) search: Vec<String>,
    pub(crate) role: Option<Role>,
    pub(crate) active: Option<bool>,
}

/// The users with these ids, in one statement.
pub(crate) async fn by_ids(
    connection: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = UserId>,
) -> Result<Vec<User>, DbErr> {
    user::Entity::find()
        .filter(user::Column::Id.is_in(ids))
        .find_with_related(user_role::Entity)
        .all(connection)
        .await?
        .into_iter()
        .map(|(row, roles)| Ok(user(row, role::read(roles)?)))
        .collect()
}

/// The user with this id.
pub(crate) async fn by_id(
    connection: &impl ConnectionTrait,
    id: UserId,
) -> Result<Option<User>, DbErr> {
    Ok(by_ids(connection, [id]).await?.pop())
}

/// One page of users, newest first.
pub(crate) async fn page(
    connection: &impl ConnectionTrait,
    filter: &Filter,
    request: &PageRequest<Key>,
) -> Result<Page<User>, DbErr> {
    let mut cursor = user::Entity::find()
        .filter(condition(filter))
        .cursor_by((user::Column::CreatedAt, user::Column::Id));
    cursor.desc();
    if let Some(after) = request.after {
        cursor.after(after);
    }
    if let Some(before) = request.before {
        cursor.before(before);
    }
    if request.from_end {
        cursor.last(request.rows());
    } else {
        cursor.first(request.rows());
    }
    let rows = request.page(cursor.all(connection).await?);
    let mut roles = role::of(connection, rows.items.iter().map(|row| row.id)).await?;
    Ok(rows.map(|row| {
        let roles = roles.remove(&row.id).unwrap_or_default();
        user(row, roles)
    }))
}

/// How many users there are.
pub(crate) async fn count(
    connection: &impl ConnectionTrait,
    filter: &Filter,
) -> Result<u64, DbErr> {
    user::Entity::find()
        .filter(condition(filter))
        .count(connection)
        .await
}

fn condition(filter: &Filter) -> Condition {
    let search = (!filter.search.is_empty()).then(|| {
        filter.search.iter().fold(Condition::any(), |any, text| {
            any.add(user::Column::SearchText.like(containing(text)))
        })
    });
    let with_role = filter.role.map(|role| {
        let ids = user_role::Entity::find()
            .select_only()
            .column(user_role::Column::UserId)
            .filter(user_role::Column::Role.eq(role.as_str()));
        user::Column::Id.in_subquery(ids.into_query())
    });
    Condition::all()
        .add_option(search)
        .add_option(with_role)
        .add_option(filter.active.map(|active| user::Column::Active.eq(active)))
}

/// The pattern of texts that contain `text`, whatever stands in it.
fn containing(text: &str) -> LikeExpr {
    const ESCAPE: char = '!';
    let mut pattern = String::with_capacity(text.len() + 2);
    pattern.push('%');
    for character in text.chars() {
        if matches!(character, '%' | '_' | ESCAPE) {
            pattern.push(ESCAPE);
        }
        pattern.push(character);
    }
    pattern.push('%');
    LikeExpr::new(pattern).escape(ESCAPE)
}

/// The credentials of whoever has this identifier.
pub(crate) async fn credentials_of(
    connection: &impl ConnectionTrait,
    identifier: &Identifier,
) -> Result<Option<Credentials>, DbErr> {
    let condition = match identifier {
        Identifier::Email(email) => user::Column::Email.eq(email.as_str()),
        Identifier::PhoneNumber(number) => user::Column::PhoneNumber.eq(number.as_str()),
    };
    let row = user::Entity::find()
        .filter(condition)
        .one(connection)
        .await?;
    Ok(row.map(credentials))
}

/// The credentials of this user.
pub(crate) async fn credentials_by_id(
    connection: &impl ConnectionTrait,
    id: UserId,
) -> Result<Option<Credentials>, DbErr> {
    let row = user::Entity::find_by_id(id).one(connection).await?;
    Ok(row.map(credentials))
}

/// Locks the user's row until the transaction ends, so that nobody else changes the account, and reads it.
pub(crate) async fn lock(
    transaction: &impl ConnectionTrait,
    id: UserId,
) -> Result<Option<(User, Credentials)>, DbErr> {
    let row = user::Entity::find_by_id(id)
        .lock(LockType::NoKeyUpdate)
        .one(transaction)
        .await?;
    let Some(row) = row else {
        return Ok(None);
    };
    let roles = role::of(transaction, [id]).await?.remove(&id);
    let credentials = credentials(row.clone());
    Ok(Some((user(row, roles.unwrap_or_default()), credentials)))
}

/// Which of these identifiers somebody other than `but` has: the e-mail address, the phone number.
pub(crate) async fn taken(
    connection: &impl ConnectionTrait,
    email: &Email,
    phone_number: Option<&PhoneNumber>,
    but: Option<UserId>,
) -> Result<(bool, bool), DbErr> {
    let phone_number = phone_number.map(PhoneNumber::as_str);
    let same = Condition::any()
        .add(user::Column::Email.eq(email.as_str()))
        .add_option(phone_number.map(|number| user::Column::PhoneNumber.eq(number)));
    let rows = user::Entity::find()
        .filter(same)
        .filter(Condition::all().add_option(but.map(|id| user::Column::Id.ne(id))))
        .all(connection)
        .await?;
    let email_taken = rows.iter().any(|row| row.email == email.as_str());
    let phone_taken = phone_number.is_some()
        && rows
            .iter()
            .any(|row| row.phone_number.as_deref() == phone_number);
    Ok((email_taken, phone_taken))
}

/// Saves a new account with its roles.
pub(crate) async fn insert(
    transaction: &impl ConnectionTrait,
    user: &User,
    password_hash: String,
) -> Result<(), DbErr> {
    let row = user::ActiveModel {
        id: Set(user.id),
        password_hash: Set(password_hash),
        active: Set(user.active),
        created_at: Set(user.created_at),
        ..profile(user)
    };
    user::Entity::insert(row)
        .exec_without_returning(transaction)
        .await?;
    role::insert(transaction, user.id, &user.roles).await
}

/// Saves the user's profile.
pub(crate) async fn update_profile(
    transaction: &impl ConnectionTrait,
    user: &User,
) -> Result<(), DbErr> {
    user::Entity::update_many()
        .set(profile(user))
        .filter(user::Column::Id.eq(user.id))
        .exec(transaction)
        .await?;
    Ok(())
}

fn profile(user: &User) -> user::ActiveModel {
    user::ActiveModel {
        email: Set(user.email.clone()),
        phone_number: Set(user.phone_number.clone()),
        display_name: Set(user.display_name.clone()),
        search_text: Set(search_text(user)),
        updated_at: Set(user.updated_at),
        ..Default::default()
    }
}

/// Saves the hash of the user's password, renewed or of another one.
pub(crate) async fn set_password_hash(
    transaction: &impl ConnectionTrait,
    id: UserId,
    hash: &str,
) -> Result<(), DbErr> {
    update(transaction, id, user::Column::PasswordHash, Expr::val(hash)).await
}

/// Saves whether the user may sign in.
pub(crate) async fn set_active(
    transaction: &impl ConnectionTrait,
    id: UserId,
    active: bool,
) -> Result<(), DbErr> {
    update(transaction, id, user::Column::Active, Expr::val(active)).await
}

/// Saves when the account was changed last.
pub(crate) async fn touch(
    transaction: &impl ConnectionTrait,
    id: UserId,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    update(transaction, id, user::Column::UpdatedAt, Expr::val(now)).await
}

async fn update(
    transaction: &impl ConnectionTrait,
    id: UserId,
    column: user::Column,
    value: Expr,
) -> Result<(), DbErr> {
    user::Entity::update_many()
        .col_expr(column, value)
        .filter(user::Column::Id.eq(id))
        .exec(transaction)
        .await?;
    Ok(())
}

/// Which of these users may sign in.
pub(crate) async fn active_of(
    connection: &impl ConnectionTrait,
    ids: Vec<UserId>,
) -> Result<Vec<UserId>, DbErr> {
    user::Entity::find()
        .select_only()
        .column(user::Column::Id)
        .filter(user::Column::Id.is_in(ids))
        .filter(user::Column::Active.eq(true))
        .into_tuple()
        .all(connection)
        .await
}

/// The key of a user in the list.
pub(crate) fn key(user: &User) -> Key {
    (user.created_at, user.id.uuid())
}

fn user(row: user::Model, roles: Roles) -> User {
    User {
        id: row.id,
        email: row.email,
        phone_number: row.phone_number,
        display_name: row.display_name,
        roles,
        active: row.active,
        created_at: row.created_at,
        updated_at: row.updated_at,
    }
}

fn credentials(row: user::Model) -> Credentials {
    Credentials {
        id: row.id,
        password_hash: row.password_hash,
        active: row.active,
    }
}
