//! Reservation by reservation: that each holds all of its lines, and ends once.

use stockgraph_kit::id::ReservationId;

use super::{Check, SLICE, public};

// What stands in two tables is put one under the other and grouped, not joined: of a join of groups a planner knows no size, and may
// compare each row of a slice with every other.
pub(super) const CHECKS: &[Check] = &[
    Check {
        rule: "A reservation is held once and then sold, released or expired once",
        table: "reservations",
        slice: SLICE,
        sql: "SELECT reservation_id AS subject, CAST(SUM(quantity) AS BIGINT) AS quantity, CAST(SUM(held) AS BIGINT) AS held, \
                CAST(SUM(sold) AS BIGINT) AS sold, CAST(SUM(released) AS BIGINT) AS released, \
                CAST(SUM(expired) AS BIGINT) AS expired, CAST(SUM(entries) AS BIGINT) AS entries \
              FROM ( \
                SELECT reservation_id, level_id, quantity, 0 AS held, 0 AS sold, 0 AS released, 0 AS expired, 0 AS entries, \
                  (SELECT status FROM reservations WHERE reservations.id = reservation_id) AS status \
                FROM reservation_allocations WHERE reservation_id BETWEEN $1 AND $2 \
                UNION ALL \
                SELECT reference_id, level_id, 0, \
                  CASE WHEN kind = 'RESERVATION' AND on_hand_delta = 0 THEN reserved_delta ELSE 0 END, \
                  CASE WHEN kind = 'SALE' AND on_hand_delta = reserved_delta THEN -reserved_delta ELSE 0 END, \
                  CASE WHEN kind = 'RELEASE' AND on_hand_delta = 0 THEN -reserved_delta ELSE 0 END, \
                  CASE WHEN kind = 'EXPIRY' AND on_hand_delta = 0 THEN -reserved_delta ELSE 0 END, 1, NULL \
                FROM stock_movements \
                WHERE reference_id BETWEEN $1 AND $2 AND kind IN ('RESERVATION', 'SALE', 'RELEASE', 'EXPIRY') \
              ) AS parts \
              GROUP BY reservation_id, level_id \
              HAVING SUM(quantity) > 0 AND (SUM(held) <> SUM(quantity) \
                  OR SUM(sold) <> CASE WHEN MAX(status) = 'COMMITTED' THEN SUM(quantity) ELSE 0 END \
                  OR SUM(released) <> CASE WHEN MAX(status) = 'RELEASED' THEN SUM(quantity) ELSE 0 END \
                  OR SUM(expired) <> CASE WHEN MAX(status) = 'EXPIRED' THEN SUM(quantity) ELSE 0 END \
                  OR SUM(entries) <> CASE WHEN MAX(status) = 'HELD' THEN 1 ELSE 2 END)",
        subject: public::<ReservationId>,
        numbers: &["quantity", "held", "sold", "released", "expired", "entries"],
    },
    Check {
        rule: "Every line of a reservation is allocated whole",
        table: "reservations",
        slice: SLICE,
        sql: "SELECT reservation_id AS subject, CAST(SUM(quantity) AS BIGINT) AS quantity, CAST(SUM(allocated) AS BIGINT) AS allocated \
              FROM ( \
                SELECT reservation_id, product_id, quantity, 0 AS allocated \
                FROM reservation_lines WHERE reservation_id BETWEEN $1 AND $2 \
                UNION ALL \
                SELECT reservation_id, (SELECT product_id FROM stock_levels WHERE stock_levels.id = level_id), 0, quantity \
                FROM reservation_allocations WHERE reservation_id BETWEEN $1 AND $2 \
              ) AS parts \
              GROUP BY reservation_id, product_id HAVING SUM(quantity) > 0 AND SUM(quantity) <> SUM(allocated)",
        subject: public::<ReservationId>,
        numbers: &["quantity", "allocated"],
    },
    Check {
        rule: "Nothing is allocated but a line of its reservation, and every reservation has one",
        table: "reservations",
        slice: SLICE,
        sql: "SELECT part.reservation_id AS subject, CAST(part.quantity AS BIGINT) AS allocated \
              FROM reservation_allocations part LEFT JOIN stock_levels level ON level.id = part.level_id \
              LEFT JOIN reservation_lines line ON line.reservation_id = part.reservation_id AND line.product_id = level.product_id \
              WHERE part.reservation_id BETWEEN $1 AND $2 AND line.product_id IS NULL \
              UNION ALL \
              SELECT reservations.id AS subject, CAST(0 AS BIGINT) AS allocated FROM reservations \
              WHERE reservations.id BETWEEN $1 AND $2 \
                AND NOT EXISTS (SELECT 1 FROM reservation_lines line WHERE line.reservation_id = reservations.id)",
        subject: public::<ReservationId>,
        numbers: &["allocated"],
    },
    Check {
        rule: "What comes back is on the ledger, and no more than was sold",
        table: "reservations",
        slice: SLICE,
        sql: "SELECT reservation_id AS subject, CAST(SUM(sold) AS BIGINT) AS sold, CAST(SUM(returned) AS BIGINT) AS returned, \
                CAST(SUM(by_ledger) AS BIGINT) AS returned_by_ledger \
              FROM ( \
                SELECT part.reservation_id, level.product_id, part.returned, 0 AS by_ledger, \
                  CASE WHEN reservations.status = 'COMMITTED' THEN part.quantity ELSE 0 END AS sold \
                FROM reservation_allocations part CROSS JOIN reservations CROSS JOIN stock_levels level \
                WHERE part.reservation_id BETWEEN $1 AND $2 AND part.returned > 0 \
                  AND reservations.id = part.reservation_id AND level.id = part.level_id \
                UNION ALL \
                SELECT restocks.reservation_id, entry.product_id, 0, entry.on_hand_delta, 0 \
                FROM restocks CROSS JOIN stock_movements entry \
                WHERE restocks.reservation_id BETWEEN $1 AND $2 AND entry.reference_id = restocks.id AND entry.kind = 'RETURN' \
              ) AS goods \
              GROUP BY reservation_id, product_id \
              HAVING SUM(returned) <> SUM(by_ledger) OR SUM(returned) > SUM(sold)",
        subject: public::<ReservationId>,
        numbers: &["sold", "returned", "returned_by_ledger"],
    },
];
