//! `assignRoles`, `setUserActive`, and accounts made by code.

use std::sync::Arc;

use chrono::TimeDelta;
use serde_json::{Value, json};
use stockgraph_kit::on_both_engines;
use stockgraph_users::{
    domain::{
        origin::Origin,
        password::Password,
        role::{Role, Roles},
    },
    service::{
        AssignRoles, AssignRolesError, CreateUser, CreateUserError, PasswordRule, SetUserActive,
        SetUserActiveError, TakenIdentifier,
    },
};

use crate::graph::{Member, PASSWORD, TestGraph, USER, errors, fields, text};

const ERRORS: &str = "errors { __typename ... on UserError { message } ... on NotFound { id } ... on InvalidInput { field } }";

async fn assign(graph: &TestGraph, token: Option<&str>, id: &str, roles: Value) -> Value {
    let selection = format!("user {{ {USER} }} {ERRORS}");
    let input = json!({ "userId": id, "roles": roles });
    graph.mutate(token, "assignRoles", &selection, input).await
}

async fn set_active(graph: &TestGraph, admin: &Member, id: &str, active: bool) -> Value {
    let selection = format!("user {{ {USER} }} {ERRORS}");
    let input = json!({ "userId": id, "active": active });
    graph
        .mutate(admin.token(), "setUserActive", &selection, input)
        .await
}

fn demo(graph: &TestGraph, email: &str, password_rule: PasswordRule) -> CreateUser {
    CreateUser {
        id: graph.users.ids().next(),
        email: email.into(),
        phone_number: Some("081234567890".into()),
        display_name: None,
        password: Password::new("password123".into()),
        roles: Roles::from([Role::Customer, Role::Staff]),
        password_rule,
    }
}

const UNKNOWN: &str = "user_01h455vb4pex5vsknk084sn02q";

on_both_engines! {
    async fn new_roles_replace_the_old_ones_and_show_in_the_next_token(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        let (admin, member) = (graph.member(Role::Admin).await, graph.member(Role::Customer).await);
        let session = graph.log_in(&member.email, PASSWORD).await["session"].take();
        let payload = assign(&graph, admin.token(), &member.id.to_string(), json!(["STAFF", "CUSTOMER", "STAFF"])).await;
        assert_eq!(payload["user"]["roles"], json!(["CUSTOMER", "STAFF"]));
        assert_eq!(payload["user"], graph.me(member.token()).await);
        let query = "{ users { totalCount } }";
        assert_eq!(graph.code(member.token(), query, json!({})).await, "FORBIDDEN");
        let session = graph.refresh(text(&session, "refreshToken")).await["session"].take();
        graph.data(session["accessToken"].as_str(), query, json!({})).await;
        let payload = assign(&graph, admin.token(), &member.id.to_string(), json!(["ADMIN"])).await;
        assert_eq!(payload["user"]["roles"], json!(["ADMIN"]));
    }

    async fn unknown_users_and_no_roles_are_refused(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        let admin = graph.member(Role::Admin).await;
        let payload = assign(&graph, admin.token(), UNKNOWN, json!(["STAFF"])).await;
        assert_eq!(errors(&payload), ["NotFound"]);
        assert_eq!(text(&payload["errors"][0], "id"), UNKNOWN);
        let payload = assign(&graph, admin.token(), "order_01h455vb4pex5vsknk084sn02q", json!(["STAFF"])).await;
        assert_eq!((errors(&payload), fields(&payload)), (vec!["InvalidInput"], vec![r#"["userId"]"#.to_owned()]));
        let payload = assign(&graph, admin.token(), &admin.id.to_string(), json!([])).await;
        assert_eq!((errors(&payload), fields(&payload)), (vec!["InvalidInput"], vec![r#"["roles"]"#.to_owned()]));
        let payload = set_active(&graph, &admin, UNKNOWN, false).await;
        assert_eq!(errors(&payload), ["NotFound"]);
        let payload = set_active(&graph, &admin, "nonsense", false).await;
        assert_eq!((errors(&payload), fields(&payload)), (vec!["InvalidInput"], vec![r#"["userId"]"#.to_owned()]));
    }

    async fn the_last_administrator_stays_one_and_stays_active(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        let (one, other) = (graph.member(Role::Admin).await, graph.member(Role::Admin).await);
        let (first, second) = (one.id.to_string(), other.id.to_string());
        assert_eq!(errors(&set_active(&graph, &one, &second, false).await), [""; 0]);
        let payload = assign(&graph, one.token(), &first, json!(["STAFF"])).await;
        assert_eq!(fields(&payload), [r#"["roles"]"#]);
        assert_eq!(fields(&set_active(&graph, &one, &first, false).await), [r#"["active"]"#]);
        assert_eq!(errors(&set_active(&graph, &one, &second, true).await), [""; 0]);
        assert_eq!(errors(&assign(&graph, one.token(), &first, json!(["STAFF"])).await), [""; 0]);
    }

    async fn two_administrators_cannot_both_step_down_at_once(engine: Engine) {
        let graph = Arc::new(TestGraph::new(engine).await);
        for _ in 0..5 {
            let mut attempts = Vec::new();
            let admins = [graph.member(Role::Admin).await, graph.member(Role::Admin).await];
            for admin in graph.admins().await {
                if admins.iter().all(|one| one.id.to_string() != admin) {
                    assign(&graph, admins[0].token(), &admin, json!(["STAFF"])).await;
                }
            }
            for admin in admins {
                let graph = Arc::clone(&graph);
                attempts.push(tokio::spawn(async move {
                    assign(&graph, admin.token(), &admin.id.to_string(), json!(["STAFF"])).await
                }));
            }
            for attempt in attempts {
                attempt.await.unwrap();
            }
            assert_eq!(graph.admins().await.len(), 1);
        }
    }

    async fn a_locked_account_cannot_sign_in_and_its_sessions_end(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        let (admin, member) = (graph.member(Role::Admin).await, graph.member(Role::Customer).await);
        let session = graph.log_in(&member.email, PASSWORD).await["session"].take();
        let id = member.id.to_string();
        let payload = set_active(&graph, &admin, &id, false).await;
        assert_eq!(payload["user"]["active"], json!(false));
        assert!(!graph.goes_on(text(&session, "refreshToken")).await);
        assert_eq!(errors(&graph.log_in(&member.email, PASSWORD).await), ["InvalidCredentials"]);
        for query in [
            "{ me { id } }",
            "mutation { updateProfile(input: {}) { errors { __typename } } }",
            r#"mutation { changePassword(input: { currentPassword: "a", newPassword: "b" }) { errors { __typename } } }"#,
        ] {
            assert_eq!(graph.code(member.token(), query, json!({})).await, "UNAUTHENTICATED");
        }
        assert_eq!(set_active(&graph, &admin, &id, true).await["user"]["active"], json!(true));
        assert!(graph.log_in(&member.email, PASSWORD).await["session"].is_object());
        assert!(!graph.goes_on(text(&session, "refreshToken")).await);
    }

    async fn no_session_outlives_the_locking_of_its_account_however_they_race(engine: Engine) {
        let graph = Arc::new(TestGraph::new(engine).await);
        let (admin, member) = (graph.member(Role::Admin).await, graph.member(Role::Customer).await);
        let id = member.id.to_string();
        for _ in 0..3 {
            let session = graph.log_in(&member.email, PASSWORD).await["session"].take();
            let mut attempts = Vec::new();
            for _ in 0..4 {
                let (graph, email) = (Arc::clone(&graph), member.email.clone());
                attempts.push(tokio::spawn(async move { graph.log_in(&email, PASSWORD).await }));
            }
            let (other, token) = (Arc::clone(&graph), text(&session, "refreshToken").to_owned());
            attempts.push(tokio::spawn(async move { other.refresh(&token).await }));
            let lock = set_active(&graph, &admin, &id, false).await;
            assert_eq!(errors(&lock), [""; 0]);
            let mut tokens = Vec::new();
            for attempt in attempts {
                let payload = attempt.await.unwrap();
                tokens.extend(payload["session"]["refreshToken"].as_str().map(str::to_owned));
            }
            // A locked account refreshes nothing; what is left of its sessions shows when it is unlocked.
            set_active(&graph, &admin, &id, true).await;
            for token in tokens {
                assert!(!graph.goes_on(&token).await);
            }
            graph.wait(TimeDelta::minutes(5));
        }
    }

    async fn only_administrators_change_accounts(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        let (customer, staff) = (graph.member(Role::Customer).await, graph.member(Role::Staff).await);
        for query in [
            format!(r#"mutation {{ assignRoles(input: {{ userId: "{}", roles: [ADMIN] }}) {{ errors {{ __typename }} }} }}"#, staff.id),
            format!(r#"mutation {{ setUserActive(input: {{ userId: "{}", active: false }}) {{ errors {{ __typename }} }} }}"#, staff.id),
        ] {
            assert_eq!(graph.code(None, &query, json!({})).await, "UNAUTHENTICATED");
            assert_eq!(graph.code(customer.token(), &query, json!({})).await, "FORBIDDEN");
            assert_eq!(graph.code(staff.token(), &query, json!({})).await, "FORBIDDEN");
        }
        let user = graph.me(staff.token()).await;
        assert_eq!((&user["roles"], &user["active"]), (&json!(["STAFF"]), &json!(true)));
    }

    async fn code_may_open_accounts_with_weak_passwords_when_it_says_so(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        let refused = graph.users.create_user(demo(&graph, "user1@example.com", PasswordRule::Full), &Origin::service("test")).await;
        assert!(matches!(refused, Err(CreateUserError::Invalid(_))));
        let input = demo(&graph, "user1@example.com", PasswordRule::LengthOnly);
        let id = input.id;
        let user = graph.users.create_user(input, &Origin::service("test")).await.unwrap();
        assert_eq!(user.id, id);
        let payload = graph.log_in("081234567890", "password123").await;
        let me = graph.me(payload["session"]["accessToken"].as_str()).await;
        assert_eq!(text(&me, "id"), id.to_string());
        assert_eq!(me["roles"], json!(["CUSTOMER", "STAFF"]));

        let taken = graph.users.create_user(demo(&graph, "user2@example.com", PasswordRule::LengthOnly), &Origin::service("test")).await;
        let Err(CreateUserError::Taken(taken)) = taken else {
            panic!("{taken:?}");
        };
        assert_eq!(taken, [TakenIdentifier::PhoneNumber]);
        let mut without_roles = demo(&graph, "user3@example.com", PasswordRule::LengthOnly);
        without_roles.roles = Roles::new();
        without_roles.phone_number = None;
        assert!(matches!(graph.users.create_user(without_roles, &Origin::service("test")).await, Err(CreateUserError::Invalid(_))));
    }


    async fn two_administrators_cannot_lock_each_other_out_at_once(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        for _ in 0..5 {
            let (one, other) = (graph.member(Role::Admin).await, graph.member(Role::Admin).await);
            for admin in graph.admins().await {
                if admin != one.id.to_string() && admin != other.id.to_string() {
                    assign(&graph, one.token(), &admin, json!(["STAFF"])).await;
                }
            }
            // By the use cases themselves: who is locked first has no session to go on with, and must not be refused for that.
            let lock = SetUserActive { user: other.id, active: false };
            let demote = AssignRoles { user: one.id, roles: Roles::from([Role::Customer]) };
            let origin = Origin::service("test");
            let (locked, demoted) = tokio::join!(
                graph.users.set_user_active(lock, &origin),
                graph.users.assign_roles(demote, &origin),
            );
            assert_eq!(graph.admins().await.len(), 1, "{locked:?} {demoted:?}");
            let ((Ok(_), Err(AssignRolesError::Invalid(refused)))
            | (Err(SetUserActiveError::Invalid(refused)), Ok(_))) = (&locked, &demoted)
            else {
                panic!("{locked:?} {demoted:?}");
            };
            assert!(["roles", "active"].contains(&refused.field[0].as_str()), "{refused:?}");
        }
    }

    async fn what_is_so_already_does_not_touch_the_account(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        let (admin, member) = (graph.member(Role::Admin).await, graph.member(Role::Customer).await);
        let id = member.id.to_string();
        let before = graph.me(member.token()).await;
        let session = graph.log_in(&member.email, PASSWORD).await["session"].take();
        graph.wait(TimeDelta::minutes(1));
        assert_eq!(assign(&graph, admin.token(), &id, json!(["CUSTOMER"])).await["user"], before);
        assert_eq!(set_active(&graph, &admin, &id, true).await["user"], before);
        assert!(graph.goes_on(text(&session, "refreshToken")).await);
        let locked = set_active(&graph, &admin, &id, false).await["user"].take();
        graph.wait(TimeDelta::minutes(1));
        assert_eq!(set_active(&graph, &admin, &id, false).await["user"], locked);
    }

    async fn the_roles_of_a_locked_account_can_be_changed(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        let (admin, member) = (graph.member(Role::Admin).await, graph.member(Role::Customer).await);
        let id = member.id.to_string();
        set_active(&graph, &admin, &id, false).await;
        let user = assign(&graph, admin.token(), &id, json!(["STAFF"])).await["user"].take();
        assert_eq!((&user["roles"], &user["active"]), (&json!(["STAFF"]), &json!(false)));
        // An administrator who is locked is none that could stay the last.
        assign(&graph, admin.token(), &id, json!(["ADMIN"])).await;
        assert_eq!(fields(&set_active(&graph, &admin, &admin.id.to_string(), false).await), [r#"["active"]"#]);
    }

    async fn a_locked_account_is_told_of_in_no_other_words_than_an_unknown_one(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        let (admin, member) = (graph.member(Role::Admin).await, graph.member(Role::Customer).await);
        set_active(&graph, &admin, &member.id.to_string(), false).await;
        let unknown = graph.log_in("nobody@example.com", PASSWORD).await;
        assert_eq!(errors(&unknown), ["InvalidCredentials"]);
        assert_eq!(graph.log_in(&member.email, PASSWORD).await, unknown);
        for _ in 0..4 {
            graph.log_in(&member.email, PASSWORD).await;
            graph.log_in("nobody@example.com", PASSWORD).await;
        }
        let unknown = graph.log_in("nobody@example.com", PASSWORD).await;
        assert_eq!(errors(&unknown), ["TooManyAttempts"]);
        assert_eq!(graph.log_in(&member.email, PASSWORD).await, unknown);
    }
}
