//! Reservation by reservation: that each holds all of its lines, and ends once.

use stockgraph_kit::id::ReservationId;

use super::{Check, SLICE, public};

pub(super) const CHECKS: &[Check] = &[
    Check {
        rule: "A reservation is held once and then sold, released or expired once",
        table: "reservations",
        slice: SLICE,
        sql: "SELECT part.reservation_id AS subject, CAST(part.quantity AS BIGINT) AS quantity, \
                CAST(COALESCE(ledger.held, 0) AS BIGINT) AS held, CAST(COALESCE(ledger.sold, 0) AS BIGINT) AS sold, \
                CAST(COALESCE(ledger.released, 0) AS BIGINT) AS released, CAST(COALESCE(ledger.expired, 0) AS BIGINT) AS expired, \
                CAST(COALESCE(ledger.entries, 0) AS BIGINT) AS entries \
              FROM reservation_allocations part LEFT JOIN reservations ON reservations.id = part.reservation_id \
              LEFT JOIN ( \
                SELECT reference_id, level_id, COUNT(*) AS entries, \
                  SUM(CASE WHEN kind = 'RESERVATION' AND on_hand_delta = 0 THEN reserved_delta ELSE 0 END) AS held, \
                  SUM(CASE WHEN kind = 'SALE' AND on_hand_delta = reserved_delta THEN -reserved_delta ELSE 0 END) AS sold, \
                  SUM(CASE WHEN kind = 'RELEASE' AND on_hand_delta = 0 THEN -reserved_delta ELSE 0 END) AS released, \
                  SUM(CASE WHEN kind = 'EXPIRY' AND on_hand_delta = 0 THEN -reserved_delta ELSE 0 END) AS expired \
                FROM stock_movements \
                WHERE reference_id BETWEEN $1 AND $2 AND kind IN ('RESERVATION', 'SALE', 'RELEASE', 'EXPIRY') \
                GROUP BY reference_id, level_id \
              ) ledger ON ledger.reference_id = part.reservation_id AND ledger.level_id = part.level_id \
              WHERE part.reservation_id BETWEEN $1 AND $2 AND (COALESCE(ledger.held, 0) <> part.quantity \
                  OR COALESCE(ledger.sold, 0) <> CASE WHEN reservations.status = 'COMMITTED' THEN part.quantity ELSE 0 END \
                  OR COALESCE(ledger.released, 0) <> CASE WHEN reservations.status = 'RELEASED' THEN part.quantity ELSE 0 END \
                  OR COALESCE(ledger.expired, 0) <> CASE WHEN reservations.status = 'EXPIRED' THEN part.quantity ELSE 0 END \
                  OR COALESCE(ledger.entries, 0) <> CASE WHEN reservations.status = 'HELD' THEN 1 ELSE 2 END)",
        subject: public::<ReservationId>,
        numbers: &["quantity", "held", "sold", "released", "expired", "entries"],
    },
    Check {
        rule: "Every line of a reservation is allocated whole",
        table: "reservations",
        slice: SLICE,
        sql: "SELECT line.reservation_id AS subject, CAST(line.quantity AS BIGINT) AS quantity, \
                CAST(COALESCE(parts.quantity, 0) AS BIGINT) AS allocated \
              FROM reservation_lines line LEFT JOIN ( \
                SELECT part.reservation_id, level.product_id, SUM(part.quantity) AS quantity \
                FROM reservation_allocations part CROSS JOIN stock_levels level \
                WHERE part.reservation_id BETWEEN $1 AND $2 AND level.id = part.level_id \
                GROUP BY part.reservation_id, level.product_id \
              ) parts ON parts.reservation_id = line.reservation_id AND parts.product_id = line.product_id \
              WHERE line.reservation_id BETWEEN $1 AND $2 AND line.quantity <> COALESCE(parts.quantity, 0)",
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
