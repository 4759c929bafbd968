//! The scalars of the API.

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};
use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};

/// A day, as `2026-11-21`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Date(pub NaiveDate);

/// A day, as `2026-11-21`.
#[Scalar(name = "Date")]
impl ScalarType for Date {
    fn parse(value: Value) -> InputValueResult<Self> {
        match &value {
            Value::String(text) if text.len() == 10 => {
                text.parse().map(Self).map_err(|_| InputValueError::custom("This is not a day such as 2026-11-21."))
            }
            Value::String(_) => Err(InputValueError::custom("This is not a day such as 2026-11-21.")),
            _ => Err(InputValueError::expected_type(value)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

/// An instant in UTC as RFC 3339 writes it: `2026-11-21T09:00:00.000Z`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Instant(pub DateTime<Utc>);

/// An instant in UTC as RFC 3339 writes it: `2026-11-21T09:00:00.000Z`.
#[Scalar(name = "DateTime", specified_by_url = "https://scalars.graphql.org/andimarek/date-time.html")]
impl ScalarType for Instant {
    fn parse(value: Value) -> InputValueResult<Self> {
        match &value {
            Value::String(text) => {
                let instant = DateTime::parse_from_rfc3339(text)
                    .map_err(|_| InputValueError::custom("This is not an instant such as 2026-11-21T09:00:00Z."))?;
                Ok(Self(instant.with_timezone(&Utc)))
            }
            _ => Err(InputValueError::expected_type(value)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_rfc3339_opts(SecondsFormat::Millis, true))
    }
}

/// A whole number of 64 bits as text, because JavaScript's numbers end earlier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BigInt(pub i64);

/// A whole number of 64 bits as text, because JavaScript's numbers end earlier.
#[Scalar(name = "BigInt")]
impl ScalarType for BigInt {
    fn parse(value: Value) -> InputValueResult<Self> {
        let wrong = || InputValueError::custom("This is not a whole number of 64 bits.");
        match &value {
            Value::String(text) => text.parse().map(Self).map_err(|_| wrong()),
            Value::Number(number) => number.as_i64().map(Self).ok_or_else(wrong),
            _ => Err(InputValueError::expected_type(value)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

/// A decimal as text: `12.30`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Decimal(pub String);

/// A decimal as text: `12.30`.
#[Scalar(name = "Decimal")]
impl ScalarType for Decimal {
    fn parse(value: Value) -> InputValueResult<Self> {
        let text = match &value {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            _ => return Err(InputValueError::expected_type(value)),
        };
        let digits = text.strip_prefix('-').unwrap_or(&text);
        let (whole, part) = digits.split_once('.').map_or((digits, None), |(whole, part)| (whole, Some(part)));
        let numeric = |part: &str| !part.is_empty() && part.len() <= 30 && part.bytes().all(|b| b.is_ascii_digit());
        if numeric(whole) && part.is_none_or(numeric) {
            Ok(Self(text))
        } else {
            Err(InputValueError::custom("This is not a decimal such as 12.30."))
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.clone())
    }
}

/// An ISO 4217 code: `EUR`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CurrencyCode(pub String);

/// An ISO 4217 code: `EUR`.
#[Scalar(name = "CurrencyCode")]
impl ScalarType for CurrencyCode {
    fn parse(value: Value) -> InputValueResult<Self> {
        match &value {
            Value::String(text) if text.len() == 3 && text.bytes().all(|b| b.is_ascii_uppercase()) => Ok(Self(text.clone())),
            Value::String(_) => Err(InputValueError::custom("This is not an ISO 4217 code such as EUR.")),
            _ => Err(InputValueError::expected_type(value)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.clone())
    }
}

/// The IANA name of a time zone: `Europe/Berlin`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TimeZone(pub String);

/// The IANA name of a time zone: `Europe/Berlin`.
#[Scalar(name = "TimeZone")]
impl ScalarType for TimeZone {
    fn parse(value: Value) -> InputValueResult<Self> {
        // Whether the zone exists is for the business to say, beside the other fields.
        match value {
            Value::String(text) => Ok(Self(text)),
            other => Err(InputValueError::expected_type(other)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.clone())
    }
}

/// Any JSON value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Json(pub serde_json::Value);

/// Any JSON value.
#[Scalar(name = "JSON")]
impl ScalarType for Json {
    fn parse(value: Value) -> InputValueResult<Self> {
        value.into_json().map(Self).map_err(|_| InputValueError::custom("This is not JSON."))
    }

    fn to_value(&self) -> Value {
        to_value(&self.0)
    }
}

fn to_value(json: &serde_json::Value) -> Value {
    match json {
        serde_json::Value::Null => Value::Null,
        serde_json::Value::Bool(flag) => Value::Boolean(*flag),
        serde_json::Value::Number(number) => Value::Number(number.clone()),
        serde_json::Value::String(text) => Value::String(text.clone()),
        serde_json::Value::Array(items) => Value::List(items.iter().map(to_value).collect()),
        // Names in JSON are any text; the type is only a text with a promise we do not need here.
        serde_json::Value::Object(map) => {
            Value::Object(map.iter().map(|(name, value)| (async_graphql::Name::new(name), to_value(value))).collect())
        }
    }
}

/// A length as GraphQL's whole number, which ends at 32 bits.
pub(crate) fn count(number: impl TryInto<i32>) -> i32 {
    number.try_into().unwrap_or(i32::MAX)
}
