//! Payments that are due: to be sent, or to be asked about. They are claimed a few at a time, so that no two processes see to
//! the same one.

use async_trait::async_trait;
use billow_entities::{PaymentStatus, payment};
use billow_kernel::due::{ClaimColumns, Claimable, DueRows, DueWork, OpenClaim, outcome};
use billow_kernel::error::Result;
use chrono::{DateTime, Duration, Utc};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, UpdateMany};

use super::Payments;

/// Payments that were written down and not sent.
pub struct SendPayments<'a>(pub(super) &'a Payments);

/// Payments whose outcome is not known, or has been long in coming.
pub struct CheckPayments<'a>(pub(super) &'a Payments);

/// How a payment is claimed, the same for both kinds of work: they differ in the statuses they see to.
macro_rules! due_payments {
    ($work:ident, $name:literal, $statuses:expr, $run:ident) => {
        impl DueRows for $work<'_> {
            type Table = payment::Entity;
            const NAME: &'static str = $name;
            const DUE_AT: payment::Column = payment::Column::CheckAt;

            fn open() -> Condition {
                Condition::all().add(payment::Column::Status.is_in($statuses))
            }
        }

        impl Claimable for $work<'_> {
            // Longer than a gateway is asked.
            const LEASE: Duration = Duration::seconds(90);
            const CLAIM: ClaimColumns<payment::Column> = ClaimColumns {
                id: payment::Column::Id,
                lease_until: payment::Column::LeaseUntil,
                fence: payment::Column::Fence,
                tries: None,
            };
        }

        #[async_trait]
        impl DueWork for $work<'_> {
            const BATCH: u64 = 32;
            const AT_ONCE: usize = 8;

            fn id_of(row: &payment::Model) -> String {
                row.id.to_string()
            }

            async fn claiming(&self, claim: &mut OpenClaim<Self>) -> Result<()> {
                look_again_after(claim).await
            }

            async fn run(&self, row: payment::Model) -> Result<()> {
                self.0.$run(row).await
            }

            fn put_back(&self, row: &payment::Model) -> UpdateMany<payment::Entity> {
                look_again_at::<Self>(row, self.0.clock.now())
            }
        }
    };
}

due_payments!(SendPayments, "send_payments", [PaymentStatus::Pending], send_claimed);
due_payments!(
    CheckPayments,
    "check_payments",
    [PaymentStatus::Processing, PaymentStatus::RequiresAction, PaymentStatus::Unknown],
    check_claimed
);

/// A settlement ends the claim and may leave the instant as it is: it is not due again at once.
async fn look_again_after<W: Claimable<Table = payment::Entity>>(claim: &mut OpenClaim<W>) -> Result<()> {
    payment::Entity::update_many()
        .col_expr(payment::Column::CheckAt, Expr::value(claim.until))
        .filter(payment::Column::Id.is_in(claim.rows.iter().map(|row| row.id)))
        .exec(&*claim.tx)
        .await?;
    for row in &mut claim.rows {
        row.check_at = Some(claim.until);
    }
    Ok(())
}

/// Ends a claim; the payment is looked at again at `at`, unless nobody needs to any more.
fn look_again_at<W: Claimable<Table = payment::Entity>>(row: &payment::Model, at: DateTime<Utc>) -> UpdateMany<payment::Entity> {
    outcome::<W>(row).col_expr(payment::Column::CheckAt, Expr::value(at)).filter(payment::Column::CheckAt.is_not_null())
}

impl Payments {
    /// Gives a claimed payment back, to be looked at again at `check_at`, unless somebody else has it or it has moved on.
    pub(super) async fn look_again(&self, row: &payment::Model, check_at: DateTime<Utc>, checks: i32) -> Result<()> {
        look_again_at::<CheckPayments>(row, check_at)
            .col_expr(payment::Column::Checks, Expr::value(checks))
            .exec(self.store.writer())
            .await?;
        Ok(())
    }
}
