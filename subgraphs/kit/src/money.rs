//! Money: an exact amount in an ISO 4217 currency.

use std::{fmt, str::FromStr};

use async_graphql::{
    InputObject, InputValueError, InputValueResult, Scalar, ScalarType, SimpleObject, Value,
};
use rust_decimal::Decimal;

use crate::error::Code;

/// An ISO 4217 currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Currency(iso_currency::Currency);

impl Currency {
    /// Number of decimals of an amount in this currency, e.g. 2.
    #[must_use]
    pub fn decimals(self) -> u32 {
        self.0.exponent().map_or(0, u32::from)
    }

    /// The three letters, e.g. `IDR`.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.0.code()
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl FromStr for Currency {
    type Err = MoneyError;

    fn from_str(code: &str) -> Result<Self, MoneyError> {
        iso_currency::Currency::from_code(code)
            .map(Self)
            .ok_or_else(|| MoneyError::UnknownCurrency(code.chars().take(8).collect()))
    }
}

/// Why something is not an amount of money.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// Not three letters of ISO 4217.
    #[error("`{0}` is not an ISO 4217 currency code")]
    UnknownCurrency(String),
    /// More decimals than the currency has.
    #[error("{currency} has {decimals} decimals; `{amount}` has more")]
    TooManyDecimals {
        /// The amount as given.
        amount: Decimal,
        /// Its currency.
        currency: Currency,
        /// How many it may have.
        decimals: u32,
    },
    /// Larger than any price or total here.
    #[error("the amount is out of range")]
    OutOfRange,
    /// Two currencies in one sum.
    #[error("{0} and {1} cannot be added")]
    CurrencyMismatch(Currency, Currency),
}

/// An amount in a currency, exact, never with more decimals than the currency has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Money {
    amount: Decimal,
    currency: Currency,
}

/// Databases keep amounts as whole numbers of 10⁻⁴: no currency has more decimals, and one unit for all lets prices be compared
/// and sorted by the database.
const STORED_DECIMALS: u32 = 4;

/// The largest amount: what fits a stored number with room for sums of 100 lines of 10,000 units.
const LARGEST: i64 = 1_000_000_000_000;

impl Money {
    /// An amount in a currency, positive, zero or negative.
    ///
    /// # Errors
    ///
    /// [`MoneyError::TooManyDecimals`], [`MoneyError::OutOfRange`] beyond 10¹².
    pub fn new(amount: Decimal, currency: Currency) -> Result<Self, MoneyError> {
        let decimals = currency.decimals();
        let normal = amount.normalize();
        if normal.scale() > decimals {
            return Err(MoneyError::TooManyDecimals {
                amount,
                currency,
                decimals,
            });
        }
        if normal.abs() > Decimal::from(LARGEST) {
            return Err(MoneyError::OutOfRange);
        }
        Ok(Self::fitted(normal, currency))
    }

    /// No money.
    #[must_use]
    pub fn zero(currency: Currency) -> Self {
        Self::fitted(Decimal::ZERO, currency)
    }

    fn fitted(mut amount: Decimal, currency: Currency) -> Self {
        amount.rescale(currency.decimals());
        Self { amount, currency }
    }

    /// The amount, with as many decimals as the currency has.
    #[must_use]
    pub const fn amount(self) -> Decimal {
        self.amount
    }

    /// The currency.
    #[must_use]
    pub const fn currency(self) -> Currency {
        self.currency
    }

    /// The price of `quantity` units of this price.
    ///
    /// # Errors
    ///
    /// [`MoneyError::OutOfRange`].
    pub fn times(self, quantity: u32) -> Result<Self, MoneyError> {
        let amount = self
            .amount
            .checked_mul(Decimal::from(quantity))
            .ok_or(MoneyError::OutOfRange)?;
        Self::new(amount, self.currency)
    }

    /// The sum of the two.
    ///
    /// # Errors
    ///
    /// [`MoneyError::CurrencyMismatch`], [`MoneyError::OutOfRange`].
    pub fn plus(self, other: Self) -> Result<Self, MoneyError> {
        if self.currency != other.currency {
            return Err(MoneyError::CurrencyMismatch(self.currency, other.currency));
        }
        let amount = self
            .amount
            .checked_add(other.amount)
            .ok_or(MoneyError::OutOfRange)?;
        Self::new(amount, self.currency)
    }

    /// What the database keeps of the amount: a whole number of 10⁻⁴ of the currency.
    ///
    /// # Errors
    ///
    /// Never for an amount that [`Money::new`] let through.
    pub fn stored_amount(self) -> Result<i64, MoneyError> {
        stored_amount(self.amount)
    }

    /// The money that the database keeps as `stored_amount` and `code`.
    ///
    /// # Errors
    ///
    /// [`MoneyError`] when what is stored was not written by [`Money::stored_amount`].
    pub fn from_stored(stored_amount: i64, code: &str) -> Result<Self, MoneyError> {
        Self::new(Decimal::new(stored_amount, STORED_DECIMALS), code.parse()?)
    }
}

/// `amount` as a whole number of 10⁻⁴, rounded towards zero: for comparing with stored amounts of any currency.
///
/// # Errors
///
/// [`MoneyError::OutOfRange`].
pub fn stored_amount(amount: Decimal) -> Result<i64, MoneyError> {
    let scaled = amount
        .checked_mul(Decimal::from(10_i64.pow(STORED_DECIMALS)))
        .ok_or(MoneyError::OutOfRange)?;
    i64::try_from(scaled.trunc()).map_err(|_| MoneyError::OutOfRange)
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.currency, self.amount)
    }
}

/// An exact decimal number as a string, e.g. `"1252.48"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DecimalText(pub Decimal);

/// An exact decimal number as a string, e.g. `"1252.48"`. A number is understood as well, where it is exact.
#[Scalar(name = "Decimal")]
impl ScalarType for DecimalText {
    fn parse(value: Value) -> InputValueResult<Self> {
        let text = match &value {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            _ => return Err(InputValueError::expected_type(value)),
        };
        Decimal::from_str_exact(&text).map(Self).map_err(|_| {
            InputValueError::custom(format!("`{text}` is not a decimal number like \"1252.48\""))
                .with_extension("code", Code::BadUserInput.as_str())
        })
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

/// ISO 4217, e.g. `IDR`.
#[Scalar(
    name = "CurrencyCode",
    specified_by_url = "https://www.iso.org/iso-4217-currency-codes.html"
)]
impl ScalarType for Currency {
    fn parse(value: Value) -> InputValueResult<Self> {
        let Value::String(code) = &value else {
            return Err(InputValueError::expected_type(value));
        };
        code.parse().map_err(|error: MoneyError| {
            InputValueError::custom(error).with_extension("code", Code::BadUserInput.as_str())
        })
    }

    fn to_value(&self) -> Value {
        Value::String(self.code().to_owned())
    }
}

/// An amount in a currency. Never a float: the amount is exact, with the currency's number of decimals.
#[derive(Clone, Copy, Debug, SimpleObject)]
#[graphql(name = "Money", shareable)]
pub struct MoneyObject {
    /// The exact amount, with as many decimals as the currency has.
    amount: DecimalText,
    /// The currency of the amount.
    currency: Currency,
}

impl From<Money> for MoneyObject {
    fn from(money: Money) -> Self {
        Self {
            amount: DecimalText(money.amount),
            currency: money.currency,
        }
    }
}

/// An amount in a currency, as given by a caller.
#[derive(Clone, Copy, Debug, InputObject)]
pub struct MoneyInput {
    /// The exact amount, with no more decimals than the currency has.
    amount: DecimalText,
    /// The currency of the amount.
    currency: Currency,
}

impl TryFrom<MoneyInput> for Money {
    type Error = MoneyError;

    fn try_from(input: MoneyInput) -> Result<Self, MoneyError> {
        Self::new(input.amount.0, input.currency)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn money(amount: &str, currency: &str) -> Result<Money, MoneyError> {
        Money::new(amount.parse().unwrap(), currency.parse()?)
    }

    #[test]
    fn amounts_have_their_currency_s_decimals() {
        let shown = |amount, currency| money(amount, currency).unwrap().amount().to_string();
        assert_eq!(shown("14000000", "IDR"), "14000000.00");
        assert_eq!(shown("14000000.5", "IDR"), "14000000.50");
        assert_eq!(shown("500", "JPY"), "500");
        assert_eq!(shown("1.250", "KWD"), "1.250");
    }

    #[test]
    fn more_decimals_than_the_currency_has_are_refused() {
        assert!(matches!(
            money("1.5", "JPY"),
            Err(MoneyError::TooManyDecimals { decimals: 0, .. })
        ));
        assert!(money("1.50", "USD").is_ok());
        assert!(money("1.5000", "USD").is_ok());
        assert!(money("1.505", "USD").is_err());
    }

    #[test]
    fn unknown_currencies_are_refused() {
        assert_eq!(
            money("1", "XYQ"),
            Err(MoneyError::UnknownCurrency("XYQ".into()))
        );
    }

    #[test]
    fn sums_are_exact_and_of_one_currency() {
        let cent = money("0.10", "USD").unwrap();
        assert_eq!(cent.times(3), money("0.30", "USD"));
        assert_eq!(cent.plus(cent), money("0.20", "USD"));
        assert!(matches!(
            cent.plus(money("1", "IDR").unwrap()),
            Err(MoneyError::CurrencyMismatch(..))
        ));
    }

    #[test]
    fn what_is_stored_reads_back() {
        for (amount, currency) in [
            ("14000000", "IDR"),
            ("0.01", "USD"),
            ("1.2345", "CLF"),
            ("-5", "JPY"),
        ] {
            let money = money(amount, currency).unwrap();
            assert_eq!(
                Money::from_stored(money.stored_amount().unwrap(), currency),
                Ok(money)
            );
        }
    }

    #[test]
    fn amounts_out_of_range_are_refused() {
        assert_eq!(money("1000000000001", "IDR"), Err(MoneyError::OutOfRange));
        assert_eq!(
            money("1000000000000", "IDR").unwrap().times(2),
            Err(MoneyError::OutOfRange)
        );
    }
}
