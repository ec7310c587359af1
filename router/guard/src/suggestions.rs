//! What errors give away of a schema that is not to be told.

/// Cuts off what names fields and types to somebody who only guesses: both parsers' validation says it at the end.
pub fn without_suggestion(message: &mut String) {
    if let Some(at) = message.find("Did you mean") {
        message.truncate(at);
        message.truncate(message.trim_end().len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_stays_and_what_is_right_goes() {
        let mut message = "Unknown field \"nme\" on type \"A\". Did you mean \"name\"?".to_owned();
        without_suggestion(&mut message);
        assert_eq!(message, "Unknown field \"nme\" on type \"A\".");
    }
}
