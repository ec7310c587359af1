//! `me`, `user`, `users` and `User` as an entity of the graph.

use chrono::TimeDelta;
use serde_json::{Value, json};
use stockgraph_kit::on_both_engines;
use stockgraph_users::domain::role::Role;

use crate::graph::{Member, PASSWORD, TestGraph, text};

const ENTITIES: &str = "query($them: [_Any!]!) { _entities(representations: $them) { ... on User { id email roles } } }";

async fn entities(graph: &TestGraph, token: Option<&str>, ids: &[&str]) -> Value {
    let them: Vec<_> = ids
        .iter()
        .map(|id| json!({ "__typename": "User", "id": id }))
        .collect();
    graph.data(token, ENTITIES, json!({ "them": them })).await["_entities"].take()
}

async fn users(graph: &TestGraph, staff: &Member, arguments: &str) -> Value {
    let query = format!(
        "{{ users({arguments}) {{ totalCount nodes {{ email roles }} edges {{ cursor }} pageInfo {{ hasNextPage hasPreviousPage endCursor startCursor }} }} }}"
    );
    graph.data(staff.token(), &query, json!({})).await["users"].take()
}

fn emails(list: &Value) -> Vec<&str> {
    list["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|user| text(user, "email"))
        .collect()
}

async fn register(graph: &TestGraph, name: &str, phone: &str) {
    graph.wait(TimeDelta::seconds(1));
    let input = json!({
        "email": format!("{}@example.com", name.split(' ').next().unwrap().to_lowercase()),
        "phoneNumber": phone,
        "displayName": name,
        "password": PASSWORD,
    });
    assert!(graph.register(input).await["user"].is_object());
}

on_both_engines! {
    async fn nobody_is_me_without_a_token(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        assert_eq!(graph.me(None).await, Value::Null);
        assert_eq!(graph.code(Some("nonsense"), "{ me { id } }", json!({})).await, "UNAUTHENTICATED");
    }

    async fn a_profile_is_for_its_owner_and_those_who_may_see_all(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        let (one, other) = (graph.member(Role::Customer).await, graph.member(Role::Customer).await);
        let staff = graph.member(Role::Staff).await;
        let query = "query($id: ID!) { user(id: $id) { email } }";
        let one_by = |token| graph.data(token, query, json!({ "id": one.id.to_string() }));
        assert_eq!(one_by(one.token()).await["user"]["email"], json!(one.email));
        assert_eq!(one_by(staff.token()).await["user"]["email"], json!(one.email));
        assert_eq!(one_by(other.token()).await["user"], Value::Null);
        assert_eq!(one_by(None).await["user"], Value::Null);
        let unknown = json!({ "id": "user_01h455vb4pex5vsknk084sn02q" });
        assert_eq!(graph.data(staff.token(), query, unknown).await["user"], Value::Null);
        for id in ["nonsense", "order_01h455vb4pex5vsknk084sn02q"] {
            assert_eq!(graph.code(None, query, json!({ "id": id })).await, "BAD_USER_INPUT");
        }
    }

    async fn entities_are_those_that_the_caller_may_see_and_the_rest_is_null(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        let (one, other) = (graph.member(Role::Customer).await, graph.member(Role::Customer).await);
        let staff = graph.member(Role::Staff).await;
        let (first, second) = (one.id.to_string(), other.id.to_string());
        let ids = [&first, "nonsense", &second, "order_01h455vb4pex5vsknk084sn02q", "user_01h455vb4pex5vsknk084sn02q", &first];
        let shown = |email: &str, id: &str| json!({ "id": id, "email": email, "roles": ["CUSTOMER"] });
        let (a, b) = (shown(&one.email, &first), shown(&other.email, &second));
        assert_eq!(entities(&graph, staff.token(), &ids).await, json!([a, null, b, null, null, a]));
        assert_eq!(entities(&graph, one.token(), &ids).await, json!([a, null, null, null, null, a]));
        assert_eq!(entities(&graph, None, &ids).await, json!([null, null, null, null, null, null]));
    }

    async fn many_entities_make_one_statement(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        let staff = graph.member(Role::Staff).await;
        let mut ids = Vec::new();
        for _ in 0..20 {
            ids.push(graph.member(Role::Customer).await.id.to_string());
        }
        let ids: Vec<_> = ids.iter().map(String::as_str).collect();
        let _before = graph.database.take_statements();
        let found = entities(&graph, staff.token(), &ids).await;
        assert!(found.as_array().unwrap().iter().all(Value::is_object));
        let statements = graph.database.take_statements();
        assert_eq!(statements.len(), 1, "{statements:#?}");
        let page = users(&graph, &staff, "first: 100").await;
        assert_eq!(emails(&page).len(), 21);
        // Users, their roles, and how many there are.
        let statements = graph.database.take_statements();
        assert_eq!(statements.len(), 3, "{statements:#?}");
    }

    async fn the_list_is_paged_newest_first_in_both_directions(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        let staff = graph.member(Role::Staff).await;
        for (name, phone) in [("Ayu", "081234567890"), ("Budi", "081234567891"), ("Citra", "081234567892")] {
            register(&graph, name, phone).await;
        }
        let all = ["citra@example.com", "budi@example.com", "ayu@example.com", staff.email.as_str()];
        let page = users(&graph, &staff, "first: 2").await;
        assert_eq!(emails(&page), all[..2]);
        assert_eq!(page["totalCount"], json!(4));
        assert_eq!(page["pageInfo"]["hasNextPage"], json!(true));
        assert_eq!(page["pageInfo"]["hasPreviousPage"], json!(false));
        let end = text(&page["pageInfo"], "endCursor");
        let page = users(&graph, &staff, &format!(r#"first: 2, after: "{end}""#)).await;
        assert_eq!(emails(&page), all[2..]);
        assert_eq!(page["pageInfo"]["hasNextPage"], json!(false));
        let start = text(&page["pageInfo"], "startCursor");
        let page = users(&graph, &staff, &format!(r#"last: 1, before: "{start}""#)).await;
        assert_eq!(emails(&page), all[1..2]);
        assert_eq!(page["pageInfo"]["hasPreviousPage"], json!(true));
        assert_eq!(emails(&users(&graph, &staff, "last: 3").await), all[1..]);
    }

    async fn users_of_the_same_instant_are_all_on_some_page(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        let staff = graph.member(Role::Staff).await;
        for _ in 0..6 {
            graph.member(Role::Customer).await;
        }
        let (mut seen, mut after) = (Vec::new(), String::new());
        for _ in 0..4 {
            let page = users(&graph, &staff, &format!("first: 2 {after}")).await;
            seen.extend(emails(&page).into_iter().map(str::to_owned));
            after = format!(r#"after: "{}""#, text(&page["pageInfo"], "endCursor"));
        }
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), 7);
    }

    async fn the_list_is_filtered_by_text_role_and_state(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        let admin = graph.member(Role::Admin).await;
        register(&graph, "Ayu Lestari", "081234567890").await;
        register(&graph, "Budi_50% ÉCLAIR", "081234567891").await;
        for (search, expected) in [
            ("ayu", vec!["ayu@example.com"]),
            ("LESTARI", vec!["ayu@example.com"]),
            ("567891", vec!["budi_50%@example.com"]),
            ("0812-3456-7890", vec!["ayu@example.com"]),
            ("éclair", vec!["budi_50%@example.com"]),
            ("_50%", vec!["budi_50%@example.com"]),
            ("%", vec!["budi_50%@example.com"]),
            ("y_", vec![]),
            ("!", vec![]),
            ("' OR 1=1 --", vec![]),
        ] {
            let list = users(&graph, &admin, &format!("filter: {{ search: {} }}", json!(search))).await;
            assert_eq!(emails(&list), expected, "{search}");
            assert_eq!(list["totalCount"], json!(expected.len()), "{search}");
        }
        let admins = users(&graph, &admin, "filter: { role: ADMIN }").await;
        assert_eq!(emails(&admins), [admin.email.as_str()]);
        assert_eq!(emails(&users(&graph, &admin, r#"filter: { search: " ", role: CUSTOMER }"#).await).len(), 2);
        assert_eq!(emails(&users(&graph, &admin, "filter: { active: false }").await), [""; 0]);
        assert_eq!(emails(&users(&graph, &admin, "filter: { active: true }").await).len(), 3);
    }

    async fn arguments_out_of_range_are_refused(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        let staff = graph.member(Role::Staff).await;
        for arguments in [
            "first: -1".to_owned(),
            "first: 101".to_owned(),
            "first: 1, last: 1".to_owned(),
            r#"after: "nonsense""#.to_owned(),
            format!(r#"filter: {{ search: "{}" }}"#, "x".repeat(101)),
        ] {
            let query = format!("{{ users({arguments}) {{ totalCount }} }}");
            assert_eq!(graph.code(staff.token(), &query, json!({})).await, "BAD_USER_INPUT", "{arguments}");
        }
    }


    async fn parts_of_the_system_are_nobody_and_see_what_their_scopes_say(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        let member = graph.member(Role::Customer).await;
        let token = graph.service_token();
        assert_eq!(graph.me(Some(&token)).await, Value::Null);
        let query = "query($id: ID!) { user(id: $id) { email } users { totalCount } }";
        let data = graph.data(Some(&token), query, json!({ "id": member.id.to_string() })).await;
        assert_eq!(data, json!({ "user": { "email": member.email }, "users": { "totalCount": 1 } }));
    }

    async fn hidden_users_are_answered_like_those_that_are_not_there(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        let (one, other) = (graph.member(Role::Customer).await, graph.member(Role::Customer).await);
        let query = "query($id: ID!) { user(id: $id) { id email } }";
        for token in [None, one.token()] {
            let hidden = graph.answer(token, query, json!({ "id": other.id.to_string() })).await;
            let unknown = graph.answer(token, query, json!({ "id": "user_01h455vb4pex5vsknk084sn02q" })).await;
            assert_eq!(hidden, unknown);
            assert_eq!(hidden["data"], json!({ "user": null }));
        }
    }
}
