//! `registerUser`.

use std::sync::Arc;

use chrono::TimeDelta;
use serde_json::{Value, json};
use stockgraph_kit::on_both_engines;

use crate::graph::{PASSWORD, TestGraph, errors, fields, text};

fn ayu() -> Value {
    json!({
        "email": "Ayu@Example.com",
        "phoneNumber": "081234567890",
        "displayName": " Ayu Lestari ",
        "password": PASSWORD,
    })
}

on_both_engines! {
    async fn who_registers_has_an_account_and_is_signed_in(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        let payload = graph.register(ayu()).await;
        assert_eq!(errors(&payload), [""; 0]);
        let user = &payload["user"];
        assert_eq!(text(user, "email"), "ayu@example.com");
        assert_eq!(text(user, "phoneNumber"), "+6281234567890");
        assert_eq!(text(user, "displayName"), "Ayu Lestari");
        assert_eq!(user["roles"], json!(["CUSTOMER"]));
        assert_eq!(user["active"], json!(true));
        assert_eq!(text(user, "createdAt"), "2027-01-15T08:00:00Z");
        assert_eq!(user["createdAt"], user["updatedAt"]);
        let session = &payload["session"];
        assert_eq!(text(session, "accessTokenExpiresAt"), "2027-01-15T08:15:00Z");
        assert_eq!(text(session, "refreshTokenExpiresAt"), "2027-02-14T08:00:00Z");
        assert_eq!(session["user"]["id"], user["id"]);
        assert_eq!(&graph.me(session["accessToken"].as_str()).await, user);
    }

    async fn an_e_mail_address_and_a_password_are_enough(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        let payload = graph.register(json!({ "email": "budi@example.com", "password": PASSWORD })).await;
        assert_eq!(payload["user"]["displayName"], Value::Null);
        assert_eq!(payload["user"]["phoneNumber"], Value::Null);
    }

    async fn an_identifier_is_taken_however_it_is_written(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        graph.register(ayu()).await;
        let again = |email, phone| json!({ "email": email, "phoneNumber": phone, "password": PASSWORD });
        let payload = graph.register(again("AYU@example.COM", "+62 812-3456-7891")).await;
        assert_eq!(errors(&payload), ["IdentifierTaken"]);
        assert_eq!(fields(&payload), [r#"["email"]"#]);
        let payload = graph.register(again("budi@example.com", "+62 812-3456-7890")).await;
        assert_eq!(errors(&payload), ["IdentifierTaken"]);
        assert_eq!(fields(&payload), [r#"["phoneNumber"]"#]);
        let payload = graph.register(again("ayu@example.com", "0812 3456 7890")).await;
        assert_eq!(fields(&payload), [r#"["email"]"#, r#"["phoneNumber"]"#]);
        assert_eq!(payload["user"], Value::Null);
        assert_eq!(payload["session"], Value::Null);
    }

    async fn of_many_who_register_one_identifier_at_once_one_has_it(engine: Engine) {
        let graph = Arc::new(TestGraph::new(engine).await);
        let attempts: Vec<_> = (0..8)
            .map(|_| {
                let graph = Arc::clone(&graph);
                tokio::spawn(async move { graph.register(ayu()).await })
            })
            .collect();
        let mut registered = 0;
        for attempt in attempts {
            let payload = attempt.await.unwrap();
            if payload["user"].is_object() {
                registered += 1;
            } else {
                assert_eq!(errors(&payload), ["IdentifierTaken", "IdentifierTaken"]);
            }
        }
        assert_eq!(registered, 1);
    }

    async fn all_that_is_wrong_is_told_at_once(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        let payload = graph
            .register(json!({
                "email": "ayu",
                "phoneNumber": "12",
                "displayName": "",
                "password": "short",
            }))
            .await;
        assert_eq!(errors(&payload), ["InvalidInput"; 4]);
        assert_eq!(
            fields(&payload),
            [r#"["email"]"#, r#"["phoneNumber"]"#, r#"["displayName"]"#, r#"["password"]"#]
        );
    }

    async fn guessable_passwords_are_refused(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        for password in ["password123", "ayu@example.com", "081234567890", "Ayu Lestari"] {
            let mut input = ayu();
            input["password"] = json!(password);
            let payload = graph.register(input).await;
            assert_eq!(errors(&payload), ["InvalidInput"], "{password}");
            assert_eq!(fields(&payload), [r#"["password"]"#]);
        }
    }

    async fn ids_sort_by_the_time_of_registration(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        let first = graph.register(ayu()).await;
        graph.wait(TimeDelta::seconds(1));
        let second = graph.register(json!({ "email": "budi@example.com", "password": PASSWORD })).await;
        assert!(text(&first["user"], "id") < text(&second["user"], "id"));
    }
}
