//! The little that is read of Stripe's answers, so that a new version of its API, or a server with fewer fields, cannot break us.

use std::collections::BTreeMap;

use billow_billing::ports::{
    Charge, ChargeState, Decline, GatewayAccount, GatewayFault, GatewayRefund, GatewayRefundState, MethodDetails, Setup, SetupState,
};
use billow_entities::DeclineKind;
use chrono::DateTime;
use miniserde::json::{Number, Value};

use super::declines;

static NOTHING: Value = Value::Null;

/// A field of an object; nothing where there is none.
pub(super) fn field<'a>(value: &'a Value, name: &str) -> &'a Value {
    match value {
        Value::Object(fields) => fields.get(name).unwrap_or(&NOTHING),
        _ => &NOTHING,
    }
}

/// A field along a path of objects.
fn along<'a>(value: &'a Value, path: &[&str]) -> &'a Value {
    path.iter().fold(value, |value, name| field(value, name))
}

pub(super) fn text(value: &Value) -> Option<String> {
    if let Value::String(text) = value { Some(text.clone()) } else { None }
}

pub(super) fn number(value: &Value) -> Option<i64> {
    match value {
        Value::Number(Number::I64(n)) => Some(*n),
        Value::Number(Number::U64(n)) => i64::try_from(*n).ok(),
        _ => None,
    }
}

/// The id of an object, told whole or by its id.
pub(super) fn id_of(value: &Value) -> Option<String> {
    text(value).or_else(|| text(field(value, "id")))
}

pub(super) fn items(list: &Value) -> &[Value] {
    if let Value::Array(items) = field(list, "data") { items } else { &[] }
}

pub(super) fn has_more(list: &Value) -> bool {
    matches!(field(list, "has_more"), Value::Bool(true))
}

fn metadata(value: &Value) -> BTreeMap<String, String> {
    let Value::Object(fields) = field(value, "metadata") else { return BTreeMap::new() };
    fields.iter().filter_map(|(name, value)| Some((name.clone(), text(value)?))).collect()
}

fn unreadable(what: &str) -> GatewayFault {
    GatewayFault::Unknown { message: format!("the answer could not be read: it is no {what}") }
}

/// An account. An answer without its id did not come from the gateway.
pub(super) fn account(value: &Value) -> Result<GatewayAccount, GatewayFault> {
    let id = text(field(value, "id")).filter(|_| text(field(value, "object")).as_deref() == Some("account"));
    let named = [&["settings", "dashboard", "display_name"][..], &["business_profile", "name"]];
    let name = named.iter().find_map(|path| text(along(value, path)).filter(|name| !name.trim().is_empty()));
    let can_charge = if let Value::Bool(can) = field(value, "charges_enabled") { Some(*can) } else { None };
    Ok(GatewayAccount { id: id.ok_or_else(|| unreadable("account"))?, name, can_charge })
}

/// What Stripe says when it says no, and how it says why a payment failed.
#[derive(Debug, Default)]
pub(super) struct ApiError {
    pub kind: Option<String>,
    pub code: Option<String>,
    pub decline_code: Option<String>,
    pub message: Option<String>,
    pub charge: Option<String>,
    pub payment_intent: Option<Value>,
    pub setup_intent: Option<Value>,
}

impl ApiError {
    /// Reads the body of an answer.
    pub(super) fn read(body: &[u8]) -> Option<Self> {
        let body: Value = miniserde::json::from_str(std::str::from_utf8(body).ok()?).ok()?;
        Self::of(field(&body, "error"))
    }

    fn of(value: &Value) -> Option<Self> {
        if !matches!(value, Value::Object(_)) {
            return None;
        }
        let whole = |name: &str| Some(field(value, name)).filter(|v| matches!(v, Value::Object(_))).cloned();
        Some(Self {
            kind: text(field(value, "type")),
            code: text(field(value, "code")),
            decline_code: text(field(value, "decline_code")),
            message: text(field(value, "message")),
            charge: id_of(field(value, "charge")),
            payment_intent: whole("payment_intent"),
            setup_intent: whole("setup_intent"),
        })
    }

    pub(super) fn decline(&self) -> Decline {
        let code = self.decline_code.clone().or_else(|| self.code.clone());
        let kind = declines::kind_of(self.decline_code.as_deref(), self.code.as_deref());
        Decline { kind, code, message: self.message.clone().unwrap_or_else(|| "the bank said no".into()) }
    }

    /// In words for an operator.
    pub(super) fn told(&self, status: u16) -> String {
        format!("{status} {}", self.message.as_deref().unwrap_or("without a reason")).trim().to_owned()
    }
}

/// A payment.
pub(super) struct Intent {
    pub charge: Charge,
    /// It was made by a page, on which a refused customer can try again.
    pub by_page: bool,
    /// Waiting for a method: new, or because the last one was refused.
    pub wants_method: bool,
}

impl Intent {
    pub(super) fn read(value: &Value) -> Result<Self, GatewayFault> {
        let id = text(field(value, "id")).ok_or_else(|| unreadable("payment"))?;
        let status = text(field(value, "status")).ok_or_else(|| unreadable("payment"))?;
        let currency = text(field(value, "currency")).ok_or_else(|| unreadable("payment"))?;
        let error = ApiError::of(field(value, "last_payment_error"));
        let state = match status.as_str() {
            "succeeded" => ChargeState::Succeeded,
            "processing" | "requires_capture" => ChargeState::Processing,
            "canceled" => ChargeState::Cancelled,
            "requires_payment_method" | "requires_confirmation" => match error {
                Some(error) => ChargeState::Failed(error.decline()),
                None => ChargeState::RequiresAction { url: None },
            },
            "requires_action" => ChargeState::RequiresAction { url: text(along(value, &["next_action", "redirect_to_url", "url"])) },
            other => return Err(GatewayFault::Unknown { message: format!("the payment stands at '{other}', which is not known here") }),
        };
        let charge = field(value, "latest_charge");
        let balance = field(charge, "balance_transaction");
        // In another currency it cannot be booked with the charge.
        let fee_minor = number(field(balance, "fee")).filter(|_| text(field(balance, "currency")).as_ref() == Some(&currency));
        let metadata = metadata(value);
        Ok(Self {
            by_page: metadata.get("page").is_some_and(|page| page == "hosted"),
            wants_method: status == "requires_payment_method",
            charge: Charge {
                id,
                attempt: metadata.get("attempt").cloned(),
                amount_minor: number(field(value, "amount")).ok_or_else(|| unreadable("payment"))?,
                currency: currency.to_uppercase(),
                state,
                fee_minor,
                refunded_minor: number(field(charge, "amount_refunded")),
                created_at: number(field(value, "created")).and_then(|at| DateTime::from_timestamp(at, 0)),
            },
        })
    }
}

/// A page on which somebody pays.
pub(super) fn page(value: &Value) -> Result<Charge, GatewayFault> {
    let id = text(field(value, "id")).ok_or_else(|| unreadable("page"))?;
    let status = text(field(value, "status")).unwrap_or_default();
    let intent = match field(value, "payment_intent") {
        whole @ Value::Object(_) => Some(Intent::read(whole)?.charge),
        _ => None,
    };
    let open = ChargeState::RequiresAction { url: text(field(value, "url")) };
    let state = match (status.as_str(), intent.as_ref().map(|charge| &charge.state)) {
        // What was refused can be tried again as long as the page is there.
        ("open", None | Some(ChargeState::Failed(_) | ChargeState::RequiresAction { .. })) => open,
        ("expired", None | Some(ChargeState::RequiresAction { .. })) => ChargeState::Cancelled,
        (_, Some(state)) => state.clone(),
        // Just done: the payment is there in a moment.
        ("complete", None) => ChargeState::Processing,
        (other, None) => return Err(GatewayFault::Unknown { message: format!("the page stands at '{other}', which is not known here") }),
    };
    if let Some(charge) = intent {
        return Ok(Charge { state, ..charge });
    }
    Ok(Charge {
        id,
        attempt: metadata(value).get("attempt").cloned(),
        amount_minor: number(field(value, "amount_total")).ok_or_else(|| unreadable("page"))?,
        currency: text(field(value, "currency")).ok_or_else(|| unreadable("page"))?.to_uppercase(),
        state,
        fee_minor: None,
        refunded_minor: None,
        created_at: number(field(value, "created")).and_then(|at| DateTime::from_timestamp(at, 0)),
    })
}

/// The attempt that a payment or a page was made for.
pub(super) fn attempt_of(value: &Value) -> Option<String> {
    metadata(value).remove("attempt")
}

fn method(value: &Value) -> Option<MethodDetails> {
    let id = id_of(value)?;
    let kind = text(field(value, "type")).unwrap_or_default();
    let inner = field(value, &kind);
    let month_or_year = |name: &str| number(field(inner, name)).and_then(|n| i32::try_from(n).ok());
    Some(MethodDetails {
        id,
        brand: ["brand", "bank_name", "bank_code"].iter().find_map(|name| text(field(inner, name))),
        last4: text(field(inner, "last4")),
        exp_month: month_or_year("exp_month"),
        exp_year: month_or_year("exp_year"),
        mandate_id: None,
    })
}

/// A method on its way to being saved.
pub(super) fn setup(value: &Value) -> Result<Setup, GatewayFault> {
    let id = text(field(value, "id")).ok_or_else(|| unreadable("setup"))?;
    let status = text(field(value, "status")).ok_or_else(|| unreadable("setup"))?;
    let error = ApiError::of(field(value, "last_setup_error"));
    let state = match status.as_str() {
        "succeeded" => SetupState::Ready,
        "processing" => SetupState::Processing,
        "requires_action" => SetupState::RequiresAction { url: text(along(value, &["next_action", "redirect_to_url", "url"])) },
        "requires_payment_method" | "requires_confirmation" => match error {
            Some(error) => SetupState::Failed(error.decline()),
            None => SetupState::RequiresAction { url: None },
        },
        "canceled" => SetupState::Failed(ended("it was called off")),
        other => return Err(GatewayFault::Unknown { message: format!("the setup stands at '{other}', which is not known here") }),
    };
    let mandate_id = id_of(field(value, "mandate"));
    let method = method(field(value, "payment_method")).map(|method| MethodDetails { mandate_id, ..method });
    Ok(Setup { id, state, method })
}

/// A page on which somebody saves a method. It goes by its own id.
pub(super) fn setup_page(value: &Value) -> Result<Setup, GatewayFault> {
    let id = text(field(value, "id")).ok_or_else(|| unreadable("page"))?;
    let inner = match field(value, "setup_intent") {
        whole @ Value::Object(_) => Some(setup(whole)?),
        _ => None,
    };
    let method = inner.as_ref().and_then(|setup| setup.method.clone());
    let state = match (text(field(value, "status")).as_deref(), inner) {
        (Some("expired"), _) => SetupState::Failed(ended("the page was not used in time")),
        (Some("complete"), Some(setup)) => setup.state,
        (Some("complete"), None) => SetupState::Processing,
        _ => SetupState::RequiresAction { url: text(field(value, "url")) },
    };
    Ok(Setup { id, state, method })
}

fn ended(why: &str) -> Decline {
    Decline { kind: DeclineKind::Other, code: None, message: why.into() }
}

/// Money on its way back.
pub(super) fn refund(value: &Value) -> Result<GatewayRefund, GatewayFault> {
    let state = match text(field(value, "status")).as_deref() {
        Some("pending" | "requires_action") => GatewayRefundState::Pending,
        Some("succeeded") => GatewayRefundState::Succeeded,
        Some(status @ ("failed" | "canceled")) => {
            GatewayRefundState::Failed { message: text(field(value, "failure_reason")).unwrap_or_else(|| status.to_owned()) }
        }
        _ => return Err(unreadable("refund")),
    };
    Ok(GatewayRefund {
        id: text(field(value, "id")).ok_or_else(|| unreadable("refund"))?,
        reference: metadata(value).remove("reference"),
        amount_minor: number(field(value, "amount")).ok_or_else(|| unreadable("refund"))?,
        state,
    })
}
