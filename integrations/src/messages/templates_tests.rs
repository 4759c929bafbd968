use serde_json::{Value as Json, json};

use super::*;

const KINDS: [NotificationKind; 20] = [
    NotificationKind::BillReceived,
    NotificationKind::BillCorrected,
    NotificationKind::BillVoided,
    NotificationKind::BillReminder,
    NotificationKind::PlanReminder,
    NotificationKind::AccountNeedsAttention,
    NotificationKind::Security,
    NotificationKind::ProviderTrouble,
    NotificationKind::Invitation,
    NotificationKind::Test,
    NotificationKind::PaymentSucceeded,
    NotificationKind::PaymentFailed,
    NotificationKind::PaymentAction,
    NotificationKind::PaymentRefunded,
    NotificationKind::MethodTrouble,
    NotificationKind::VoucherReady,
    NotificationKind::PasswordReset,
    NotificationKind::EmailConfirmation,
    NotificationKind::EmailNotice,
    NotificationKind::HouseholdInvitation,
];

/// A misspelled field fails here, while in service it is merely left out.
fn strict() -> Templates {
    Templates::with(None, UndefinedBehavior::Strict).expect("templates")
}

const DECLINES: [Option<DeclineKind>; 10] = [
    Some(DeclineKind::InsufficientFunds),
    Some(DeclineKind::DoNotHonor),
    Some(DeclineKind::CardExpired),
    Some(DeclineKind::AuthenticationRequired),
    Some(DeclineKind::MandateInactive),
    Some(DeclineKind::Fraud),
    Some(DeclineKind::InvalidMethod),
    Some(DeclineKind::ProcessingError),
    Some(DeclineKind::Other),
    None,
];

fn euros(amount_minor: i64) -> Json {
    json!({"amount_minor": amount_minor, "currency": "EUR"})
}

fn sample(kind: NotificationKind) -> Json {
    let bill = json!({
        "id": "bill_1", "number": "R-1001", "utility_type": "ELECTRICITY",
        "amount": {"amount_minor": 123_456, "currency": "EUR"}, "left": {"amount_minor": 123_456, "currency": "EUR"}, "part_paid": false,
        "issued_on": "2026-11-20", "due_on": "2026-11-24", "period_start": "2026-10-01", "period_end": "2026-10-31",
        "usage_value": "312.5", "usage_unit": "kWh", "status_reason": "Issued twice.",
        "lines": [
            {"label": "Energy", "kind": "CHARGE", "amount_minor": 100_000, "usage": null},
            {"label": "Meter 4711", "kind": "INFORMATION", "amount_minor": null, "usage": null},
        ],
    });
    let account = json!({
        "id": "acct_1", "label": "Flat <b>3</b>", "identifier_hint": "…4711", "utility_type": "ELECTRICITY",
        "status_reason": "The provider does not know this number.",
    });
    let provider = json!({"id": "prov_1", "code": "voltara", "name": "Voltara & Sons"});
    let mut data =
        json!({"today": "2026-11-21", "bill": bill, "account": account, "provider": provider, "home": {"id": "prop_1", "name": "Home"}});
    let extra = match kind {
        NotificationKind::BillCorrected => json!({"changes": [
            {"field": "amount", "before": {"amount_minor": 1_230, "currency": "EUR"}, "after": {"amount_minor": 123_456, "currency": "EUR"}},
            {"field": "due_on", "before": null, "after": "2026-11-24"},
        ]}),
        NotificationKind::PlanReminder => json!({
            "plan": {"code": "M90", "name": "Three months", "expires_on": "2026-11-24", "balance": {"amount_minor": 250, "currency": "EUR"}},
            "plans": [
                {"code": "M30", "name": "One month", "description": null, "price": {"amount_minor": 999, "currency": "EUR"},
                 "validity_days": 30, "benefits": ["5 GB", "calls"]},
                {"code": "D1", "name": "One day", "description": "For trips", "price": {"amount_minor": 99, "currency": "EUR"},
                 "validity_days": 1, "benefits": []},
            ],
        }),
        NotificationKind::Security => json!({"what": "PASSWORD_CHANGED", "at": "2026-11-21T09:00:00Z", "user_agent": "Firefox"}),
        NotificationKind::ProviderTrouble => {
            json!({"reason": "5 time-outs in a row", "opened_at": "2026-11-21T09:00:00Z", "probe_at": null, "failures": 5})
        }
        NotificationKind::Invitation => json!({"invitation_id": "inv_1", "expires_on": "2026-12-21"}),
        NotificationKind::PasswordReset => json!({"link_id": "link_1", "by_staff": false}),
        NotificationKind::EmailConfirmation => json!({"link_id": "link_1", "change": true}),
        NotificationKind::EmailNotice => json!({"link_id": "link_1", "what": "CHANGED"}),
        NotificationKind::HouseholdInvitation => {
            json!({"what": "INVITED", "home": "Maple Street", "by": "anna@example.com", "role": "PAYER", "expires_on": "2026-12-05"})
        }
        NotificationKind::BillReminder => json!({"payable": true}),
        NotificationKind::Test => json!({"at": "2026-11-21T09:00:00Z"}),
        NotificationKind::PaymentSucceeded
        | NotificationKind::PaymentFailed
        | NotificationKind::PaymentAction
        | NotificationKind::PaymentRefunded => json!({
            "payment": {
                "id": "pay_1", "kind": "BILLS", "amount": euros(123_456), "from_wallet": euros(456), "from_gateway": euros(123_000),
                "decline_kind": "INSUFFICIENT_FUNDS", "attempts": 1, "settled_at": "2026-11-21T09:00:00Z", "on_page": false,
            },
            "items": [
                {"provider": "Voltara & Sons", "utility_type": "ELECTRICITY", "bill_id": "bill_1", "bill_number": "R-1001", "plan": null,
                 "account": "Flat <b>3</b>", "amount": euros(123_456)},
            ],
            "method": "Visa ···· 4242",
            "refund": {"id": "refund_1", "amount": euros(5_000), "target": "GATEWAY", "cause": "OPERATOR", "reason": "As we agreed."},
        }),
        NotificationKind::MethodTrouble => json!({
            "what": "EXPIRES",
            "method": {"id": "pm_1", "kind": "CARD", "title": "Visa ···· 4242", "label": "Mine <b>3</b>", "reason": null,
                       "expires_on": "2026-11-30"},
        }),
        NotificationKind::VoucherReady => json!({
            "remittance_id": "remit_1", "payment": {"id": "pay_1"}, "amount": euros(1_899), "voucher": "1234-5678-9012-3456",
            "plan": {"name": "Eight <b>Weeks</b>", "code": "CH56", "validity_days": 56},
        }),
        _ => json!({}),
    };
    if let (Json::Object(data), Json::Object(extra)) = (&mut data, extra) {
        data.extend(extra);
    }
    data
}

fn message(kind: NotificationKind, locale: &str) -> MessageContext {
    MessageContext {
        template: kind.as_str().to_lowercase(),
        locale: locale.into(),
        time_zone: "Europe/Berlin".into(),
        name: "Ada <Lovelace>".into(),
        base_url: "https://billow.test".into(),
        link: Some("https://billow.test/bills/bill_1?a=1&b=2".into()),
        data: sample(kind),
    }
}

#[test]
fn every_kind_renders_in_every_language() {
    let templates = strict();
    for kind in KINDS {
        let mut titles = Vec::new();
        for locale in ["en", "de"] {
            let context = message(kind, locale);
            let words = templates.render(&context).unwrap_or_else(|e| panic!("{kind} {locale}: {e}"));
            for part in [&words.title, &words.body, &words.text, &words.html, &words.sms] {
                assert!(!part.trim().is_empty(), "{kind} {locale}");
                assert!(!part.contains("{{") && !part.contains("{%"), "{kind} {locale}: {part}");
            }
            assert!(![&words.title, &words.body, &words.text, &words.sms].iter().any(|part| part.contains("none")), "{kind} {locale}");
            assert!(!words.title.contains('\n') && !words.sms.contains('\n') && !words.sms.contains("  "), "{kind} {locale}");
            assert!(words.html.contains("<!doctype html>") && words.text.contains("https://billow.test/bills/bill_1?a=1&b=2"));
            assert!(words.html.contains("https://billow.test/bills/bill_1?a=1&amp;b=2"), "{kind} {locale}: the button's link");
            assert!(!words.html.contains("fonts.googleapis"), "opening a mail tells nobody");
            assert!(words.html.contains("Ada &lt;Lovelace&gt;") && !words.html.contains("<b>3</b>") && !words.html.contains("<Lovelace>"));
            assert_eq!(templates.headline(&context).expect("rendered"), (words.title.clone(), words.body.clone()));
            titles.push(words.title);
        }
        assert_ne!(titles[0], titles[1], "{kind} is translated");
    }
}

#[test]
fn a_bill_is_told_with_its_details() {
    let words = strict().render(&message(NotificationKind::BillReceived, "de-DE")).expect("rendered");
    assert_eq!(words.title, "Neue Rechnung von Voltara & Sons: 1.234,56\u{a0}€");
    assert_eq!(words.body, "Flat <b>3</b>, Home: fällig in 3 Tagen, am 24. November 2026");
    for line in ["Fällig: 24. November 2026 (in 3 Tagen)", "Verbrauch: 312.5 kWh", "Energy: 1.000,00\u{a0}€", "Art: Strom"] {
        assert!(words.text.contains(line), "{line} in {}", words.text);
    }
    assert!(!words.text.contains("Meter 4711"), "lines without money are left out");
    assert!(words.html.contains("Voltara &amp; Sons") && words.html.contains("1.234,56\u{a0}€"));
}

#[test]
fn reminders_count_from_the_reader_s_day() {
    let templates = strict();
    let mut context = message(NotificationKind::BillReminder, "en");
    for (today, phrase) in
        [("2026-11-17", "due in 7 days"), ("2026-11-23", "due tomorrow"), ("2026-11-24", "due today"), ("2026-11-27", "was due 3 days ago")]
    {
        context.data["today"] = today.into();
        let (title, _) = templates.headline(&context).expect("rendered");
        assert!(title.ends_with(phrase), "{title}");
    }
}

#[test]
fn a_reminder_is_answered_by_paying_where_that_is_possible() {
    let templates = strict();
    let mut context = message(NotificationKind::BillReminder, "en");
    assert!(templates.render(&context).expect("rendered").html.contains("Pay now"));
    context.data["payable"] = false.into();
    let words = templates.render(&context).expect("rendered");
    assert!(words.html.contains("See the bill") && !words.html.contains("Pay now"));
}

#[test]
fn a_bill_that_is_paid_in_part_is_told_by_what_is_left() {
    let templates = strict();
    for (locale, left, total) in [("en", "€234.56", "€1,234.56"), ("de-DE", "234,56\u{a0}€", "1.234,56\u{a0}€")] {
        for kind in [NotificationKind::BillReminder, NotificationKind::BillReceived, NotificationKind::BillCorrected] {
            let mut context = message(kind, locale);
            context.data["bill"]["left"] = euros(23_456);
            context.data["bill"]["part_paid"] = true.into();
            let words = templates.render(&context).expect("rendered");
            assert!(words.text.contains(left) && words.html.contains(left) && words.sms.contains(left), "{kind} {locale}: {words:?}");
            if kind != NotificationKind::BillCorrected {
                assert!(
                    words.title.contains(left) && !words.title.contains(total) && !words.sms.contains(total),
                    "{kind} {locale}: {words:?}"
                );
            }
        }
    }
    // A message that was stored before there was such a field.
    let mut old = message(NotificationKind::BillReminder, "en");
    if let Some(bill) = old.data["bill"].as_object_mut() {
        bill.remove("left");
        bill.remove("part_paid");
    }
    let words = Templates::new(None).expect("templates").render(&old).expect("rendered");
    assert!(words.title.contains("€1,234.56"), "{words:?}");
}

#[test]
fn plans_are_told_with_prices() {
    let words = strict().render(&message(NotificationKind::PlanReminder, "en-GB")).expect("rendered");
    assert!(words.title.contains("ends in 3 days"), "{}", words.title);
    assert!(words.text.contains("One month: €9.99, 30 days (5 GB, calls)"), "{}", words.text);
    assert!(words.text.contains("One day: €0.99, 1 day (For trips)"), "{}", words.text);
    assert!(words.text.contains("You have €2.50 left."), "{}", words.text);
    assert!(words.sms.contains("One month €9.99, One day €0.99. https"), "{}", words.sms);
}

#[test]
fn a_language_we_do_not_have_falls_back() {
    let templates = strict();
    let title = |locale: &str| templates.headline(&message(NotificationKind::Test, locale)).expect("rendered").0;
    assert_eq!(title("de-AT"), "Es funktioniert");
    assert_eq!(title("DE"), "Es funktioniert");
    for locale in ["fr-FR", "", "../../etc", "de/../en"] {
        assert_eq!(title(locale), "It works", "{locale}");
    }
    let mut unknown = message(NotificationKind::Test, "en");
    unknown.template = "no_such".into();
    assert!(templates.render(&unknown).is_err());
}

#[test]
fn operators_bring_their_own_words() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir_all(folder.path().join("fr")).expect("a folder");
    std::fs::create_dir_all(folder.path().join("en")).expect("a folder");
    std::fs::write(folder.path().join("fr/test.txt"), "{% block title %}Ça marche{% endblock %}{% block body %}Oui.{% endblock %}")
        .expect("written");
    std::fs::write(folder.path().join("en/test.txt"), "{% block title %}Yes!{% endblock %}{% block body %}{{ name }}{% endblock %}")
        .expect("written");
    let templates = Templates::new(Some(folder.path())).expect("templates");
    let title = |locale: &str| templates.headline(&message(NotificationKind::Test, locale)).expect("rendered").0;
    assert_eq!((title("fr-CA").as_str(), title("en").as_str(), title("de").as_str()), ("Ça marche", "Yes!", "Es funktioniert"));

    std::fs::write(folder.path().join("en/test.txt"), "{% block title %}").expect("written");
    let problem = Templates::new(Some(folder.path())).expect_err("must be refused");
    assert!(problem.contains("en/test.txt"), "{problem}");
    assert!(Templates::new(Some(&folder.path().join("missing"))).is_err());
}

#[test]
fn what_is_missing_is_left_out_in_service() {
    let templates = Templates::new(None).expect("templates");
    let mut context = message(NotificationKind::BillReceived, "en");
    context.data = json!({"today": "2026-11-21"});
    let words = templates.render(&context).expect_err("a utility that is not there is a fault of the data");
    assert!(words.contains("bill_received"), "{words}");
    let mut context = message(NotificationKind::BillReceived, "en");
    context.data["home"] = Json::Null;
    context.data["bill"]["due_on"] = Json::Null;
    context.data["bill"]["usage_value"] = Json::Null;
    let words = templates.render(&context).expect("rendered");
    assert!(!words.text.contains("Due:") && !words.text.contains("Usage:"), "{}", words.text);
}

#[test]
fn a_payment_is_told_with_who_got_what_and_how() {
    let words = strict().render(&message(NotificationKind::PaymentSucceeded, "de-DE")).expect("rendered");
    assert_eq!(words.title, "Bezahlt: 1.234,56\u{a0}€ an Voltara & Sons");
    for line in ["Voltara & Sons, R-1001: 1.234,56\u{a0}€", "Aus Ihrer Geldbörse: 4,56\u{a0}€", "Mit Visa ···· 4242: 1.230,00\u{a0}€"]
    {
        assert!(words.text.contains(line), "{line} in {}", words.text);
    }
    assert!(words.text.contains("/settings/notifications"), "receipts can be taken off the list");

    let mut several = message(NotificationKind::PaymentSucceeded, "en");
    let mut water = several.data["items"][0].clone();
    water["provider"] = "Aqua".into();
    let items = several.data["items"].as_array_mut().expect("a list");
    items.extend([water.clone(), water]);
    let words = strict().render(&several).expect("rendered");
    assert_eq!(words.title, "Paid: €1,234.56");
    assert_eq!(words.body, "3 bills: Voltara & Sons, Aqua, paid with Visa ···· 4242.");

    let mut top_up = message(NotificationKind::PaymentSucceeded, "en-IN");
    top_up.data["payment"]["kind"] = "TOP_UP".into();
    top_up.data["payment"]["amount"] = json!({"amount_minor": 12_345_600, "currency": "INR"});
    top_up.data["items"] = json!([]);
    top_up.data["method"] = Json::Null;
    let words = strict().render(&top_up).expect("rendered");
    assert_eq!((words.title.as_str(), words.body.as_str()), ("Your wallet has ₹1,23,456.00 more", "The money has arrived."));
}

#[test]
fn a_failure_says_why_and_what_helps_for_every_kind_of_decline() {
    let templates = strict();
    for locale in ["en", "de"] {
        let mut bodies = std::collections::BTreeSet::new();
        for kind in DECLINES {
            let mut context = message(NotificationKind::PaymentFailed, locale);
            context.data["payment"]["decline_kind"] = json!(kind);
            let words = templates.render(&context).expect("rendered");
            assert!(words.text.contains("https://billow.test") && !words.text.contains("/settings/notifications"));
            assert!(!words.body.to_lowercase().contains("fraud") && !words.body.contains("Betrug"), "{}", words.body);
            bodies.insert(words.body);
        }
        // No reason reads as any other one.
        assert_eq!(bodies.len(), 9, "{bodies:#?}");
    }
    let words = templates.render(&message(NotificationKind::PaymentFailed, "en")).expect("rendered");
    assert_eq!(
        words.sms,
        "Billow: €1,234.56 to Voltara & Sons could not be paid. There was not enough money in the account. \
         Try again when there is, or use another payment method. https://billow.test/bills/bill_1?a=1&b=2"
    );
}

#[test]
fn a_refund_says_where_the_money_went_and_why() {
    let templates = strict();
    let mut context = message(NotificationKind::PaymentRefunded, "en");
    let words = templates.render(&context).expect("rendered");
    assert_eq!(words.title, "€50.00 came back to you");
    assert!(words.text.contains("went back to Visa ···· 4242") && words.text.contains("Why: As we agreed."), "{}", words.text);
    context.data["refund"]["target"] = "WALLET".into();
    context.data["refund"]["cause"] = "PROVIDER_REJECTED".into();
    let words = templates.render(&context).expect("rendered");
    assert_eq!(
        (words.title.as_str(), words.body.as_str()),
        ("€50.00 came back to your wallet", "Voltara & Sons did not take the payment.")
    );
}

#[test]
fn a_payment_method_in_trouble_is_named() {
    let templates = strict();
    let mut context = message(NotificationKind::MethodTrouble, "en");
    assert_eq!(templates.headline(&context).expect("rendered").0, "Visa ···· 4242 expires in 9 days");
    context.data["what"] = "REFUSED".into();
    context.data["method"]["reason"] = "The bank does not know this card.".into();
    let (title, body) = templates.headline(&context).expect("rendered");
    assert_eq!(
        (title.as_str(), body.as_str()),
        ("Visa ···· 4242 was refused", "The bank does not know this card. Add another payment method.")
    );
}
