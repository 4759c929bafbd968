//! Paying: checked, written down with its key, and only then sent.

use billow_entities::{CustomerId, PaymentMethodId, payment};
use billow_kernel::error::{Error, Problems, Result};
use billow_kernel::{Actor, sha256_hex};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde::Serialize;

use super::Payments;
use super::draft::means;
use super::insert::{NewPayment, Purpose, Written};
use crate::idempotency::{check_key, key_reused};
use crate::payable::PayableRequest;

/// Tries, where what others do meanwhile spoils one.
const TRIES: usize = 3;

/// A request to pay.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Pay<W> {
    /// What for.
    #[serde(flatten)]
    pub wanted: W,
    /// The saved method for what the wallet does not cover.
    pub method: Option<PaymentMethodId>,
    /// Whether what the wallet has of it is taken first.
    pub use_wallet: bool,
    /// Whether what the wallet does not cover is paid on a page of the gateway's.
    pub hosted_page: bool,
    /// Where the browser comes back to.
    pub return_url: Option<String>,
    /// For staff: who pays.
    pub customer: Option<CustomerId>,
    /// Asked again with the same key, the answer is the first payment.
    #[serde(skip)]
    pub idempotency_key: String,
}

/// A payment that was made, now or by an earlier call with the same key.
#[derive(Clone, Debug, PartialEq)]
pub struct Made {
    /// As it stands now.
    pub payment: payment::Model,
    /// Whether an earlier call made it.
    pub replayed: bool,
}

/// Who asked with which key, and the hash of what was asked.
#[derive(Clone, Debug)]
pub(super) struct IdempotencyKey {
    pub(super) actor: String,
    pub(super) key: String,
    pub(super) hash: String,
}

impl IdempotencyKey {
    /// `what` tells calls of different kinds apart.
    pub(super) fn new(actor: &Actor, key: &str, what: &str, input: &impl Serialize) -> Result<Self> {
        let hash = sha256_hex(format!("{what}\u{1f}{}", serde_json::to_string(input)?));
        Ok(Self { actor: actor.label(), key: key.to_owned(), hash })
    }
}

impl Payments {
    /// Pays what is requested, such as bills or a plan for a prepaid account; `kind` is the service that knows it. The answer comes
    /// when the gateway has answered or its time is over; a caller that goes away changes nothing. A replay answers the first
    /// payment as it stands.
    ///
    /// # Errors
    /// When something is wrong with the request, a bill or recharge is being paid already, the provider does not sell the plan
    /// now, the wallet has not enough, or the key was used for something else. Nothing has been charged then.
    #[tracing::instrument(name = "payments.pay", skip_all, fields(wanted = W::NAME))]
    pub async fn pay<W: PayableRequest>(&self, actor: &Actor, kind: &W::Kind, input: Pay<W>) -> Result<Made> {
        let mut problems = Problems::default();
        check_key(&input.idempotency_key, &mut problems);
        problems.finish()?;
        let payer = self.payer_of(actor, input.customer).await?;
        let request_key = IdempotencyKey::new(actor, &input.idempotency_key, W::NAME, &(payer, &input))?;
        self.pay_as(actor, payer, kind, &input, &request_key).await
    }

    /// Pays in the name of `payer`, once for each `request_key`.
    pub(super) async fn pay_as<W: PayableRequest>(
        &self,
        actor: &Actor,
        payer: CustomerId,
        kind: &W::Kind,
        input: &Pay<W>,
        request_key: &IdempotencyKey,
    ) -> Result<Made> {
        if let Some(first) = self.replayed(request_key).await? {
            return Ok(first);
        }
        self.store.ensure_durable().await?;
        let mut tries = 1;
        loop {
            match self.pay_once(actor, payer, kind, input, request_key).await {
                Ok(written) => return self.carry_out(written).await,
                Err(error) => {
                    // The same request may have succeeded meanwhile; then that is why this one could not be.
                    if let Some(first) = self.replayed(request_key).await? {
                        return Ok(first);
                    }
                    // Somebody took from the wallet between reading and holding: a split is made up anew.
                    let again = error.is_transient() || (is_overdrawn(&error) && input.method.is_some());
                    if tries == TRIES || !again {
                        return Err(error.or_unavailable());
                    }
                    tries += 1;
                }
            }
        }
    }

    async fn pay_once<W: PayableRequest>(
        &self,
        actor: &Actor,
        payer: CustomerId,
        kind: &W::Kind,
        input: &Pay<W>,
        request_key: &IdempotencyKey,
    ) -> Result<Written> {
        let mut problems = Problems::default();
        self.settings.check_return_url(input.return_url.as_deref(), &mut problems);
        let means = means(input.method, input.hosted_page, input.use_wallet, &mut problems);
        let draft = input.wanted.draft(kind, payer, &mut problems).await?;
        problems.finish()?;
        let draft = draft.ok_or(Error::NotFound("bill"))?;
        let new = NewPayment {
            payer,
            use_wallet: input.use_wallet,
            source: self.source(payer, means, draft.currency, &[]).await?,
            return_url: input.return_url.clone(),
            purpose: Purpose::Pay(draft),
        };
        self.insert_payment(actor, new, request_key).await
    }

    /// The payment an earlier call with this key made.
    pub(super) async fn replayed(&self, request_key: &IdempotencyKey) -> Result<Option<Made>> {
        let known = payment::Entity::find()
            .filter(payment::Column::Actor.eq(request_key.actor.as_str()))
            .filter(payment::Column::IdempotencyKey.eq(request_key.key.as_str()))
            .one(self.store.primary())
            .await?;
        match known {
            None => Ok(None),
            Some(payment) if payment.request_hash == request_key.hash => Ok(Some(Made { payment, replayed: true })),
            Some(_) => Err(key_reused()),
        }
    }

    /// Sends what was written down, in a task of its own, and answers the payment as it stands then.
    pub(super) async fn carry_out(&self, written: Written) -> Result<Made> {
        let id = written.payment.id;
        if !written.to_be_sent {
            self.wake_after(&written.payment).await;
            return Ok(Made { payment: written.payment, replayed: false });
        }
        let payment = self.send_detached(id).await?;
        Ok(Made { payment: payment.unwrap_or(written.payment), replayed: false })
    }
}

fn is_overdrawn(error: &Error) -> bool {
    matches!(error, Error::Invalid(errors) if errors.iter().any(|e| e.code == "INSUFFICIENT_FUNDS"))
}

#[cfg(test)]
mod tests {
    use billow_entities::{BillId, RechargePlanId, UtilityAccountId};
    use uuid::Uuid;

    use super::*;
    use crate::payable_bills::{BillAmount, PayBills};
    use crate::recharges::BuyPlan;

    /// Do not change this form: after an update, keys in use would look as if they were for another request.
    #[test]
    fn wishes_are_written_for_their_hashes_as_they_always_were() {
        let how = r#""method":null,"use_wallet":false,"hosted_page":false,"return_url":null,"customer":null"#;
        let (bill_id, account, plan) = (BillId(Uuid::nil()), UtilityAccountId(Uuid::nil()), RechargePlanId(Uuid::nil()));
        assert_eq!(
            written(PayBills { bills: vec![BillAmount { bill_id, amount_minor: Some(5) }] }),
            ("pay_bills", format!(r#"{{"bills":[{{"bill_id":"{bill_id}","amount_minor":5}}],{how}}}"#))
        );
        assert_eq!(written(BuyPlan { account, plan }), ("recharge", format!(r#"{{"account":"{account}","plan":"{plan}",{how}}}"#)));
    }

    fn written<W: PayableRequest>(wanted: W) -> (&'static str, String) {
        let (idempotency_key, return_url) = ("not hashed".to_owned(), None);
        let request = Pay { wanted, method: None, use_wallet: false, hosted_page: false, return_url, customer: None, idempotency_key };
        (W::NAME, serde_json::to_string(&request).expect("JSON"))
    }
}
