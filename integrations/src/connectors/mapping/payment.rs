//! What a program says came of a payment.

use billow_billing::ports::PayOutcome;
use serde_json::Value;

use super::reader::{Object, shown, text};

/// The longest wait a mapping can ask for.
const MAX_WAIT_MS: u64 = 7 * 24 * 60 * 60 * 1000;
/// When a program says "awaited" and not for how long.
const AWAITED_MS: u64 = 5_000;

const KINDS: [&str; 5] = ["CONFIRMED", "AWAITED", "REJECTED", "UNKNOWN", "NOT_SENT"];

/// Reads what an outcome program of `pay` or `pay_status` yielded. `left` is kept for the next question when the program
/// gives nothing itself.
pub(in crate::connectors) fn read_payment(value: &Value, left: impl FnOnce() -> Value) -> Result<PayOutcome, String> {
    let fields = ["outcome", "reference", "voucher", "after_ms", "continuation", "message", "retry_after_ms"];
    let outcome = Object::of(value, "", "an outcome", &fields).map_err(|problem| problem.trim_start_matches(": ").to_owned())?;
    let kind = outcome.required("outcome", |value| {
        let found = value.as_str().filter(|word| KINDS.contains(word));
        found.ok_or_else(|| format!("{} is not one of {}", shown(value), KINDS.join(", ")))
    })?;
    let only = |name: &str, kinds: &[&str]| match outcome.value(name) {
        Some(_) if !kinds.contains(&kind) => Err(format!("{name}: is only for the outcome {}", kinds.join(" and "))),
        _ => Ok(()),
    };
    only("reference", &["CONFIRMED"])?;
    only("voucher", &["CONFIRMED"])?;
    only("after_ms", &["AWAITED"])?;
    only("continuation", &["AWAITED"])?;
    only("retry_after_ms", &["NOT_SENT"])?;
    only("message", &["REJECTED", "UNKNOWN", "NOT_SENT"])?;
    let wait = |name: &str| {
        outcome.optional(name, |value| {
            let ms = value.as_u64().filter(|ms| *ms <= MAX_WAIT_MS);
            ms.ok_or_else(|| format!("{} is not a number of milliseconds up to a week", shown(value)))
        })
    };
    let message = |fallback: &str| Ok::<_, String>(outcome.optional("message", text)?.unwrap_or_else(|| fallback.to_owned()));
    Ok(match kind {
        "CONFIRMED" => {
            PayOutcome::Confirmed { reference: outcome.optional("reference", text)?, voucher: outcome.optional("voucher", text)? }
        }
        "AWAITED" => PayOutcome::Awaited {
            after_ms: wait("after_ms")?.unwrap_or(AWAITED_MS),
            continuation: outcome.value("continuation").cloned().unwrap_or_else(left),
        },
        "REJECTED" => PayOutcome::Rejected { message: message("The provider refused the payment.")? },
        "NOT_SENT" => PayOutcome::NotSent { message: message("the provider has not got it")?, retry_after_ms: wait("retry_after_ms")? },
        _ => PayOutcome::Unknown { message: message("the provider does not say how it stands")? },
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn outcomes_are_read() {
        let read = |value| read_payment(&value, || json!({"steps": {}})).expect("an outcome");
        let confirmed = PayOutcome::Confirmed { reference: Some("77".into()), voucher: None };
        assert_eq!(read(json!({"outcome": "CONFIRMED", "reference": 77})), confirmed);
        let awaited = PayOutcome::Awaited { after_ms: 5_000, continuation: json!({"steps": {}}) };
        assert_eq!(read(json!({"outcome": "AWAITED"})), awaited);
        let awaited = PayOutcome::Awaited { after_ms: 10, continuation: json!({"ref": 1}) };
        assert_eq!(read(json!({"outcome": "AWAITED", "after_ms": 10, "continuation": {"ref": 1}})), awaited);
        assert_eq!(read(json!({"outcome": "REJECTED", "message": "no"})), PayOutcome::Rejected { message: "no".into() });
        let not_sent = PayOutcome::NotSent { message: "busy".into(), retry_after_ms: Some(5) };
        assert_eq!(read(json!({"outcome": "NOT_SENT", "message": "busy", "retry_after_ms": 5})), not_sent);
    }

    #[test]
    fn what_is_not_an_outcome_says_why() {
        for (value, words) in [
            (json!("CONFIRMED"), "'CONFIRMED' is not an outcome"),
            (json!({}), "outcome: is missing"),
            (json!({"outcome": "PAID"}), "outcome: 'PAID' is not one of CONFIRMED, AWAITED, REJECTED, UNKNOWN, NOT_SENT"),
            (json!({"outcome": "REJECTED", "reference": "1"}), "reference: is only for the outcome CONFIRMED"),
            (json!({"outcome": "AWAITED", "after_ms": -1}), "after_ms: -1 is not a number of milliseconds up to a week"),
            (json!({"outcome": "CONFIRMED", "voucher": ""}), "voucher: must not be empty"),
        ] {
            assert_eq!(read_payment(&value, || Value::Null).expect_err(words), words);
        }
    }
}
