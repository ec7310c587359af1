//! Stock from a file, beside the running server.

use std::{
    fs,
    io::Write as _,
    process::{Output, Stdio},
};

use serde_json::json;

use super::{Running, output, stockgraph};

const DELIVERY: &str = "warehouse,sku,kind,quantity,reason\r\n\
    JKT,LAPTOP-16GB,receipt,25,delivery 4711\r\n\
    jkt,MOUSE-WIRELESS,Receipt,100,\"4711, second pallet\"\r\n\
    SUB,LAPTOP-16GB,adjustment,-2,damaged in the rack\r\n";

fn import(running: &Running, text: impl AsRef<[u8]>, arguments: &[&str]) -> Output {
    let file = running.data.path().join("stock.csv");
    fs::write(&file, text).unwrap();
    let mut command = stockgraph(running.data.path());
    output(
        command
            .args(["import", "stock", "stock.csv"])
            .args(arguments),
    )
}

fn said(output: &Output) -> String {
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn refused(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(1));
    assert!(
        output.stdout.is_empty(),
        "what is refused is on standard error"
    );
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// On hand of the demo's laptop in Jakarta and in Surabaya.
async fn laptops(running: &Running) -> [i64; 2] {
    let query = "{ productBySku(sku: \"LAPTOP-16GB\") { stock { byWarehouse { warehouse { code } onHand } } } }";
    let answer = running.ask(query).await;
    let levels = &answer["data"]["productBySku"]["stock"]["byWarehouse"];
    ["JKT", "SUB"].map(|code| {
        let level = levels
            .as_array()
            .unwrap()
            .iter()
            .find(|level| level["warehouse"]["code"] == json!(code));
        level.unwrap()["onHand"].as_i64().unwrap()
    })
}

#[tokio::test]
async fn a_delivery_is_imported_once_beside_the_running_server() {
    let running = Running::start(&[]);
    let [jakarta, surabaya] = laptops(&running).await;
    let told = said(&import(&running, DELIVERY, &["--dry-run"]));
    assert!(told.contains("Would import 3 lines"), "{told}");
    assert_eq!(laptops(&running).await, [jakarta, surabaya]);

    let told = said(&import(&running, DELIVERY, &[]));
    let expected = "Imported 3 lines: 125 units received, adjusted by +0 and -2, 3 levels changed";
    assert!(told.contains(expected), "{told}");
    let after = [jakarta + 25, surabaya - 2];
    assert_eq!(laptops(&running).await, after);

    // The same lines, however the file has them.
    for again in [DELIVERY.to_owned(), DELIVERY.replace("\r\n", "\n\n")] {
        let told = said(&import(&running, again, &[]));
        assert!(
            told.contains("imported already") && told.contains("--key"),
            "{told}"
        );
    }
    assert_eq!(laptops(&running).await, after);

    said(&import(&running, DELIVERY, &["--key", "second truck"]));
    assert_eq!(laptops(&running).await, [jakarta + 50, surabaya - 4]);
    let other = DELIVERY.replace(",25,", ",26,");
    let told = refused(&import(&running, other, &["--key", "second truck"]));
    assert!(told.contains("`second truck`"), "{told}");
    assert_eq!(laptops(&running).await, [jakarta + 50, surabaya - 4]);

    let verified = output(stockgraph(running.data.path()).arg("verify"));
    assert!(verified.status.success());
}

#[tokio::test]
async fn a_broken_file_is_refused_with_the_numbers_of_its_lines() {
    let running = Running::start(&[]);
    let before = laptops(&running).await;
    let broken = "warehouse,sku,kind,quantity,reason\n\
        JKT,LAPTOP-16GB,receipt,25,\n\
        JKT,LAPTOP-16-GB,receipt,1,\n\
        \n\
        BDG,LAPTOP-16GB,receipt,1,\n\
        JKT,LAPTOP-16GB,receipt,many,\n";
    let told = refused(&import(&running, broken, &[]));
    for expected in [
        "stock.csv is refused, nothing has moved",
        "line 3: there is no product with the SKU `LAPTOP-16-GB`",
        "line 5: there is no warehouse `BDG`",
        "line 6: quantity: `many`",
    ] {
        assert!(told.contains(expected), "{expected} is not in: {told}");
    }
    let short = "warehouse,sku,kind,quantity,reason\n\
        JKT,LAPTOP-16GB,receipt,25,\n\
        SUB,LAPTOP-16GB,adjustment,-1000,lost\n";
    let told = refused(&import(&running, short, &[]));
    assert!(told.contains("line 3: would take 1000 away"), "{told}");
    assert_eq!(laptops(&running).await, before);
    let verified = output(stockgraph(running.data.path()).arg("verify"));
    assert!(verified.status.success());
}

#[test]
fn a_file_comes_by_name_or_on_standard_input() {
    let data = tempfile::tempdir().unwrap();
    assert!(
        output(stockgraph(data.path()).args(["migrate", "up"]))
            .status
            .success()
    );
    let columns = data.path().join("columns.csv");
    fs::write(&columns, "sku;quantity").unwrap();
    let told = refused(&output(stockgraph(data.path()).args([
        "import",
        "stock",
        "columns.csv",
    ])));
    assert!(
        told.contains("columns.csv is refused") && told.contains("commas"),
        "{told}"
    );
    let missing = output(stockgraph(data.path()).args(["import", "stock", "nowhere.csv"]));
    assert!(refused(&missing).contains("nowhere.csv cannot be read"));
    let mut child = stockgraph(data.path())
        .args(["import", "stock", "-"])
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    input
        .write_all(b"warehouse,sku,quantity\nJKT,A,1\n")
        .unwrap();
    drop(input);
    let told = refused(&child.wait_with_output().unwrap());
    assert!(told.contains("the standard input is refused"), "{told}");
    assert!(
        told.contains("line 2: there is no warehouse `JKT`"),
        "{told}"
    );
}
