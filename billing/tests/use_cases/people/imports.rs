//! Customers by CSV.

use billow_billing::imports::{ImportKind, ImportRowFilter, StartImport, remarks};
use billow_billing::page::PageRequest;
use billow_billing::ports::Wakeup;
use billow_billing::{Actor, Billing, Error};
use billow_entities::{ImportRowStatus, ImportStatus, Role, customer, import_run, invitation, property, utility_account};
use chrono::Duration;
use sea_orm::{ConnectionTrait, EntityTrait, PaginatorTrait};

use crate::common::{Bench, on_both};
use crate::people::{codes, contact, events, newcomer, provider, staff};

fn file(content: &str, dry_run: bool) -> StartImport {
    StartImport { kind: ImportKind::Customers, content: content.to_owned().into(), file_name: Some("customers.csv".into()), dry_run }
}

async fn import(billing: &Billing, actor: &Actor, content: &str, dry_run: bool) -> import_run::Model {
    let run = billing.imports.start_import(actor, file(content, dry_run)).await.expect("an import");
    billing.imports.run_imports().await.expect("worked off");
    billing.imports.import_run(actor, run.id).await.expect("the import")
}

/// What came of each row: its status and the codes of what is said about it.
async fn outcome(billing: &Billing, run: &import_run::Model) -> Vec<(ImportRowStatus, String)> {
    let page = PageRequest { first: Some(100), after: None };
    let rows = billing.imports.import_rows(&Actor::System, run.id, ImportRowFilter::default(), page).await.expect("rows");
    let said = |row| remarks(row).into_iter().map(|e| format!("{}:{}", e.path.join("."), e.code)).collect::<Vec<_>>().join(" ");
    rows.items.iter().map(|(_, row)| (row.status, said(row))).collect()
}

const MIXED: &str = "name;email;locale;time_zone;external_ref;property;provider;consumer_number\n\
    Ada;ada@example.com;de;Europe/Berlin;7;Flat;voltara;1001\n\
    Bob;bob@example.com;de;Europe/Berlin;8;;;\n\
    Cy;not an address;de;Europe/Berlin;;;;\n\
    Di;di@example.com;de;Europe/Berlin;;;voltara;x\n\
    Ed;ed@example.com;de;Europe/Berlin;;;nowhere;1002\n\
    Flo;flo@example.com;de;Europe/Berlin;;;voltara;4711\n";

async fn prepare(billing: &Billing) -> Actor {
    let operator = staff(billing, "op@example.com", Role::Operator).await;
    let voltara = provider(billing, "voltara").await;
    billing.customers.onboard_customer(&operator, contact("Robert", "bob@example.com")).await.expect("onboarded");
    let (_, eve) = newcomer(billing, "eve@example.com").await;
    let new = billow_billing::accounts::AddAccount {
        customer_id: None,
        provider_id: voltara.id,
        property_id: None,
        label: None,
        params: [("contract".to_owned(), "4711".to_owned())].into(),
    };
    billing.accounts.add_utility_account(&eve, new).await.expect("an account");
    operator
}

async fn a_dry_run_says_what_would_come_of_it_and_changes_nothing(bench: Bench) {
    let operator = prepare(&bench.billing).await;
    bench.clock.advance(Duration::minutes(1));
    let count = async || customer::Entity::find().count(bench.billing.kernel.store.read()).await.expect("a count");
    let before = count().await;
    let dry = import(&bench.billing, &operator, MIXED, true).await;
    assert_eq!((dry.status, dry.total, dry.done, dry.failed), (ImportStatus::Finished, 6, 6, 4));
    assert_eq!(count().await, before);
    let dry_rows = outcome(&bench.billing, &dry).await;

    let real = import(&bench.billing, &operator, MIXED, false).await;
    assert_eq!((real.status, real.total, real.done, real.failed), (ImportStatus::Finished, 6, 6, 4));
    assert_eq!(outcome(&bench.billing, &real).await, dry_rows, "the dry run told the truth");
    let wanted = [
        (ImportRowStatus::Done, ""),
        (ImportRowStatus::Done, ":UPDATED"),
        (ImportRowStatus::Failed, "email:INVALID_EMAIL"),
        (ImportRowStatus::Failed, "consumer_number:WRONG_FORM"),
        (ImportRowStatus::Failed, "provider:UNKNOWN_PROVIDER"),
        (ImportRowStatus::Failed, "consumer_number:ACCOUNT_TAKEN"),
    ];
    assert_eq!(dry_rows, wanted.map(|(status, said)| (status, said.to_owned())));
    assert_eq!(count().await, before + 1);
    let flats = property::Entity::find().all(bench.billing.kernel.store.read()).await.expect("homes");
    assert_eq!(flats.iter().map(|h| h.name.as_str()).collect::<Vec<_>>(), ["Flat"]);
    let accounts = utility_account::Entity::find().all(bench.billing.kernel.store.read()).await.expect("accounts");
    assert!(accounts.iter().any(|a| a.property_id == Some(flats[0].id)));
    let robert = bench.billing.customers.customers(
        &operator,
        billow_billing::customers::CustomerFilter { search: Some("8".into()) },
        PageRequest::default(),
    );
    assert_eq!(robert.await.expect("a page").items[0].1.name, "Bob");
}

async fn importing_a_file_again_doubles_nothing(bench: Bench) {
    let operator = prepare(&bench.billing).await;
    import(&bench.billing, &operator, MIXED, false).await;
    let counts = async || {
        let db = bench.billing.kernel.store.read();
        let customers = customer::Entity::find().count(db).await.expect("a count");
        let invitations = invitation::Entity::find().count(db).await.expect("a count");
        (customers, invitations, utility_account::Entity::find().count(db).await.expect("a count"))
    };
    let before = counts().await;
    bench.clock.advance(Duration::minutes(1));
    let again = import(&bench.billing, &operator, MIXED, false).await;
    assert_eq!(counts().await, before);
    let rows = outcome(&bench.billing, &again).await;
    assert_eq!(rows[..2], [(ImportRowStatus::Done, ":UPDATED".to_owned()), (ImportRowStatus::Done, ":UPDATED".to_owned())]);
}

async fn rejected_rows_can_be_mended_and_imported_as_they_are(bench: Bench) {
    let operator = prepare(&bench.billing).await;
    let run = import(&bench.billing, &operator, MIXED, false).await;
    let rejects = bench.billing.imports.import_rejects(&operator, run.id).await.expect("a file");
    assert_eq!(rejects.lines().count(), 5, "{rejects}");
    assert!(rejects.contains("email: This is not an e-mail address"), "{rejects}");
    let mended =
        rejects.replace("not an address", "cy@example.com").replace(",x,", ",1003,").replace("nowhere", "voltara").replace("4711", "1004");
    let second = import(&bench.billing, &operator, &mended, false).await;
    assert_eq!((second.total, second.failed), (4, 0), "{:?}", outcome(&bench.billing, &second).await);

    bench.clock.advance(Duration::days(30));
    assert_eq!(bench.billing.imports.sweep_imports().await.expect("swept"), 0);
    bench.clock.advance(Duration::minutes(1));
    assert_eq!(bench.billing.imports.sweep_imports().await.expect("swept"), 10);
}

async fn an_interrupted_import_goes_on_where_it_stopped(bench: Bench) {
    let billing = &bench.billing;
    let mut content = "name,email,locale,time_zone\n".to_owned();
    for n in 0..250 {
        let name = if [120, 150].contains(&n) { "Twin" } else { "Single" };
        content.push_str(&format!("{name},c{n}@example.com,en,UTC\n"));
    }
    let run = billing.imports.start_import(&Actor::System, file(&content, false)).await.expect("an import");
    assert!(bench.ports.woken.lock().contains(&Wakeup::Import));
    let db = billing.kernel.store.write_pool();
    // The second of the twins cannot be written.
    db.execute_unprepared("CREATE UNIQUE INDEX broken ON customers (name) WHERE name LIKE 'Twin%'").await.expect("an index");
    assert!(matches!(billing.imports.run_imports().await, Err(Error::Fault(_))));
    let stopped = billing.imports.import_run(&Actor::System, run.id).await.expect("the import");
    assert_eq!((stopped.status, stopped.done), (ImportStatus::Running, 100));
    db.execute_unprepared("DROP INDEX broken").await.expect("dropped");

    let other = bench.another("worker-2").await;
    assert_eq!(other.imports.run_imports().await.expect("nothing to do"), 0, "the lease of the first worker is in force");
    bench.clock.advance(Duration::minutes(2));
    assert_eq!(other.imports.run_imports().await.expect("worked off"), 150);
    let over = billing.imports.import_run(&Actor::System, run.id).await.expect("the import");
    assert_eq!((over.status, over.done, over.failed), (ImportStatus::Finished, 250, 0));
    assert_eq!(customer::Entity::find().count(billing.kernel.store.read()).await.expect("a count"), 250);

    let progress: Vec<_> = events(billing, "import.progress").await.into_iter().map(|e| e.data["done"].as_i64()).collect();
    assert_eq!(progress, [Some(0), Some(100), Some(200), Some(250)]);
}

async fn two_workers_work_one_import_off_once(bench: Bench) {
    let billing = &bench.billing;
    let other = bench.another("worker-2").await;
    let rows: String = (0..350).map(|n| format!("Customer {n},c{n}@example.com,en,UTC\n")).collect();
    let content = format!("name,email,locale,time_zone\n{rows}");
    let run = billing.imports.start_import(&Actor::System, file(&content, false)).await.expect("an import");
    let (first, second) = tokio::join!(billing.imports.run_imports(), other.imports.run_imports());
    // Whoever finds the import taken goes home; the wake-up at the schedule brings it back.
    let mut done = first.expect("worked off") + second.expect("worked off");
    done += billing.imports.run_imports().await.expect("worked off");
    assert_eq!(done, 350);
    let over = billing.imports.import_run(&Actor::System, run.id).await.expect("the import");
    assert_eq!((over.status, over.done, over.failed), (ImportStatus::Finished, 350, 0));
    assert_eq!(customer::Entity::find().count(billing.kernel.store.read()).await.expect("a count"), 350);
}

async fn a_file_nobody_can_read_is_refused_and_customers_import_nothing(bench: Bench) {
    let (_, ada) = newcomer(&bench.billing, "ada@example.com").await;
    assert!(matches!(bench.billing.imports.start_import(&ada, file(MIXED, true)).await, Err(Error::Forbidden)));
    let refused = bench.billing.imports.start_import(&Actor::System, file("who,where\na,b\n", true)).await;
    assert_eq!(codes(refused), ["file:UNKNOWN_COLUMN", "file:UNKNOWN_COLUMN"]);
    assert_eq!(import_run::Entity::find().count(bench.billing.kernel.store.read()).await.expect("a count"), 0);
}

on_both!(
    a_dry_run_says_what_would_come_of_it_and_changes_nothing,
    importing_a_file_again_doubles_nothing,
    rejected_rows_can_be_mended_and_imported_as_they_are,
    an_interrupted_import_goes_on_where_it_stopped,
    two_workers_work_one_import_off_once,
    a_file_nobody_can_read_is_refused_and_customers_import_nothing,
);
