//! Fills databases with people, homes, accounts and bills, as many as a measurement needs.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use billow_billing::cipher::Place;
use billow_billing::clock::{SystemClock, SystemEntropy};
use billow_billing::{Billing, sha256_hex};
use billow_cli::config::Sources;
use billow_cli::wiring::{self, Wired};
use billow_entities::{
    AccountStatus, BillId, BillSource, BillStatus, CustomerId, PropertyId, PropertyRole, ProviderId, Role, SessionId, SessionKind,
    SignInMethod, UserId, UtilityAccountId, UtilityType, bill, customer, property, property_member, session, user, utility_account,
};
use billow_tests::{Engine, TestDb};
use chrono::{DateTime, Days, Duration, Utc};
use sea_orm::ActiveValue::Set;
use sea_orm::{EntityTrait, TransactionTrait};
use serde_json::json;

/// Rows per statement.
const ROWS: usize = 1_000;

/// A database with the business on top.
pub struct Stage {
    /// The database; it goes with the stage.
    pub db: TestDb,
    /// The business, without workers.
    pub billing: Billing,
}

impl Stage {
    /// Lets the servers that are started on it call `host` although it is on loopback.
    pub fn allow(&self, host: &str) -> Result<()> {
        let file = config_file(self.db.dir.path())?;
        let text = std::fs::read_to_string(&file)?;
        std::fs::write(file, format!("{text}\n[http]\nallowed_hosts = \"{host}\"\n"))?;
        Ok(())
    }
}

/// An empty stage. `allowed` are hosts that may be called although they are on loopback.
pub async fn stage(engine: Engine, allowed: &str) -> Result<Stage> {
    let db = TestDb::migrated(engine).await.context("make bench starts the PostgreSQL this needs")?;
    let billing = billing(&db, allowed).await?;
    Ok(Stage { db, billing })
}

/// The business over `db`, with the same keys each time.
pub async fn billing(db: &TestDb, allowed: &str) -> Result<Billing> {
    let Wired { billing, .. } = wiring::wire(&sources(db, allowed)?.load()?, Arc::new(SystemClock), Arc::new(SystemEntropy)).await?;
    Ok(billing)
}

fn sources(db: &TestDb, allowed: &str) -> Result<Sources> {
    let file = config_file(db.dir.path())?;
    let flags = [
        ("database.url", db.url.clone()),
        ("data_dir", db.dir.path().display().to_string()),
        ("http.allowed_hosts", allowed.to_owned()),
        ("gateways.sandbox", "true".to_owned()),
    ];
    Ok(Sources { file: Some(file), flags: flags.into_iter().map(|(k, v)| (k.to_owned(), v)).collect(), ..Sources::default() })
}

fn config_file(dir: &Path) -> Result<std::path::PathBuf> {
    let file = dir.join("billow.toml");
    if !file.exists() {
        std::fs::write(&file, billow_cli::commands::init::new_configuration())?;
    }
    Ok(file)
}

/// A customer with a sign-in and a home.
#[derive(Clone, Debug)]
pub struct Person {
    /// The customer.
    pub customer: CustomerId,
    /// Their home.
    pub home: PropertyId,
    /// A bearer token.
    pub token: String,
}

/// A hash in today's form that no password has, so that a wrong one takes as long as it does.
const NO_PASSWORD: &str = "$argon2id$v=19$m=19456,t=2,p=1$YmlsbG93LW5vYm9keS0wMA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Makes `count` people.
pub async fn people(billing: &Billing, count: usize) -> Result<Vec<Person>> {
    let now = billing.kernel.clock.now();
    let mut out = Vec::with_capacity(count);
    let tx = billing.kernel.store.write_pool().begin().await?;
    for chunk in (0..count).collect::<Vec<_>>().chunks(ROWS) {
        let (mut customers, mut users, mut sessions, mut homes, mut members) = (vec![], vec![], vec![], vec![], vec![]);
        for n in chunk {
            let person = Person {
                customer: CustomerId(billing.kernel.ids.next()),
                home: PropertyId(billing.kernel.ids.next()),
                token: billing.kernel.ids.token(),
            };
            let user_id = UserId(billing.kernel.ids.next());
            let email = format!("person{n}@bench.example");
            customers.push(customer::ActiveModel {
                id: Set(person.customer),
                name: Set(format!("Person {n}")),
                email: Set(Some(email.clone())),
                email_verified_at: Set(Some(now)),
                email_pending: Set(None),
                mobile: Set(None),
                locale: Set("en-GB".into()),
                time_zone: Set("Europe/Berlin".into()),
                external_ref: Set(None),
                created_by: Set(None),
                created_at: Set(now),
                updated_at: Set(now),
            });
            users.push(user::ActiveModel {
                id: Set(user_id),
                email: Set(email),
                email_verified_at: Set(Some(now)),
                password_hash: Set(NO_PASSWORD.into()),
                role: Set(Role::Customer),
                customer_id: Set(Some(person.customer)),
                disabled_at: Set(None),
                created_at: Set(now),
            });
            sessions.push(session::ActiveModel {
                id: Set(SessionId(billing.kernel.ids.next())),
                user_id: Set(user_id),
                kind: Set(SessionKind::Bearer),
                token_hash: Set(sha256_hex(&person.token)),
                user_agent: Set(None),
                created_at: Set(now),
                expires_at: Set(now + Duration::days(30)),
                last_seen_at: Set(now),
                revoked_at: Set(None),
                confirmed_at: Set(Some(now)),
                signed_in_with: Set(SignInMethod::Password),
                address: Set(None),
            });
            homes.push(property::ActiveModel {
                id: Set(person.home),
                name: Set(format!("Home {n}")),
                address: Set(None),
                city: Set(None),
                postal_code: Set(None),
                country: Set(None),
                time_zone: Set("Europe/Berlin".into()),
                created_at: Set(now),
                archived_at: Set(None),
            });
            members.push(property_member::ActiveModel {
                property_id: Set(person.home),
                customer_id: Set(person.customer),
                role: Set(PropertyRole::Owner),
                created_at: Set(now),
            });
            out.push(person);
        }
        customer::Entity::insert_many(customers).exec_without_returning(&tx).await?;
        user::Entity::insert_many(users).exec_without_returning(&tx).await?;
        session::Entity::insert_many(sessions).exec_without_returning(&tx).await?;
        property::Entity::insert_many(homes).exec_without_returning(&tx).await?;
        property_member::Entity::insert_many(members).exec_without_returning(&tx).await?;
    }
    tx.commit().await?;
    Ok(out)
}

/// The number of account `n` at the bench's provider.
#[must_use]
pub fn number(n: u64) -> String {
    format!("BN{n:010}")
}

/// What accounts are to be made.
#[derive(Clone, Copy, Debug)]
pub struct Accounts {
    /// How many.
    pub count: u64,
    /// How many of them are due, spread evenly among them.
    pub due: u64,
    /// Where their numbers begin.
    pub first: u64,
}

/// Makes accounts at `provider`, in the homes of `people` in turn.
pub async fn accounts(billing: &Billing, provider: ProviderId, people: &[Person], wanted: Accounts) -> Result<Vec<UtilityAccountId>> {
    let now = billing.kernel.clock.now();
    let every = wanted.count.checked_div(wanted.due).unwrap_or(u64::MAX).max(1);
    let mut out = Vec::with_capacity(usize::try_from(wanted.count)?);
    let mut n = wanted.first;
    while n < wanted.first + wanted.count {
        let mut rows = Vec::with_capacity(ROWS);
        while rows.len() < ROWS && n < wanted.first + wanted.count {
            let index = n - wanted.first;
            let person = &people[usize::try_from(index)? % people.len()];
            let due = wanted.due > 0 && index.is_multiple_of(every) && index / every < wanted.due;
            let row = account(billing, provider, person, n, due.then_some(now), now)?;
            out.push(*row.id.as_ref());
            rows.push(row);
            n += 1;
        }
        utility_account::Entity::insert_many(rows).exec_without_returning(billing.kernel.store.write_pool()).await?;
    }
    Ok(out)
}

fn account(
    billing: &Billing,
    provider: ProviderId,
    person: &Person,
    n: u64,
    due: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<utility_account::ActiveModel> {
    let id = UtilityAccountId(billing.kernel.ids.next());
    let number = number(n);
    let place = Place { table: "utility_accounts", row: &id.to_string(), column: "params_enc" };
    Ok(utility_account::ActiveModel {
        id: Set(id),
        customer_id: Set(person.customer),
        property_id: Set(Some(person.home)),
        provider_id: Set(provider),
        utility_type: Set(UtilityType::Electricity),
        label: Set(format!("Meter {n}")),
        params_enc: Set(billing.kernel.cipher.seal_json(place, &json!({"account": number}))?),
        identifier_index: Set(billing.kernel.cipher.blind_index("identifier", &number)),
        identifier_hint: Set(format!("••••{}", &number[number.len() - 4..])),
        status: Set(AccountStatus::Active),
        status_reason: Set(None),
        next_fetch_at: Set(Some(due.unwrap_or(now + Duration::days(20)))),
        slot: Set(Some(due.unwrap_or(now + Duration::days(20)))),
        slot_attempts: Set(0),
        continuation: Set(None),
        run_id: Set(None),
        lease_owner: Set(None),
        lease_until: Set(None),
        fence: Set(0),
        last_fetched_at: Set(None),
        last_outcome: Set(None),
        last_message: Set(None),
        plan_code: Set(None),
        plan_expires_on: Set(None),
        plan_balance_minor: Set(None),
        created_at: Set(now),
        updated_at: Set(now),
    })
}

/// Makes `each` bills for every account.
pub async fn bills(billing: &Billing, provider: ProviderId, people: &[Person], accounts: &[UtilityAccountId], each: u64) -> Result<()> {
    let now = billing.kernel.clock.now();
    let mut rows = Vec::with_capacity(ROWS);
    for k in 0..each {
        for (n, account) in accounts.iter().enumerate() {
            let person = &people[n % people.len()];
            let issued = now.date_naive() - Days::new((each - k) * 30);
            rows.push(bill::ActiveModel {
                id: Set(BillId(billing.kernel.ids.next())),
                account_id: Set(*account),
                customer_id: Set(person.customer),
                property_id: Set(Some(person.home)),
                provider_id: Set(provider),
                utility_type: Set(UtilityType::Electricity),
                number: Set(format!("B-{n}-{k}")),
                version: Set(1),
                status: Set(if k + 1 == each { BillStatus::Open } else { BillStatus::PaidElsewhere }),
                status_reason: Set(None),
                currency: Set("EUR".into()),
                paid_minor: Set(0),
                amount_minor: Set(4_000 + i64::try_from(n * 7 % 3_000)?),
                min_amount_minor: Set(None),
                max_amount_minor: Set(None),
                issued_on: Set(issued),
                due_on: Set(Some(issued + Days::new(14))),
                period_start: Set(Some(issued - Days::new(30))),
                period_end: Set(Some(issued - Days::new(1))),
                usage_value: Set(Some("210.5".into())),
                usage_unit: Set(Some("kWh".into())),
                lines: Set(json!([{"label": "Energy", "amount_minor": 3000, "kind": "CHARGE"}, {"label": "Grid", "amount_minor": 1000, "kind": "FEE"}])),
                content_hash: Set("-".into()),
                source: Set(BillSource::Fetched),
                superseded_by: Set(None),
                marked_by: Set(None),
                usual_minor: Set(None),
                created_at: Set(now),
                updated_at: Set(now),
            });
            if rows.len() == ROWS {
                bill::Entity::insert_many(std::mem::take(&mut rows)).exec_without_returning(billing.kernel.store.write_pool()).await?;
            }
        }
    }
    if !rows.is_empty() {
        bill::Entity::insert_many(rows).exec_without_returning(billing.kernel.store.write_pool()).await?;
    }
    Ok(())
}

/// Brings the planner's statistics up to date, as a server that has run for a while has them.
pub async fn settle(billing: &Billing) -> Result<()> {
    use sea_orm::ConnectionTrait as _;
    billing.kernel.store.write_pool().execute_unprepared("ANALYZE").await?;
    Ok(())
}
