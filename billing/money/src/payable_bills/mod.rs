//! Bills as what payments pay: how much of each may be paid now, by whom, and why.

mod amounts;
mod draft;
mod quote;
mod reading;
mod taking;
mod words;

use std::sync::Arc;

pub use amounts::{AmountVerdict, Bounds, bounds};
use billow_entities::BillId;
use billow_kernel::kernel::Kernel;
use billow_kernel::store::Store;
use billow_supply::bills::Bills;
use billow_supply::homes::Homes;
use billow_supply::providers::Providers;
pub(crate) use draft::sum_of;
pub use quote::{NotPayable, PayableQuote, Payer};
use serde::Serialize;

/// The most bills one payment is for.
pub const MAX_BILLS: usize = 50;

/// A bill, and how much of it is to be paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct BillAmount {
    /// Which bill.
    pub bill_id: BillId,
    /// In minor units; what is suggested where absent.
    pub amount_minor: Option<i64>,
}

/// A request to pay bills there are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct PayBills {
    /// Which bills, and how much of each.
    pub bills: Vec<BillAmount>,
}

/// Bills as what payments pay.
#[derive(Clone)]
pub struct PayableBills {
    store: Store,
    homes: Arc<Homes>,
    providers: Arc<Providers>,
    bills: Arc<Bills>,
}

impl PayableBills {
    /// The service, standing on `kernel`, with the others it calls.
    #[must_use]
    pub fn new(kernel: &Kernel, homes: &Arc<Homes>, providers: &Arc<Providers>, bills: &Arc<Bills>) -> Arc<Self> {
        Arc::new(Self { store: kernel.store.clone(), homes: Arc::clone(homes), providers: Arc::clone(providers), bills: Arc::clone(bills) })
    }
}
