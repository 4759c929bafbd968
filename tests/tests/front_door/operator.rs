//! An operator's journeys: onboarding by hand and by CSV, finding people, looking after fetching, and bills by hand.

use billow_entities::Role;
use billow_sandbox::{Fault, Provider, ReceivedMail};
use billow_tests::{Client, TestApp, both, found, settle, stable, stable_text, text};
use chrono::Duration;
use serde_json::{Value, json};

const ONBOARD: &str = "mutation($input: OnboardCustomerInput!) { onboardCustomer(input: $input) { \
     customer { id name email hasSignIn externalRef } invitationLink userErrors { code message path } } }";
const SIGN_UP: &str = "mutation($input: SignUpInput!) { signUp(input: $input) { token viewer { customer { id name email } } userErrors { code message path } } }";
const IMPORT: &str = "mutation($input: StartCustomerImportInput!) { startCustomerImport(input: $input) { importRun { id status total done failed } userErrors { code message path } } }";
const IMPORTED: &str = "query($id: ID!) { importRun(id: $id) { status dryRun fileName total done failed rejectCsv \
     rows(first: 100) { nodes { row status data result errors { code message path } } } } }";
const SEARCH: &str = "query($search: String) { customers(search: $search) { nodes { name } } }";
const HISTORY: &str = "query($id: ID!) { utilityAccount(id: $id) { status lastOutcome lastMessage \
     fetchAttempts { nodes { outcome message billsSeen billsNew billsChanged durationMs worker } } } }";

fn header<'a>(mail: &'a ReceivedMail, name: &str) -> Option<&'a str> {
    mail.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str())
}

async fn search(operator: &Client, words: &str) -> Vec<String> {
    let data = operator.run(SEARCH, json!({"search": words})).await;
    let mut names: Vec<_> = data["customers"]["nodes"].as_array().expect("customers").iter().map(|c| text(&c["name"])).collect();
    names.sort();
    names
}

async fn import(operator: &Client, csv: &str, dry_run: bool) -> String {
    let payload = operator.must(IMPORT, json!({"input": {"csv": csv, "fileName": "customers.csv", "dryRun": dry_run}})).await;
    text(&payload["importRun"]["id"])
}

/// Seven customers, of whom three have something wrong with them.
const MIXED: &str = "name;email;mobile;locale;time_zone;external_ref;property;provider;consumer_number\n\
    Ada Lovelace;ada@example.com;+49 171 2345678;de-DE;Europe/Berlin;K-7;Flat;voltara;VT10000001\n\
    Bob Berg;bob@example.com;;de-DE;Europe/Berlin;K-8;;;\n\
    Cy;not an address;;de-DE;Europe/Berlin;;;;\n\
    Di;di@example.com;;de-DE;Europe/Berlin;;;voltara;VT1\n\
    Ed;ed@example.com;;de-DE;Mars/Base;;;;\n\
    Flo;flo@example.com;;de-DE;Europe/Berlin;;Cabin;voltara;VT10000002\n\
    Gus;;;en;UTC;K-9;;;\n";

both! {
    async fn a_customer_is_onboarded_invited_and_claims_the_account(engine) {
        let app = TestApp::start(engine).await;
        let operator = app.staff(Role::Operator).await;
        let voltara = app.provider(Provider::Voltara).await;
        app.sandbox.state().seed_history(Provider::Voltara, "VT10000001", 2).expect("history");
        let input = json!({"name": "Ada Lovelace", "email": "ada@example.com", "mobile": null, "locale": "en-GB", "timeZone": "Europe/London", "externalRef": "K-7"});
        let onboarded = operator.must(ONBOARD, json!({"input": input})).await;
        assert_eq!(onboarded["customer"]["hasSignIn"], json!(false));
        let ada_id = text(&onboarded["customer"]["id"]);
        assert_eq!(operator.refused(ONBOARD, json!({"input": input})).await, ["email: EMAIL_TAKEN"]);

        // The operator adds an account for her; its bills wait for her.
        let add = "mutation($input: AddUtilityAccountInput!) { addUtilityAccount(input: $input) { utilityAccount { id } userErrors { code message path } } }";
        operator.must(add, json!({"input": {"providerId": voltara, "customerId": ada_id, "params": [{"name": "consumer_number", "value": "VT10000001"}]}})).await;
        app.settle().await;

        let mails = app.sandbox.state().mails_to("ada@example.com");
        let invitation = mails.iter().find(|m| m.text.as_deref().is_some_and(|t| t.contains("/claim?token="))).expect("an invitation");
        insta::assert_snapshot!("operator_invitation_mail", stable_text(&format!("{}\n\n{}", invitation.subject.as_deref().unwrap_or_default(), invitation.text.as_deref().unwrap_or_default())));
        let html = invitation.html.as_deref().expect("an HTML part");
        assert!(html.contains("/claim?token=") && html.contains("Ada"), "{html}");
        assert!(invitation.message_id.is_some());
        assert_eq!(header(invitation, "List-Unsubscribe"), None, "an invitation comes once, and only when somebody asked for it");

        let link = invitation.text.as_deref().and_then(|t| t.split_whitespace().find(|w| w.contains("/claim?token="))).expect("a link");
        let token = link.split_once("token=").expect("a token").1;
        assert_eq!(text(&onboarded["invitationLink"]).split_once("token=").map(|t| t.1), Some(token));
        let claim = |token: &str| json!({"input": {"email": "ada@example.com", "password": "difference engine", "name": "Ada King", "locale": "en-GB",
                                         "timeZone": "Europe/London", "invitationToken": token, "deviceKind": "BEARER"}});
        assert_eq!(app.anonymous().refused(SIGN_UP, claim("made-up")).await, ["invitationToken: INVITATION_INVALID"]);
        let claimed = app.anonymous().must(SIGN_UP, claim(token)).await;
        assert_eq!(claimed["viewer"]["customer"], json!({"id": ada_id, "name": "Ada King", "email": "ada@example.com"}));
        assert_eq!(app.client(&text(&claimed["token"])).bills().await.len(), 2, "what was fetched before is hers");
        let mut again = claim(token);
        again["input"]["email"] = json!("eve@example.com");
        assert_eq!(app.anonymous().refused(SIGN_UP, again).await, ["invitationToken: INVITATION_INVALID"]);
        let resend = "mutation($input: ResendInvitationInput!) { resendInvitation(input: $input) { invitationLink userErrors { code message path } } }";
        assert_eq!(operator.refused(resend, json!({"input": {"customerId": ada_id}})).await, ["customerId: ALREADY_CLAIMED"]);
    }

    async fn mails_about_bills_can_be_ended_by_one_click_and_keep_their_message_id(engine) {
        let app = TestApp::start(engine).await;
        let (anna, account) = app.customer_with_electricity("Anna", "VT10000001").await;
        app.sandbox.state().clear_outbox();
        // The answer to the first mail is lost, so that it comes twice.
        app.sandbox.state().set_mail_fault(None, Some(billow_sandbox::MailFault::LostAnswer));
        app.sandbox.state().issue_bill(Provider::Voltara, "VT10000001", Some(12_345)).expect("a bill");
        anna.fetch_now(&account).await;
        app.settle().await;
        app.sandbox.state().set_mail_fault(None, None);
        for _ in 0..4 {
            app.pass(Duration::minutes(10));
            app.settle().await;
        }
        let mails = app.sandbox.state().mails_to("anna@example.com");
        assert!(mails.len() >= 2, "a mail whose answer was lost is sent again");
        assert!(mails.iter().all(|m| m.message_id.is_some() && m.message_id == mails[0].message_id), "under the same Message-ID");
        insta::assert_snapshot!("operator_bill_mail", stable_text(&format!("{}\n\n{}", mails[0].subject.as_deref().unwrap_or_default(), mails[0].text.as_deref().unwrap_or_default())));
        assert_eq!(header(&mails[0], "List-Unsubscribe-Post"), Some("List-Unsubscribe=One-Click"));
        let url = header(&mails[0], "List-Unsubscribe").expect("a way out").trim_matches(['<', '>']).to_owned();
        let path = url.strip_prefix(&format!("http://{}", app.address)).expect("an address of ours");
        assert_eq!(app.anonymous().get(path).await.status(), 200);
        let one_click = "List-Unsubscribe=One-Click";
        let answer = app.anonymous().post(path, "application/x-www-form-urlencoded", one_click).await;
        assert_eq!(answer.status(), 200);
        let channels = anna.run("{ viewer { notificationPreferences { channels { kind email } } } }", json!({})).await;
        let received = channels["viewer"]["notificationPreferences"]["channels"].as_array().expect("channels").iter().find(|c| c["kind"] == "BILL_RECEIVED").cloned();
        assert_eq!(received, Some(json!({"kind": "BILL_RECEIVED", "email": false})));
        app.sandbox.state().clear_outbox();
        app.sandbox.state().issue_bill(Provider::Voltara, "VT10000001", None).expect("a bill");
        anna.fetch_now(&account).await;
        app.settle().await;
        assert!(app.sandbox.state().mails_to("anna@example.com").is_empty());
        let forged = format!("{path}x");
        assert_eq!(app.anonymous().post(&forged, "application/x-www-form-urlencoded", one_click).await.status(), 404);
    }

    async fn customers_are_imported_after_a_dry_run_that_told_the_truth(engine) {
        let app = TestApp::start(engine).await;
        app.provider(Provider::Voltara).await;
        let operator = app.staff(Role::Operator).await;
        let dry = import(&operator, MIXED, true).await;
        app.settle().await;
        let dry = operator.run(IMPORTED, json!({"id": dry})).await;
        insta::assert_json_snapshot!("operator_import_dry", stable(dry.clone()));
        assert!(search(&operator, "").await.is_empty(), "nothing was changed");

        let real = import(&operator, MIXED, false).await;
        let mut progress = operator.subscribe("subscription($id: ID!) { importProgress(id: $id) { resync importRun { status total done failed } } }", json!({"id": real})).await;
        app.settle().await;
        let mut last = progress.next().await["importProgress"]["importRun"].take();
        while last["status"] == "RUNNING" {
            last = progress.next().await["importProgress"]["importRun"].take();
        }
        assert_eq!(last, json!({"status": "FINISHED", "total": 7, "done": 7, "failed": 3}));
        let real = operator.run(IMPORTED, json!({"id": real})).await;
        let rows = |run: &Value| run["importRun"]["rows"]["nodes"].as_array().expect("rows").iter().map(|r| format!("{} {} {:?}", r["row"], r["status"], found(&r["errors"]))).collect::<Vec<_>>();
        assert_eq!(rows(&real), rows(&dry));
        assert_eq!(search(&operator, "").await, ["Ada Lovelace", "Bob Berg", "Flo", "Gus"]);
        assert_eq!(app.sandbox.state().mails_to("ada@example.com").len(), 1, "invited");
        assert_eq!(app.sandbox.state().fetches(Provider::Voltara, "VT10000001"), 1, "her account was fetched");

        // The rejects, mended, go in as they are.
        let rejects = text(&real["importRun"]["rejectCsv"]);
        insta::assert_snapshot!("operator_import_rejects", rejects);
        let mended = rejects.replace("not an address", "cy@example.com").replace("VT1,", "VT10000003,").replace("Mars/Base", "UTC");
        let second = import(&operator, &mended, false).await;
        app.settle().await;
        let second = operator.run(IMPORTED, json!({"id": second})).await;
        assert_eq!((&second["importRun"]["done"], &second["importRun"]["failed"]), (&json!(3), &json!(0)), "{second:#}");
        assert_eq!(search(&operator, "").await, ["Ada Lovelace", "Bob Berg", "Cy", "Di", "Ed", "Flo", "Gus"]);
        // The trail of each names the operator and the import.
        let admin = app.staff(Role::Admin).await;
        let trail = admin.run("{ auditEntries(first: 100) { nodes { action actorName importId } } }", json!({})).await;
        let onboarded: Vec<_> = trail["auditEntries"]["nodes"].as_array().expect("entries").iter().filter(|e| e["action"] == "customer.onboard").collect();
        assert_eq!(onboarded.len(), 7, "{trail:#}");
        assert!(onboarded.iter().all(|e| e["actorName"] == "operator@example.com" && e["importId"].is_string()), "{onboarded:#?}");

        // A whole file that cannot be read is refused as a whole.
        for (csv, code) in [("", "EMPTY_FILE"), ("name,locale,time_zone,colour\na,en,UTC,red\n", "UNKNOWN_COLUMN"), ("name,email\nAda,a@example.com\n", "MISSING_COLUMN")] {
            let found = operator.refused(IMPORT, json!({"input": {"csv": csv, "dryRun": true}})).await;
            assert!(found[0].ends_with(code), "{found:?}");
        }
        let anna = app.customer("Anna").await;
        assert_eq!(anna.refused(IMPORT, json!({"input": {"csv": MIXED, "dryRun": true}})).await, [": FORBIDDEN"]);
    }

    async fn an_import_that_was_killed_in_the_middle_goes_on_in_another_process(engine) {
        let app = TestApp::start(engine).await;
        let operator = app.staff(Role::Operator).await;
        let mut csv = String::from("name,email,locale,time_zone\n");
        for n in 0..250 {
            csv += &format!("Customer {n},c{n}@example.com,en,UTC\n");
        }
        let id = import(&operator, &csv, false).await;
        // The first process dies as soon as it has written something: its future is dropped between two polls.
        let mut dying = Box::pin(app.billing.imports.run_imports());
        let progress = "query($id: ID!) { importRun(id: $id) { status done failed } }";
        let mut done = 0;
        while done == 0 {
            tokio::select! {
                biased;
                ended = &mut dying => panic!("it came to its end: {ended:?}"),
                data = operator.run(progress, json!({"id": id})) => done = data["importRun"]["done"].as_i64().expect("a number"),
            }
        }
        drop(dying);
        assert!(done < 250, "{done}");
        let other = app.another_process(2).await;
        // Until the dead one's lease runs out nobody knows that it is dead.
        app.pass(Duration::minutes(3));
        settle(&other).await;
        assert_eq!(operator.run(progress, json!({"id": id})).await["importRun"], json!({"status": "FINISHED", "done": 250, "failed": 0}));
        let mut names = Vec::new();
        let mut after = Value::Null;
        loop {
            let page = operator.run("query($after: String) { customers(first: 100, after: $after) { nodes { email } pageInfo { hasNextPage endCursor } } }", json!({"after": after})).await;
            names.extend(page["customers"]["nodes"].as_array().expect("customers").iter().map(|c| text(&c["email"])));
            after = page["customers"]["pageInfo"]["endCursor"].clone();
            if page["customers"]["pageInfo"]["hasNextPage"] == json!(false) {
                break;
            }
        }
        names.sort();
        names.dedup();
        assert_eq!(names.len(), 250, "each once");
        assert_eq!(app.sandbox.state().mails().len(), 250, "each invited once");
    }

    async fn customers_are_found_by_name_mobile_address_and_consumer_number(engine) {
        let app = TestApp::start(engine).await;
        let operator = app.staff(Role::Operator).await;
        app.customer_with_electricity("Anna", "VT10000001").await;
        let input = |name: &str, email: &str, mobile: &str| json!({"input": {"name": name, "email": email, "mobile": mobile, "locale": "en", "timeZone": "UTC", "externalRef": "K-42"}});
        operator.must(ONBOARD, input("Åsa Öberg", "asa@mail.example", "+46 70 1740605")).await;
        app.customer("Annabel").await;
        for (words, names) in [
            ("anna", vec!["Anna", "Annabel"]),
            ("ANNABEL", vec!["Annabel"]),
            ("åsa", vec!["Åsa Öberg"]),
            ("asa@mail", vec!["Åsa Öberg"]),
            ("+46701740605", vec!["Åsa Öberg"]),
            ("+46 70 174", vec!["Åsa Öberg"]),
            ("VT10000001", vec!["Anna"]),
            ("vt1000 0001", vec!["Anna"]),
            ("K-42", vec!["Åsa Öberg"]),
            ("100%", vec![]),
            ("_nna", vec![]),
            ("nobody", vec![]),
        ] {
            assert_eq!(search(&operator, words).await, names, "{words}");
        }
    }

    async fn fetching_is_watched_with_outcome_and_words(engine) {
        let app = TestApp::start(engine).await;
        let state = app.sandbox.state();
        state.seed_history(Provider::Voltara, "VT10000001", 2).expect("history");
        let (anna, account) = app.customer_with_electricity("Anna", "VT10000001").await;
        let operator = app.staff(Role::Operator).await;
        for fault in [Fault::ServerError, Fault::NeedsCustomer] {
            state.set_fault(Provider::Voltara, Some("VT10000001"), fault);
            app.pass(Duration::minutes(1));
            operator.fetch_now(&account).await;
            app.settle().await;
            state.clear_faults();
        }
        insta::assert_json_snapshot!("operator_fetch_history", stable(operator.run(HISTORY, json!({"id": account})).await));
        // Customers are told only what is theirs to mend.
        let hers = anna.run(HISTORY, json!({"id": account})).await;
        let messages: Vec<_> = hers["utilityAccount"]["fetchAttempts"]["nodes"].as_array().expect("attempts").iter().map(|a| a["message"].clone()).collect();
        assert!(messages[0].as_str().is_some_and(|m| m.contains("Please")), "{messages:?}");
        assert_eq!(messages[1], Value::Null, "{messages:?}");
    }

    async fn a_whole_provider_is_fetched_with_progress(engine) {
        let app = TestApp::start(engine).await;
        let state = app.sandbox.state();
        let voltara = app.provider(Provider::Voltara).await;
        let operator = app.staff(Role::Operator).await;
        let anna = app.customer("Anna").await;
        for n in 1..=5 {
            anna.add_account(&voltara, None, "consumer_number", &format!("VT1000000{n}")).await;
        }
        app.settle().await;
        for n in 1..=4 {
            state.issue_bill(Provider::Voltara, &format!("VT1000000{n}"), None).expect("a bill");
        }
        state.set_fault(Provider::Voltara, Some("VT10000005"), Fault::ServerError);
        let mut all = operator.subscribe("subscription { fetchRunProgress { fetchRun { id kind status total done failed billsNew } } }", json!({})).await;
        let fetch = "mutation($input: FetchBillsInput!) { fetchBills(input: $input) { fetchRun { id kind total } userErrors { code message path } } }";
        let run = operator.must(fetch, json!({"input": {"providerId": voltara}})).await;
        assert_eq!((&run["fetchRun"]["kind"], &run["fetchRun"]["total"]), (&json!("PROVIDER"), &json!(5)));
        // Asked again while it runs, it is the same one.
        assert_eq!(operator.must(fetch, json!({"input": {"providerId": voltara}})).await["fetchRun"]["id"], run["fetchRun"]["id"]);
        assert_eq!(anna.refused(fetch, json!({"input": {"providerId": voltara}})).await, [": FORBIDDEN"]);
        app.settle().await;
        // The one that failed is tried again until it is through.
        state.clear_faults();
        app.pass(Duration::minutes(10));
        app.settle().await;
        let mut last = Value::Null;
        while last["status"] != "FINISHED" {
            let event = all.next().await["fetchRunProgress"]["fetchRun"].take();
            assert_eq!(event["id"], run["fetchRun"]["id"]);
            assert!(event["done"].as_i64() >= last["done"].as_i64(), "progress never goes back: {last} {event}");
            last = event;
        }
        assert_eq!((&last["done"], &last["billsNew"]), (&json!(5), &json!(4)), "{last}");
        let runs = operator.run("query($id: ID!) { fetchRun(id: $id) { status done failed requestedBy attempts(first: 10) { nodes { outcome utilityAccount { identifierHint } } } } }", json!({"id": run["fetchRun"]["id"]})).await;
        assert!(runs["fetchRun"]["requestedBy"].is_string());
        assert!(runs["fetchRun"]["attempts"]["nodes"].as_array().is_some_and(|a| a.len() >= 5), "{runs}");
    }

    async fn bills_are_recorded_corrected_and_voided_by_hand_and_audited(engine) {
        let app = TestApp::start(engine).await;
        let (anna, account) = app.customer_with_electricity("Anna", "VT10000001").await;
        let operator = app.staff(Role::Operator).await;
        let record = "mutation($input: RecordBillInput!) { recordBill(input: $input) { bill { id number source status amount { amountMinor } lines { label amount { amountMinor } } } userErrors { code message path } } }";
        let paper = json!({"utilityAccountId": account, "number": "PAPER-1", "amountMinor": "10000", "issuedOn": "2026-11-20", "dueOn": "2026-12-10",
                           "periodStart": "2026-10-01", "periodEnd": "2026-10-31", "reason": "Came by post", "lines": [{"label": "Energy", "amountMinor": "10000"}]});
        let mut received = anna.subscribe("subscription { billReceived { bill { number source } } }", json!({})).await;
        let recorded = operator.must(record, json!({"input": paper})).await;
        app.settle().await;
        assert_eq!(received.next().await["billReceived"]["bill"], json!({"number": "PAPER-1", "source": "MANUAL"}));
        let id = text(&recorded["bill"]["id"]);
        assert_eq!(operator.refused(record, json!({"input": paper})).await, ["number: NUMBER_TAKEN"]);
        let mut wrong = paper.clone();
        wrong["number"] = json!("PAPER-2");
        wrong["dueOn"] = json!("2026-11-01");
        wrong["reason"] = json!(" ");
        assert_eq!(operator.refused(record, json!({"input": wrong})).await, ["reason: REQUIRED"]);
        wrong["reason"] = json!("A typing error");
        assert_eq!(operator.refused(record, json!({"input": wrong})).await.len(), 1);
        assert_eq!(anna.refused(record, json!({"input": paper})).await, [": FORBIDDEN"]);

        let correct = "mutation($input: CorrectBillInput!) { correctBill(input: $input) { bill { version amount { amountMinor } dueOn } userErrors { code message path } } }";
        let input = json!({"billId": id, "amountMinor": "9000", "lines": [{"label": "Energy", "amountMinor": "9000"}], "reason": "A digit was misread"});
        let corrected = operator.must(correct, json!({"input": input})).await;
        assert_eq!(corrected["bill"], json!({"version": 2, "amount": {"amountMinor": "9000"}, "dueOn": "2026-12-10"}));
        assert_eq!(operator.refused(correct, json!({"input": input})).await, [": NO_CHANGE"]);
        assert_eq!(anna.refused(correct, json!({"input": input})).await, [": FORBIDDEN"]);

        let void = "mutation($input: VoidBillInput!) { voidBill(input: $input) { bill { status statusReason } userErrors { code message path } } }";
        assert_eq!(operator.refused(void, json!({"input": {"billId": id, "reason": ""}})).await, ["reason: REQUIRED"]);
        let voided = operator.must(void, json!({"input": {"billId": id, "reason": "Entered by mistake"}})).await;
        assert_eq!(voided["bill"], json!({"status": "VOIDED", "statusReason": "Entered by mistake"}));
        assert_eq!(operator.refused(void, json!({"input": {"billId": id, "reason": "Again"}})).await.len(), 1);
        app.settle().await;
        assert_eq!(anna.bills().await, [("PAPER-1".to_owned(), "VOIDED".to_owned(), "9000".to_owned())]);

        assert_eq!(operator.fault("{ auditEntries { nodes { id } } }", json!({})).await, "FORBIDDEN");
        let admin = app.staff(Role::Admin).await;
        let audit = "query($subject: ID) { auditEntries(subject: $subject) { nodes { actor action subject reason data } } }";
        insta::assert_json_snapshot!("operator_audit_of_a_bill", stable(admin.run(audit, json!({"subject": id})).await));

        // Both the bill's history and the audit trail name the person.
        let history = "query($id: ID!) { bill(id: $id) { versions { version actorName reason } acts { action actorName reason } } }";
        let seen = operator.run(history, json!({"id": id})).await["bill"].take();
        let by = "operator@example.com";
        assert_eq!(
            seen,
            json!({
                "versions": [
                    {"version": 2, "actorName": by, "reason": "A digit was misread"},
                    {"version": 1, "actorName": by, "reason": "Came by post"},
                ],
                "acts": [
                    {"action": "bill.record", "actorName": by, "reason": "Came by post"},
                    {"action": "bill.correct", "actorName": by, "reason": "A digit was misread"},
                    {"action": "bill.void", "actorName": by, "reason": "Entered by mistake"},
                ],
            })
        );
        let names = admin.run("query($subject: ID) { auditEntries(subject: $subject) { nodes { actorName } } }", json!({"subject": id})).await;
        assert!(names["auditEntries"]["nodes"].as_array().expect("entries").iter().all(|entry| entry["actorName"] == by), "{names}");
        let hers = anna.run(history, json!({"id": id})).await["bill"].take();
        assert!(!hers.to_string().contains(by), "customers are not told which operator it was: {hers}");
    }
}
