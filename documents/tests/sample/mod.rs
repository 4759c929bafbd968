//! Papers to look at and to test with.

use billow_billing::ports::{DocumentItem, DocumentLine, DocumentPaper};
use billow_entities::{DocumentKind, Money, PaymentStatus, RemittanceStatus, UtilityType};
use chrono::{DateTime, NaiveDate, Utc};

fn instant(text: &str) -> DateTime<Utc> {
    text.parse().expect("an instant")
}

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

/// Where the sample can be checked.
pub const VERIFY_URL: &str = "https://billow.example/verify/doc_01hzy3k6v8e9rbx2m4q7w5t0na?s=0123456789abcdef0123456789abcdef";

/// A paper about `bills` bills, with `lines` lines each.
pub fn paper(kind: DocumentKind, locale: &str, currency: &str, bills: usize, lines: usize) -> DocumentPaper {
    let money = |minor| Money::new(minor, currency.parse().expect("a currency"));
    let items: Vec<_> = (0..bills).map(|n| item(n, lines, &money)).collect();
    let total: i64 = items.iter().map(|i| i.amount.amount_minor).sum();
    DocumentPaper {
        kind,
        number: if kind == DocumentKind::Receipt { "R-2026-000042" } else { "I-2026-000042" }.into(),
        locale: locale.into(),
        time_zone: "Europe/Berlin".into(),
        issued_at: instant("2026-11-21T09:03:00Z"),
        customer_name: "Anna Größmann".into(),
        payment_reference: "pay_01hzy3k6v8e9rbx2m4q7w5t0na".into(),
        payment_status: PaymentStatus::Succeeded,
        paid_at: (kind == DocumentKind::Receipt).then(|| instant("2026-11-21T09:03:00Z")),
        paid_with: Some("Visa ···· 4242".into()),
        total: money(total),
        from_wallet: money(2_000),
        from_gateway: money(total - 2_000),
        refunded: money(if kind == DocumentKind::Receipt { 1_500 } else { 0 }),
        items,
        verify_url: VERIFY_URL.into(),
    }
}

fn item(n: usize, lines: usize, money: &impl Fn(i64) -> Money) -> DocumentItem {
    let (provider, utility, remittance, reference) = [
        (
            "Stadtwerke Nord & Söhne GmbH",
            UtilityType::Electricity,
            Some((RemittanceStatus::Confirmed, Some(instant("2026-11-22T07:00:00Z")))),
            Some("SWN-99812"),
        ),
        ("Aqua [Wasser] #1 *eG*", UtilityType::Water, Some((RemittanceStatus::Sent, None)), None),
        ("Fernwärme $Süd$", UtilityType::Heating, Some((RemittanceStatus::Rejected, Some(instant("2026-11-22T07:00:00Z")))), None),
    ][n % 3];
    let line = |at: usize| DocumentLine {
        label: if at + 1 == lines { "Umsatzsteuer 19 %".into() } else { format!("Arbeitspreis {}. Zeitraum <b>", at + 1) },
        is_tax: at + 1 == lines,
        amount: Some(money(1_990 + i64::try_from(at).expect("small"))),
    };
    DocumentItem {
        provider: provider.into(),
        utility_type: Some(utility),
        bill_number: Some(format!("2026/10-{:04}", n + 1)),
        period: Some((day("2026-10-01"), day("2026-10-31"))),
        amount: money(123_456),
        lines: (0..lines).map(line).collect(),
        remittance,
        provider_reference: reference.map(str::to_owned),
    }
}

/// Money for a wallet.
pub fn top_up(locale: &str, currency: &str) -> DocumentPaper {
    let mut paper = paper(DocumentKind::Receipt, locale, currency, 1, 0);
    let money = |minor| Money::new(minor, currency.parse().expect("a currency"));
    (paper.total, paper.from_wallet, paper.from_gateway, paper.refunded) = (money(12_345_600), money(0), money(12_345_600), money(0));
    paper.customer_name = "प्रिया शर्मा (Priya Sharma)".into();
    paper.items = vec![DocumentItem {
        provider: "Billow".into(),
        utility_type: None,
        bill_number: None,
        period: None,
        amount: paper.total,
        lines: Vec::new(),
        remittance: None,
        provider_reference: None,
    }];
    paper
}
