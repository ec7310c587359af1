//! Sessions and their refresh tokens.

use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set,
    sea_query::Expr,
};
use stockgraph_kit::id::{SessionId, UserId};

use crate::{
    domain::session::{Presented, RefreshTokenHash},
    entity::{refresh_token, session},
};

/// A refresh token to save.
pub(crate) struct NewToken {
    pub(crate) hash: RefreshTokenHash,
    pub(crate) session: SessionId,
    pub(crate) issued_at: DateTime<Utc>,
    pub(crate) expires_at: DateTime<Utc>,
}

/// Opens a session of this user; its first token is saved by [`insert_token`].
pub(crate) async fn insert(
    transaction: &impl ConnectionTrait,
    user: UserId,
    token: &NewToken,
) -> Result<(), DbErr> {
    let row = session::ActiveModel {
        id: Set(token.session),
        user_id: Set(user),
        created_at: Set(token.issued_at),
        expires_at: Set(token.expires_at),
        revoked_at: Set(None),
    };
    session::Entity::insert(row)
        .exec_without_returning(transaction)
        .await?;
    Ok(())
}

/// Saves a refresh token of a session.
pub(crate) async fn insert_token(
    transaction: &impl ConnectionTrait,
    token: NewToken,
) -> Result<(), DbErr> {
    let row = refresh_token::ActiveModel {
        token_hash: Set(token.hash.to_vec()),
        session_id: Set(token.session),
        issued_at: Set(token.issued_at),
        expires_at: Set(token.expires_at),
        used_at: Set(None),
    };
    refresh_token::Entity::insert(row)
        .exec_without_returning(transaction)
        .await?;
    Ok(())
}

/// The session and user that this refresh token belongs to, and what is known of it.
pub(crate) async fn find_token(
    connection: &impl ConnectionTrait,
    hash: &RefreshTokenHash,
) -> Result<Option<(SessionId, UserId, Presented)>, DbErr> {
    let found = refresh_token::Entity::find_by_id(hash.to_vec())
        .find_also_related(session::Entity)
        .one(connection)
        .await?;
    Ok(found.and_then(|(token, session)| {
        let session = session?;
        let presented = Presented {
            used_at: token.used_at,
            expires_at: token.expires_at,
            session_revoked_at: session.revoked_at,
        };
        Some((session.id, session.user_id, presented))
    }))
}

/// Marks the token as used; `false` when somebody else has done so.
pub(crate) async fn use_token(
    transaction: &impl ConnectionTrait,
    hash: &RefreshTokenHash,
    now: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let used = refresh_token::Entity::update_many()
        .col_expr(refresh_token::Column::UsedAt, Expr::val(now))
        .filter(refresh_token::Column::TokenHash.eq(hash.to_vec()))
        .filter(refresh_token::Column::UsedAt.is_null())
        .exec(transaction)
        .await?;
    Ok(used.rows_affected == 1)
}

/// Lets the session last until `expires_at`; `false` when it is revoked.
pub(crate) async fn extend(
    transaction: &impl ConnectionTrait,
    session: SessionId,
    expires_at: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let extended = session::Entity::update_many()
        .col_expr(session::Column::ExpiresAt, Expr::val(expires_at))
        .filter(session::Column::Id.eq(session))
        .filter(session::Column::RevokedAt.is_null())
        .exec(transaction)
        .await?;
    Ok(extended.rows_affected == 1)
}

/// Revokes the session, if it is not yet; tells whether this did.
pub(crate) async fn revoke(
    connection: &impl ConnectionTrait,
    session: SessionId,
    now: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let revoked = revoke_where(connection, session::Column::Id.eq(session), now).await?;
    Ok(!revoked.is_empty())
}

/// Revokes every session of the user; tells which were not revoked before.
pub(crate) async fn revoke_all(
    transaction: &impl ConnectionTrait,
    user: UserId,
    now: DateTime<Utc>,
) -> Result<Vec<SessionId>, DbErr> {
    revoke_where(transaction, session::Column::UserId.eq(user), now).await
}

async fn revoke_where(
    connection: &impl ConnectionTrait,
    which: Expr,
    now: DateTime<Utc>,
) -> Result<Vec<SessionId>, DbErr> {
    let revoked = session::Entity::update_many()
        .col_expr(session::Column::RevokedAt, Expr::val(now))
        .filter(which)
        .filter(session::Column::RevokedAt.is_null())
        .exec_with_returning(connection)
        .await?;
    Ok(revoked.into_iter().map(|session| session.id).collect())
}

/// The sessions that were revoked at this instant or later, each with when.
pub(crate) async fn revoked_since(
    connection: &impl ConnectionTrait,
    since: DateTime<Utc>,
) -> Result<Vec<(SessionId, DateTime<Utc>)>, DbErr> {
    session::Entity::find()
        .select_only()
        .column(session::Column::Id)
        .column(session::Column::RevokedAt)
        .filter(session::Column::RevokedAt.gte(since))
        .order_by_asc(session::Column::RevokedAt)
        .into_tuple()
        .all(connection)
        .await
}

/// Removes what the user's expired sessions left behind, tokens included.
pub(crate) async fn delete_expired(
    transaction: &impl ConnectionTrait,
    user: UserId,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    session::Entity::delete_many()
        .filter(session::Column::UserId.eq(user))
        .filter(session::Column::ExpiresAt.lte(now))
        .exec(transaction)
        .await?;
    Ok(())
}
