//! Everything that payments pay, each kind by its service.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use billow_entities::{CustomerId, PayableKind, Target, payment_allocation};
use billow_kernel::error::{Error, Fault, Result};
use billow_kernel::store::{AnyConnection, WriteTx};

use crate::payable::{Description, LoadedProviders, LockedParts, LockedPayable, Payable};

/// Every kind of things that payments pay.
pub struct Payables(Vec<Arc<dyn Payable>>);

impl Payables {
    /// All kinds.
    #[must_use]
    pub fn new(kinds: Vec<Arc<dyn Payable>>) -> Arc<Self> {
        Arc::new(Self(kinds))
    }

    fn of(&self, kind: PayableKind) -> Result<&dyn Payable> {
        let found = self.0.iter().find(|payable| payable.kind() == kind);
        found.map(Arc::as_ref).ok_or_else(|| Error::Fault(Fault::new("a payment", format!("nobody knows what a {kind} is"))))
    }

    /// What documents, messages and providers get to know of everything that was paid; ids that do not exist are left out.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn described<'a>(
        &self,
        db: impl Into<AnyConnection<'a>>,
        targets: impl IntoIterator<Item = Target>,
    ) -> Result<HashMap<Target, Description>> {
        let db = db.into();
        let mut all = HashMap::new();
        for (kind, targets) in by_kind(targets, |target| target.kind()) {
            all.extend(self.of(kind)?.describe(&db, targets.into_iter().map(Target::id).collect()).await?);
        }
        Ok(all)
    }

    /// Lets pass a customer who may still pay what these parts pay.
    pub(crate) async fn may_pay(&self, payer: CustomerId, parts: &[payment_allocation::Model]) -> Result<()> {
        for (kind, parts) in by_kind(parts, |part| part.target_kind) {
            self.of(kind)?.may_pay(payer, &parts).await?;
        }
        Ok(())
    }

    /// Locks what these parts pay until the transaction ends. What is not there is not in the answer.
    pub(crate) async fn lock(&self, tx: &WriteTx, parts: &[payment_allocation::Model], providers: &LoadedProviders) -> Result<LockedParts> {
        let mut locked = LockedParts::with_capacity(parts.len());
        for (kind, parts) in by_kind(parts, |part| part.target_kind) {
            locked.extend(self.of(kind)?.lock(tx, &parts, providers).await?);
        }
        Ok(locked)
    }

    /// Locks what one part pays.
    pub(crate) async fn lock_one(
        &self,
        tx: &WriteTx,
        part: &payment_allocation::Model,
        providers: &LoadedProviders,
    ) -> Result<Box<dyn LockedPayable>> {
        self.lock(tx, std::slice::from_ref(part), providers).await?.remove(&part.id).ok_or(Error::NotFound("bill"))
    }

    /// The payment of these parts came to nothing.
    pub(crate) async fn release(&self, tx: &mut WriteTx, parts: &[payment_allocation::Model]) -> Result<()> {
        for (kind, parts) in by_kind(parts, |part| part.target_kind) {
            self.of(kind)?.release(tx, &parts).await?;
        }
        Ok(())
    }
}

/// Those of each kind; everybody locks the kinds in one order.
fn by_kind<T>(all: impl IntoIterator<Item = T>, kind: impl Fn(&T) -> PayableKind) -> BTreeMap<PayableKind, Vec<T>> {
    all.into_iter().fold(BTreeMap::new(), |mut kinds: BTreeMap<_, Vec<_>>, one| {
        kinds.entry(kind(&one)).or_default().push(one);
        kinds
    })
}
