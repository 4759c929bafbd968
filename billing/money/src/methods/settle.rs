//! One function settles a setup, whoever reports it: the call, a webhook, the check, or its owner coming back.

use billow_entities::{CustomerId, MethodStatus, PaymentMethodId, payment_method};
use billow_kernel::events::MethodChange;
use billow_kernel::store::WriteTx;
use billow_kernel::{Error, Result};
use sea_orm::sea_query::{Expr, LockType};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect};

use super::Methods;
use super::setup::lock_owner;
use super::state::{MethodFailure, after, next_check};
use crate::gateway::{Setup, SetupState};

impl Methods {
    /// Takes in what the gateway told of the setup of a method, and answers the method as it stands then.
    ///
    /// # Errors
    /// When there is no such method, or the database does not answer.
    pub(crate) async fn settle_setup(&self, id: PaymentMethodId, told: &Setup) -> Result<payment_method::Model> {
        let owner = self.method_now(id).await?.customer_id;
        let now = self.clock.now();
        let mut tx = self.store.write_tx().await?;
        lock_owner(&*tx, owner).await?;
        let find = payment_method::Entity::find_by_id(id).lock(LockType::NoKeyUpdate);
        let before = find.one(&*tx).await?.ok_or(Error::NotFound("payment method"))?;
        let mut next = before.clone();
        next.setup_id = Some(told.id.clone());
        next.lease_until = None;
        if let Some(details) = &told.method {
            next.external_id = Some(details.id.clone());
            next.brand = details.brand.clone().or(next.brand);
            next.last4 = details.last4.clone().or(next.last4);
            next.exp_month = details.exp_month.filter(|month| (1..=12).contains(month)).or(next.exp_month);
            next.exp_year = details.exp_year.or(next.exp_year);
            next.mandate_id = details.mandate_id.clone().or(next.mandate_id);
        }
        if before.removed_at.is_some() {
            // It was removed while it was being set up: what came of it is forgotten at the gateway.
            next.check_at = (next.external_id.is_some() && before.external_id.is_none()).then_some(now).or(before.check_at);
        } else if let Some((status, reason)) = after(before.status, &told.state) {
            next.status = status;
            next.status_reason = reason.map(str::to_owned);
            next.action_url = match &told.state {
                SetupState::RequiresAction { url } => url.clone().or(next.action_url),
                _ => None,
            };
            next.check_at = None;
            match status {
                MethodStatus::Ready => self.settle_default(&tx, &mut next).await?,
                MethodStatus::Checking | MethodStatus::RequiresAction => {
                    next.check_at = next_check(before.created_at, before.checks, now);
                    if next.check_at.is_none() {
                        next.status = MethodStatus::Failed;
                        next.status_reason = Some(MethodFailure::TooLate.words().to_owned());
                        next.action_url = None;
                    }
                }
                MethodStatus::Failed | MethodStatus::Removed => {}
            }
        }
        if next == before {
            return Ok(tx.leave(before).await);
        }
        let shown = |m: &payment_method::Model| (m.status, m.status_reason.clone(), m.action_url.clone(), m.last4.clone(), m.is_default);
        let changed = shown(&next) != shown(&before);
        if changed {
            next.updated_at = now;
        }
        let model = next.into_active_model().reset_all().update(&*tx).await?;
        if changed && model.removed_at.is_none() {
            let change = if model.status == before.status { MethodChange::Changed } else { MethodChange::Checked };
            tx.emit(self.events.method(&model, change)?);
            metrics::counter!("billow_payment_methods_total", "kind" => model.kind.as_str(), "status" => model.status.as_str())
                .increment(1);
        }
        tx.commit().await?;
        Ok(model)
    }

    /// A method that can be charged now becomes the default when its owner asked for that, or there is none.
    async fn settle_default(&self, tx: &WriteTx, method: &mut payment_method::Model) -> Result<()> {
        use payment_method::Column as C;
        let others = payment_method::Entity::find().filter(C::CustomerId.eq(method.customer_id)).filter(C::IsDefault.eq(true));
        if method.wants_default || others.one(&**tx).await?.is_none() {
            self.clear_default(tx, method.customer_id).await?;
            method.is_default = true;
        }
        method.wants_default = false;
        Ok(())
    }

    /// Takes the default away from whichever method has it.
    pub(super) async fn clear_default(&self, tx: &WriteTx, owner: CustomerId) -> Result<()> {
        use payment_method::Column as C;
        payment_method::Entity::update_many()
            .col_expr(C::IsDefault, Expr::value(false))
            .filter(C::CustomerId.eq(owner))
            .filter(C::IsDefault.eq(true))
            .exec(&**tx)
            .await?;
        Ok(())
    }
}
