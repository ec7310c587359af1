//! Every query of the domain, a file per noun. Rows go no further than this.

pub mod keys;
pub mod levels;
pub mod movements;
pub mod reservations;
pub mod restocks;
pub mod transfers;
pub mod verification;
pub mod warehouses;

use sea_orm::{DbBackend, DbErr};

/// How many rows go into one statement at most: far below the bound on its parameters (32,766 on SQLite, 65,535 on PostgreSQL).
pub const CHUNK: usize = 512;

/// The rows in pieces, each for one statement.
///
/// On PostgreSQL a statement costs a round trip, so the pieces are as large as may be. On SQLite it costs none, but to prepare it costs
/// more than to run it: there a piece is as large as a power of two, so that the same few statements come again and are kept prepared.
fn pieces<T>(backend: DbBackend, mut rows: &[T]) -> impl Iterator<Item = &[T]> {
    let in_powers_of_two = backend == DbBackend::Sqlite;
    std::iter::from_fn(move || {
        let most = rows.len().min(CHUNK);
        let size = if in_powers_of_two && most > 0 {
            1 << most.ilog2()
        } else {
            most
        };
        let (piece, rest) = rows.split_at(size);
        rows = rest;
        (!piece.is_empty()).then_some(piece)
    })
}

/// The ids for an `IN`, the last of them repeated until they are as many as a power of two: so the same few statements come again and
/// are kept prepared, on both engines.
fn padded<I: Copy>(ids: &[I]) -> impl Iterator<Item = I> {
    let missing = if ids.len() <= CHUNK {
        ids.len().next_power_of_two() - ids.len()
    } else {
        0
    };
    let last = ids.last().copied();
    let again = last.into_iter().cycle().take(missing);
    ids.iter().copied().chain(again)
}

/// What a stored text stands for.
fn known<T>(value: Option<T>, column: &str) -> Result<T, DbErr> {
    value.ok_or_else(|| DbErr::Type(format!("`{column}` has a text that it cannot have")))
}

/// Makes sure that a guarded statement changed every row that it was to change.
fn changed_all(changed: u64, expected: usize, what: &str) -> Result<(), DbErr> {
    if changed == expected as u64 {
        Ok(())
    } else {
        Err(DbErr::Custom(format!(
            "{what}: {changed} of {expected} rows were as they had been read"
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_whole_on_postgres_and_powers_of_two_on_sqlite() {
        let rows: Vec<_> = (0..1_100).collect();
        for (backend, sizes) in [
            (DbBackend::Postgres, vec![512, 512, 76]),
            (DbBackend::Sqlite, vec![512, 512, 64, 8, 4]),
        ] {
            let found: Vec<_> = pieces(backend, &rows).collect();
            assert_eq!(
                found.iter().map(|piece| piece.len()).collect::<Vec<_>>(),
                sizes
            );
            assert_eq!(found.concat(), rows);
            assert_eq!(pieces::<i32>(backend, &[]).count(), 0);
        }
    }

    #[test]
    fn ids_are_padded_with_the_last_of_them() {
        assert_eq!(
            padded(&[1, 2, 3, 4, 5]).collect::<Vec<_>>(),
            [1, 2, 3, 4, 5, 5, 5, 5]
        );
        assert_eq!(padded(&[1]).collect::<Vec<_>>(), [1]);
        assert_eq!(padded::<i32>(&[]).count(), 0);
        assert_eq!(padded(&[7; 600]).count(), 600);
    }
}
