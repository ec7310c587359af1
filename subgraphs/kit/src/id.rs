//! Ids: UUIDs inside, [TypeIDs](https://github.com/jetify-com/typeid/tree/main/spec) outside, a Rust type for each kind.
//!
//! `product_01h455vb4pex5vsknk084sn02q` is the text of a [`ProductId`]: opaque, sortable by the time it was made, and an id of
//! the wrong kind is told at once. In the database an id is the UUID alone.

use std::fmt;

use type_safe_id::{DynamicType, TypeSafeId};
use uuid::{Builder, Uuid};

use crate::{clock::Clock, random::Random};

/// What a kind of id has in common with all others. Made by [`id_type!`](crate::id_type).
pub trait Id: Copy + fmt::Display + Send + Sync + 'static {
    /// The text before the underscore, e.g. `product`.
    const PREFIX: &'static str;

    /// The id with this UUID.
    fn from_uuid(uuid: Uuid) -> Self;

    /// The UUID of this id.
    fn uuid(self) -> Uuid;

    /// Reads the id's text.
    ///
    /// # Errors
    ///
    /// [`IdError`] when the text is no id at all or one of another kind.
    fn parse(text: &str) -> Result<Self, IdError> {
        parse_prefixed(Self::PREFIX, text).map(Self::from_uuid)
    }

    /// Reads an id that the caller chose: the id's text, or a bare UUID.
    ///
    /// # Errors
    ///
    /// [`IdError`] when the text is neither.
    fn parse_chosen(text: &str) -> Result<Self, IdError> {
        text.parse::<Uuid>()
            .map_or_else(|_| Self::parse(text), |uuid| Ok(Self::from_uuid(uuid)))
    }
}

/// Why a text is not the id that was asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// Not a TypeID.
    #[error("`{text}` is not an id; {article} {expected} id looks like `{expected}_01h455vb4pex5vsknk084sn02q`", article = article(expected))]
    Malformed {
        /// What was given, shortened.
        text: String,
        /// The prefix that was expected.
        expected: &'static str,
    },
    /// A TypeID of another kind.
    #[error(
        "`{text}` is {} {found} id, not {} {expected} id",
        article(found),
        article(expected)
    )]
    WrongKind {
        /// What was given, shortened.
        text: String,
        /// The prefix that was found.
        found: String,
        /// The prefix that was expected.
        expected: &'static str,
    },
}

fn article(noun: &str) -> &'static str {
    // "a user": the one prefix whose vowel does not sound like one.
    if noun.starts_with(['a', 'e', 'i', 'o']) {
        "an"
    } else {
        "a"
    }
}

/// The text of an id with this prefix and UUID.
#[doc(hidden)]
#[must_use]
pub fn display_prefixed(prefix: &'static str, uuid: Uuid) -> String {
    DynamicType::new(prefix).map_or_else(
        |_| uuid.to_string(),
        |prefix| TypeSafeId::from_type_and_uuid(prefix, uuid).to_string(),
    )
}

/// Longest part of a wrong id that an error repeats, in characters.
const SHOWN: usize = 64;

fn parse_prefixed(expected: &'static str, text: &str) -> Result<Uuid, IdError> {
    let shown = || text.chars().take(SHOWN).collect::<String>();
    let id: TypeSafeId<DynamicType> = text.parse().map_err(|_| IdError::Malformed {
        text: shown(),
        expected,
    })?;
    if id.type_prefix() == expected {
        Ok(id.uuid())
    } else {
        Err(IdError::WrongKind {
            text: shown(),
            found: id.type_prefix().to_owned(),
            expected,
        })
    }
}

/// Makes new ids: UUID v7 ([RFC 9562](https://www.rfc-editor.org/rfc/rfc9562#section-5.7)) from the injected clock and
/// randomness.
#[derive(Clone, Debug)]
pub struct IdSource {
    clock: Clock,
    random: Random,
}

impl IdSource {
    /// A source of ids with this clock and this randomness.
    #[must_use]
    pub const fn new(clock: Clock, random: Random) -> Self {
        Self { clock, random }
    }

    /// A new id.
    #[must_use]
    pub fn next<I: Id>(&self) -> I {
        let millis = u64::try_from(self.clock.now().timestamp_millis()).unwrap_or_default();
        I::from_uuid(Builder::from_unix_timestamp_millis(millis, &self.random.bytes()).into_uuid())
    }
}

/// Declares a kind of id: `id_type!(ProductId, "product", "Which product.")`.
///
/// The type is a UUID in the database and an `ID` in GraphQL, where an id that is malformed or of another kind is a
/// `BAD_USER_INPUT` error. Where a payload can carry the error instead, take an `async_graphql::ID` and call
/// [`Id::parse`].
#[macro_export]
macro_rules! id_type {
    ($name:ident, $prefix:literal, $doc:literal) => {
        #[doc = $doc]
        #[derive(
            Clone,
            Copy,
            Debug,
            PartialEq,
            Eq,
            PartialOrd,
            Ord,
            Hash,
            $crate::id::export::sea_orm::DeriveValueType,
        )]
        #[sea_orm(column_type = "Uuid", array_type = "Uuid")]
        pub struct $name($crate::id::export::Uuid);

        impl $crate::id::Id for $name {
            const PREFIX: &'static str = $prefix;
            fn from_uuid(uuid: $crate::id::export::Uuid) -> Self {
                Self(uuid)
            }
            fn uuid(self) -> $crate::id::export::Uuid {
                self.0
            }
        }
        impl $crate::id::export::sea_orm::TryFromU64 for $name {
            fn try_from_u64(
                number: u64,
            ) -> ::std::result::Result<Self, $crate::id::export::sea_orm::DbErr> {
                // No database makes our ids; the UUID's own implementation says so.
                <$crate::id::export::Uuid as $crate::id::export::sea_orm::TryFromU64>::try_from_u64(number)
                    .map(Self)
            }
        }
        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(&$crate::id::display_prefixed($prefix, self.0))
            }
        }
        impl $crate::id::export::async_graphql::InputType for $name {
            type RawValueType = Self;

            fn type_name() -> ::std::borrow::Cow<'static, str> {
                <$crate::id::export::ID as $crate::id::export::async_graphql::InputType>::type_name()
            }
            fn create_type_info(
                registry: &mut $crate::id::export::async_graphql::registry::Registry,
            ) -> String {
                <$crate::id::export::ID as $crate::id::export::async_graphql::InputType>::create_type_info(registry)
            }
            fn parse(
                value: Option<$crate::id::export::async_graphql::Value>,
            ) -> $crate::id::export::async_graphql::InputValueResult<Self> {
                let text = <$crate::id::export::ID as $crate::id::export::async_graphql::InputType>::parse(value)
                    .map_err($crate::id::export::async_graphql::InputValueError::propagate)?;
                <Self as $crate::id::Id>::parse(&text).map_err(|error| {
                    $crate::id::export::async_graphql::InputValueError::custom(error)
                        .with_extension("code", $crate::error::Code::BadUserInput.as_str())
                })
            }
            fn to_value(&self) -> $crate::id::export::async_graphql::Value {
                $crate::id::export::async_graphql::Value::String(self.to_string())
            }
            fn as_raw_value(&self) -> Option<&Self> {
                Some(self)
            }
        }
        impl $crate::id::export::async_graphql::OutputType for $name {
            fn type_name() -> ::std::borrow::Cow<'static, str> {
                <$crate::id::export::ID as $crate::id::export::async_graphql::OutputType>::type_name()
            }
            fn create_type_info(
                registry: &mut $crate::id::export::async_graphql::registry::Registry,
            ) -> String {
                <$crate::id::export::ID as $crate::id::export::async_graphql::OutputType>::create_type_info(registry)
            }
            async fn resolve(
                &self,
                _: &$crate::id::export::async_graphql::ContextSelectionSet<'_>,
                _: &$crate::id::export::async_graphql::Positioned<
                    $crate::id::export::async_graphql::parser::types::Field,
                >,
            ) -> $crate::id::export::async_graphql::ServerResult<
                $crate::id::export::async_graphql::Value,
            > {
                Ok($crate::id::export::async_graphql::Value::String(self.to_string()))
            }
        }
    };
}

/// What [`id_type!`](crate::id_type) expands to needs.
#[doc(hidden)]
pub mod export {
    pub use async_graphql::{self, ID};
    pub use sea_orm;
    pub use uuid::Uuid;
}

id_type!(UserId, "user", "Which user.");
id_type!(
    SessionId,
    "session",
    "Which session: one log-in and all that was refreshed from it."
);
id_type!(
    ProductId,
    "product",
    "Which product: the unit that is priced, stocked and ordered."
);
id_type!(ReservationId, "reservation", "Which hold on stock.");
id_type!(OrderId, "order", "Which order.");
id_type!(WarehouseId, "warehouse", "Which warehouse.");

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    fn ids() -> IdSource {
        let clock = Clock::manual(DateTime::from_timestamp(1_800_000_000, 0).unwrap());
        IdSource::new(clock, Random::seeded(7))
    }

    #[test]
    fn an_id_reads_back_from_its_text() {
        let id: ProductId = ids().next();
        assert!(id.to_string().starts_with("product_"));
        assert_eq!(ProductId::parse(&id.to_string()), Ok(id));
    }

    #[test]
    fn the_specification_s_example_is_read() {
        let id = UserId::parse("user_01h455vb4pex5vsknk084sn02q").unwrap();
        assert_eq!(
            id.uuid().to_string(),
            "01890a5d-ac96-774b-bcce-b302099a8057"
        );
    }

    #[test]
    fn later_ids_sort_after_earlier_ones() {
        let clock = Clock::manual(DateTime::from_timestamp(1_800_000_000, 0).unwrap());
        let ids = IdSource::new(clock.clone(), Random::seeded(7));
        let earlier: OrderId = ids.next();
        clock.advance(chrono::TimeDelta::milliseconds(1));
        let later: OrderId = ids.next();
        assert!(earlier < later && earlier.to_string() < later.to_string());
    }

    #[test]
    fn an_id_of_another_kind_is_told_by_name() {
        let user: UserId = ids().next();
        let error = ProductId::parse(&user.to_string()).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("`{user}` is a user id, not a product id")
        );
    }

    #[test]
    fn malformed_ids_are_refused() {
        for text in [
            "",
            "product",
            "product_",
            "product_!",
            "42",
            "product_01h455vb4pex5vsknk084sn02",
        ] {
            assert!(matches!(
                ProductId::parse(text),
                Err(IdError::Malformed { .. })
            ));
        }
    }

    #[test]
    fn a_chosen_id_may_be_a_bare_uuid() {
        let uuid = Uuid::from_u128(42);
        assert_eq!(
            ReservationId::parse_chosen(&uuid.to_string()),
            Ok(ReservationId::from_uuid(uuid))
        );
        assert!(ReservationId::parse_chosen("order_00000000000000000000000000").is_err());
    }
}
