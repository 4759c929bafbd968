//! Work that becomes due: rows with an instant, which any process may claim.
//!
//! A kind of work says which rows are due ([`DueRows`]), how they are claimed ([`Claimable`]) and, where its pieces have nothing
//! to do with one another, what is to be done with each ([`DueWork`]). A claim is a lease and a fencing number, which grows
//! with each claim. A process that was suspended past its lease has an old number: [`Due::holds`] checks it before each outward
//! call, and [`outcome`] writes only while it is current.

mod backoff;
mod claim;
mod lag;
mod work;

pub use backoff::Backoff;
pub use claim::{ClaimColumns, Claimable, DueRows, OpenClaim, give_back, outcome};
pub use lag::Lag;
pub use work::DueWork;

use sea_orm::EntityTrait;

use crate::clock::SharedClock;
use crate::stopping::Stopping;
use crate::store::Store;

/// A column of the rows of a kind of work.
pub type ColumnOf<W> = <<W as DueRows>::Table as EntityTrait>::Column;
/// A row of a kind of work.
pub type RowOf<W> = <<W as DueRows>::Table as EntityTrait>::Model;

/// Claims what is due, for this process. Cloning it is cheap.
#[derive(Clone)]
pub struct Due {
    store: Store,
    clock: SharedClock,
    stopping: Stopping,
}

impl Due {
    /// For the process that stops with `stopping`.
    #[must_use]
    pub const fn new(store: Store, clock: SharedClock, stopping: Stopping) -> Self {
        Self { store, clock, stopping }
    }
}
