//! What an account is called by: an e-mail address or a phone number, in the one form in which it is stored and compared.

use std::{fmt, str::FromStr};

use email_address::{EmailAddress, Options};
use phonenumber::country;

/// The longest e-mail address, in characters ([RFC 3696, erratum 1690](https://www.rfc-editor.org/errata/eid1690)).
const LONGEST_EMAIL: usize = 254;

/// The longest text that is read as a phone number, in characters: E.164 has 15 digits, people write spaces and dashes between.
const LONGEST_PHONE_TEXT: usize = 40;

/// Why a text is no identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdentifierError {
    /// Not an e-mail address.
    #[error("This is not an e-mail address like `ayu@example.com`.")]
    Email,
    /// Not a phone number.
    #[error(
        "This is not a phone number; write it with its country code, e.g. `+62 812-3456-7890`."
    )]
    PhoneNumber,
}

/// An e-mail address in lower case.
///
/// Strictly, the part before the `@` may distinguish case; no provider of note does, and two accounts that differ in case alone
/// are a trap.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Email(String);

impl Email {
    /// Reads an address, without display name, at a domain name with a dot.
    ///
    /// # Errors
    ///
    /// [`IdentifierError::Email`].
    pub fn parse(text: &str) -> Result<Self, IdentifierError> {
        let options = Options::default()
            .with_required_tld()
            .without_display_text()
            .without_domain_literal();
        let text = text.trim().to_lowercase();
        if text.chars().count() > LONGEST_EMAIL {
            return Err(IdentifierError::Email);
        }
        EmailAddress::parse_with_options(&text, options)
            .map(|_| Self(text))
            .map_err(|_| IdentifierError::Email)
    }

    /// The address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<Email> for String {
    fn from(email: Email) -> Self {
        email.0
    }
}

/// The country whose national numbers are understood without a country code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Region(country::Id);

impl Region {
    /// Indonesia.
    pub const INDONESIA: Self = Self(country::Id::ID);
}

impl Default for Region {
    fn default() -> Self {
        Self::INDONESIA
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_ref())
    }
}

/// The text is no country code.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a country code of two letters, e.g. `ID`")]
pub struct UnknownRegion(String);

impl FromStr for Region {
    type Err = UnknownRegion;

    /// Reads an ISO 3166-1 code of two letters.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.to_ascii_uppercase()
            .parse()
            .map(Self)
            .map_err(|_| UnknownRegion(text.to_owned()))
    }
}

/// A phone number in [E.164](https://www.itu.int/rec/T-REC-E.164), e.g. `+6281234567890`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PhoneNumber(String);

impl PhoneNumber {
    /// Reads a number in international form, or in the national form of `region`.
    ///
    /// # Errors
    ///
    /// [`IdentifierError::PhoneNumber`] for all that its country does not give out, and for extensions.
    pub fn parse(text: &str, region: Region) -> Result<Self, IdentifierError> {
        let text = text.trim();
        if text.chars().count() > LONGEST_PHONE_TEXT {
            return Err(IdentifierError::PhoneNumber);
        }
        phonenumber::parse(Some(region.0), text)
            .ok()
            .filter(|number| number.is_valid() && number.extension().is_none())
            .map(|number| Self(number.format().mode(phonenumber::Mode::E164).to_string()))
            .ok_or(IdentifierError::PhoneNumber)
    }

    /// The number in E.164.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<PhoneNumber> for String {
    fn from(number: PhoneNumber) -> Self {
        number.0
    }
}

/// What somebody signs in with.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Identifier {
    /// An e-mail address.
    Email(Email),
    /// A phone number.
    PhoneNumber(PhoneNumber),
}

impl Identifier {
    /// Reads either: what has an `@` is an e-mail address.
    ///
    /// # Errors
    ///
    /// [`IdentifierError`].
    pub fn parse(text: &str, region: Region) -> Result<Self, IdentifierError> {
        if text.contains('@') {
            Email::parse(text).map(Self::Email)
        } else {
            PhoneNumber::parse(text, region).map(Self::PhoneNumber)
        }
    }

    /// The form in which it is compared.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Email(email) => email.as_str(),
            Self::PhoneNumber(number) => number.as_str(),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn phone(text: &str) -> Result<String, IdentifierError> {
        PhoneNumber::parse(text, Region::INDONESIA).map(String::from)
    }

    #[test]
    fn every_way_to_write_a_phone_number_is_one_number() {
        for text in [
            "081234567890",
            "0812-3456-7890",
            "+62 812-3456-7890",
            "+6281234567890",
            " +62 (812) 3456 7890 ",
            "62 81234567890",
            "tel:+62-812-3456-7890",
        ] {
            assert_eq!(phone(text).as_deref(), Ok("+6281234567890"), "{text}");
        }
    }

    #[test]
    fn a_number_with_a_country_code_needs_no_region() {
        assert_eq!(phone("+49 30 901820").as_deref(), Ok("+4930901820"));
        let germany = "de".parse().unwrap();
        let number = PhoneNumber::parse("030 901820", germany).unwrap();
        assert_eq!(number.as_str(), "+4930901820");
    }

    #[test]
    fn what_is_no_phone_number_is_refused() {
        for text in [
            "",
            "12",
            "call me",
            "+62",
            "+62 812",
            "+999 1234567890",
            "0812345678901234567890",
            "+62 812-3456-7890 ext. 5",
            &"0".repeat(100_000),
        ] {
            assert_eq!(phone(text), Err(IdentifierError::PhoneNumber), "{text:.40}");
        }
    }

    #[test]
    fn e_mail_addresses_are_compared_in_lower_case() {
        let email = Email::parse(" Ayu.Lestari+shop@Example.COM ").unwrap();
        assert_eq!(email.as_str(), "ayu.lestari+shop@example.com");
    }

    #[test]
    fn what_is_no_e_mail_address_is_refused() {
        for text in [
            "",
            "ayu",
            "@example.com",
            "ayu@",
            "ayu@localhost",
            "ayu@[127.0.0.1]",
            "Ayu <ayu@example.com>",
            "ayu@@example.com",
            "ayu lestari@example.com",
            &format!("{}@example.com", "a".repeat(300)),
        ] {
            assert_eq!(
                Email::parse(text),
                Err(IdentifierError::Email),
                "{text:.40}"
            );
        }
    }

    #[test]
    fn regions_read_back_from_their_text() {
        assert_eq!("id".parse(), Ok(Region::INDONESIA));
        assert_eq!(Region::INDONESIA.to_string(), "ID");
        assert!("Indonesia".parse::<Region>().is_err());
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused_and_what_is_read_stays_the_same(text in "\\PC{0,60}") {
            if let Ok(identifier) = Identifier::parse(&text, Region::INDONESIA) {
                let again = Identifier::parse(identifier.as_str(), Region::INDONESIA);
                prop_assert_eq!(again, Ok(identifier));
            }
        }

        #[test]
        fn digits_are_read_or_refused(text in "\\+?[0-9 ()-]{0,24}") {
            if let Ok(number) = phone(&text) {
                prop_assert_eq!(phone(&number), Ok(number.clone()));
            }
        }
    }
}
