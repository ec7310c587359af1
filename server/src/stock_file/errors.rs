//! What is wrong with the lines of a file.

use std::fmt;

/// How many errors are told one by one.
const MOST_TOLD: usize = 50;

/// What is wrong, each with the number of its line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LineErrors(Vec<(u64, String)>);

impl LineErrors {
    /// Adds what is wrong with a line.
    pub fn add(&mut self, number: u64, message: impl Into<String>) {
        self.0.push((number, message.into()));
    }

    /// Adds all that is wrong with a line.
    pub fn extend(&mut self, number: u64, messages: impl IntoIterator<Item = String>) {
        let messages = messages.into_iter().map(|message| (number, message));
        self.0.extend(messages);
    }

    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for LineErrors {
    /// A line of text for each, by the line's number; of very many the first.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut sorted: Vec<_> = self.0.iter().collect();
        sorted.sort_by_key(|(number, _)| *number);
        for (number, message) in sorted.iter().take(MOST_TOLD) {
            write!(f, "\n  line {number}: {message}")?;
        }
        match sorted.len().saturating_sub(MOST_TOLD) {
            0 => Ok(()),
            more => write!(f, "\n  and {more} more"),
        }
    }
}
