//! `changePassword`.

use chrono::TimeDelta;
use serde_json::{Value, json};
use stockgraph_kit::on_both_engines;
use stockgraph_users::domain::role::Role;

use crate::graph::{Member, PASSWORD, SESSION, TestGraph, errors, fields, text};

const NEW: &str = "delapan kuda nil menari";

async fn change(graph: &TestGraph, token: Option<&str>, current: &str, new: &str) -> Value {
    let selection = format!(
        "session {{ {SESSION} }} errors {{ __typename ... on UserError {{ message }} ... on InvalidInput {{ field }} }}"
    );
    let input = json!({ "currentPassword": current, "newPassword": new });
    graph
        .mutate(token, "changePassword", &selection, input)
        .await
}

async fn member(graph: &TestGraph) -> Member {
    graph.member(Role::Customer).await
}

on_both_engines! {
    async fn the_new_password_signs_in_and_the_old_one_does_not(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        let member = member(&graph).await;
        graph.wait(TimeDelta::minutes(1));
        let payload = change(&graph, member.token(), PASSWORD, NEW).await;
        assert_eq!(errors(&payload), [""; 0]);
        assert_eq!(errors(&graph.log_in(&member.email, PASSWORD).await), ["InvalidCredentials"]);
        let session = graph.log_in(&member.email, NEW).await["session"].take();
        let me = graph.me(session["accessToken"].as_str()).await;
        assert_eq!(text(&me, "updatedAt"), "2027-01-15T08:01:00Z");
    }

    async fn all_other_sessions_end_and_the_caller_has_a_new_one(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        let (member, bystander) = (member(&graph).await, member(&graph).await);
        let other = graph.log_in(&member.email, PASSWORD).await["session"].take();
        let theirs = graph.log_in(&bystander.email, PASSWORD).await["session"].take();
        let new = change(&graph, member.token(), PASSWORD, NEW).await["session"].take();
        assert!(!graph.goes_on(text(&other, "refreshToken")).await);
        assert!(graph.goes_on(text(&theirs, "refreshToken")).await);
        assert_eq!(graph.me(new["accessToken"].as_str()).await["id"], new["user"]["id"]);
        assert!(graph.goes_on(text(&new, "refreshToken")).await);
    }

    async fn a_wrong_current_password_changes_nothing(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        let member = member(&graph).await;
        let payload = change(&graph, member.token(), NEW, NEW).await;
        assert_eq!(errors(&payload), ["InvalidCredentials"]);
        assert!(graph.log_in(&member.email, PASSWORD).await["session"].is_object());
    }

    async fn weak_short_and_unchanged_passwords_are_refused(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        let member = member(&graph).await;
        for new in ["password123", "short", &member.email, PASSWORD] {
            let payload = change(&graph, member.token(), PASSWORD, new).await;
            assert_eq!(errors(&payload), ["InvalidInput"], "{new}");
            assert_eq!(fields(&payload), [r#"["newPassword"]"#]);
            graph.wait(TimeDelta::minutes(1));
        }
    }

    async fn passwords_cannot_be_tried_without_end(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        let member = member(&graph).await;
        for _ in 0..5 {
            change(&graph, member.token(), "wrong password", NEW).await;
        }
        let payload = change(&graph, member.token(), PASSWORD, NEW).await;
        assert_eq!(errors(&payload), ["InvalidCredentials"]);
        assert_eq!(text(&payload["errors"][0], "message"), "Too many attempts; try again in 60 s.");
    }

    async fn only_users_have_a_password(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        let query = r#"mutation { changePassword(input: { currentPassword: "a", newPassword: "b" }) { errors { __typename } } }"#;
        assert_eq!(graph.code(None, query, json!({})).await, "UNAUTHENTICATED");
    }


    async fn parts_of_the_system_have_no_password_either(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        let query = r#"mutation { changePassword(input: { currentPassword: "a", newPassword: "b" }) { errors { __typename } } }"#;
        let token = graph.service_token();
        assert_eq!(graph.code(Some(&token), query, json!({})).await, "FORBIDDEN");
    }

    async fn whoever_does_not_know_the_current_password_hears_of_nothing_else(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        let member = member(&graph).await;
        let session = graph.log_in(&member.email, PASSWORD).await["session"].take();
        for new in ["short", "password123", NEW] {
            let payload = change(&graph, member.token(), "wrong password", new).await;
            assert_eq!(errors(&payload), ["InvalidCredentials"], "{new}");
            assert_eq!(text(&payload["errors"][0], "message"), "This is not the current password.");
            assert_eq!(payload["session"], Value::Null);
        }
        // Nor does it end any session.
        assert!(graph.goes_on(text(&session, "refreshToken")).await);
    }

    async fn a_new_password_has_eight_to_128_characters(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        let member = member(&graph).await;
        let (long, longest) = ("kX9#vLm2".repeat(17), "kX9#vLm2".repeat(16));
        for new in ["", "kX9#vLm", long.as_str()] {
            let payload = change(&graph, member.token(), PASSWORD, new).await;
            assert_eq!((errors(&payload), fields(&payload)), (vec!["InvalidInput"], vec![r#"["newPassword"]"#.to_owned()]));
            assert_eq!(text(&payload["errors"][0], "message"), "A password has 8 to 128 characters.");
            graph.wait(TimeDelta::minutes(1));
        }
        let payload = change(&graph, member.token(), PASSWORD, &longest).await;
        assert_eq!(errors(&payload), [""; 0], "{payload}");
        assert!(graph.log_in(&member.email, &longest).await["session"].is_object());
    }

    async fn of_two_who_change_one_password_at_the_same_moment_one_has_it_changed(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        let member = member(&graph).await;
        let other_new = "sembilan kura kura berlari";
        let (one, other) = tokio::join!(
            change(&graph, member.token(), PASSWORD, NEW),
            change(&graph, member.token(), PASSWORD, other_new),
        );
        let changed = |payload: &Value| payload["session"].is_object();
        assert!(changed(&one) != changed(&other), "{one} {other}");
        let (winner, loser, new, not) = if changed(&one) { (one, other, NEW, other_new) } else { (other, one, other_new, NEW) };
        assert_eq!(errors(&loser), ["InvalidCredentials"]);
        assert!(graph.log_in(&member.email, new).await["session"].is_object());
        assert_eq!(errors(&graph.log_in(&member.email, not).await), ["InvalidCredentials"]);
        assert!(graph.goes_on(text(&winner["session"], "refreshToken")).await);
    }
}
