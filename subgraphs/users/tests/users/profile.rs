//! `updateProfile`.

use std::sync::Arc;

use chrono::TimeDelta;
use serde_json::{Value, json};
use stockgraph_kit::on_both_engines;
use stockgraph_users::domain::role::Role;

use crate::graph::{PASSWORD, TestGraph, USER, errors, fields, text};

async fn update(graph: &TestGraph, token: Option<&str>, input: Value) -> Value {
    let selection = format!(
        "user {{ {USER} }} errors {{ __typename ... on InvalidInput {{ field }} ... on IdentifierTaken {{ field }} }}"
    );
    graph
        .mutate(token, "updateProfile", &selection, input)
        .await
}

on_both_engines! {
    async fn what_is_given_changes_and_all_else_stays(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        let member = graph.member(Role::Customer).await;
        let before = graph.me(member.token()).await;
        graph.wait(TimeDelta::minutes(1));
        let payload = update(&graph, member.token(), json!({ "phoneNumber": "0812 3456 7890", "displayName": "Ayu" })).await;
        let user = &payload["user"];
        assert_eq!(text(user, "phoneNumber"), "+6281234567890");
        assert_eq!(text(user, "displayName"), "Ayu");
        assert_eq!(user["email"], before["email"]);
        assert_eq!(user["createdAt"], before["createdAt"]);
        assert_eq!(text(user, "updatedAt"), "2027-01-15T08:01:00Z");
        assert_eq!(&graph.me(member.token()).await, user);
        let session = graph.log_in("+6281234567890", PASSWORD).await;
        assert_eq!(session["session"]["user"]["id"], user["id"]);
    }

    async fn null_removes_what_an_account_need_not_have(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        let member = graph.member(Role::Customer).await;
        update(&graph, member.token(), json!({ "phoneNumber": "081234567890", "displayName": "Ayu" })).await;
        let before = graph.me(member.token()).await;
        let nulls = json!({ "email": null, "phoneNumber": null, "displayName": null });
        let user = update(&graph, member.token(), nulls).await["user"].take();
        assert_eq!(user["phoneNumber"], Value::Null);
        assert_eq!(user["email"], before["email"]);
        assert_eq!(user["displayName"], Value::Null);
    }

    async fn what_changes_nothing_does_not_touch_the_account(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        let member = graph.member(Role::Customer).await;
        let before = graph.me(member.token()).await;
        graph.wait(TimeDelta::minutes(1));
        let shouted = member.email.to_uppercase();
        let payload = update(&graph, member.token(), json!({ "email": shouted })).await;
        assert_eq!(payload["user"], before);
        assert_eq!(update(&graph, member.token(), json!({})).await["user"], before);
    }

    async fn identifiers_of_others_are_taken(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        let (one, other) = (graph.member(Role::Customer).await, graph.member(Role::Customer).await);
        update(&graph, other.token(), json!({ "phoneNumber": "081234567890" })).await;
        let input = json!({ "email": other.email, "phoneNumber": "+62 812 3456 7890" });
        let payload = update(&graph, one.token(), input).await;
        assert_eq!(errors(&payload), ["IdentifierTaken"; 2]);
        assert_eq!(fields(&payload), [r#"["email"]"#, r#"["phoneNumber"]"#]);
        let payload = update(&graph, one.token(), json!({ "phoneNumber": "081234567890" })).await;
        assert_eq!(fields(&payload), [r#"["phoneNumber"]"#]);
    }

    async fn of_many_who_take_one_number_at_once_one_has_it(engine: Engine) {
        let graph = Arc::new(TestGraph::new(engine).await);
        let mut attempts = Vec::new();
        for _ in 0..4 {
            let member = graph.member(Role::Customer).await;
            let graph = Arc::clone(&graph);
            attempts.push(tokio::spawn(async move {
                update(&graph, member.token(), json!({ "phoneNumber": "081234567890" })).await
            }));
        }
        let mut served = 0;
        for attempt in attempts {
            let payload = attempt.await.unwrap();
            if payload["user"].is_object() {
                served += 1;
            } else {
                assert_eq!(errors(&payload), ["IdentifierTaken"]);
            }
        }
        assert_eq!(served, 1);
    }

    async fn all_that_is_wrong_is_told_at_once(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        let member = graph.member(Role::Customer).await;
        let input = json!({ "email": "ayu", "phoneNumber": "", "displayName": " " });
        let payload = update(&graph, member.token(), input).await;
        assert_eq!(errors(&payload), ["InvalidInput"; 3]);
        assert_eq!(
            fields(&payload),
            [r#"["email"]"#, r#"["phoneNumber"]"#, r#"["displayName"]"#]
        );
        assert_eq!(payload["user"], Value::Null);
    }

    async fn only_users_have_a_profile(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        let query = "mutation { updateProfile(input: {}) { errors { __typename } } }";
        assert_eq!(graph.code(None, query, json!({})).await, "UNAUTHENTICATED");
    }


    async fn parts_of_the_system_have_no_profile_either(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        let query = "mutation { updateProfile(input: {}) { errors { __typename } } }";
        let token = graph.service_token();
        assert_eq!(graph.code(Some(&token), query, json!({})).await, "FORBIDDEN");
    }

    async fn each_field_has_its_rule_and_one_that_breaks_it_changes_nothing(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        let member = graph.member(Role::Customer).await;
        let before = graph.me(member.token()).await;
        let long_name = "n".repeat(101);
        for (field, wrong) in [
            ("email", vec!["", "ayu", "ayu@localhost"]),
            ("phoneNumber", vec!["", "12", "0812 3456 7890 ext. 5"]),
            ("displayName", vec!["", " ", "Ayu\nLestari", long_name.as_str()]),
        ] {
            for text in wrong {
                let mut input = json!({ "email": "new@example.com", "phoneNumber": "081234567890", "displayName": "New" });
                input[field] = json!(text);
                let payload = update(&graph, member.token(), input).await;
                assert_eq!(errors(&payload), ["InvalidInput"], "{field}: {text:.40}");
                assert_eq!(fields(&payload), [format!(r#"["{field}"]"#)]);
                assert_eq!(payload["user"], Value::Null);
            }
        }
        assert_eq!(graph.me(member.token()).await, before);
    }

    async fn an_identifier_is_taken_however_it_is_written_and_then_nothing_changes(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        let (one, other) = (graph.member(Role::Customer).await, graph.member(Role::Customer).await);
        update(&graph, other.token(), json!({ "phoneNumber": "081234567890" })).await;
        let before = graph.me(one.token()).await;
        let shouted = format!(" {} ", other.email.to_uppercase());
        for (input, field) in [
            (json!({ "email": shouted, "displayName": "New" }), r#"["email"]"#),
            (json!({ "phoneNumber": "+62 (812) 3456 7890", "displayName": "New" }), r#"["phoneNumber"]"#),
            (json!({ "email": "new@example.com", "phoneNumber": "62 81234567890" }), r#"["phoneNumber"]"#),
        ] {
            let payload = update(&graph, one.token(), input).await;
            assert_eq!((errors(&payload), fields(&payload)), (vec!["IdentifierTaken"], vec![field.to_owned()]));
            assert_eq!(graph.me(one.token()).await, before);
        }
    }

    async fn what_somebody_gives_up_is_free_for_another_and_signs_in_nobody(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        let (one, other) = (graph.member(Role::Customer).await, graph.member(Role::Customer).await);
        update(&graph, one.token(), json!({ "phoneNumber": "081234567890" })).await;
        update(&graph, one.token(), json!({ "phoneNumber": null, "email": "moved@example.com" })).await;
        for identifier in ["081234567890", &one.email] {
            assert_eq!(errors(&graph.log_in(identifier, PASSWORD).await), ["InvalidCredentials"], "{identifier}");
        }
        let input = json!({ "phoneNumber": "081234567890", "email": one.email });
        let payload = update(&graph, other.token(), input).await;
        assert_eq!(errors(&payload), [""; 0]);
        let session = graph.log_in("081234567890", PASSWORD).await["session"].take();
        assert_eq!(session["user"]["id"], json!(other.id.to_string()));
    }

    async fn of_many_who_take_one_address_at_once_one_has_it(engine: Engine) {
        let graph = Arc::new(TestGraph::new(engine).await);
        let spelled = ["new@example.com", "NEW@example.com", " New@Example.Com "];
        let mut attempts = Vec::new();
        for number in 0..12 {
            let member = graph.member(Role::Customer).await;
            let graph = Arc::clone(&graph);
            attempts.push(tokio::spawn(async move {
                update(&graph, member.token(), json!({ "email": spelled[number % 3] })).await
            }));
        }
        let mut served = 0;
        for attempt in attempts {
            let payload = attempt.await.unwrap();
            if payload["user"].is_object() {
                served += 1;
            } else {
                assert_eq!((errors(&payload), fields(&payload)), (vec!["IdentifierTaken"], vec![r#"["email"]"#.to_owned()]));
            }
        }
        assert_eq!(served, 1);
        assert!(graph.log_in("new@example.com", PASSWORD).await["session"].is_object());
    }
}
