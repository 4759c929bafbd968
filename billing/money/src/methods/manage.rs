//! What an owner does with methods: looks at them, chooses the default, names one, removes one.

use std::collections::HashMap;

use billow_entities::{CustomerId, MethodStatus, PaymentMethodId, PaymentStatus, payment, payment_method};
use billow_kernel::error::{Fault, Problems};
use billow_kernel::events::MethodChange;
use billow_kernel::store::WriteTx;
use billow_kernel::{Actor, Error, Result};
use chrono::Duration;
use sea_orm::sea_query::LockType;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect};
use serde_json::json;

use super::MAX_LISTED;
use super::Methods;
use super::setup::{MAX_LABEL, lock_owner};
use crate::gateways::not_ready;

/// How soon the gateway is asked again to forget a method, where it did not hear it the first time.
const FORGET: Duration = Duration::seconds(10);

impl Methods {
    /// A customer's methods that were not removed: the default first, then the newest. `customer` is for staff.
    ///
    /// # Errors
    /// When it is another customer.
    pub async fn payment_methods(&self, actor: &Actor, customer: Option<CustomerId>) -> Result<Vec<payment_method::Model>> {
        use payment_method::Column as C;
        let owner = match customer {
            Some(id) if actor.is_staff() || actor.customer()? == id => id,
            Some(_) => return Err(Error::NotFound("customer")),
            None => actor.customer()?,
        };
        let of_owner = payment_method::Entity::find().filter(C::CustomerId.eq(owner)).filter(C::RemovedAt.is_null());
        Ok(of_owner.order_by_desc(C::IsDefault).order_by_desc(C::Id).limit(MAX_LISTED).all(self.store.primary()).await?)
    }

    /// One method, also a removed one: payments were made with it.
    ///
    /// # Errors
    /// `NotFound` when it is another customer's.
    pub async fn payment_method(&self, actor: &Actor, id: PaymentMethodId) -> Result<payment_method::Model> {
        actor.customer_or_staff()?;
        let method = self.method_now(id).await?;
        if actor.is_staff() || actor.customer()? == method.customer_id { Ok(method) } else { Err(Error::NotFound("payment method")) }
    }

    /// Many methods at once, for whoever shows payments; those that are not visible are missing from the answer.
    ///
    /// # Errors
    /// When nobody is signed in.
    pub async fn payment_methods_by_id(
        &self,
        actor: &Actor,
        ids: &[PaymentMethodId],
    ) -> Result<HashMap<PaymentMethodId, payment_method::Model>> {
        let mut query = payment_method::Entity::find().filter(payment_method::Column::Id.is_in(ids.iter().copied()));
        if !actor.is_staff() {
            query = query.filter(payment_method::Column::CustomerId.eq(actor.customer()?));
        }
        Ok(query.all(self.store.read()).await?.into_iter().map(|row| (row.id, row)).collect())
    }

    /// Makes a method the one that is proposed.
    ///
    /// # Errors
    /// `NotFound` when it is another customer's, `METHOD_NOT_READY` when it cannot be charged.
    #[tracing::instrument(name = "methods.set_default", skip_all)]
    pub async fn set_default_method(&self, actor: &Actor, id: PaymentMethodId) -> Result<payment_method::Model> {
        let owner = self.payment_method(actor, id).await?.customer_id;
        let mut tx = self.store.write_tx().await?;
        let before = locked(&tx, owner, id).await?;
        if before.status != MethodStatus::Ready {
            return Err(not_ready());
        }
        if before.is_default {
            return Ok(tx.leave(before).await);
        }
        self.clear_default(&tx, owner).await?;
        let mut row = before.into_active_model();
        row.is_default = Set(true);
        row.updated_at = Set(self.clock.now());
        let model = row.update(&*tx).await?;
        self.tell_of_method(&mut tx, actor, "payment_method.set_default", &model).await?;
        tx.commit().await?;
        Ok(model)
    }

    /// Gives a method its owner's own name; a blank one takes it away.
    ///
    /// # Errors
    /// `NotFound` when it is another customer's, and when the name is too long.
    #[tracing::instrument(name = "methods.label", skip_all)]
    pub async fn label_method(&self, actor: &Actor, id: PaymentMethodId, label: Option<&str>) -> Result<payment_method::Model> {
        let owner = self.payment_method(actor, id).await?.customer_id;
        let mut problems = Problems::default();
        let label = problems.optional_text("label", label, MAX_LABEL);
        problems.finish()?;
        let mut tx = self.store.write_tx().await?;
        let mut row = locked(&tx, owner, id).await?.into_active_model();
        row.label = Set(label);
        row.updated_at = Set(self.clock.now());
        let model = row.update(&*tx).await?;
        self.tell_of_method(&mut tx, actor, "payment_method.label", &model).await?;
        tx.commit().await?;
        Ok(model)
    }

    /// Removes a method for good: it is never charged again, and the gateway forgets it. Where it was the default, the oldest
    /// other one becomes it.
    ///
    /// # Errors
    /// `NotFound` when it is another customer's, `METHOD_IN_USE` while a payment with it is under way.
    #[tracing::instrument(name = "methods.remove", skip_all)]
    pub async fn remove_method(&self, actor: &Actor, id: PaymentMethodId) -> Result<payment_method::Model> {
        let known = self.payment_method(actor, id).await?;
        if known.removed_at.is_some() {
            return Ok(known);
        }
        let now = self.clock.now();
        let mut tx = self.store.write_tx().await?;
        let before = locked(&tx, known.customer_id, id).await?;
        if self.is_in_use(&tx, &before).await? {
            let message = "A payment with this method is under way; it can be removed when that is over.";
            return Err(Error::invalid("METHOD_IN_USE", "id", message));
        }
        let was_default = before.is_default;
        let known_there = before.external_id.is_some() || before.setup_id.is_some() || before.check_at.is_some();
        let mut row = before.into_active_model();
        row.status = Set(MethodStatus::Removed);
        row.status_reason = Set(None);
        row.action_url = Set(None);
        row.is_default = Set(false);
        row.wants_default = Set(false);
        row.check_at = Set(known_there.then_some(now + FORGET));
        row.checks = Set(0);
        row.lease_until = Set(None);
        row.updated_at = Set(now);
        row.removed_at = Set(Some(now));
        let model = row.update(&*tx).await?;
        self.tell_of_method(&mut tx, actor, "payment_method.remove", &model).await?;
        if was_default {
            self.next_default(&mut tx, model.customer_id).await?;
        }
        tx.commit().await?;
        if let Some(known_as) = model.external_id.clone() {
            // A client that goes away changes nothing; what goes wrong is tried again by the check.
            let (methods, method) = (self.clone(), model.clone());
            let done = tokio::spawn(async move { methods.forget_method(&method, &known_as).await }).await;
            done.map_err(|error| Error::Fault(Fault::new("forgetting a payment method", error)))??;
        }
        self.method_now(id).await
    }

    /// Whether a payment with the method is under way. The caller holds the method's row.
    async fn is_in_use(&self, tx: &WriteTx, method: &payment_method::Model) -> Result<bool> {
        use payment::Column as C;
        let over = [PaymentStatus::Succeeded, PaymentStatus::Failed, PaymentStatus::Cancelled];
        let under_way = payment::Entity::find()
            .filter(C::CustomerId.eq(method.customer_id))
            .filter(C::Status.is_not_in(over))
            .filter(C::MethodId.eq(method.id));
        Ok(under_way.one(&**tx).await?.is_some())
    }

    async fn next_default(&self, tx: &mut WriteTx, owner: CustomerId) -> Result<()> {
        use payment_method::Column as C;
        let oldest = payment_method::Entity::find()
            .filter(C::CustomerId.eq(owner))
            .filter(C::Status.eq(MethodStatus::Ready))
            .filter(C::RemovedAt.is_null())
            .order_by_asc(C::Id);
        let Some(next) = oldest.one(&**tx).await? else { return Ok(()) };
        let mut row = next.into_active_model();
        row.is_default = Set(true);
        row.updated_at = Set(self.clock.now());
        let model = row.update(&**tx).await?;
        tx.emit(self.events.method(&model, MethodChange::Changed)?);
        Ok(())
    }

    /// Tells the owner's screens, and writes down who did it where it was not the owner.
    async fn tell_of_method(&self, tx: &mut WriteTx, actor: &Actor, action: &str, model: &payment_method::Model) -> Result<()> {
        tx.emit(self.events.method(model, MethodChange::Changed)?);
        if actor.customer().ok() != Some(model.customer_id) {
            self.audit.record(tx, actor, action, model.id, Some(model.customer_id), None, json!({"status": model.status})).await?;
        }
        Ok(())
    }
}

/// The method under the locks its changes take. Exclusive: a payment that is just being written down refers to it.
async fn locked(tx: &WriteTx, owner: CustomerId, id: PaymentMethodId) -> Result<payment_method::Model> {
    lock_owner(&**tx, owner).await?;
    let find = payment_method::Entity::find_by_id(id).lock(LockType::Update);
    find.one(&**tx).await?.filter(|m| m.removed_at.is_none()).ok_or(Error::NotFound("payment method"))
}

/// The method an event tells of, as it is now. Never from a replica, which may not know of it yet.
impl Methods {
    /// The payment method, if there is one.
    ///
    /// # Errors
    /// For everybody but Billow itself.
    pub async fn told_payment_method(&self, actor: &Actor, id: PaymentMethodId) -> Result<Option<payment_method::Model>> {
        actor.system()?;
        Ok(payment_method::Entity::find_by_id(id).one(self.store.primary()).await?)
    }
}
