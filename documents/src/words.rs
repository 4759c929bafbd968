//! The words on documents, in English and German; other languages read English.

/// The words of one language. `{}` stands for what is put in.
pub(crate) struct Words {
    pub(crate) invoice: &'static str,
    pub(crate) receipt: &'static str,
    pub(crate) number: &'static str,
    pub(crate) issued_on: &'static str,
    pub(crate) paid_on: &'static str,
    pub(crate) payment: &'static str,
    pub(crate) customer: &'static str,
    pub(crate) what: &'static str,
    pub(crate) amount: &'static str,
    pub(crate) bill: &'static str,
    pub(crate) period: &'static str,
    pub(crate) itemised: &'static str,
    pub(crate) tax: &'static str,
    pub(crate) top_up: &'static str,
    pub(crate) you_paid: &'static str,
    pub(crate) with: &'static str,
    pub(crate) on_its_way: &'static str,
    pub(crate) confirmed_on: &'static str,
    pub(crate) confirmed: &'static str,
    pub(crate) reference: &'static str,
    pub(crate) rejected: &'static str,
    pub(crate) not_needed: &'static str,
    pub(crate) credited: &'static str,
    pub(crate) total: &'static str,
    pub(crate) to_pay: &'static str,
    pub(crate) from_wallet: &'static str,
    pub(crate) from_method: &'static str,
    pub(crate) from_gateway: &'static str,
    pub(crate) refunded: &'static str,
    pub(crate) remaining: &'static str,
    pub(crate) invoice_note: &'static str,
    pub(crate) receipt_note: &'static str,
    pub(crate) verify: &'static str,
    pub(crate) verify_alt: &'static str,
    pub(crate) page: &'static str,
}

const EN: Words = Words {
    invoice: "Invoice",
    receipt: "Receipt",
    number: "Number",
    issued_on: "Issued on",
    paid_on: "Paid on",
    payment: "Payment",
    customer: "For",
    what: "What for",
    amount: "Amount",
    bill: "Bill {}",
    period: "{} to {}",
    itemised: "The whole bill, as the provider itemised it",
    tax: "Tax",
    top_up: "Money for your wallet",
    you_paid: "You paid on {}",
    with: "with {}",
    on_its_way: "On its way to {}",
    confirmed_on: "Confirmed by {} on {}",
    confirmed: "Confirmed by {}",
    reference: "reference {}",
    rejected: "Not taken by {}; the money goes back to you",
    not_needed: "No longer needed by {}; the money goes back to you",
    credited: "Credited to your wallet",
    total: "Total",
    to_pay: "To be paid",
    from_wallet: "From your wallet",
    from_method: "With {}",
    from_gateway: "By card or direct debit",
    refunded: "Given back",
    remaining: "Remains paid",
    invoice_note: "This invoice says what was asked for. The receipt that follows says that it was paid.",
    receipt_note: "This receipt says where the money is: when it reached us, and when each provider confirmed it.",
    verify: "Is this document genuine? Scan the code, or open",
    verify_alt: "QR code with the address at which this document can be checked",
    page: "Page",
};

const DE: Words = Words {
    invoice: "Rechnung",
    receipt: "Quittung",
    number: "Nummer",
    issued_on: "Ausgestellt am",
    paid_on: "Bezahlt am",
    payment: "Zahlung",
    customer: "Für",
    what: "Wofür",
    amount: "Betrag",
    bill: "Rechnung {}",
    period: "{} bis {}",
    itemised: "Die ganze Rechnung, wie der Anbieter sie aufschlüsselt",
    tax: "Steuer",
    top_up: "Guthaben für Ihre Geldbörse",
    you_paid: "Von Ihnen bezahlt am {}",
    with: "mit {}",
    on_its_way: "Unterwegs zu {}",
    confirmed_on: "Von {} bestätigt am {}",
    confirmed: "Von {} bestätigt",
    reference: "Referenz {}",
    rejected: "Von {} nicht angenommen; das Geld geht an Sie zurück",
    not_needed: "Von {} nicht mehr benötigt; das Geld geht an Sie zurück",
    credited: "Ihrer Geldbörse gutgeschrieben",
    total: "Gesamtbetrag",
    to_pay: "Zu zahlen",
    from_wallet: "Aus Ihrer Geldbörse",
    from_method: "Mit {}",
    from_gateway: "Per Karte oder Lastschrift",
    refunded: "Zurückgegeben",
    remaining: "Bleibt bezahlt",
    invoice_note: "Diese Rechnung sagt, was verlangt wurde. Die Quittung, die ihr folgt, bestätigt die Zahlung.",
    receipt_note: "Diese Quittung sagt, wo das Geld ist: wann es bei uns ankam und wann jeder Anbieter es bestätigt hat.",
    verify: "Ist dieses Dokument echt? Scannen Sie den Code oder öffnen Sie",
    verify_alt: "QR-Code mit der Adresse, unter der sich dieses Dokument prüfen lässt",
    page: "Seite",
};

/// The words of a BCP 47 tag's language.
pub(crate) fn words(language: &str) -> &'static Words {
    if language == "de" { &DE } else { &EN }
}

/// Puts `values` where `{}` stands, from left to right.
pub(crate) fn put(words: &str, values: &[&str]) -> String {
    let mut parts = words.split("{}");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for (index, part) in parts.enumerate() {
        out.push_str(values.get(index).copied().unwrap_or_default());
        out.push_str(part);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_take_what_is_put_in_in_order_and_once() {
        assert_eq!(put("Confirmed by {} on {}", &["A {} B", "today"]), "Confirmed by A {} B on today");
        assert_eq!(put("plain", &["unused"]), "plain");
    }
}
