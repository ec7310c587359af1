//! What a verification found, as a person reads it.

use std::fmt;

use comfy_table::{CellAlignment, Table, presets::UTF8_FULL_CONDENSED};

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// How many rows there are of what was checked: its name, and its rows.
    pub counts: Vec<(&'static str, u64)>,
    /// The rules, each with what breaks it.
    pub rules: Vec<Rule>,
}

/// A rule that was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The rule, in words.
    pub rule: &'static str,
    /// How many rows were looked at.
    pub rows: u64,
    /// How many of them break it.
    pub wrong: u64,
    /// The first of those, a line each: its id, and how.
    pub listed: Vec<String>,
}

impl Report {
    /// Whether every rule holds.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.rules.iter().all(|rule| rule.wrong == 0)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (table, rows) in &self.counts {
            writeln!(f, "{rows:>12} {table}")?;
        }
        writeln!(f, "\n{}", table(&self.rules))?;
        for rule in self.rules.iter().filter(|rule| rule.wrong > 0) {
            writeln!(f, "\n{}: {} wrong", rule.rule, rule.wrong)?;
            for line in &rule.listed {
                writeln!(f, "    {line}")?;
            }
            let more = rule.wrong.saturating_sub(rule.listed.len() as u64);
            if more > 0 {
                writeln!(f, "    and {more} more")?;
            }
        }
        let holds = if self.is_clean() {
            "Every"
        } else {
            "Not every"
        };
        writeln!(f, "\n{holds} rule holds.")
    }
}

fn table(rules: &[Rule]) -> Table {
    let mut table = Table::new();
    table
        .load_style(UTF8_FULL_CONDENSED)
        .set_header(["Rule", "Rows checked", "Wrong"]);
    for rule in rules {
        table.add_row([
            rule.rule.to_owned(),
            rule.rows.to_string(),
            rule.wrong.to_string(),
        ]);
    }
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_a_table_with_what_is_wrong_below() {
        let rule = |rule, wrong, listed: &[&str]| Rule {
            rule,
            rows: 1_000,
            wrong,
            listed: listed.iter().copied().map(str::to_owned).collect(),
        };
        let report = Report {
            counts: vec![("stock_levels", 1_000)],
            rules: vec![
                rule("Sums agree", 0, &[]),
                rule(
                    "Holds agree",
                    3,
                    &["level_a: reserved 5, held 4", "level_b: reserved 1, held 0"],
                ),
            ],
        };
        insta::assert_snapshot!(report, @"
                1000 stock_levels

        ┌─────────────┬──────────────┬───────┐
        │ Rule        ┆ Rows checked ┆ Wrong │
        ╞═════════════╪══════════════╪═══════╡
        │ Sums agree  ┆         1000 ┆     0 │
        │ Holds agree ┆         1000 ┆     3 │
        └─────────────┴──────────────┴───────┘

        Holds agree: 3 wrong
            level_a: reserved 5, held 4
            level_b: reserved 1, held 0
            and 1 more

        Not every rule holds.
        ");
        assert!(!report.is_clean());
    }
}
