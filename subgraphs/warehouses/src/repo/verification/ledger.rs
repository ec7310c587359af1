//! Entry by entry: that the ledger follows from itself, and from what it names.

use super::{Check, SLICE, public};
use crate::domain::{level::LevelId, movement::MovementId};

pub(super) const CHECKS: &[Check] = &[
    Check {
        rule: "Each entry of the ledger follows from the one before it",
        table: "stock_movements",
        slice: SLICE,
        sql: "SELECT entry.level_id AS subject, entry.sequence AS sequence, \
                CAST(COALESCE(earlier.on_hand_after, 0) AS BIGINT) AS on_hand_before, CAST(entry.on_hand_delta AS BIGINT) AS on_hand_delta, \
                CAST(entry.on_hand_after AS BIGINT) AS on_hand_after, CAST(COALESCE(earlier.reserved_after, 0) AS BIGINT) AS reserved_before, \
                CAST(entry.reserved_delta AS BIGINT) AS reserved_delta, CAST(entry.reserved_after AS BIGINT) AS reserved_after \
              FROM stock_movements entry LEFT JOIN stock_movements earlier \
                ON earlier.level_id = entry.level_id AND earlier.sequence = entry.sequence - 1 \
              WHERE entry.id BETWEEN $1 AND $2 AND ((earlier.id IS NULL AND entry.sequence <> 1) OR entry.id <= earlier.id \
                OR entry.on_hand_after <> COALESCE(earlier.on_hand_after, 0) + CAST(entry.on_hand_delta AS BIGINT) \
                OR entry.reserved_after <> COALESCE(earlier.reserved_after, 0) + CAST(entry.reserved_delta AS BIGINT))",
        subject: public::<LevelId>,
        numbers: &[
            "sequence",
            "on_hand_before",
            "on_hand_delta",
            "on_hand_after",
            "reserved_before",
            "reserved_delta",
            "reserved_after",
        ],
    },
    Check {
        rule: "Each entry of the ledger moves what its kind moves",
        table: "stock_movements",
        slice: SLICE,
        sql: "SELECT id AS subject, CAST(on_hand_delta AS BIGINT) AS on_hand_delta, CAST(reserved_delta AS BIGINT) AS reserved_delta \
              FROM stock_movements WHERE id BETWEEN $1 AND $2 AND NOT CASE kind \
                WHEN 'RESERVATION' THEN on_hand_delta = 0 AND reserved_delta > 0 \
                WHEN 'RELEASE' THEN on_hand_delta = 0 AND reserved_delta < 0 \
                WHEN 'EXPIRY' THEN on_hand_delta = 0 AND reserved_delta < 0 \
                WHEN 'SALE' THEN on_hand_delta = reserved_delta AND reserved_delta < 0 \
                WHEN 'ADJUSTMENT' THEN on_hand_delta <> 0 AND reserved_delta = 0 \
                WHEN 'TRANSFER_OUT' THEN on_hand_delta < 0 AND reserved_delta = 0 \
                ELSE on_hand_delta > 0 AND reserved_delta = 0 END",
        subject: public::<MovementId>,
        numbers: &["on_hand_delta", "reserved_delta"],
    },
    // A query for each entry, and not a join: a planner may join by reading all levels, for every slice anew.
    Check {
        rule: "Each entry of the ledger names its level's product and warehouse",
        table: "stock_movements",
        slice: SLICE,
        sql: "SELECT entry.id AS subject, entry.sequence AS sequence FROM stock_movements entry \
              WHERE entry.id BETWEEN $1 AND $2 AND ( \
                SELECT level.id FROM stock_levels level WHERE level.id = entry.level_id \
                  AND level.product_id = entry.product_id AND level.warehouse_id = entry.warehouse_id \
              ) IS NULL",
        subject: public::<MovementId>,
        numbers: &["sequence"],
    },
    Check {
        rule: "The ledger names no reservation, transfer or return that is not there",
        table: "stock_movements",
        slice: SLICE,
        sql: "SELECT entry.id AS subject, CAST(entry.on_hand_delta AS BIGINT) AS on_hand_delta, \
                CAST(entry.reserved_delta AS BIGINT) AS reserved_delta \
              FROM stock_movements entry WHERE entry.id BETWEEN $1 AND $2 AND NOT CASE \
                WHEN entry.kind IN ('RECEIPT', 'ADJUSTMENT') THEN entry.reference_id IS NULL \
                WHEN entry.kind = 'RETURN' THEN EXISTS (SELECT 1 FROM restocks WHERE restocks.id = entry.reference_id) \
                WHEN entry.kind IN ('TRANSFER_OUT', 'TRANSFER_IN') THEN EXISTS (SELECT 1 FROM transfer_lines line \
                  WHERE line.transfer_id = entry.reference_id AND line.product_id = entry.product_id) \
                ELSE EXISTS (SELECT 1 FROM reservation_allocations part \
                  WHERE part.reservation_id = entry.reference_id AND part.level_id = entry.level_id) END",
        subject: public::<MovementId>,
        numbers: &["on_hand_delta", "reserved_delta"],
    },
];
