//! A signed link to pay one bill without signing in: for the letters that remind of it, and for whoever pays it for somebody.
//!
//! The token says which bill, in whose name, and until when, and carries a keyed hash of that; nothing about it is stored.
//! Whoever has it sees what the bill comes to and can pay it on a page of the gateway's, and nothing else. The name in it
//! must still be allowed to pay the bill when it is used.

use std::net::IpAddr;

use billow_entities::{BillId, CustomerId, bill, payment, payment_attempt};
use billow_kernel::error::{Error, Problems, Result};
use billow_kernel::{Actor, sha256_hex};
use billow_supply::identity::Budget;
use chrono::{DateTime, Duration, Utc};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use subtle::ConstantTimeEq as _;

use super::Pay;
use super::Payments;
use super::pay::IdempotencyKey;
use crate::idempotency::check_key;
use crate::payable_bills::{BillAmount, NotPayable, PayBills, PayableQuote, Payer};

/// How long a link leads somewhere.
const VALID: Duration = Duration::days(30);
/// Characters of a token that are looked at.
const MAX_TOKEN: usize = 200;

/// A link that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPayLink {
    /// The page in the web app.
    pub url: String,
    /// Until when it leads there.
    pub expires_at: DateTime<Utc>,
}

/// What is behind a link, as far as a guest may see it.
#[derive(Clone, Debug)]
pub struct PayLink {
    /// The bill.
    pub bill: bill::Model,
    /// In whose name it is paid.
    pub customer: CustomerId,
    /// What may be paid of it.
    pub quote: PayableQuote,
    /// Until when the link leads here.
    pub expires_at: DateTime<Utc>,
    /// The payment that was last begun by a link to this bill.
    pub payment: Option<payment::Model>,
}

/// A request to pay by a link.
#[derive(Clone, Debug)]
pub struct PayByLink {
    /// What the link ends in.
    pub token: String,
    /// In minor units; what is suggested where absent.
    pub amount_minor: Option<i64>,
    /// Where the browser comes back to from the gateway's page.
    pub return_url: String,
    /// Asked again with the same key, the answer is the first payment.
    pub idempotency_key: String,
}

impl Payments {
    /// Makes a link by which a bill can be paid in the name of the customer who asks; for staff, of the bill's customer.
    ///
    /// # Errors
    /// `NotFound` when the bill is not visible, `Forbidden` when it may only be looked at, `NOT_PAYABLE` when nothing can be
    /// paid of it any more.
    pub async fn create_pay_link(&self, actor: &Actor, id: BillId) -> Result<NewPayLink> {
        actor.customer_or_staff()?;
        let bill = bill::Entity::find_by_id(id).one(self.store.primary()).await?.ok_or(Error::NotFound("bill"))?;
        let payer = if actor.is_staff() { bill.customer_id } else { actor.customer()? };
        self.homes.may_pay(payer, &bill).await?;
        if let Some(why) = NotPayable::of(bill.status) {
            return Err(Error::invalid("NOT_PAYABLE", "billId", why.sentence()));
        }
        Ok(self.pay_link_for(id, payer))
    }

    /// The link by which a bill can be paid in somebody's name, for the letters that go to them. Whether they may pay it is
    /// asked when the link is used.
    #[must_use]
    pub fn pay_link_for(&self, bill: BillId, payer: CustomerId) -> NewPayLink {
        // Whole seconds: the token says no more.
        let until = (self.clock.now() + VALID).timestamp();
        let expires_at = DateTime::from_timestamp(until, 0).unwrap_or_default();
        NewPayLink { url: format!("{}/pay/{}", self.settings.base_url, self.pay_token(bill, payer, until)), expires_at }
    }

    /// Which bill a token is for, in whose name, and until when.
    ///
    /// # Errors
    /// `NotFound` when it is not one of ours, `LINK_EXPIRED` when its time is over.
    pub fn read_pay_link(&self, token: &str) -> Result<(BillId, CustomerId, DateTime<Utc>)> {
        let (bill, payer, expires_at) = self.genuine_pay_link(token).ok_or(Error::NotFound("link"))?;
        if expires_at <= self.clock.now() {
            return Err(Error::invalid("LINK_EXPIRED", "token", "This link has run out. Please sign in, or ask for a new one."));
        }
        Ok((bill, payer, expires_at))
    }

    /// What is behind a link. `address` is where whoever asks connects from: guessing is limited by it.
    ///
    /// # Errors
    /// `NotFound` when the link is wrong or has run out, or the bill is no longer to be paid in that name.
    #[tracing::instrument(name = "payments.pay_link", skip_all)]
    pub async fn pay_link(&self, token: &str, address: Option<IpAddr>) -> Result<PayLink> {
        let (id, customer, expires_at) = match self.read_pay_link(token) {
            Ok(known) => known,
            Err(Error::Invalid(_)) => return Err(Error::NotFound("link")),
            Err(forged) => return Err(self.forged_link(address, forged).await),
        };
        let bill = self.bill_behind(id, customer).await?;
        let quote = self.payable_bills.quotes(Payer::Staff, &[id]).await?.remove(&id).ok_or(Error::NotFound("link"))?;
        let payment = payment::Entity::find()
            .filter(payment::Column::CustomerId.eq(customer))
            .filter(payment::Column::Actor.eq(guest(id)))
            .order_by_desc(payment::Column::Id)
            .one(self.store.primary())
            .await?;
        Ok(PayLink { bill, customer, quote, expires_at, payment })
    }

    /// Begins a payment in the name in a link, on a page of the gateway's; answers the payment and that page's address.
    ///
    /// # Errors
    /// `NotFound` when the link is wrong, `LINK_EXPIRED` when it has run out, `TooMany` when too much is started by it; otherwise as [`Self::pay`].
    #[tracing::instrument(name = "payments.pay_by_link", skip_all)]
    pub async fn pay_by_link(&self, request: PayByLink, address: Option<IpAddr>) -> Result<(payment::Model, Option<String>)> {
        let (id, payer, _) = match self.read_pay_link(&request.token) {
            Ok(known) => known,
            Err(Error::NotFound(what)) => return Err(self.forged_link(address, Error::NotFound(what)).await),
            Err(expired) => return Err(expired),
        };
        let mut problems = Problems::default();
        check_key(&request.idempotency_key, &mut problems);
        problems.finish()?;
        let _kept = self.identity.spend(Budget::GuestPayments, Some(&guest(id)), address).await?;
        self.bill_behind(id, payer).await?;
        let input = Pay {
            wanted: PayBills { bills: vec![BillAmount { bill_id: id, amount_minor: request.amount_minor }] },
            hosted_page: true,
            return_url: Some(request.return_url),
            idempotency_key: request.idempotency_key,
            ..Pay::default()
        };
        let asked = serde_json::to_string(&(payer, &input))?;
        let hash = sha256_hex(format!("pay_by_link\u{1f}{asked}"));
        let request_key = IdempotencyKey { actor: guest(id), key: input.idempotency_key.clone(), hash };
        let made = self.pay_as(&Actor::Anonymous, payer, &*self.payable_bills, &input, &request_key).await?;
        let attempt = payment_attempt::Entity::find()
            .filter(payment_attempt::Column::PaymentId.eq(made.payment.id))
            .filter(payment_attempt::Column::Number.eq(made.payment.attempts))
            .one(self.store.primary())
            .await?;
        Ok((made.payment, attempt.and_then(|attempt| attempt.action_url)))
    }

    /// The bill of a link, while it may be paid in the link's name.
    async fn bill_behind(&self, id: BillId, payer: CustomerId) -> Result<bill::Model> {
        let bill = bill::Entity::find_by_id(id).one(self.store.primary()).await?.ok_or(Error::NotFound("link"))?;
        // Somebody who left the home since cannot pay by a link of before either.
        match self.homes.may_pay(payer, &bill).await {
            Ok(()) => Ok(bill),
            Err(Error::NotFound(_) | Error::Forbidden) => Err(Error::NotFound("link")),
            Err(fault) => Err(fault),
        }
    }

    /// Counts a token that was made up, and answers what is said about it.
    async fn forged_link(&self, address: Option<IpAddr>, forged: Error) -> Error {
        match self.identity.spend(Budget::ForgedLinks, None, address).await {
            Ok(_counted) => forged,
            Err(too_many) => too_many,
        }
    }

    fn pay_token(&self, bill: BillId, payer: CustomerId, until: i64) -> String {
        let says = format!("{bill}.{payer}.{until}");
        let mac = self.cipher.blind_index("pay-link", &says);
        format!("{says}.{mac}")
    }

    fn genuine_pay_link(&self, token: &str) -> Option<(BillId, CustomerId, DateTime<Utc>)> {
        if token.len() > MAX_TOKEN {
            return None;
        }
        let mut parts = token.splitn(4, '.');
        let bill: BillId = parts.next()?.parse().ok()?;
        let payer: CustomerId = parts.next()?.parse().ok()?;
        let until: i64 = parts.next()?.parse().ok()?;
        let expires_at = DateTime::from_timestamp(until, 0)?;
        // Made again and compared whole: there is one way to write each token.
        let genuine = self.pay_token(bill, payer, until);
        bool::from(genuine.as_bytes().ct_eq(token.as_bytes())).then_some((bill, payer, expires_at))
    }
}

/// Who pays by a link to this bill, as payments name whoever asked.
fn guest(bill: BillId) -> String {
    format!("link:{bill}")
}
