//! Why a payment did not go through, and what helps, in words for whoever pays. Pure.

use billow_entities::DeclineKind;

/// Why, in a sentence.
pub(super) fn why(kind: Option<DeclineKind>, german: bool) -> &'static str {
    let (en, de) = match kind {
        Some(DeclineKind::InsufficientFunds) => ("There was not enough money in the account.", "Auf dem Konto war nicht genug Geld."),
        Some(DeclineKind::DoNotHonor) => {
            ("The bank refused the payment without giving a reason.", "Die Bank hat die Zahlung ohne Angabe von Gründen abgelehnt.")
        }
        Some(DeclineKind::CardExpired) => ("The card has expired.", "Die Karte ist abgelaufen."),
        Some(DeclineKind::AuthenticationRequired) => {
            ("The bank wanted you to confirm the payment.", "Die Bank wollte, dass Sie die Zahlung bestätigen.")
        }
        Some(DeclineKind::MandateInactive) => {
            ("The direct debit mandate is not in force any more.", "Das Lastschriftmandat gilt nicht mehr.")
        }
        // What the bank suspects is between the bank and its customer.
        Some(DeclineKind::Fraud) => ("The bank refused the payment.", "Die Bank hat die Zahlung abgelehnt."),
        Some(DeclineKind::InvalidMethod) => (
            "The details of the card or account are wrong, or it is closed.",
            "Die Angaben zu Karte oder Konto stimmen nicht, oder es ist geschlossen.",
        ),
        Some(DeclineKind::ProcessingError) => ("The payment could not be processed.", "Die Zahlung konnte nicht verarbeitet werden."),
        Some(DeclineKind::Other) | None => ("The payment was refused.", "Die Zahlung wurde abgelehnt."),
    };
    if german { de } else { en }
}

/// What to do, in a sentence.
pub(super) fn advice(kind: Option<DeclineKind>, german: bool) -> &'static str {
    let (en, de) = match kind {
        Some(DeclineKind::InsufficientFunds) => (
            "Try again when there is, or use another payment method.",
            "Versuchen Sie es noch einmal, wenn es gedeckt ist, oder nehmen Sie eine andere Zahlungsart.",
        ),
        Some(DeclineKind::DoNotHonor | DeclineKind::Fraud) => {
            ("Ask your bank, or use another payment method.", "Fragen Sie Ihre Bank, oder nehmen Sie eine andere Zahlungsart.")
        }
        Some(DeclineKind::CardExpired) => {
            ("Add a new card and try again.", "Hinterlegen Sie eine neue Karte und versuchen Sie es noch einmal.")
        }
        Some(DeclineKind::AuthenticationRequired) => {
            ("Try again and confirm it.", "Versuchen Sie es noch einmal und bestätigen Sie die Zahlung.")
        }
        Some(DeclineKind::MandateInactive) => (
            "Set the direct debit up again, or use another payment method.",
            "Richten Sie die Lastschrift neu ein, oder nehmen Sie eine andere Zahlungsart.",
        ),
        Some(DeclineKind::InvalidMethod) => ("Use another payment method.", "Nehmen Sie eine andere Zahlungsart."),
        Some(DeclineKind::ProcessingError) => ("Try again in a while.", "Versuchen Sie es in einer Weile noch einmal."),
        Some(DeclineKind::Other) | None => {
            ("Try again, or use another payment method.", "Versuchen Sie es noch einmal, oder nehmen Sie eine andere Zahlungsart.")
        }
    };
    if german { de } else { en }
}
