//! A customer's journeys: signing up, homes and accounts, the first bill and all that follow, the inbox, devices and sign-ins.

use billow_sandbox::Provider;
use billow_tests::{Client, TestApp, both, stable, text};
use chrono::Duration;
use serde_json::{Value, json};

const SIGN_UP: &str = "mutation($input: SignUpInput!) { signUp(input: $input) { token \
     viewer { role user { email role } customer { name email mobile locale timeZone hasSignIn } } userErrors { code message path } } }";
const SIGN_IN: &str =
    "mutation($input: SignInInput!) { signIn(input: $input) { token viewer { user { email } } userErrors { code message path } } }";
const FORM: &str = "{ providers { nodes { id code name utilityType currency prepaid connectorKind definition credentialNames health { circuit } \
     params { name label pattern minLength maxLength help example optional secret } schedule { description } amountRule { kind } } } }";
const PROGRESS: &str = "subscription($id: ID) { fetchRunProgress(id: $id) { resync fetchRun { id status total done failed billsNew } } }";
const DETAIL: &str = "query($id: ID!) { bill(id: $id) { id number version status source overdue daysUntilDue issuedOn dueOn periodStart periodEnd utilityType \
     amount { amountMinor currency decimal formatted } usage { value unit } lines { label kind amount { amountMinor } usage { value unit } } \
     provider { code name } utilityAccount { label identifierHint } property { name city } customer { name } \
     versions { version source reason actor amount { formatted } changes { field before after } } } }";
const INBOX: &str =
    "{ viewer { unreadNotifications } notifications { nodes { id kind title body link readAt bill { number } deliveries { status } } } }";

fn newcomer(email: &str) -> Value {
    json!({"email": email, "password": "correct horse battery", "name": "Anna Weiß", "mobile": "+49 171 2345678",
           "locale": "de-DE", "timeZone": "Europe/Berlin", "deviceKind": "BEARER"})
}

/// Numbers of the bills a filter finds, in order.
async fn numbers(customer: &Client, filter: Value, order: &str) -> Vec<String> {
    let query = format!("query($filter: BillFilter) {{ bills(first: 100, filter: $filter, orderBy: {order}) {{ nodes {{ number }} }} }}");
    let data = customer.run(&query, json!({"filter": filter})).await;
    data["bills"]["nodes"].as_array().expect("bills").iter().map(|b| text(&b["number"])).collect()
}

both! {
    async fn a_newcomer_watches_the_first_bill_arrive(engine) {
        let app = TestApp::start(engine).await;
        app.provider(Provider::Voltara).await;
        app.sandbox.state().seed_history(Provider::Voltara, "VT10000001", 3).expect("history");

        let answer = app.anonymous().run(SIGN_UP, json!({"input": newcomer("Anna@Example.com")})).await;
        let anna = app.client(&text(&answer["signUp"]["token"]));
        insta::assert_json_snapshot!("customer_signed_up", stable(answer));

        let form = anna.run(FORM, json!({})).await;
        let provider = text(&form["providers"]["nodes"][0]["id"]);
        insta::assert_json_snapshot!("customer_account_form", stable(form));
        let refused = anna.try_add_account(&provider, None, "consumer_number", "VT1").await;
        insta::assert_json_snapshot!("customer_account_refused", stable(refused));
        assert!(app.sandbox.state().log(None).is_empty(), "nobody was called");

        let home = anna.add_property("Flat").await;
        let added = anna.try_add_account(&provider, Some(&home), "consumer_number", "VT10000001").await;
        let run = text(&added["fetchRun"]["id"]);
        insta::assert_json_snapshot!("customer_account_added", stable(added));
        let mut progress = anna.subscribe(PROGRESS, json!({"id": run})).await;
        let mut bills = anna.subscribe("subscription { billReceived { resync bill { number status } } }", json!({})).await;
        app.settle().await;
        let mut last = progress.next().await["fetchRunProgress"]["fetchRun"].take();
        while last["status"] == "RUNNING" {
            last = progress.next().await["fetchRunProgress"]["fetchRun"].take();
        }
        assert_eq!(last, json!({"id": run, "status": "FINISHED", "total": 1, "done": 1, "failed": 0, "billsNew": 3}));
        let mut arrived = Vec::new();
        for _ in 0..3 {
            arrived.push(bills.next().await["billReceived"]["bill"]["status"].take());
        }
        assert_eq!(arrived.iter().filter(|s| *s == "OPEN").count(), 1, "{arrived:?}");

        let home = anna
            .run("query($id: ID!) { property(id: $id) { name myRole utilityAccounts { label status lastOutcome nextFetchAt currentRun { id } } \
                  summary { openCount overdueCount nextDueOn due { formatted } } } }", json!({"id": home}))
            .await;
        assert_eq!(home["property"]["utilityAccounts"][0]["status"], "ACTIVE");
        // When it is fetched next depends on the account's id, which spreads accounts over two hours.
        let next = text(&home["property"]["utilityAccounts"][0]["nextFetchAt"]);
        assert!(next.starts_with("2026-12-15T05:") || next.starts_with("2026-12-15T06:"), "{next}");
        assert_eq!(home["property"]["summary"]["openCount"], 1);
        assert_eq!(anna.bills().await.len(), 3);
    }

    async fn wrong_fields_are_all_told_at_once_and_sign_in_tells_nothing(engine) {
        let app = TestApp::start(engine).await;
        app.anonymous().must(SIGN_UP, json!({"input": newcomer("anna@example.com")})).await;
        let mut wrong = newcomer("no address");
        wrong["password"] = json!("short");
        wrong["name"] = json!(" ");
        wrong["mobile"] = json!("12");
        wrong["locale"] = json!("?");
        let answer = app.anonymous().run(SIGN_UP, json!({"input": wrong})).await;
        insta::assert_json_snapshot!("customer_sign_up_refused", answer);
        let input = |email: &str, password: &str| json!({"input": {"email": email, "password": password, "deviceKind": "BEARER"}});
        let known = app.anonymous().run(SIGN_IN, input("anna@example.com", "wrong horse battery")).await;
        let unknown = app.anonymous().run(SIGN_IN, input("nobody@example.com", "wrong horse battery")).await;
        assert_eq!(known, unknown, "whether an address is known is not told");
        let right = app.anonymous().must(SIGN_IN, input("anna@example.com", "correct horse battery")).await;
        assert_eq!(right["viewer"]["user"]["email"], "anna@example.com");
    }

    async fn bills_are_found_by_home_kind_provider_and_state(engine) {
        let app = TestApp::start(engine).await;
        let state = app.sandbox.state();
        state.seed_history(Provider::Voltara, "VT10000001", 3).expect("history");
        state.seed_history(Provider::Aquaria, "AQ100001", 2).expect("history");
        let (anna, electricity) = app.customer_with_electricity("Anna", "VT10000001").await;
        let aquaria = app.provider(Provider::Aquaria).await;
        let param = text(&anna.run("query($id: ID!) { provider(id: $id) { params { name } } }", json!({"id": aquaria})).await["provider"]["params"][0]["name"]);
        let cabin = anna.add_property("Cabin").await;
        let water = anna.add_account(&aquaria, Some(&cabin), &param, "AQ100001").await;
        app.settle().await;
        let mut volts: Vec<_> = state.bills(Provider::Voltara, "VT10000001").into_iter().map(|b| b.number).collect();
        let mut drops: Vec<_> = state.bills(Provider::Aquaria, "AQ100001").into_iter().map(|b| b.number).collect();
        volts.reverse();
        drops.reverse();

        assert_eq!(numbers(&anna, json!({"propertyId": cabin}), "NEWEST").await, drops);
        assert_eq!(numbers(&anna, json!({"utilityType": "ELECTRICITY"}), "NEWEST").await, volts);
        assert_eq!(numbers(&anna, json!({"providerId": aquaria}), "NEWEST").await, drops);
        assert_eq!(numbers(&anna, json!({"utilityAccountId": electricity}), "NEWEST").await, volts);
        assert_eq!(numbers(&anna, json!({"utilityAccountId": water, "utilityType": "ELECTRICITY"}), "NEWEST").await, Vec::<String>::new());
        assert_eq!(numbers(&anna, json!({"state": "OPEN"}), "DUE_DATE").await, [volts[0].clone(), drops[0].clone()]);
        let paid = numbers(&anna, json!({"state": "PAID"}), "NEWEST").await;
        assert_eq!(paid.len(), 3, "{paid:?}");
        assert!(!paid.contains(&volts[0]) && !paid.contains(&drops[0]));
        assert_eq!(numbers(&anna, json!({"state": "ALL"}), "NEWEST").await.len(), 5);
        assert_eq!(numbers(&anna, json!({"state": "OVERDUE"}), "NEWEST").await, Vec::<String>::new());
        assert_eq!(numbers(&anna, json!({"issuedFrom": "2026-11-01", "issuedTo": "2026-11-10"}), "NEWEST").await, [drops[0].clone()]);

        // Page by page it is the same list.
        let (mut walked, mut after) = (Vec::new(), Value::Null);
        loop {
            let query = "query($after: String) { bills(first: 2, after: $after) { nodes { number } pageInfo { hasNextPage endCursor } } }";
            let page = anna.run(query, json!({"after": after})).await;
            walked.extend(page["bills"]["nodes"].as_array().expect("bills").iter().map(|b| text(&b["number"])));
            after = page["bills"]["pageInfo"]["endCursor"].clone();
            if page["bills"]["pageInfo"]["hasNextPage"] == json!(false) {
                break;
            }
        }
        assert_eq!(walked, numbers(&anna, json!({}), "NEWEST").await);

        // Electricity was due on the 26th, water is due on the 30th.
        app.pass(Duration::days(7));
        assert_eq!(numbers(&anna, json!({"state": "OVERDUE"}), "NEWEST").await, [volts[0].clone()]);
        let spend = anna.run("{ spendByPeriod(months: 3) { month utilityType bills total { amountMinor currency } } }", json!({})).await;
        insta::assert_json_snapshot!("customer_spend", spend);
        assert_eq!(anna.fault("{ bills(after: \"nonsense\") { nodes { id } } }", json!({})).await, "BAD_USER_INPUT");
    }

    async fn a_bill_tells_what_it_is_made_of_and_what_a_correction_changed(engine) {
        let app = TestApp::start(engine).await;
        let state = app.sandbox.state();
        state.seed_history(Provider::Voltara, "VT10000001", 1).expect("history");
        let (anna, account) = app.customer_with_electricity("Anna", "VT10000001").await;
        let id = text(&anna.run("{ bills { nodes { id } } }", json!({})).await["bills"]["nodes"][0]["id"]);
        insta::assert_json_snapshot!("customer_bill", stable(anna.run(DETAIL, json!({"id": id})).await));

        let mut updates = anna.subscribe("subscription { billUpdated { resync bill { id version amount { amountMinor } } } }", json!({})).await;
        let number = state.bills(Provider::Voltara, "VT10000001")[0].number.clone();
        state.correct_bill(Provider::Voltara, "VT10000001", &number, 6_543).expect("corrected");
        app.pass(Duration::hours(1));
        anna.fetch_now(&account).await;
        app.settle().await;
        let update = updates.next().await;
        assert_eq!(update["billUpdated"]["bill"], json!({"id": id, "version": 2, "amount": {"amountMinor": "6543"}}));
        insta::assert_json_snapshot!("customer_bill_corrected", stable(anna.run(DETAIL, json!({"id": id})).await));
        assert_eq!(anna.bills().await.len(), 1, "never a second bill");

        // The same answer once more is no news.
        anna.fetch_now(&account).await;
        app.settle().await;
        assert_eq!(anna.run(DETAIL, json!({"id": id})).await["bill"]["version"], 2);

        state.cancel_bill(Provider::Voltara, "VT10000001", &number).expect("cancelled");
        anna.fetch_now(&account).await;
        app.settle().await;
        assert_eq!(anna.run(DETAIL, json!({"id": id})).await["bill"]["status"], "VOIDED");
        insta::assert_json_snapshot!("customer_inbox_of_one_bill", stable(anna.run(INBOX, json!({})).await));
    }

    async fn the_inbox_is_read_and_told_live(engine) {
        let app = TestApp::start(engine).await;
        let (anna, account) = app.customer_with_electricity("Anna", "VT10000001").await;
        let mut told = anna.subscribe("subscription { notificationReceived { resync notification { kind title readAt } } }", json!({})).await;
        for _ in 0..2 {
            app.sandbox.state().issue_bill(Provider::Voltara, "VT10000001", None).expect("a bill");
            anna.fetch_now(&account).await;
            app.settle().await;
            let event = told.next().await;
            assert_eq!(event["notificationReceived"]["notification"]["kind"], "BILL_RECEIVED", "{event}");
        }
        let inbox = anna.run(INBOX, json!({})).await;
        assert_eq!(inbox["viewer"]["unreadNotifications"], 2);
        assert_eq!(inbox["notifications"]["nodes"][0]["deliveries"], json!([]), "how it went out is for staff");
        let mark = "mutation($input: MarkNotificationsReadInput!) { markNotificationsRead(input: $input) { unreadNotifications userErrors { code message path } } }";
        let first = inbox["notifications"]["nodes"][0]["id"].clone();
        assert_eq!(anna.must(mark, json!({"input": {"ids": [first]}})).await["unreadNotifications"], 1);
        let unread = anna.run("{ notifications(unreadOnly: true) { nodes { id } } }", json!({})).await;
        assert_eq!(unread["notifications"]["nodes"].as_array().map(Vec::len), Some(1));
        // Somebody else's messages are not touched by marking them.
        let ben = app.customer("Ben").await;
        assert_eq!(ben.must(mark, json!({"input": {"ids": [unread["notifications"]["nodes"][0]["id"]]}})).await["unreadNotifications"], 0);
        assert_eq!(anna.run(INBOX, json!({})).await["viewer"]["unreadNotifications"], 1);
        assert_eq!(anna.must(mark, json!({"input": {"all": true}})).await["unreadNotifications"], 0);
    }

    async fn preferences_decide_how_bills_are_told(engine) {
        let app = TestApp::start(engine).await;
        let (anna, account) = app.customer_with_electricity("Anna", "VT10000001").await;
        let phone = app.device(&anna, "Phone").await;
        let usual = "{ viewer { notificationPreferences { leadDays planLeadDays reminderHour smsFallback quietHours { startHour endHour } channels { kind push email sms } } } }";
        insta::assert_json_snapshot!("customer_preferences", anna.run(usual, json!({})).await);
        let change = "mutation($input: UpdateNotificationPreferencesInput!) { updateNotificationPreferences(input: $input) { \
             preferences { leadDays reminderHour quietHours { startHour endHour } } userErrors { code message path } } }";
        let input = json!({"channels": [{"kind": "BILL_RECEIVED", "push": true, "email": false, "sms": false}],
                           "leadDays": [0, -2], "reminderHour": 18, "quietHours": {"startHour": 22, "endHour": 7}});
        let payload = anna.must(change, json!({"input": input})).await;
        assert_eq!(payload["preferences"], json!({"leadDays": [-2, 0], "reminderHour": 18, "quietHours": {"startHour": 22, "endHour": 7}}));
        let wrong = json!({"leadDays": [-99], "reminderHour": 24, "channels": [{"kind": "SECURITY", "push": false, "email": false, "sms": false}]});
        assert_eq!(anna.refused(change, json!({"input": wrong})).await, ["channels: INVALID", "leadDays: INVALID", "reminderHour: INVALID"]);

        app.sandbox.state().clear_outbox();
        app.sandbox.state().issue_bill(Provider::Voltara, "VT10000001", None).expect("a bill");
        // Eleven at night in Berlin: the push waits for the morning, and no mail goes out at all.
        app.pass(Duration::hours(13));
        anna.fetch_now(&account).await;
        app.settle().await;
        assert!(app.sandbox.state().pushes_for(&phone).is_empty(), "it is night");
        assert_eq!(anna.run(INBOX, json!({})).await["viewer"]["unreadNotifications"], 1, "the inbox has it at once");
        app.pass(Duration::hours(8));
        app.settle().await;
        assert_eq!(app.sandbox.state().pushes_for(&phone).len(), 1);
        assert!(app.sandbox.state().mails_to("anna@example.com").is_empty());
    }

    async fn devices_are_turned_on_tried_and_removed(engine) {
        let app = TestApp::start(engine).await;
        let anna = app.customer("Anna").await;
        let phone = app.device(&anna, "Phone").await;
        let laptop = app.device(&anna, "Laptop").await;
        anna.must("mutation { sendTestNotification { ok userErrors { code message path } } }", json!({})).await;
        app.settle().await;
        for device in [&phone, &laptop] {
            let pushes = app.sandbox.state().pushes_for(device);
            assert_eq!(pushes.len(), 1);
            let payload: Value = serde_json::from_str(&pushes[0].payload).expect("declarative JSON");
            assert_eq!(payload["web_push"], 8030);
            assert_eq!(pushes[0].headers.get("content-encoding").map(String::as_str), Some("aes128gcm"));
        }
        let devices = anna.run("{ viewer { pushSubscriptions { id label lastOkAt disabledReason } } }", json!({})).await;
        let devices = devices["viewer"]["pushSubscriptions"].as_array().expect("devices").clone();
        assert_eq!(devices.iter().map(|d| text(&d["label"])).collect::<Vec<_>>(), ["Laptop", "Phone"]);
        assert!(devices.iter().all(|d| d["lastOkAt"].is_string()));

        let remove = "mutation($input: RemovePushSubscriptionInput!) { removePushSubscription(input: $input) { ok userErrors { code message path } } }";
        let ben = app.customer("Ben").await;
        assert_eq!(ben.refused(remove, json!({"input": {"pushSubscriptionId": devices[0]["id"]}})).await, [": NOT_FOUND"]);
        anna.must(remove, json!({"input": {"pushSubscriptionId": devices[0]["id"]}})).await;
        let left = anna.run("{ viewer { pushSubscriptions { label } } }", json!({})).await;
        assert_eq!(left["viewer"]["pushSubscriptions"], json!([{"label": "Phone"}]));
        // An endpoint that leads into our own network is refused.
        let register = "mutation($input: RegisterPushSubscriptionInput!) { registerPushSubscription(input: $input) { pushSubscription { id } userErrors { code message path } } }";
        let key = "BNcRdreALRFXTkOOUHK1EtK2wtaz5Ry4YfYCA_0QTpQtUbVlUls0VJXg7A8u-Ts1XbjhazAkj7I99e8QcYP7DkM";
        let input = json!({"endpoint": "https://169.254.169.254/push", "p256dh": key, "auth": "AAAAAAAAAAAAAAAAAAAAAA", "label": "Evil"});
        assert_eq!(anna.refused(register, json!({"input": input})).await.len(), 1);
    }

    async fn sign_ins_are_seen_and_ended(engine) {
        let app = TestApp::start(engine).await;
        let phone = app.customer("Anna").await;
        let signed_in = json!({"input": {"email": "anna@example.com", "password": "correct horse battery", "deviceKind": "BEARER"}});
        let payload = app.anonymous().must(SIGN_IN, signed_in).await;
        let tablet = app.client(&text(&payload["token"]));
        let sessions = phone.run("{ viewer { sessions { id kind current } } }", json!({})).await;
        let sessions = sessions["viewer"]["sessions"].as_array().expect("sign-ins").clone();
        assert_eq!(sessions.len(), 2);
        let other = sessions.iter().find(|s| s["current"] == json!(false)).expect("the tablet");
        let end = "mutation($input: RevokeSessionInput!) { revokeSession(input: $input) { ok userErrors { code message path } } }";
        let ben = app.customer("Ben").await;
        assert_eq!(ben.refused(end, json!({"input": {"sessionId": other["id"]}})).await, [": NOT_FOUND"]);
        phone.must(end, json!({"input": {"sessionId": other["id"]}})).await;
        assert_eq!(tablet.fault("{ bills { nodes { id } } }", json!({})).await, "UNAUTHENTICATED");

        let change = "mutation($input: ChangePasswordInput!) { changePassword(input: $input) { ok userErrors { code message path } } }";
        let input = |current: &str| json!({"input": {"currentPassword": current, "newPassword": "a quite different one"}});
        assert_eq!(phone.refused(change, input("not the right one")).await.len(), 1);
        phone.must(change, input("correct horse battery")).await;
        phone.run("{ viewer { user { email } } }", json!({})).await;
    }
}
