//! Messages: what happened becomes an inbox entry and deliveries by push, mail and text message; reminders come in time.
//!
//! The rows are the truth. An event, or a due reminder, becomes a notification (once for each person, by its dedupe key)
//! and a delivery for each channel and target in one transaction. A worker then claims due deliveries, sends them outside
//! any transaction and writes down what came of it. A push whose answer was lost is never sent again, a mail is, under
//! the same Message-ID: no device rings twice, and no mail is missed.

mod ahead;
mod delivery;
mod devices;
mod facts;
mod inbox;
mod letter;
mod money;
mod notifier;
pub mod payload;
mod preferences;
mod remind;
mod schedule;
pub mod steps;
mod sweep;
mod voucher;
mod way_in;

use std::sync::Arc;

use billow_kernel::audit::Audit;
use billow_kernel::cipher::Cipher;
use billow_kernel::clock::{Ids, SharedClock};
use billow_kernel::due::Due;
use billow_kernel::events::Events;
use billow_kernel::kernel::Kernel;
use billow_kernel::settings::Settings;
use billow_kernel::stopping::Stopping;
use billow_kernel::store::Store;
use billow_kernel::wake::Waker;
use billow_money::documents::Documents;
use billow_money::payables::Payables;
use billow_money::payments::Payments;
use billow_money::remittances::Remittances;
use billow_supply::customers::Customers;
use billow_supply::homes::Homes;
use billow_supply::identity::Identity;
pub use delivery::Deliver;
pub use devices::{MAX_DEVICES, NewDevice};
pub use inbox::Marked;
pub use notifier::Notifier;
pub use preferences::{ADJUSTABLE, Channels, Preferences, PreferencesChange, QuietHours, is_adjustable};
pub use remind::Remind;

use crate::messaging::{Mailer, PushSender, Renderer, SmsSender};

/// Tells people, by push, mail, text message and inbox.
#[derive(Clone)]
pub struct Messages {
    store: Store,
    clock: SharedClock,
    ids: Ids,
    cipher: Cipher,
    settings: Arc<Settings>,
    audit: Audit,
    events: Arc<Events>,
    due: Due,
    stopping: Stopping,
    waker: Arc<dyn Waker>,
    mailer: Arc<dyn Mailer>,
    push: Arc<dyn PushSender>,
    renderer: Arc<dyn Renderer>,
    sms: Arc<dyn SmsSender>,
    identity: Arc<Identity>,
    customers: Arc<Customers>,
    homes: Arc<Homes>,
    documents: Arc<Documents>,
    remittances: Arc<Remittances>,
    payments: Arc<Payments>,
    payables: Arc<Payables>,
}

impl Messages {
    /// The service, standing on `kernel`, with the others it calls.
    #[must_use]
    #[expect(clippy::too_many_arguments, reason = "one for each service it may ask")]
    pub fn new(
        kernel: &Kernel,
        mailer: &Arc<dyn Mailer>,
        push: &Arc<dyn PushSender>,
        renderer: &Arc<dyn Renderer>,
        sms: &Arc<dyn SmsSender>,
        identity: &Arc<Identity>,
        customers: &Arc<Customers>,
        homes: &Arc<Homes>,
        documents: &Arc<Documents>,
        remittances: &Arc<Remittances>,
        payments: &Arc<Payments>,
        payables: &Arc<Payables>,
    ) -> Arc<Self> {
        Arc::new(Self {
            store: kernel.store.clone(),
            clock: kernel.clock.clone(),
            ids: kernel.ids.clone(),
            cipher: kernel.cipher.clone(),
            settings: kernel.settings.clone(),
            audit: kernel.audit.clone(),
            events: kernel.events.clone(),
            due: kernel.due.clone(),
            stopping: kernel.stopping.clone(),
            waker: kernel.waker.clone(),
            mailer: Arc::clone(mailer),
            push: Arc::clone(push),
            renderer: Arc::clone(renderer),
            sms: Arc::clone(sms),
            identity: Arc::clone(identity),
            customers: Arc::clone(customers),
            homes: Arc::clone(homes),
            documents: Arc::clone(documents),
            remittances: Arc::clone(remittances),
            payments: Arc::clone(payments),
            payables: Arc::clone(payables),
        })
    }
}
