//! Accounts and the audit trail from the command line, beside the running server.

use std::{
    io::Write as _,
    path::Path,
    process::{Output, Stdio},
};

use serde_json::{Value, json};

use super::{Running, output, stockgraph};

const PASSWORD: &str = "tujuh gajah di atas awan";
const OTHER: &str = "delapan kuda nil menari";
const WITHOUT_DEMO: [(&str, &str); 1] = [("STOCKGRAPH_DEMO__SEED", "false")];

/// Runs `stockgraph user …` with this on its standard input.
fn user(data: &Path, arguments: &[&str], input: &str) -> Output {
    let mut child = stockgraph(data)
        .arg("user")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // One that has nothing to ask is gone before it is told.
    child.stdin.take().unwrap().write_all(input.as_bytes()).ok();
    let output = child.wait_with_output().unwrap();
    for stream in [&output.stdout, &output.stderr] {
        let said = String::from_utf8_lossy(stream);
        assert!(
            !said.contains(input.trim()) || input.trim().is_empty(),
            "{said}"
        );
    }
    output
}

fn said(output: &Output) -> String {
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{error}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn refused(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stdout.is_empty());
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn audit(data: &Path, arguments: &[&str]) -> Output {
    output(stockgraph(data).arg("audit").args(arguments))
}

/// The events that `stockgraph audit --json` tells, newest first.
fn events(data: &Path, arguments: &[&str]) -> Vec<Value> {
    let output = audit(data, &[&["--json"], arguments].concat());
    let lines = said(&output);
    lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

impl Running {
    async fn log_in(&self, password: &str) -> Value {
        let query = format!(
            r#"mutation {{ logIn(input: {{ identifier: "dewi@example.com", password: "{password}" }}) {{ session {{ refreshToken user {{ roles }} }} }} }}"#
        );
        self.ask(&query).await["data"]["logIn"]["session"].take()
    }
}

#[tokio::test]
async fn the_first_admin_is_made_beside_the_running_server_and_their_password_set_anew() {
    let running = Running::start(&WITHOUT_DEMO);
    let data = running.data.path();
    let admin = [
        "create",
        "--admin",
        "--email",
        "dewi@example.com",
        "--name",
        "Dewi",
    ];
    let told = said(&user(data, &admin, &format!("{PASSWORD}\n")));
    assert!(
        told.starts_with("Created user_") && told.contains("(ADMIN): dewi@example.com"),
        "{told}"
    );
    let session = running.log_in(PASSWORD).await;
    assert_eq!(session["user"]["roles"], json!(["ADMIN"]));

    let set = ["set-password", "--email", "Dewi@Example.com"];
    // What is behind the first line is not the password's.
    let told = said(&user(data, &set, &format!("{OTHER}\r\nmore\n")));
    assert!(told.contains("dewi@example.com"), "{told}");
    assert_eq!(running.log_in(PASSWORD).await, Value::Null);
    assert!(running.log_in(OTHER).await.is_object());
    let refresh = format!(
        "mutation {{ refreshSession(input: {{ refreshToken: {} }}) {{ errors {{ __typename }} }} }}",
        session["refreshToken"]
    );
    let answer = running.ask(&refresh).await;
    assert_eq!(
        answer["data"]["refreshSession"]["errors"][0]["__typename"],
        json!("SessionRevoked")
    );

    let events = events(data, &["--user", "dewi@example.com"]);
    let kinds: Vec<&Value> = events.iter().map(|event| &event["kind"]).collect();
    let expected = [
        "logged_in",
        "log_in_failed",
        "password_changed",
        "logged_in",
        "user_created",
    ];
    assert_eq!(kinds, expected);
    assert_eq!(events[2]["actor"], json!("command-line"));
    assert_eq!(events[4]["detail"], json!({ "roles": ["ADMIN"] }));
}

#[test]
fn an_account_can_be_made_before_there_is_anything_and_all_that_is_wrong_is_told() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path();
    let staff = [
        "create",
        "--staff",
        "--email",
        "citra@example.com",
        "--phone",
        "081234567892",
    ];
    let told = said(&user(data, &staff, PASSWORD));
    assert!(told.contains("(STAFF): citra@example.com"), "{told}");

    let told = refused(&user(data, &staff, PASSWORD));
    assert!(
        told.contains("--email: Another account") && told.contains("--phone: Another account"),
        "{told}"
    );
    let wrong = ["create", "--email", "citra", "--phone", "12", "--name", " "];
    let told = refused(&user(data, &wrong, "password1234\n"));
    for option in ["--email: ", "--phone: ", "--name: ", "password: "] {
        assert!(
            told.contains(&format!("\n  {option}")),
            "{option} is not in {told}"
        );
    }
    let told = refused(&user(data, &["create", "--email", "ayu@example.com"], "\n"));
    assert!(told.contains("first line of the standard input"), "{told}");
    let told = refused(&user(
        data,
        &["set-password", "--phone", "081234567899"],
        PASSWORD,
    ));
    assert!(
        told.contains("there is no account `081234567899`"),
        "{told}"
    );
    let told = refused(&user(
        data,
        &["set-password", "--phone", "081234567892"],
        "citra@example.com\n",
    ));
    assert!(told.contains("\n  password: "), "{told}");
    assert_eq!(
        events(data, &[]).len(),
        1,
        "what is refused changes nothing"
    );
}

#[test]
fn neither_no_account_nor_two_can_be_named_and_no_password_be_given_as_an_argument() {
    let data = tempfile::tempdir().unwrap();
    for arguments in [
        &["set-password"][..],
        &[
            "set-password",
            "--email",
            "a@example.com",
            "--phone",
            "081234567892",
        ],
        &["create", "--email", "a@example.com", "--admin", "--staff"],
        &["create", "--email", "a@example.com", "--password", PASSWORD],
        &["create"],
    ] {
        let output = output(stockgraph(data.path()).arg("user").args(arguments));
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
    }
}

#[test]
fn the_trail_is_filtered_by_account_kind_and_time() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path();
    let told = refused(&audit(data, &[]));
    assert!(told.contains("stockgraph migrate up"), "{told}");
    for email in ["ayu@example.com", "budi@example.com"] {
        said(&user(data, &["create", "--email", email], PASSWORD));
    }
    said(&user(
        data,
        &["set-password", "--email", "ayu@example.com"],
        OTHER,
    ));
    let table = said(&audit(
        data,
        &["--user", "ayu@example.com", "--kind", "password_changed"],
    ));
    assert!(
        table.contains(" ┆ password_changed ┆ user_") && !table.contains("user_created"),
        "{table}"
    );
    assert_eq!(
        events(
            data,
            &["--kind", "user_created", "--kind", "password_changed"]
        )
        .len(),
        3
    );
    assert_eq!(events(data, &["--kind", "user_created"]).len(), 2);
    assert_eq!(
        events(data, &["--limit", "1"])[0]["kind"],
        json!("password_changed")
    );
    assert_eq!(events(data, &["--since", "1h"]).len(), 3);
    assert_eq!(events(data, &["--since", "2100-01-01T00:00:00Z"]).len(), 0);
    let id = events(data, &["--limit", "1"])[0]["user_id"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(events(data, &["--user", &id]).len(), 2);
    let told = refused(&audit(data, &["--user", "nobody@example.com"]));
    assert!(told.contains("nobody@example.com"), "{told}");
    for wrong in [
        ["--kind", "forgotten"],
        ["--since", "yesterday"],
        ["--limit", "0"],
    ] {
        let output = audit(data, &wrong);
        assert_eq!(output.status.code(), Some(2), "{wrong:?}");
    }
}
