//! Return by return and transfer by transfer: that the ledger moved what they say.

use super::{Check, SLICE, public};
use crate::domain::{restock::RestockId, transfer::TransferId};

pub(super) const CHECKS: &[Check] = &[
    Check {
        rule: "A return has put something back",
        table: "restocks",
        slice: SLICE,
        sql: "SELECT restocks.id AS subject FROM restocks \
              WHERE restocks.id BETWEEN $1 AND $2 \
                AND NOT EXISTS (SELECT 1 FROM stock_movements entry WHERE entry.reference_id = restocks.id AND entry.kind = 'RETURN')",
        subject: public::<RestockId>,
        numbers: &[],
    },
    Check {
        rule: "A transfer leaves its source once, and arrives once where it was closed to",
        table: "transfers",
        slice: SLICE,
        sql: "SELECT line.transfer_id AS subject, CAST(line.quantity AS BIGINT) AS quantity, \
                CAST(COALESCE(ledger.departed, 0) AS BIGINT) AS departed, CAST(COALESCE(ledger.arrived, 0) AS BIGINT) AS arrived, \
                CAST(COALESCE(ledger.entries, 0) AS BIGINT) AS entries \
              FROM transfer_lines line LEFT JOIN transfers ON transfers.id = line.transfer_id \
              LEFT JOIN ( \
                SELECT entry.reference_id, entry.product_id, COUNT(*) AS entries, \
                  SUM(CASE WHEN entry.kind = 'TRANSFER_OUT' AND entry.warehouse_id = route.source_id \
                    THEN -entry.on_hand_delta ELSE 0 END) AS departed, \
                  SUM(CASE WHEN entry.kind = 'TRANSFER_IN' \
                    AND entry.warehouse_id = CASE WHEN route.status = 'CANCELLED' THEN route.source_id ELSE route.destination_id END \
                    THEN entry.on_hand_delta ELSE 0 END) AS arrived \
                FROM transfers route CROSS JOIN stock_movements entry \
                WHERE route.id BETWEEN $1 AND $2 AND entry.reference_id = route.id AND entry.kind IN ('TRANSFER_OUT', 'TRANSFER_IN') \
                GROUP BY entry.reference_id, entry.product_id \
              ) ledger ON ledger.reference_id = line.transfer_id AND ledger.product_id = line.product_id \
              WHERE line.transfer_id BETWEEN $1 AND $2 AND (COALESCE(ledger.departed, 0) <> line.quantity \
                  OR COALESCE(ledger.arrived, 0) <> CASE WHEN transfers.status = 'IN_TRANSIT' THEN 0 ELSE line.quantity END \
                  OR COALESCE(ledger.entries, 0) <> CASE WHEN transfers.status = 'IN_TRANSIT' THEN 1 ELSE 2 END)",
        subject: public::<TransferId>,
        numbers: &["quantity", "departed", "arrived", "entries"],
    },
];
