//! The full-text search of either engine.

use sea_orm::{
    Value,
    sea_query::{Expr, Query, SelectStatement},
};
use stockgraph_kit::database::Engine;

/// The table of what a search found, with the columns [`KEY`](key) and `score`.
pub(super) const MATCHES: &str = "matches";

/// The column that products and matches share.
pub(super) const fn key(engine: Engine) -> &'static str {
    match engine {
        Engine::Sqlite => "number",
        Engine::Postgres => "id",
    }
}

/// The products that have all of these words, the last one as the beginning of a word, and how well they match as a whole number: the
/// larger, the better. A match in the name or the SKU counts more than one in the description, and a whole word more than the beginning
/// of one.
///
/// Words have letters and digits only, see [`words`](crate::domain::search::words).
pub(super) fn matches(engine: Engine, words: &[String]) -> SelectStatement {
    match engine {
        Engine::Sqlite => sqlite(words),
        Engine::Postgres => postgres(words),
    }
}

/// <https://sqlite.org/fts5.html#full_text_query_syntax>; `bm25` is the more negative, the better the match is.
fn sqlite(words: &[String]) -> SelectStatement {
    let last = words.len().saturating_sub(1);
    let term = |(index, word)| {
        if index == last {
            format!("(\"{word}\" OR \"{word}\" *)")
        } else {
            format!("\"{word}\"")
        }
    };
    let terms: Vec<String> = words.iter().enumerate().map(term).collect();
    // Spelt out, for terms in parentheses are not joined by themselves.
    let query = terms.join(" AND ");
    Query::select()
        .expr_as(Expr::cust("rowid"), key(Engine::Sqlite))
        .expr_as(
            Expr::cust("CAST(bm25(products_search, 10.0, 10.0, 2.0) * -1000000000 AS INTEGER)"),
            "score",
        )
        .from("products_search")
        .and_where(Expr::cust_with_values("products_search MATCH ?", [query]))
        // No limit, but a hint: SQLite makes the list of matches once then. Left to itself it searches anew for each product.
        .limit(i64::MAX.unsigned_abs())
        .take()
}

/// <https://www.postgresql.org/docs/15/textsearch-controls.html>; `ts_rank` makes no difference between a word and what begins with
/// it, so whole words are ranked once more.
fn postgres(words: &[String]) -> SelectStatement {
    let query = |last_word: &str| {
        let last = words.len().saturating_sub(1);
        let term = |index| {
            let rest = if index == last { last_word } else { "" };
            let number = index + 1;
            format!("to_tsquery('simple', products_words(${number}){rest})")
        };
        let terms: Vec<String> = (0..words.len()).map(term).collect();
        let values = words.iter().map(|word| Value::from(word.as_str()));
        Expr::cust_with_values(terms.join(" && "), values)
    };
    let sought = Query::select()
        .expr_as(query(" || ':*'"), "query")
        .expr_as(query(""), "whole")
        .take();
    let score = "(ts_rank(products.search, sought.query) + ts_rank(products.search, sought.whole))";
    Query::select()
        .column(("products", key(Engine::Postgres)))
        .expr_as(
            Expr::cust(format!("CAST({score} * 1000000000 AS bigint)")),
            "score",
        )
        .from("products")
        .from_subquery(sought, "sought")
        .and_where(Expr::cust("products.search @@ sought.query"))
        .take()
}
