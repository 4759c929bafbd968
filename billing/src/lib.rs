//! The business of Billow, put together: [`Billing`] is a service per noun, built once from a store, a clock, sources of
//! randomness and ports.
//!
//! A use case is a method of a service that takes an [`Actor`] first; it checks, writes in one transaction with the events it
//! causes, and answers plain values. Nothing here knows HTTP, GraphQL or a job queue. The nouns live in four crates, each of
//! which uses only those before it: `kernel`, `supply`, `money`, `outreach`. Everything outside names them through this one.

pub mod operations;
pub mod ports;
pub mod work;

use std::sync::Arc;

use accounts::Accounts;
pub use billow_kernel::{Actor, Error, Problems, Result, Scope, Settings, Store, UserError, UserErrorCode, sha256_hex, user_error_codes};
pub use billow_kernel::{
    actor, amounts, audit, budget, cipher, circuit, clock, consumers, contact, database_errors, due, error, error_codes, events,
    identifiers, kernel, keys, lease, locale, page, secret_hosts, settings, stopping, store, telemetry, text, validate,
};
pub use billow_money::{
    documents, gateways, ledger, methods, notices, payable, payable_bills, payables, payments, recharges, reconciling, refund_orders,
    refunds, remittances,
};
pub use billow_outreach::messages;
pub use billow_supply::{accounts, bills, customers, definition, fetching, homes, identity, imports, providers, reading, runs};
use bills::Bills;
use consumers::{Consumer, Consumers, Digest};
use customers::Customers;
use documents::Documents;
use fetching::Fetching;
use gateways::Gateways;
use homes::Homes;
use identity::Identity;
use imports::Imports;
use kernel::Kernel;
use ledger::Ledger;
use messages::{Messages, Notifier};
use methods::Methods;
use notices::Notices;
use operations::Operations;
use payable_bills::PayableBills;
use payables::Payables;
use payments::Payments;
use providers::Providers;
use recharges::Recharges;
use reconciling::Reconciling;
use refund_orders::RefundOrders;
use refunds::Refunds;
use remittances::Remittances;
use runs::Runs;

/// What the business reaches of the outside.
#[derive(Clone)]
pub struct Ports {
    /// Utility providers.
    pub connector: Arc<dyn ports::Connector>,
    /// Web push.
    pub push: Arc<dyn ports::PushSender>,
    /// Mail.
    pub mailer: Arc<dyn ports::Mailer>,
    /// Text messages.
    pub sms: Arc<dyn ports::SmsSender>,
    /// Words of messages.
    pub renderer: Arc<dyn ports::Renderer>,
    /// Card networks and banks.
    pub gateway: Arc<dyn ports::Gateway>,
    /// Invoices and receipts on paper.
    pub documents: Arc<dyn ports::DocumentRenderer>,
    /// What keeps them.
    pub objects: Arc<dyn ports::ObjectStore>,
}

/// Everything the business is made of.
pub struct Parts {
    /// The database.
    pub store: Store,
    /// The time.
    pub clock: Arc<dyn clock::Clock>,
    /// Randomness.
    pub entropy: Arc<dyn clock::Entropy>,
    /// Secrets at rest.
    pub cipher: cipher::Cipher,
    /// The outside.
    pub ports: Ports,
    /// The job queue.
    pub waker: Arc<dyn ports::Waker>,
    /// Settings.
    pub settings: Settings,
}

/// The business: a service per noun, and what they all stand on. Cloning it is cheap.
#[derive(Clone)]
pub struct Billing {
    /// The database, the time, the events, the audit trail.
    pub kernel: Kernel,
    /// The outside.
    pub ports: Ports,
    /// Who signs in.
    pub identity: Arc<Identity>,
    /// Those who owe and pay.
    pub customers: Arc<Customers>,
    /// Homes and their members.
    pub homes: Arc<Homes>,
    /// Those who send bills.
    pub providers: Arc<Providers>,
    /// What a customer has with a provider.
    pub accounts: Arc<Accounts>,
    /// What is owed.
    pub bills: Arc<Bills>,
    /// Asking providers for bills.
    pub fetching: Arc<Fetching>,
    /// Files of customers and accounts.
    pub imports: Arc<Imports>,
    /// Those who move money for us.
    pub gateways: Arc<Gateways>,
    /// The books and the wallets.
    pub ledger: Arc<Ledger>,
    /// Cards and bank accounts.
    pub methods: Arc<Methods>,
    /// Invoices and receipts.
    pub documents: Arc<Documents>,
    /// What may be paid of bills.
    pub payable_bills: Arc<PayableBills>,
    /// What is bought for prepaid accounts.
    pub recharges: Arc<Recharges>,
    /// Money on its way to providers.
    pub remittances: Arc<Remittances>,
    /// Money on its way back to customers.
    pub refunds: Arc<Refunds>,
    /// Charges.
    pub payments: Arc<Payments>,
    /// Our books held against the gateways'.
    pub reconciling: Arc<Reconciling>,
    /// What gateways tell us.
    pub notices: Arc<Notices>,
    /// What we tell people.
    pub messages: Arc<Messages>,
    /// What digests the event log.
    pub consumers: Consumers,
    /// Looking after the instance.
    pub operations: Arc<Operations>,
}

impl std::fmt::Debug for Billing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Billing").field("settings", &self.kernel.settings).finish_non_exhaustive()
    }
}

impl Billing {
    /// Puts the services together, each after those it uses.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        let Parts { store, clock, entropy, cipher, ports, waker, settings } = parts;
        let Ports { connector, push, mailer, sms, renderer, gateway, documents, objects } = &ports;
        let kernel = Kernel::new(store, clock, entropy, cipher, waker, settings);
        let k = &kernel;
        let identity = Identity::new(k);
        let customers = Customers::new(k, &identity);
        let homes = Homes::new(k, &customers);
        let providers = Providers::new(k, connector, &identity);
        let runs = Runs::new(k);
        let accounts = Accounts::new(k, &identity, &homes, &providers, &runs);
        let bills = Bills::new(k, connector, &homes, &providers);
        let fetching = Fetching::new(k, connector, &identity, &homes, &providers, &runs, &accounts, &bills);
        let imports = Imports::new(k, &identity, &customers, &homes, &accounts);
        let gateways = Gateways::new(k, gateway, &identity);
        let ledger = Ledger::new(k, &gateways);
        let methods = Methods::new(k, gateway, &gateways);
        let payable_bills = PayableBills::new(k, &homes, &providers, &bills);
        let recharges = Recharges::new(k, &homes, &providers);
        let payables = Payables::new(vec![payable_bills.clone(), recharges.clone()]);
        let documents = Documents::new(k, documents, objects, &payables);
        let refund_orders = RefundOrders::new(k, &ledger);
        let remittances = Remittances::new(k, connector, &providers, &accounts, &payables, &ledger, &refund_orders);
        let refunds = Refunds::new(k, gateway, &identity, &gateways, &ledger, &refund_orders, &remittances);
        let payments = Payments::new(
            k,
            gateway,
            &identity,
            &homes,
            &providers,
            &bills,
            &gateways,
            &ledger,
            &documents,
            &refund_orders,
            &payables,
            &payable_bills,
            &remittances,
        );
        let reconciling = Reconciling::new(k, gateway, &gateways);
        let notices = Notices::new(k, gateway, &gateways, &methods, &refunds, &payments);
        let messages =
            Messages::new(k, mailer, push, renderer, sms, &identity, &customers, &homes, &documents, &remittances, &payments, &payables);
        let for_notifier = Arc::clone(&messages);
        let consumers = Consumers::new(vec![Box::new(move || Arc::new(Notifier::new(&for_notifier)))]);
        let operations = Operations::new(k, &consumers);
        Self {
            kernel,
            ports,
            identity,
            customers,
            homes,
            providers,
            accounts,
            bills,
            fetching,
            imports,
            gateways,
            ledger,
            methods,
            documents,
            payable_bills,
            recharges,
            remittances,
            refunds,
            payments,
            reconciling,
            notices,
            messages,
            consumers,
            operations,
        }
    }

    /// From now on this process claims nothing. What it has claimed and not started it gives back by itself.
    pub async fn stop_claiming(&self) {
        self.kernel.stopping.claim_no_more();
        self.fetching.close_fetching().await;
    }

    /// This process's relay.
    #[must_use]
    pub fn relay(&self) -> events::Relay {
        self.kernel.events.relay(self.kernel.settings.worker.clone())
    }

    /// The consumers of the event log, to be run.
    #[must_use]
    pub fn event_consumers(&self) -> Vec<Consumer<Arc<dyn Digest>>> {
        self.consumers.digests().into_iter().map(|digest| Consumer::new(self.kernel.clone(), digest)).collect()
    }
}
