//! Queries, entities and their loaders.

use chrono::TimeDelta;
use serde_json::{Value, json};
use stockgraph_kit::{caller::Caller, on_both_engines};

use crate::shop::{Shop, customer, mouse, service, staff, user};

const ENTITIES: &str = "query($representations: [_Any!]!) { _entities(representations: $representations) {
    __typename
    ... on Order { id status lines { quantity } timeline { kind } payments { reference } shipment { carrier } }
    ... on User { id orders(first: 2) { totalCount nodes { number lines { sku } payments { reference } timeline { kind } } } }
} }";

async fn mice(shop: &Shop, number: u128, orders: usize) -> Vec<Value> {
    let mut placed = Vec::new();
    for index in 0..orders {
        let payload = shop
            .place(number, &format!("key {index}"), &[(mouse(), 1)])
            .await;
        placed.push(payload["order"].clone());
        shop.pass(TimeDelta::seconds(1));
    }
    placed
}

fn numbers(connection: &Value) -> Vec<&str> {
    let nodes = connection["nodes"].as_array().unwrap();
    nodes
        .iter()
        .map(|node| node["number"].as_str().unwrap())
        .collect()
}

on_both_engines! {
    async fn an_order_is_seen_by_its_customer_and_by_staff_and_by_nobody_else(engine: Engine) {
        let shop = Shop::open(engine).await;
        let order = shop.pending("key").await;
        let query = "query($id: ID!, $number: String!) { order(id: $id) { id } orderByNumber(number: $number) { id } }";
        let typed = order["number"].as_str().unwrap().to_lowercase();
        let variables = json!({ "id": order["id"], "number": typed });
        let seen = json!({ "order": { "id": order["id"] }, "orderByNumber": { "id": order["id"] } });
        let unseen = json!({ "order": null, "orderByNumber": null });
        assert_eq!(shop.ask(&customer(1), query, variables.clone()).await, seen);
        assert_eq!(shop.ask(&staff(), query, variables.clone()).await, seen);
        assert_eq!(shop.ask(&customer(2), query, variables.clone()).await, unseen);
        assert_eq!(shop.ask(&Caller::Anonymous, query, variables).await, unseen);
        let unknown = json!({ "id": "order_01kdvdna00e00800000g000001", "number": "SO-2027-2222222" });
        assert_eq!(shop.ask(&staff(), query, unknown).await, unseen);
        assert_eq!(shop.refusal(&staff(), query, json!({ "id": "7", "number": "" })).await, "BAD_USER_INPUT");
    }

    async fn a_number_that_cannot_be_one_spoils_nothing_beside_it(engine: Engine) {
        let shop = Shop::open(engine).await;
        let order = shop.pending("key").await;
        let query = "query($number: String!) { real: orderByNumber(number: $number) { id } none: orderByNumber(number: \"SO-\\u0000\") { id } }";
        let found = shop.ask(&customer(1), query, json!({ "number": order["number"] })).await;
        assert_eq!(found, json!({ "real": { "id": order["id"] }, "none": null }));
    }

    async fn orders_are_paged_newest_first_in_both_directions(engine: Engine) {
        let shop = Shop::open(engine).await;
        let placed = mice(&shop, 1, 5).await;
        let newest_first: Vec<_> = placed.iter().rev().map(|order| order["number"].as_str().unwrap()).collect();
        let query = "query($first: Int, $after: String, $last: Int, $before: String) {
            orders(first: $first, after: $after, last: $last, before: $before) {
                totalCount nodes { number } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }";
        let page = async |variables: Value| shop.ask(&staff(), query, variables).await["orders"].clone();
        let first = page(json!({ "first": 2 })).await;
        assert_eq!((numbers(&first), &first["totalCount"]), (newest_first[..2].to_vec(), &json!(5)));
        assert_eq!((&first["pageInfo"]["hasNextPage"], &first["pageInfo"]["hasPreviousPage"]), (&json!(true), &json!(false)));
        let rest = page(json!({ "after": first["pageInfo"]["endCursor"] })).await;
        assert_eq!(numbers(&rest), newest_first[2..]);
        assert_eq!(rest["pageInfo"]["hasNextPage"], json!(false));
        let last = page(json!({ "last": 2 })).await;
        assert_eq!(numbers(&last), newest_first[3..]);
        let before = page(json!({ "last": 2, "before": last["pageInfo"]["startCursor"] })).await;
        assert_eq!(numbers(&before), newest_first[1..3]);
        assert_eq!(shop.refusal(&staff(), query, json!({ "first": 101 })).await, "BAD_USER_INPUT");
        assert_eq!(shop.refusal(&staff(), query, json!({ "after": "x" })).await, "BAD_USER_INPUT");
        assert_eq!(shop.refusal(&customer(1), query, json!({})).await, "FORBIDDEN");
        assert_eq!(shop.refusal(&Caller::Anonymous, query, json!({})).await, "UNAUTHENTICATED");
    }

    async fn a_filter_holds_what_passes_every_part_of_it(engine: Engine) {
        let shop = Shop::open(engine).await;
        let of_one = mice(&shop, 1, 2).await;
        let of_two = mice(&shop, 2, 2).await;
        shop.cancel(&customer(2), &of_two[0]).await;
        let query = "query($filter: OrderFilter) { orders(filter: $filter) { totalCount nodes { number } } }";
        let filtered = async |filter: Value| {
            let data = shop.ask(&staff(), query, json!({ "filter": filter })).await;
            let numbers: Vec<_> = numbers(&data["orders"]).into_iter().map(ToOwned::to_owned).collect();
            assert_eq!(data["orders"]["totalCount"], numbers.len());
            numbers
        };
        assert_eq!(filtered(json!({ "status": ["CANCELLED"] })).await, [of_two[0]["number"].as_str().unwrap()]);
        assert_eq!(filtered(json!({ "status": [] })).await, [""; 0]);
        assert_eq!(filtered(json!({ "status": ["CANCELLED", "PENDING_PAYMENT"] })).await.len(), 4);
        assert_eq!(filtered(json!({ "customerId": user(2).to_string(), "status": ["PENDING_PAYMENT"] })).await.len(), 1);
        let (from, to) = (&of_one[1]["placedAt"], &of_two[1]["placedAt"]);
        assert_eq!(filtered(json!({ "placedFrom": from, "placedTo": to })).await.len(), 2);
    }

    async fn entities_are_resolved_as_far_as_the_caller_may_see_them(engine: Engine) {
        let shop = Shop::open(engine).await;
        let own = shop.pending("key").await;
        let foreign = mice(&shop, 2, 1).await.remove(0);
        let representations = json!([
            { "__typename": "Order", "id": own["id"] },
            { "__typename": "Order", "id": foreign["id"] },
            { "__typename": "Order", "number": own["number"] },
            { "__typename": "Order", "id": "7" },
            { "__typename": "User", "id": user(1).to_string() },
            { "__typename": "User", "id": user(2).to_string() },
            { "__typename": "User", "id": own["id"] },
        ]);
        let data = shop.ask(&customer(1), ENTITIES, json!({ "representations": representations })).await;
        let entities = data["_entities"].as_array().unwrap();
        assert_eq!(entities[0]["id"], own["id"]);
        assert_eq!(entities[1], Value::Null);
        assert_eq!(entities[2], entities[0]);
        assert_eq!(entities[3], Value::Null);
        assert_eq!(entities[4]["orders"]["totalCount"], 1);
        assert_eq!(entities[5], json!({ "__typename": "User", "id": user(2).to_string(), "orders": null }));
        assert_eq!(entities[6], Value::Null);
    }

    async fn a_user_s_orders_take_one_statement_for_each_table_whatever_their_number(engine: Engine) {
        let shop = Shop::open(engine).await;
        for number in 1..=5 {
            mice(&shop, number, 3).await;
        }
        let users: Vec<_> = (1..=6).map(|number| json!({ "__typename": "User", "id": user(number).to_string() })).collect();
        drop(shop.database.take_statements());
        let data = shop.ask(&staff(), ENTITIES, json!({ "representations": users })).await;
        let statements = shop.database.take_statements();
        // Orders, their counts, lines, payments and events.
        assert_eq!(statements.len(), 5, "{statements:#?}");
        for (index, entity) in data["_entities"].as_array().unwrap().iter().enumerate() {
            let (orders, total) = if index < 5 { (2, 3) } else { (0, 0) };
            assert_eq!(entity["orders"]["nodes"].as_array().unwrap().len(), orders);
            assert_eq!(entity["orders"]["totalCount"], total);
        }
    }

    async fn the_pages_of_many_users_are_the_pages_of_each(engine: Engine) {
        let shop = Shop::open(engine).await;
        for number in 1..=3 {
            mice(&shop, number, 4).await;
        }
        let query = "query($r: [_Any!]!, $first: Int, $after: String, $last: Int, $before: String) { _entities(representations: $r) {
            ... on User { orders(first: $first, after: $after, last: $last, before: $before) {
                nodes { number } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } } }";
        let pages = async |users: &[u128], mut variables: Value| {
            let users: Vec<_> = users.iter().map(|number| json!({ "__typename": "User", "id": user(*number).to_string() })).collect();
            variables["r"] = json!(users);
            shop.ask(&staff(), query, variables).await["_entities"].as_array().unwrap().clone()
        };
        let middle = pages(&[2], json!({ "first": 2 })).await[0]["orders"]["pageInfo"]["endCursor"].clone();
        for variables in [
            json!({ "first": 3 }), json!({ "last": 3 }), json!({ "first": 1, "after": middle }), json!({ "last": 1, "before": middle }),
        ] {
            let together = pages(&[1, 2, 3], variables.clone()).await;
            for number in 1..=3_u128 {
                let alone = pages(&[number], variables.clone()).await;
                assert_eq!(together[usize::try_from(number).unwrap() - 1], alone[0], "{variables}");
            }
        }
    }

    async fn a_list_of_fifty_orders_takes_one_statement_for_each_table(engine: Engine) {
        let shop = Shop::open(engine).await;
        mice(&shop, 1, 50).await;
        drop(shop.database.take_statements());
        let query = "{ orders(first: 50) { nodes { refundDue { amount } payments { reference } shipment { carrier }
            lines { sku product { id } } timeline { kind } customer { id } } } }";
        let data = shop.ask(&staff(), query, json!({})).await;
        assert_eq!(data["orders"]["nodes"].as_array().unwrap().len(), 50);
        let statements = shop.database.take_statements();
        // Orders, lines, payments (once for both fields), shipments and events.
        assert_eq!(statements.len(), 5, "{statements:#?}");
    }

    async fn each_mutation_of_a_request_shows_the_order_as_it_has_left_it(engine: Engine) {
        use stockgraph_kit::caller::Scope;
        let shop = Shop::open(engine).await;
        let order = shop.pending("key").await;
        let query = "mutation($id: ID!) {
            pay: confirmPayment(input: { orderId: $id, paymentReference: \"p\", amount: { amount: \"15200000\", currency: \"IDR\" } }) {
                order { status timeline { kind } payments { status } } }
            twice: confirmPayment(input: { orderId: $id, paymentReference: \"q\", amount: { amount: \"1\", currency: \"IDR\" } }) {
                order { status timeline { kind } payments { status } } } }";
        let data = shop.ask(&service(Scope::PaymentsConfirm), query, json!({ "id": order["id"] })).await;
        assert_eq!(data["pay"]["order"]["timeline"].as_array().unwrap().len(), 2);
        assert_eq!(data["twice"]["order"]["timeline"].as_array().unwrap().len(), 3);
        assert_eq!(data["twice"]["order"]["payments"][1]["status"], "REFUND_DUE");
    }
}
