use super::*;

fn parse(text: &str) -> StockFile {
    StockFile::parse(text.as_bytes())
}

/// The numbers of the lines that make sense, and what is wrong with the others.
fn told(text: &str) -> (Vec<u64>, String) {
    let file = parse(text);
    let numbers = file.lines.iter().map(|line| line.number).collect();
    (numbers, file.errors.to_string())
}

fn wrong(text: &str) -> String {
    let (_, errors) = told(text);
    assert!(!errors.is_empty(), "{text:?} has nothing wrong");
    errors
}

#[test]
fn columns_stand_in_any_order_and_receipts_need_no_kind() {
    let file = parse("quantity, SKU ,warehouse\n5,A-1,jkt\n");
    assert!(file.errors.is_empty(), "{}", file.errors);
    let line = StockLine {
        number: 2,
        warehouse: "jkt".into(),
        product: ProductName::Sku("A-1".into()),
        change: LevelChange::receipt(5, None).unwrap(),
    };
    assert_eq!(file.lines, [line]);
    let text = "reason,kind,product,warehouse,quantity\n\
                \"lost, or stolen\",Adjustment,product_01h455vb4pex5vsknk084sn02q,JKT,-3\n";
    let file = parse(text);
    let lost = LevelChange::adjustment(-3, Some("lost, or stolen")).unwrap();
    assert_eq!(file.lines[0].change, lost);
    assert!(matches!(file.lines[0].product, ProductName::Id(_)));
}

#[test]
fn lines_keep_their_numbers_whatever_ends_them_and_whatever_is_blank() {
    for end in ["\n", "\r\n", "\r"] {
        let lines = [
            "",
            "warehouse,sku,quantity",
            "",
            "JKT,A,1",
            ",,",
            "",
            "",
            "\"JKT\",A,2",
            "JKT,A,x",
            "",
        ];
        let (numbers, errors) = told(&format!("\u{feff}{}", lines.join(end)));
        assert_eq!(numbers, [4, 8], "{end:?}");
        assert!(errors.starts_with("\n  line 9: quantity"), "{errors}");
    }
}

#[test]
fn a_first_line_that_does_not_name_the_columns_is_told_with_all_that_is_wrong() {
    for (header, expected) in [
        ("warehouse,sku,quantity,colour", vec!["no column `colour`"]),
        ("warehouse,sku,quantity,SKU", vec!["`sku` is there twice"]),
        ("warehouse,sku,product,quantity", vec!["keep one"]),
        ("warehouse,quantity", vec!["no column `sku`"]),
        ("sku", vec!["no column `warehouse`", "no column `quantity`"]),
        ("warehouse;sku;quantity", vec!["separated by commas"]),
        ("warehouse,sku,quantity,", vec!["no column ``"]),
    ] {
        let errors = wrong(&format!("{header}\nJKT,A,1\n"));
        for expected in expected {
            assert!(errors.contains(expected), "{header}: {errors}");
        }
        assert!(errors.contains("line 1: ") && !errors.contains("line 2"));
    }
}

#[test]
fn files_that_say_nothing_are_told_from_those_that_do() {
    assert!(wrong("").contains("empty"));
    assert!(wrong("\u{feff}\r\n\n").contains("empty"));
    assert!(wrong("\nwarehouse,sku,quantity\n\n").contains("line 2: nothing follows"));
}

#[test]
fn every_line_that_makes_no_sense_is_told_with_its_number() {
    let header = "warehouse,sku,kind,quantity,reason\n";
    for (line, expected) in [
        ("JKT,A,receipt,0,", "quantity: Must be from 1 to 1000000"),
        ("JKT,A,receipt,-1,", "quantity: Must be from 1"),
        ("JKT,A,receipt,1000001,", "quantity: Must be from 1"),
        ("JKT,A,receipt,\"1,000\",", "`1,000` is not a whole number"),
        ("JKT,A,receipt,1.5,", "`1.5` is not a whole number"),
        ("JKT,A,receipt,,", "`` is not a whole number"),
        ("JKT,A,receipt,99999999999,", "far out of range"),
        ("JKT,A,adjustment,0,x", "quantity: Must be from -1000000"),
        ("JKT,A,adjustment,-1,", "reason: Must have 1 to 500"),
        ("JKT,A,sale,1,", "not `sale`"),
        ("JKT,A,,1,", "not ``"),
        (",A,receipt,1,", "no warehouse"),
        ("JKT, ,receipt,1,", "no SKU"),
        ("JKT,A,receipt,1", "4 fields where the first line names 5"),
        ("JKT,A,receipt,1,x,y", "6 fields"),
        (
            "JKT,A,receipt,1,\"x\nJKT,A,receipt,1,y",
            "closing quotation",
        ),
        ("JKT,A,receipt,1,x\u{0}", "control character"),
    ] {
        let errors = wrong(&format!("{header}JKT,A,receipt,1,\n{line}\n"));
        assert!(
            errors.contains("line 3: ") && errors.contains(expected),
            "{line}: {errors}"
        );
    }
    let product = wrong("warehouse,product,quantity\nJKT,user_01h455vb4pex5vsknk084sn02q,1\n");
    assert!(product.contains("not a product id"), "{product}");
    let mut latin = format!("{header}JKT,A,receipt,1,\nJKT,A,receipt,1,").into_bytes();
    latin.extend(b"caf\xe9\nJKT,A,receipt,1,\n");
    let file = StockFile::parse(&latin);
    assert_eq!(file.errors.to_string(), "\n  line 3: it is not UTF-8");
    assert_eq!(file.lines.len(), 2);
}

#[test]
fn of_very_many_errors_the_first_are_told_and_the_others_counted() {
    let errors = wrong(&format!(
        "warehouse,sku,quantity\n{}",
        "JKT,A,0\n".repeat(70)
    ));
    assert!(errors.contains("line 51: ") && !errors.contains("line 52: "));
    assert!(errors.ends_with("and 20 more"), "{errors}");
}

#[test]
fn a_file_has_a_bound() {
    let text = |lines| format!("warehouse,sku,quantity\n{}", "JKT,A,1\n".repeat(lines));
    assert!(parse(&text(MOST_IMPORTED)).errors.is_empty());
    let errors = wrong(&text(MOST_IMPORTED + 1));
    assert!(errors.contains("line 100002: the file has more than 100000 lines"));
}
