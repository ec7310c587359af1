//! `registerUser`.

use std::sync::Arc;

use chrono::TimeDelta;
use serde_json::{Value, json};
use stockgraph_kit::on_both_engines;
use stockgraph_users::domain::password::Strength;

use crate::graph::{PASSWORD, TestGraph, config, errors, fields, text};

fn ayu() -> Value {
    json!({
        "email": "Ayu@Example.com",
        "phoneNumber": "081234567890",
        "displayName": " Ayu Lestari ",
        "password": PASSWORD,
    })
}

fn text_of_error(payload: &Value) -> &str {
    text(&payload["errors"][0], "message")
}

/// Twenty register at once: one has an account and a session, all others are told which fields are taken.
async fn race(graph: &Arc<TestGraph>, input: impl Fn(usize) -> Value, taken: &[&str]) {
    let attempts: Vec<_> = (0..20)
        .map(|number| {
            let (graph, input) = (Arc::clone(graph), input(number));
            tokio::spawn(async move { graph.register(input).await })
        })
        .collect();
    let mut registered = 0;
    for attempt in attempts {
        let payload = attempt.await.unwrap();
        if payload["user"].is_object() {
            registered += 1;
            assert!(
                graph
                    .goes_on(text(&payload["session"], "refreshToken"))
                    .await
            );
        } else {
            assert_eq!(errors(&payload), vec!["IdentifierTaken"; taken.len()]);
            assert_eq!(fields(&payload), taken);
            assert_eq!(payload["session"], Value::Null);
        }
    }
    assert_eq!(registered, 1);
    assert_eq!(graph.accounts().await, 1);
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


    async fn each_field_has_its_rule(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        let (long_name, long_email) = ("n".repeat(101), format!("{}@example.com", "a".repeat(250)));
        let long_password = PASSWORD.repeat(6);
        for (field, wrong) in [
            ("email", vec!["", "ayu", "ayu@localhost", "Ayu <ayu@example.com>", "ayu@example.com, budi@example.com", long_email.as_str()]),
            ("phoneNumber", vec!["", "12", "call me", "0812 3456 7890 ext. 5", "+999 1234567890"]),
            ("displayName", vec!["", "  ", "Ayu\nLestari", "Ayu\u{0}", long_name.as_str()]),
            ("password", vec!["", "short", "1234567", long_password.as_str(), "password123", "ayu@example.com"]),
        ] {
            for text in wrong {
                let mut input = ayu();
                input[field] = json!(text);
                let payload = graph.register(input).await;
                assert_eq!(errors(&payload), ["InvalidInput"], "{field}: {text:.40}");
                assert_eq!(fields(&payload), [format!(r#"["{field}"]"#)]);
                assert!(!text_of_error(&payload).is_empty());
                assert_eq!((&payload["user"], &payload["session"]), (&Value::Null, &Value::Null));
            }
        }
        assert_eq!(graph.rows().await, [("sessions", 0), ("refresh_tokens", 0), ("login_throttles", 0)]);
        assert_eq!(graph.dump("users").await, "");
    }

    async fn what_is_just_long_enough_is_taken(engine: Engine) {
        let mut lenient = config();
        lenient.passwords.strength = Strength::Fair;
        let graph = TestGraph::new(engine).await.replica(lenient);
        let mut input = ayu();
        input["displayName"] = json!("é".repeat(100));
        input["password"] = json!("kX9#vLm2");
        assert_eq!(errors(&graph.register(input).await), [""; 0]);
        let password = format!("{PASSWORD}{}", "ß".repeat(128 - PASSWORD.chars().count()));
        let input = json!({ "email": "budi@example.com", "password": password });
        assert_eq!(errors(&graph.register(input).await), [""; 0]);
        assert!(graph.log_in("budi@example.com", &password).await["session"].is_object());
    }

    async fn who_is_refused_for_a_taken_identifier_leaves_nothing_behind(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        let session = graph.register(ayu()).await["session"].take();
        let rows = graph.rows().await;
        let mut input = ayu();
        input["displayName"] = json!("Somebody else");
        input["password"] = json!("delapan kuda nil menari");
        let payload = graph.register(input).await;
        assert_eq!(errors(&payload), ["IdentifierTaken"; 2]);
        assert_eq!(text_of_error(&payload), "Another account has this e-mail address.");
        assert_eq!(text(&payload["errors"][1], "message"), "Another account has this phone number.");
        assert_eq!(graph.rows().await, rows);
        assert_eq!(text(&graph.me(session["accessToken"].as_str()).await, "displayName"), "Ayu Lestari");
        assert!(graph.log_in("ayu@example.com", PASSWORD).await["session"].is_object());
    }

    async fn of_twenty_who_register_one_identifier_at_once_one_has_it_however_it_is_written(engine: Engine) {
        let emails = ["ayu@example.com", "AYU@EXAMPLE.COM", " Ayu@Example.com "];
        let phones = ["081234567890", "+62 812-3456-7890", "+6281234567890", "62 81234567890"];
        let by_email = |number: usize| json!({ "email": emails[number % 3], "password": PASSWORD });
        let by_phone = |number: usize| json!({
            "email": format!("ayu{number}@example.com"), "phoneNumber": phones[number % 4], "password": PASSWORD,
        });
        let by_both = |number: usize| json!({
            "email": emails[number % 3], "phoneNumber": phones[number % 4], "password": PASSWORD,
        });
        let graph = Arc::new(TestGraph::new(engine).await);
        race(&graph, by_email, &[r#"["email"]"#]).await;
        let graph = Arc::new(TestGraph::new(engine).await);
        race(&graph, by_phone, &[r#"["phoneNumber"]"#]).await;
        let graph = Arc::new(TestGraph::new(engine).await);
        race(&graph, by_both, &[r#"["email"]"#, r#"["phoneNumber"]"#]).await;
    }
}
