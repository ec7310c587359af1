//! Who may see and move what.

use serde_json::{Value, json};
use stockgraph_kit::{
    caller::{Caller, Scope, Scopes},
    id::{Id, ReservationId, UserId},
    on_both_engines,
};

use crate::graph::{TestGraph, part};

const ID: &str = "warehouse_01h455vb4pex5vsknk084sn02q";
const HELD: &str = "018f0000-0000-7000-8000-000000000001";

/// Each field that needs a right, and the right.
fn guarded() -> Vec<(String, Scope)> {
    let instant = "\"2026-11-23T09:00:00Z\"";
    let line = "lines: []";
    let write = [
        "createWarehouse(input: { code: \"A\", name: \"A\" }) { __typename }".to_owned(),
        format!("updateWarehouse(input: {{ id: \"{ID}\" }}) {{ __typename }}"),
        format!("activateWarehouse(input: {{ id: \"{ID}\" }}) {{ __typename }}"),
        format!("deactivateWarehouse(input: {{ id: \"{ID}\" }}) {{ __typename }}"),
        format!("receiveStock(input: {{ warehouseId: \"{ID}\", {line} }}) {{ __typename }}"),
        format!(
            "adjustStock(input: {{ warehouseId: \"{ID}\", productId: \"x\", delta: 1, reason: \"x\" }}) {{ __typename }}"
        ),
        format!(
            "setStockPolicy(input: {{ warehouseId: \"{ID}\", productId: \"x\" }}) {{ __typename }}"
        ),
        format!(
            "transferStock(input: {{ sourceId: \"{ID}\", destinationId: \"{ID}\", {line} }}) {{ __typename }}"
        ),
        "receiveTransfer(input: { id: \"x\" }) { __typename }".to_owned(),
        "cancelTransfer(input: { id: \"x\" }) { __typename }".to_owned(),
    ];
    let reserve = [
        format!(
            "reserveStock(input: {{ id: \"x\", {line}, expiresAt: {instant} }}) {{ __typename }}"
        ),
        "commitReservation(input: { id: \"x\" }) { __typename }".to_owned(),
        "releaseReservation(input: { id: \"x\" }) { __typename }".to_owned(),
        "releaseReservations(input: { ids: [\"x\"] }) { __typename }".to_owned(),
        format!("restock(input: {{ id: \"x\", reservationId: \"x\", {line} }}) {{ __typename }}"),
    ];
    let read = [
        "lowStock { __typename }".to_owned(),
        "stockMovements { __typename }".to_owned(),
        "stockReservation(id: \"reservation_01h455vb4pex5vsknk084sn02q\") { __typename }"
            .to_owned(),
        "stockTransfer(id: \"transfer_01h455vb4pex5vsknk084sn02q\") { __typename }".to_owned(),
    ];
    let product = "_entities(representations: [{ __typename: \"Product\", id: \"product_01h455vb4pex5vsknk084sn02q\" }])";
    let of_stock = [
        format!("{product} {{ ... on Product {{ stock {{ movements {{ __typename }} }} }} }}"),
        format!("{product} {{ ... on Product {{ stock {{ onHandAt(instant: {instant}) }} }} }}"),
    ];
    let expire = "mutation { expireReservations(input: {}) { __typename } }".to_owned();
    let mutation = |fields: Vec<String>, scope| {
        fields
            .into_iter()
            .map(move |field| (format!("mutation {{ {field} }}"), scope))
            .collect::<Vec<_>>()
    };
    let mut all = mutation(write.into(), Scope::StockWrite);
    all.extend(mutation(reserve.into(), Scope::StockReserve));
    all.extend(
        read.into_iter()
            .chain(of_stock)
            .map(|field| (format!("{{ {field} }}"), Scope::StockRead)),
    );
    all.push((expire, Scope::StockExpire));
    all
}

on_both_engines! {
    async fn every_guarded_field_needs_its_scope_and_no_other(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        for (query, scope) in guarded() {
            let code = |answer: Value| answer["errors"][0]["extensions"]["code"].clone();
            let anonymous = graph.answer_to(Caller::Anonymous, &query, Value::Null).await;
            assert_eq!(code(anonymous), "UNAUTHENTICATED", "{query}");
            let others: Vec<_> = Scope::ALL.into_iter().filter(|other| *other != scope).collect();
            let without = graph.answer_to(part(&others), &query, Value::Null).await;
            assert_eq!(code(without), "FORBIDDEN", "{query}");
            let with = graph.answer_to(part(&[scope]), &query, Value::Null).await;
            assert_eq!(with["errors"], Value::Null, "{query}: {with}");
        }
    }

    async fn a_reservation_is_seen_by_its_owner_and_by_staff_alone(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        let (jakarta, product) = (graph.warehouse("JKT", 0).await, graph.product());
        graph.receive(&jakarta, &product, 5).await;
        let [owner, other]: [UserId; 2] = [graph.ids.next(), graph.ids.next()];
        let input = json!({
            "id": HELD,
            "lines": [{ "productId": product, "quantity": 1 }],
            "expiresAt": graph.after(60),
            "ownerId": owner.to_string(),
        });
        graph.mutate("reserveStock", "reservation { id }", input).await;
        let id = ReservationId::parse_chosen(HELD).unwrap().to_string();
        let query = "query Test($of: [_Any!]!) { _entities(representations: $of) { ... on StockReservation { id status } } }";
        let of = json!({ "of": [{ "__typename": "StockReservation", "id": id }] });
        let customer = |id| Caller::User { id, scopes: Scopes::new() };
        let seen = json!([{ "id": id, "status": "HELD" }]);
        for (caller, expected) in [
            (customer(owner), &seen),
            (part(&[Scope::StockRead]), &seen),
            (customer(other), &json!([null])),
            (part(&[Scope::StockReserve]), &json!([null])),
            (Caller::Anonymous, &json!([null])),
        ] {
            let answer = graph.answer_to(caller.clone(), query, of.clone()).await;
            assert_eq!((&answer["data"]["_entities"], &answer["errors"]), (expected, &Value::Null), "{caller:?}");
        }
    }

    async fn the_ledger_and_transfers_are_no_entities_for_customers(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        let (jakarta, surabaya) = (graph.warehouse("JKT", 0).await, graph.warehouse("SUB", 1).await);
        let product = graph.product();
        graph.receive(&jakarta, &product, 5).await;
        let lines = json!([{ "productId": product, "quantity": 1 }]);
        let input = json!({ "sourceId": jakarta, "destinationId": surabaya, "lines": lines });
        let transfer = graph.mutate("transferStock", "transfer { id }", input).await;
        let ledger = graph.data("{ stockMovements { nodes { id } } }", Value::Null).await;
        let of = json!({ "of": [
            { "__typename": "StockTransfer", "id": transfer["transfer"]["id"] },
            { "__typename": "StockMovement", "id": ledger["stockMovements"]["nodes"][0]["id"] },
        ] });
        let query = "query Test($of: [_Any!]!) { _entities(representations: $of) { __typename } }";
        let answer = graph.answer_to(Caller::Anonymous, query, of.clone()).await;
        assert_eq!(answer["data"]["_entities"], json!([null, null]));
        let data = graph.data(query, of).await;
        assert_eq!(data["_entities"], json!([{ "__typename": "StockTransfer" }, { "__typename": "StockMovement" }]));
    }
}
