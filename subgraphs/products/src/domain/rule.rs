//! What is said of input that breaks a rule.

/// A rule that a field of an input breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrokenRule {
    /// Path of the field within the input, in the words of the API, e.g. `["options", "1", "name"]`.
    pub path: Vec<String>,
    /// The rule, for a person to read, in English.
    pub message: String,
}

impl BrokenRule {
    /// The rule that the field at this path breaks.
    pub fn new<P: ToString>(path: impl IntoIterator<Item = P>, message: impl Into<String>) -> Self {
        Self {
            path: path.into_iter().map(|part| part.to_string()).collect(),
            message: message.into(),
        }
    }

    /// The same rule, broken by a part of a larger input.
    #[must_use]
    pub fn within<P: ToString>(mut self, prefix: impl IntoIterator<Item = P>) -> Self {
        let prefix = prefix.into_iter().map(|part| part.to_string());
        self.path.splice(0..0, prefix);
        self
    }
}
