//! Wrapping a message for its channel and handing it over.

use std::time::Duration;

use billow_entities::{GatewayStatus, InvitationId, NotificationKind, OneTimeLinkId, bill, gateway, notification, one_time_link};
use billow_kernel::Error;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;

use super::{Parcel, Target, Tried};
use crate::messages::Messages;
use crate::messages::letter::context;
use crate::messages::payload::Shown;
use crate::messaging::{Mail, MessageContext, PushMessage, SendOutcome, Sms};

/// How long one sending may take before its answer counts as lost. Ports have shorter limits of their own.
const LIMIT: Duration = Duration::from_secs(90);

impl Messages {
    /// Sends one delivery. Never fails: what went wrong is an outcome.
    pub(super) async fn carry(&self, parcel: Parcel) -> Tried {
        let outcome = match self.context_of(&parcel).await {
            // The lease expired. If recovery has requeued the delivery, the fence discards this outcome; otherwise it is retried.
            Ok(_) if parcel.delivery.lease_until.is_some_and(|until| self.clock.now() >= until) => {
                SendOutcome::Retryable { message: "the claim was over before it was sent".into(), retry_after_ms: None }
            }
            Ok(context) => tokio::time::timeout(LIMIT, self.hand_over(&parcel, &context))
                .await
                .unwrap_or_else(|_| SendOutcome::Unknown { message: format!("no answer within {} s", LIMIT.as_secs()) }),
            Err(outcome) => outcome,
        };
        let device = match &parcel.target {
            Target::Device(device) => Some(device.id),
            Target::Mail { .. } | Target::Sms { .. } => None,
        };
        Tried { delivery: parcel.delivery, note: parcel.note, device, outcome }
    }

    async fn context_of(&self, parcel: &Parcel) -> Result<MessageContext, SendOutcome> {
        let note = &parcel.note;
        let mut context = context(self, note.kind, note.link.as_deref(), &note.data, parcel.customer.as_ref(), self.clock.now());
        if note.kind == NotificationKind::Invitation {
            let id: Option<InvitationId> = note.data["invitation_id"].as_str().and_then(|id| id.parse().ok());
            let id = id.ok_or_else(|| SendOutcome::Refused { message: "the message names no invitation".into() })?;
            // The secret link is made again for each try, because it is stored nowhere.
            context.link = Some(self.customers.invitation_link(id).expose_secret().to_owned());
        }
        if let Some(link) = self.one_time_link_in(note).await.map_err(|error| {
            // Nothing was sent yet, so it is tried again.
            SendOutcome::Retryable { message: error.to_string(), retry_after_ms: None }
        })? {
            context.link = Some(link);
        }
        if note.kind == NotificationKind::VoucherReady && !matches!(parcel.target, Target::Device(_)) {
            // Opened for each try, because it is kept nowhere in the clear. A locked screen shows pushes, so they go without.
            context.data["voucher"] = json!(self.voucher_in(note).await.map_err(|error| {
                // Nothing was sent yet, so it is tried again.
                SendOutcome::Retryable { message: error.to_string(), retry_after_ms: None }
            })?);
        }
        if note.kind == NotificationKind::BillReminder {
            // Whoever taps a push is signed in there already.
            let link = match parcel.target {
                Target::Device(_) => None,
                Target::Mail { .. } | Target::Sms { .. } => self.link_to_pay(parcel).await.map_err(|error| {
                    // Nothing was sent yet, so it is tried again.
                    SendOutcome::Retryable { message: error.to_string(), retry_after_ms: None }
                })?,
            };
            context.data["payable"] = json!(link.is_some());
            context.link = link.or(context.link);
        }
        Ok(context)
    }

    /// The one-time link that a message carries. As that of an invitation it is made for each try.
    async fn one_time_link_in(&self, note: &notification::Model) -> billow_kernel::Result<Option<String>> {
        let Some(id) = note.data["link_id"].as_str().and_then(|id| id.parse::<OneTimeLinkId>().ok()) else { return Ok(None) };
        let link = one_time_link::Entity::find_by_id(id).one(self.store.primary()).await?;
        Ok(link.filter(|link| self.identity.works(link)).map(|link| self.identity.one_time_url(&link)))
    }

    /// The link by which the addressee pays the bill without signing in, where they may and any gateway takes money.
    async fn link_to_pay(&self, parcel: &Parcel) -> billow_kernel::Result<Option<String>> {
        let (Some(id), Some(customer)) = (parcel.note.bill_id, parcel.note.customer_id) else { return Ok(None) };
        let open = gateway::Entity::find().filter(gateway::Column::Status.eq(GatewayStatus::Active));
        if open.one(self.store.primary()).await?.is_none() {
            return Ok(None);
        }
        let Some(bill) = bill::Entity::find_by_id(id).one(self.store.primary()).await? else { return Ok(None) };
        match self.homes.may_pay(customer, &bill).await {
            Ok(()) => Ok(Some(self.payments.pay_link_for(id, customer).url)),
            Err(Error::NotFound(_) | Error::Forbidden) => Ok(None),
            Err(fault) => Err(fault),
        }
    }

    async fn hand_over(&self, parcel: &Parcel, context: &MessageContext) -> SendOutcome {
        let id = parcel.delivery.id;
        // A template at fault is mended by an operator: the message waits meanwhile.
        let at_fault = |message: String| SendOutcome::Retryable { message, retry_after_ms: None };
        match &parcel.target {
            Target::Device(device) => {
                let (endpoint, auth) = match self.open_device(device) {
                    Ok(opened) => opened,
                    Err(error) => return SendOutcome::Refused { message: error.to_string() },
                };
                let (title, body) = match self.renderer.headline(context) {
                    Ok(words) => words,
                    Err(message) => return at_fault(message),
                };
                // One tag for each message: a later one about the same bill must be heard, not slip into the place of this one.
                let tag = parcel.note.id.to_string();
                let payload = Shown {
                    title: &title,
                    body: &body,
                    navigate: context.link.as_deref().unwrap_or(&context.base_url),
                    tag: &tag,
                    lang: &context.locale,
                    data: json!({
                        "notification_id": parcel.note.id,
                        "kind": parcel.note.kind,
                        "bill_id": parcel.note.bill_id,
                        "account_id": parcel.note.account_id,
                        "payment_id": parcel.note.data["payment"]["id"],
                    }),
                }
                .to_bytes();
                let message = PushMessage {
                    delivery_id: id,
                    endpoint: SecretString::from(endpoint),
                    p256dh: device.p256dh.clone(),
                    auth: SecretString::from(auth),
                    payload,
                    topic: Some(subject(parcel)),
                    ttl_s: ttl_s(parcel.note.kind),
                    urgent: is_urgent(parcel),
                };
                self.push.send(message).await
            }
            Target::Mail { address, name } => {
                let words = match self.renderer.render(context) {
                    Ok(words) => words,
                    Err(message) => return at_fault(message),
                };
                let mail = Mail {
                    delivery_id: id,
                    to: address.clone(),
                    to_name: name.clone(),
                    subject: words.title,
                    text: words.text,
                    html: words.html,
                    unsubscribe_url: parcel.note.customer_id.and_then(|customer| self.unsubscribe_url(customer, parcel.note.kind)),
                    locale: context.locale.clone(),
                };
                self.mailer.send(mail).await
            }
            Target::Sms { number } => {
                let words = match self.renderer.render(context) {
                    Ok(words) => words,
                    Err(message) => return at_fault(message),
                };
                self.sms.send(Sms { delivery_id: id, to: number.clone(), text: words.sms }).await
            }
        }
    }
}

/// What a push is about: a newer one about the same thing takes its place while the device cannot be reached.
fn subject(parcel: &Parcel) -> String {
    let note = &parcel.note;
    let payment = || note.data["payment"]["id"].as_str().map(str::to_owned);
    let account = note.account_id.map(|id| id.to_string());
    note.bill_id.map(|id| id.to_string()).or(account).or_else(payment).unwrap_or_else(|| note.id.to_string())
}

/// How long a push service keeps what it cannot hand over.
fn ttl_s(kind: NotificationKind) -> u32 {
    const HOUR: u32 = 3_600;
    match kind {
        NotificationKind::Test => HOUR,
        // Tomorrow it would say the wrong day.
        NotificationKind::BillReminder | NotificationKind::PlanReminder => 18 * HOUR,
        _ => 72 * HOUR,
    }
}

fn is_urgent(parcel: &Parcel) -> bool {
    match parcel.note.kind {
        NotificationKind::Security
        | NotificationKind::Test
        | NotificationKind::ProviderTrouble
        | NotificationKind::PaymentFailed
        | NotificationKind::PaymentAction
        | NotificationKind::MethodTrouble
        | NotificationKind::VoucherReady => true,
        NotificationKind::BillReminder | NotificationKind::PlanReminder => {
            parcel.note.data["step_days"].as_i64().is_some_and(|days| days >= -1)
        }
        _ => false,
    }
}
