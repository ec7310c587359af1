//! Level by level: that each is what its entries and its holds say.

use super::{Check, SLICE, public};
use crate::domain::level::LevelId;

/// Allocations are found by their reservation, not by their level, so that each slice reads all that is held. Only what it has
/// of its own levels is grouped, and what of that does not fit into memory both engines put into a file.
const HELD_SLICE: u64 = 250_000;

pub(super) const CHECKS: &[Check] = &[
    Check {
        rule: "No level has more reserved than on hand, nor less than nothing",
        table: "stock_levels",
        slice: SLICE,
        sql: "SELECT id AS subject, CAST(on_hand AS BIGINT) AS on_hand, CAST(reserved AS BIGINT) AS reserved \
              FROM stock_levels WHERE id BETWEEN $1 AND $2 AND (reserved < 0 OR reserved > on_hand)",
        subject: public::<LevelId>,
        numbers: &["on_hand", "reserved"],
    },
    Check {
        rule: "The sums of a level's entries in the ledger are the level",
        table: "stock_levels",
        slice: SLICE,
        sql: "SELECT id AS subject, CAST(SUM(on_hand) AS BIGINT) AS on_hand, \
                CAST(SUM(on_hand_by_ledger) AS BIGINT) AS on_hand_by_ledger, CAST(SUM(reserved) AS BIGINT) AS reserved, \
                CAST(SUM(reserved_by_ledger) AS BIGINT) AS reserved_by_ledger, \
                CAST(SUM(sequence) AS BIGINT) AS sequence, CAST(SUM(entries) AS BIGINT) AS entries \
              FROM ( \
                SELECT id, on_hand, 0 AS on_hand_by_ledger, reserved, 0 AS reserved_by_ledger, sequence, 0 AS entries \
                FROM stock_levels WHERE id BETWEEN $1 AND $2 \
                UNION ALL \
                SELECT level_id, 0, on_hand_delta, 0, reserved_delta, 0, 1 FROM stock_movements WHERE level_id BETWEEN $1 AND $2 \
              ) AS parts \
              GROUP BY id HAVING SUM(on_hand) <> SUM(on_hand_by_ledger) \
                OR SUM(reserved) <> SUM(reserved_by_ledger) OR SUM(sequence) <> SUM(entries)",
        subject: public::<LevelId>,
        numbers: &[
            "on_hand",
            "on_hand_by_ledger",
            "reserved",
            "reserved_by_ledger",
            "sequence",
            "entries",
        ],
    },
    Check {
        rule: "What is reserved of a level is what held reservations have of it",
        table: "stock_levels",
        slice: HELD_SLICE,
        sql: "SELECT level.id AS subject, CAST(level.reserved AS BIGINT) AS reserved, CAST(COALESCE(held.quantity, 0) AS BIGINT) AS held \
              FROM stock_levels level LEFT JOIN ( \
                SELECT part.level_id, SUM(part.quantity) AS quantity \
                FROM reservations CROSS JOIN reservation_allocations part \
                WHERE reservations.status = 'HELD' AND part.reservation_id = reservations.id AND part.level_id BETWEEN $1 AND $2 \
                GROUP BY part.level_id \
              ) held ON held.level_id = level.id \
              WHERE level.id BETWEEN $1 AND $2 AND level.reserved <> COALESCE(held.quantity, 0)",
        subject: public::<LevelId>,
        numbers: &["reserved", "held"],
    },
];
