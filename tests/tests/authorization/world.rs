//! A household with everything in it, and everybody who might look.

use std::collections::{BTreeMap, BTreeSet};

use billow_billing::identity::{ExposeSecret as _, NewApiClient};
use billow_billing::{Actor, Scope};
use billow_entities as e;
use billow_sandbox::{Fault, Provider};
use billow_tests::{Client, Engine, TestApp, text};
use chrono::Duration;
use sea_orm::{ActiveModelTrait as _, EntityTrait as _, IntoActiveModel as _};
use serde_json::{Value, json};

/// What is written into the home after Erik left it: he must never see any of it.
pub const AFTER: &str = "NEW-SECRET";

const LINE: &str = "+491713920001";

/// Somebody who asks.
pub struct Caller {
    /// For everybody but customers this is also their class.
    pub name: &'static str,
    pub client: Client,
    /// The customer's id, for customers.
    pub customer: Option<String>,
}

impl Caller {
    /// The class of a caller who has no relation to what is asked about.
    pub fn class(&self) -> &'static str {
        if self.customer.is_some() { "customer" } else { self.name }
    }
}

/// Whose an object is. One that belongs to nobody is everybody's.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Whose {
    pub own: BTreeSet<String>,
    /// Whose bill somebody else paid.
    billed: BTreeSet<String>,
    /// Who paid of it.
    paid: BTreeSet<String>,
    invited: BTreeSet<String>,
    home: Option<String>,
    /// Whether it belongs to the person and not to a home: those who share a home with them have their role in it.
    person: bool,
}

impl Whose {
    fn of_person(id: Option<impl std::fmt::Display>) -> Self {
        Self { own: id.into_iter().map(|id| id.to_string()).collect(), person: true, ..Self::default() }
    }

    fn of_home(customer: impl std::fmt::Display, home: Option<impl std::fmt::Display>) -> Self {
        Self { own: BTreeSet::from([customer.to_string()]), home: home.map(|home| home.to_string()), ..Self::default() }
    }
}

pub struct World {
    pub app: TestApp,
    pub callers: Vec<Caller>,
    /// By home: the roles of its members, by customer.
    homes: BTreeMap<String, BTreeMap<String, &'static str>>,
    /// Who left a home.
    left: BTreeMap<String, String>,
    pub link_token: String,
    pub open_bill: String,
    /// Of every object in the database.
    whose: BTreeMap<String, Whose>,
    /// Ids by type.
    ids: BTreeMap<&'static str, Vec<String>>,
}

async fn id_of(client: &Client) -> String {
    text(&client.run("{ viewer { customer { id } } }", json!({})).await["viewer"]["customer"]["id"])
}

/// Calls a mutation that must succeed; `answer` is what is selected beside the errors.
pub async fn must(client: &Client, mutation: &str, input: Value, answer: &str) -> Value {
    let mut input_type = mutation.to_owned();
    input_type[..1].make_ascii_uppercase();
    let query =
        format!("mutation($input: {input_type}Input!) {{ {mutation}(input: $input) {{ {answer} userErrors {{ code message path }} }} }}");
    client.must(&query, json!({"input": input})).await
}

impl World {
    pub async fn new(engine: Engine) -> Self {
        let app = TestApp::start_limited(engine, |config, _| {
            // Walking asks for more than anybody should, and guesses from one address.
            let limits = &mut config.limits;
            (limits.tokens, limits.nesting, limits.depth, limits.fields) = (1 << 20, 500, 200, 1 << 20);
            (limits.complexity, limits.aliases, limits.root_fields, limits.answer) = (usize::MAX, 5_000, 5_000, 64 << 20);
            (limits.cost_per_minute, limits.client_cost_per_minute, limits.address_cost_per_minute) = (0, 0, 0);
        })
        .await;
        app.cards().await;
        app.hear_cards();
        let people = People::settle_in(&app).await;
        people.pay(&app).await;
        people.look_after(&app).await;
        let (link_token, open_bill) = people.leave(&app).await;
        let callers = callers(&app, &people).await;
        let left = BTreeMap::from([(people.home.clone(), people.ids["erik"].clone())]);
        let mut world =
            Self { app, callers, homes: BTreeMap::new(), left, link_token, open_bill, whose: BTreeMap::new(), ids: BTreeMap::new() };
        world.read_whose().await;
        world
    }

    pub fn caller(&self, name: &str) -> &Caller {
        self.callers.iter().find(|caller| caller.name == name).unwrap_or_else(|| panic!("nobody is called {name}"))
    }

    pub fn knows(&self, id: &str) -> bool {
        self.whose.contains_key(id)
    }

    /// Some ids of a type: two, the newest, of each sort of owner.
    pub fn some_of(&self, ty: &str) -> Vec<&String> {
        let mut taken: BTreeMap<&Whose, usize> = BTreeMap::new();
        let all = self.ids.get(ty).into_iter().flatten().rev();
        all.filter(|id| {
            let count = taken.entry(&self.whose[*id]).or_default();
            *count += 1;
            *count <= 2
        })
        .collect()
    }

    /// The newest object of a type that belongs to a customer.
    pub fn own_of(&self, ty: &str, customer: &str) -> Option<&String> {
        self.ids.get(ty)?.iter().rev().find(|id| self.whose[*id].own.contains(customer))
    }

    /// Of each sort of owner the newest object of a type.
    pub fn one_of_each(&self, ty: &str) -> Vec<&String> {
        let mut seen = BTreeSet::new();
        self.ids.get(ty).into_iter().flatten().rev().filter(|id| seen.insert(&self.whose[*id])).collect()
    }

    /// Which class a caller is in, as seen from an object.
    pub fn class(&self, caller: &Caller, id: Option<&str>) -> &'static str {
        let Some(own) = &caller.customer else { return caller.name };
        let Some(whose) = id.and_then(|id| self.whose.get(id)).filter(|whose| **whose != Whose::default()) else { return "customer" };
        if whose.own.contains(own) {
            return "own";
        }
        if whose.billed.contains(own) {
            return "billed";
        }
        let of_object = |home: &String| match &whose.home {
            Some(wanted) => wanted == home,
            None => whose.person && whose.own.iter().any(|owner| self.homes[home].contains_key(owner)),
        };
        let role = self.homes.iter().filter(|(home, _)| of_object(home)).find_map(|(_, members)| members.get(own).copied());
        if let Some(role) = role {
            return role;
        }
        if whose.paid.contains(own) {
            "paid"
        } else if self.left.iter().any(|(home, gone)| gone == own && of_object(home)) {
            "former"
        } else if whose.invited.contains(own) {
            "invited"
        } else {
            "stranger"
        }
    }

    async fn read_whose(&mut self) {
        let db = self.app.billing.kernel.store.read();
        let (whose, ids) = (&mut self.whose, &mut self.ids);
        macro_rules! all {
            ($table:ident) => {
                e::$table::Entity::find().all(db).await.expect("rows")
            };
        }
        for row in all!(property_member) {
            let role = match row.role {
                e::PropertyRole::Owner => "owner",
                e::PropertyRole::Payer => "payer",
                e::PropertyRole::Viewer => "viewer",
            };
            self.homes.entry(row.property_id.to_string()).or_default().insert(row.customer_id.to_string(), role);
        }
        let users: BTreeMap<_, _> = all!(user).into_iter().map(|row| (row.id, row.customer_id)).collect();
        let of_user = |user: e::UserId| users.get(&user).copied().flatten().map(Some).map_or_else(Whose::default, Whose::of_person);
        let accounts: BTreeMap<_, _> =
            all!(utility_account).into_iter().map(|row| (row.id, Whose::of_home(row.customer_id, row.property_id))).collect();
        let emails: BTreeMap<_, _> = all!(customer).into_iter().filter_map(|row| Some((row.email?, row.id.to_string()))).collect();
        let mut payments: BTreeMap<_, Whose> =
            all!(payment).into_iter().map(|row| (row.id, Whose::of_person(Some(row.customer_id)))).collect();
        let mut bills: BTreeMap<_, Whose> =
            all!(bill).into_iter().map(|row| (row.id, Whose::of_home(row.customer_id, row.property_id))).collect();
        let mut recharges: BTreeMap<_, Whose> = all!(recharge).into_iter().map(|row| (row.id, accounts[&row.account_id].clone())).collect();
        for row in all!(payment_allocation) {
            let payment = payments.get_mut(&row.payment_id).expect("a payment");
            let target = match row.target() {
                e::Target::Bill(id) => bills.get_mut(&id),
                e::Target::Recharge(id) => recharges.get_mut(&id),
            };
            let target = target.expect("what was paid");
            target.paid.extend(payment.own.iter().filter(|payer| !target.own.contains(*payer)).cloned());
            payment.billed.extend(target.own.iter().filter(|owner| !payment.own.contains(*owner)).cloned());
            payment.home.clone_from(&target.home);
        }
        let notifications: BTreeMap<_, _> = all!(notification)
            .into_iter()
            .map(|row| (row.id, row.customer_id.map(Some).map_or_else(Whose::default, Whose::of_person)))
            .collect();
        macro_rules! of {
            ($($ty:literal $table:ident: |$row:ident| $whose:expr;)*) => {$(
                let mut rows = all!($table);
                rows.sort_by_key(|row| row.id);
                for $row in rows {
                    let of_row: Whose = $whose;
                    ids.entry($ty).or_default().push($row.id.to_string());
                    whose.insert($row.id.to_string(), of_row);
                }
            )*};
        }
        of! {
            "User" user: |row| of_user(row.id);
            "Session" session: |row| of_user(row.user_id);
            "ApiClient" api_client: |row| Whose::default();
            "Passkey" passkey: |row| of_user(row.user_id);
            "Customer" customer: |row| Whose::of_person(Some(row.id));
            "Property" property: |row| Whose { home: Some(row.id.to_string()), ..Whose::default() };
            "PropertyInvitation" property_invitation: |row| Whose {
                home: Some(row.property_id.to_string()),
                invited: emails.get(&row.email).cloned().into_iter().collect(),
                ..Whose::default()
            };
            "Provider" provider: |row| Whose::default();
            "RechargePlan" recharge_plan: |row| Whose::default();
            "UtilityAccount" utility_account: |row| accounts[&row.id].clone();
            "Bill" bill: |row| bills[&row.id].clone();
            "Recharge" recharge: |row| recharges[&row.id].clone();
            "FetchRun" fetch_run: |row| row.account_id.map_or_else(Whose::default, |id| accounts[&id].clone());
            "FetchAttempt" fetch_attempt: |row| accounts[&row.account_id].clone();
            "Notification" notification: |row| notifications[&row.id].clone();
            "Delivery" delivery: |row| notifications[&row.notification_id].clone();
            "PushSubscription" push_subscription: |row| of_user(row.user_id);
            "Event" event: |row| Whose::default();
            "DeadLetter" dead_letter: |row| Whose::default();
            "AuditEntry" audit_entry: |row| Whose::default();
            "ImportRun" import_run: |row| Whose::default();
            "Payment" payment: |row| payments[&row.id].clone();
            "Allocation" payment_allocation: |row| payments[&row.payment_id].clone();
            "PaymentAttempt" payment_attempt: |row| payments[&row.payment_id].clone();
            "PaymentMethod" payment_method: |row| Whose::of_person(Some(row.customer_id));
            "Remittance" remittance: |row| payments[&row.payment_id].clone();
            "Refund" refund: |row| payments[&row.payment_id].clone();
            "Document" document: |row| payments[&row.payment_id].clone();
            "Gateway" gateway: |row| Whose::default();
            "GatewayEvent" gateway_event: |row| Whose::default();
            "Reconciliation" reconciliation: |row| Whose::default();
            "Discrepancy" discrepancy: |row| Whose::default();
        }
    }
}

/// The customers, and the home they share.
struct People {
    clients: BTreeMap<&'static str, Client>,
    ids: BTreeMap<&'static str, String>,
    home: String,
    prepaid: String,
    operator: Client,
    admin: Client,
}

impl People {
    fn who(&self, name: &str) -> &Client {
        &self.clients[name]
    }

    /// Anna's home with Clara, Dora and Erik in it, and Grace invited; Ben next door.
    async fn settle_in(app: &TestApp) -> Self {
        let state = app.sandbox.state();
        // Of a bill of theirs a part may be paid.
        app.provider_with(Provider::Voltara, |definition| definition["amount_rule"] = json!({"kind": "EXACT_OR_BELOW"})).await;
        state.seed_history(Provider::Voltara, "VT10000001", 3).expect("history");
        for amount in [5_000, 4_000, 3_000, 2_500, 900_000] {
            state.issue_bill(Provider::Voltara, "VT10000001", Some(amount)).expect("a bill");
        }
        state.set_plan(LINE, "CH28", "2026-11-30".parse().expect("a day")).expect("a plan");
        state.issue_bill(Provider::Aquaria, "AQ100001", Some(2_200)).expect("a bill");
        let (anna, _) = app.customer_with_electricity("Anna", "VT10000001").await;
        let (ben, _) = app.customer_with_bill("Ben", "VT10000002", 4_000).await;
        let home = text(&anna.run("{ properties { nodes { id } } }", json!({})).await["properties"]["nodes"][0]["id"]);
        let mut clients = BTreeMap::from([("anna", anna.clone()), ("ben", ben)]);
        for (name, known_as, role) in
            [("Clara", "clara", "PAYER"), ("Dora", "dora", "VIEWER"), ("Erik", "erik", "PAYER"), ("Grace", "grace", "")]
        {
            let somebody = app.customer(name).await;
            if role.is_empty() {
                must(&anna, "shareProperty", json!({"propertyId": home, "email": "grace@example.com", "role": "VIEWER"}), "").await;
            } else {
                anna.share(&home, &somebody, role).await;
            }
            clients.insert(known_as, somebody);
        }
        // What belongs to Clara in Anna's home, what is Anna's alone, and what is prepaid.
        let voltara = app.known_provider("voltara").await.expect("a provider");
        let (aquaria, chirp) = (app.provider(Provider::Aquaria).await, app.provider(Provider::Chirp).await);
        state.issue_bill(Provider::Voltara, "VT10000003", Some(6_000)).expect("a bill");
        let of_clara = clients["clara"].add_account(&voltara, Some(&home), "consumer_number", "VT10000003").await;
        anna.add_account(&aquaria, None, "contract", "AQ100001").await;
        let prepaid = anna.add_account(&chirp, Some(&home), "mobile_number", LINE).await;
        app.settle().await;
        state.set_fault(Provider::Voltara, Some("VT10000003"), Fault::ServerError);
        clients["clara"].fetch_now(&of_clara).await;
        app.settle().await;
        state.clear_faults();
        let mut ids = BTreeMap::new();
        for (name, client) in &clients {
            ids.insert(*name, id_of(client).await);
        }
        let (operator, admin) = (app.staff(e::Role::Operator).await, app.staff(e::Role::Admin).await);
        Self { clients, ids, home, prepaid, operator, admin }
    }

    /// Everybody pays something, in every way.
    async fn pay(&self, app: &TestApp) {
        let (anna, clara) = (self.who("anna"), self.who("clara"));
        let mut cards = BTreeMap::new();
        for name in ["anna", "ben", "clara", "erik"] {
            cards.insert(name, self.who(name).save_card().await);
        }
        let by_card = |name: &str| json!({"paymentMethodId": cards[name]});
        let bill = |minor: &'static str| async move {
            let open = anna.run("{ bills(first: 100, filter: {state: OPEN}) { nodes { id amount { amountMinor } } } }", json!({})).await;
            let all = open["bills"]["nodes"].as_array().expect("bills").clone();
            text(
                &all.iter().find(|bill| bill["amount"]["amountMinor"] == minor).unwrap_or_else(|| panic!("no bill of {minor}: {all:?}"))["id"],
            )
        };
        // A bill that is paid is not corrected, so that he pays a part.
        let part =
            json!({"bills": [{"billId": bill("5000").await, "amount": {"amountMinor": "2000"}}], "idempotencyKey": "erik-pays-a-part"});
        let paid = self.who("erik").try_pay_input(part, by_card("erik")).await;
        assert_eq!(paid["userErrors"], json!([]), "{paid}");
        let paid = anna.pay(&[&bill("4000").await], "anna-pays-a-bill", by_card("anna")).await;
        anna.pay(&[&bill("2200").await], "anna-pays-water", by_card("anna")).await;
        let poor = anna.save_method("CARD", "pm_card_chargeDeclinedInsufficientFunds").await;
        anna.pay(&[&bill("3000").await], "anna-cannot-pay", json!({"paymentMethodId": poor})).await;
        must(anna, "markBillsPaidElsewhere", json!({"billIds": [bill("2500").await]}), "").await;
        let of_ben = self.who("ben").open_bills().await;
        self.who("ben").pay(&[&of_ben[0]], "ben-pays-a-bill", by_card("ben")).await;
        anna.top_up(3_000, &cards["anna"], "anna-tops-up-now").await;
        // Clara buys a plan for Anna's line, and her own bill waits for her bank.
        let sold =
            clara.run("query($id: ID!) { utilityAccount(id: $id) { recharge { plans { id } } } }", json!({"id": self.prepaid})).await;
        let plan = &sold["utilityAccount"]["recharge"]["plans"][0]["id"];
        let recharge = json!({"utilityAccountId": self.prepaid, "rechargePlanId": plan, "paymentMethodId": cards["clara"], "idempotencyKey": "clara-recharges"});
        must(clara, "recharge", recharge, "").await;
        app.settle().await;
        let debit = clara.save_method("DIRECT_DEBIT", "pm_sepaDebit_processing").await;
        app.settle().await;
        clara.pay(&[&bill("6000").await], "clara-waits-long", json!({"paymentMethodId": debit})).await;
        let refund =
            json!({"paymentId": paid["id"], "amount": {"amountMinor": "100"}, "reason": "A courtesy", "idempotencyKey": "a-courtesy-1"});
        must(&self.operator, "refundPayment", refund, "").await;
        app.cards_told().await;
        app.settle().await;
    }

    /// What people set up for themselves, and what staff does.
    async fn look_after(&self, app: &TestApp) {
        let anna = self.who("anna");
        app.device(anna, "Phone").await;
        let started = anna.must("mutation { startTotpSetup { secret userErrors { code message path } } }", json!({})).await;
        let secret = totp_rs::Secret::try_from_base32(text(&started["secret"])).expect("base 32");
        let totp = totp_rs::Builder::new().with_secret(secret).build().expect("an app");
        let code = totp.generate(u64::try_from(app.now().timestamp()).expect("after 1970")).to_string();
        must(anna, "confirmTotpSetup", json!({"code": code}), "").await;
        must(anna, "updateCustomer", json!({"email": "anna@new.example", "mobile": "+491713920009"}), "").await;
        must(anna, "updateNotificationPreferences", json!({"quietHours": {"startHour": 22, "endHour": 7}}), "").await;
        must(&self.operator, "updateCustomer", json!({"customerId": self.ids["anna"], "externalRef": "K-1"}), "").await;
        let csv = "name,email,locale,time_zone\nHugo,hugo@example.com,en,UTC\nIda,not an address,en,UTC\n";
        must(&self.operator, "startCustomerImport", json!({"csv": csv, "fileName": "new.csv", "dryRun": false}), "").await;
        let voltara = app.known_provider("voltara").await.expect("a provider");
        let known = self.admin.run("query($id: ID!) { provider(id: $id) { definition } }", json!({"id": voltara})).await;
        let edit = json!({"providerId": voltara, "expectedVersion": 1, "definition": known["provider"]["definition"], "note": "A try"});
        must(&self.admin, "updateProvider", edit, "").await;
        let chirp = app.known_provider("chirp").await.expect("a provider");
        must(&self.admin, "pauseProvider", json!({"providerId": chirp, "reason": "They are moving"}), "").await;
        must(&self.operator, "fetchBills", json!({"providerId": voltara}), "").await;
        app.settle().await;
        self.write(app).await;
        // A charge at the gateway that nobody here knows of.
        app.charge_behind_our_back(777).await;
        app.cards_told().await;
        app.pass(Duration::days(1));
        let gateways = self.admin.run("{ gateways { id } }", json!({})).await;
        let day = json!({"gatewayId": gateways["gateways"][0]["id"], "day": "2026-11-21"});
        must(&self.operator, "startReconciliation", day, "").await;
        app.settle().await;
    }

    /// What takes a broken consumer or an authenticator to make.
    async fn write(&self, app: &TestApp) {
        let store = &app.billing.kernel.store;
        let event = e::event::Entity::find().one(store.read()).await.expect("read").expect("an event");
        let letter = e::dead_letter::Model {
            id: e::DeadLetterId(app.billing.kernel.ids.next()),
            consumer: "notifier".into(),
            event_id: event.id,
            position: event.position.expect("a position"),
            error: "it rained".into(),
            attempts: 8,
            created_at: app.now(),
            resolved_at: None,
            resolved_by: None,
            resolution: None,
        };
        letter.into_active_model().insert(store.write_pool()).await.expect("a dead letter");
        let anna = e::user::Entity::find().all(store.read()).await.expect("users").into_iter();
        let anna = anna.into_iter().find(|user| user.email == "anna@example.com").expect("Anna");
        let passkey = e::passkey::Model {
            id: e::PasskeyId(app.billing.kernel.ids.next()),
            user_id: anna.id,
            name: "Key".into(),
            credential_id: "none".into(),
            credential: json!({}),
            created_at: app.now(),
            last_used_at: None,
        };
        passkey.into_active_model().insert(store.write_pool()).await.expect("a passkey");
    }

    /// Erik leaves, and the home changes after him. Answers the token of a guest's link and the bill behind it.
    async fn leave(&self, app: &TestApp) -> (String, String) {
        let anna = self.who("anna");
        must(anna, "removePropertyMember", json!({"propertyId": self.home, "customerId": self.ids["erik"]}), "").await;
        let place = json!({"propertyId": self.home, "name": format!("{AFTER} home"), "address": format!("{AFTER} street 1"), "postalCode": "10115"});
        must(anna, "updateProperty", place, "").await;
        let accounts = anna.run("{ utilityAccounts { nodes { id customer { name } property { id } } } }", json!({})).await;
        for account in accounts["utilityAccounts"]["nodes"].as_array().expect("accounts").iter().filter(|a| a["customer"]["name"] == "Anna")
        {
            must(anna, "updateUtilityAccount", json!({"utilityAccountId": account["id"], "label": format!("{AFTER} label")}), "").await;
        }
        let of_erik = self.who("erik").run("{ payments { nodes { allocations { bill { id } } } } }", json!({})).await;
        let paid = &of_erik["payments"]["nodes"][0]["allocations"][0]["bill"]["id"];
        let lines = json!([{"label": format!("{AFTER} line"), "amountMinor": "5100"}]);
        let correction = json!({"billId": paid, "amountMinor": "5100", "lines": lines, "reason": format!("{AFTER} reason")});
        must(&self.operator, "correctBill", correction, "").await;
        app.settle().await;
        let open = anna.run("{ bills(first: 100, filter: {state: OPEN}) { nodes { id amount { amountMinor } } } }", json!({})).await;
        let open = open["bills"]["nodes"].as_array().expect("bills").iter().find(|bill| bill["amount"]["amountMinor"] == "3000").cloned();
        let open = text(&open.expect("what could not be paid")["id"]);
        let link = must(anna, "createPayLink", json!({"billId": open}), "url").await;
        let token = text(&link["url"]).rsplit('/').next().expect("a token").to_owned();
        let back = json!({"token": token, "returnUrl": format!("http://{}/pay/{token}", app.address), "idempotencyKey": "a-guest-pays"});
        must(&app.anonymous(), "payByLink", back, "").await;
        // Is under way while everybody looks.
        let at_home =
            |account: &&Value| account["customer"]["name"] == "Anna" && !account["property"].is_null() && account["id"] != self.prepaid;
        let account = &accounts["utilityAccounts"]["nodes"].as_array().expect("accounts").iter().find(at_home).expect("electricity")["id"];
        must(anna, "fetchBills", json!({"utilityAccountId": account}), "").await;
        let of_clara = |account: &&Value| account["customer"]["name"] == "Clara";
        let account = &accounts["utilityAccounts"]["nodes"].as_array().expect("accounts").iter().find(of_clara).expect("Clara's")["id"];
        must(self.who("clara"), "fetchBills", json!({"utilityAccountId": account}), "").await;
        (token, open)
    }
}

async fn callers(app: &TestApp, people: &People) -> Vec<Caller> {
    let plain = |name, client: &Client| Caller { name, client: client.clone(), customer: None };
    let mut callers = vec![
        plain("nobody", &app.anonymous()),
        plain("guest", &app.anonymous()),
        plain("operator", &people.operator),
        plain("admin", &people.admin),
    ];
    let provider = app.known_provider("voltara").await.and_then(|id| id.parse().ok());
    for (name, scope, provider_id) in
        [("push", Scope::BillsPush, provider), ("read", Scope::BillsRead, None), ("events", Scope::EventsRead, None)]
    {
        let new = NewApiClient { name: name.into(), scopes: vec![scope], provider_id };
        let (_, key) = app.billing.identity.create_api_client(&Actor::System, new).await.expect("a key");
        callers.push(plain(name, &app.client(key.expose_secret())));
    }
    for (name, client) in &people.clients {
        callers.push(Caller { name, client: client.clone(), customer: Some(people.ids[name].clone()) });
    }
    callers
}
