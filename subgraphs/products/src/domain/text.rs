//! Rules for texts that people write.

use super::rule::BrokenRule;

/// Checks a text of one line: between one and `longest` characters, none of them a control character.
pub(super) fn check_line(path: &[&str], text: &str, longest: usize, broken: &mut Vec<BrokenRule>) {
    if text.trim().is_empty() {
        broken.push(BrokenRule::new(path, "It must not be empty."));
    } else if text.chars().count() > longest {
        let message = format!("It must have at most {longest} characters.");
        broken.push(BrokenRule::new(path, message));
    } else if text.chars().any(char::is_control) {
        broken.push(BrokenRule::new(
            path,
            "It must be one line without control characters.",
        ));
    }
}

/// Checks a text of any number of lines: at most `longest` characters.
pub(super) fn check_text(path: &[&str], text: &str, longest: usize, broken: &mut Vec<BrokenRule>) {
    if text.chars().count() > longest {
        let message = format!("It must have at most {longest} characters.");
        broken.push(BrokenRule::new(path, message));
    } else if text.contains('\0') {
        // PostgreSQL cannot store it.
        broken.push(BrokenRule::new(
            path,
            "It must not contain the character NUL.",
        ));
    }
}
