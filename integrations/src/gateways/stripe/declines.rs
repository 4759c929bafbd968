//! Banks' words for "no", in the field's terms.

use billow_entities::DeclineKind;

/// What a decline means: the bank's own word where there is one, else the code.
pub(super) fn kind_of(decline_code: Option<&str>, code: Option<&str>) -> DeclineKind {
    [decline_code, code].into_iter().flatten().find_map(known).unwrap_or(DeclineKind::Other)
}

fn known(word: &str) -> Option<DeclineKind> {
    Some(match word {
        "insufficient_funds"
        | "card_velocity_exceeded"
        | "withdrawal_count_limit_exceeded"
        | "charge_exceeds_source_limit"
        | "charge_exceeds_weekly_limit" => DeclineKind::InsufficientFunds,
        "expired_card" | "invalid_expiry_month" | "invalid_expiry_year" => DeclineKind::CardExpired,
        "authentication_required"
        | "authentication_not_handled"
        | "payment_intent_authentication_failure"
        | "setup_intent_authentication_failure"
        | "offline_pin_required"
        | "online_or_offline_pin_required"
        | "mobile_device_authentication_required" => DeclineKind::AuthenticationRequired,
        "fraudulent"
        | "lost_card"
        | "stolen_card"
        | "pickup_card"
        | "merchant_blacklist"
        | "security_violation"
        | "highest_risk_level"
        | "previously_declined_do_not_retry" => DeclineKind::Fraud,
        "debit_not_authorized"
        | "bank_ownership_changed"
        | "mandate_invalid"
        | "payment_intent_mandate_invalid"
        | "setup_intent_mandate_invalid"
        | "payment_method_customer_decline"
        | "revocation_of_authorization"
        | "revocation_of_all_authorizations" => DeclineKind::MandateInactive,
        "incorrect_number"
        | "invalid_number"
        | "incorrect_cvc"
        | "invalid_cvc"
        | "incorrect_pin"
        | "invalid_pin"
        | "incorrect_zip"
        | "incorrect_address"
        | "invalid_account"
        | "invalid_account_number"
        | "account_closed"
        | "account_frozen"
        | "no_account"
        | "bank_account_restricted"
        | "bank_account_unusable"
        | "bank_account_exists"
        | "card_not_supported"
        | "currency_not_supported"
        | "new_account_information_available"
        | "payment_method_not_available"
        | "restricted_card" => DeclineKind::InvalidMethod,
        "processing_error"
        | "issuer_not_available"
        | "try_again_later"
        | "reenter_transaction"
        | "payment_method_provider_timeout"
        | "payment_method_provider_decline" => DeclineKind::ProcessingError,
        "generic_decline"
        | "do_not_honor"
        | "do_not_try_again"
        | "call_issuer"
        | "no_action_taken"
        | "not_permitted"
        | "transaction_not_allowed"
        | "service_not_allowed"
        | "stop_payment_order"
        | "approve_with_id"
        | "live_mode_test_card"
        | "testmode_decline"
        | "card_declined"
        | "generic_could_not_process" => DeclineKind::DoNotHonor,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_banks_own_word_comes_before_the_code() {
        assert_eq!(kind_of(Some("insufficient_funds"), Some("card_declined")), DeclineKind::InsufficientFunds);
        assert_eq!(kind_of(Some("a_word_of_tomorrow"), Some("card_declined")), DeclineKind::DoNotHonor);
        assert_eq!(kind_of(None, Some("account_closed")), DeclineKind::InvalidMethod);
        assert_eq!(kind_of(None, Some("a_word_of_tomorrow")), DeclineKind::Other);
        assert_eq!(kind_of(None, None), DeclineKind::Other);
    }
}
