//! Everything that has an id.

use async_graphql::{Context, ID, Interface};
use billow_billing::Error;
use billow_entities::{
    ApiClientId, AuditEntryId, BillId, CustomerId, DeadLetterId, DeliveryId, DocumentId, EventId, FetchAttemptId, FetchRunId, GatewayId,
    ImportRunId, NotificationId, PasskeyId, PaymentId, PaymentMethodId, PropertyId, PropertyInvitationId, ProviderId, PushSubscriptionId,
    RechargeId, RechargePlanId, ReconciliationId, RefundId, RemittanceId, SessionId, UserId, UtilityAccountId,
};

use crate::accounts::account::UtilityAccount;
use crate::bills::bill::Bill;
use crate::context::ContextExt as _;
use crate::customers::customer::Customer;
use crate::documents::document::Document;
use crate::fetching::types::{FetchAttempt, FetchRun};
use crate::gateways::gateway::Gateway;
use crate::homes::invitation::PropertyInvitation;
use crate::homes::property::Property;
use crate::identity::second_factor::Passkey;
use crate::identity::types::{ApiClient, Session, User};
use crate::ids::id_of;
use crate::imports::types::ImportRun;
use crate::loaders::Find as _;
use crate::messages::types::{Delivery, Notification, PushSubscription};
use crate::methods::method::PaymentMethod;
use crate::operations::types::{AuditEntry, DeadLetter, Event};
use crate::payments::payment::Payment;
use crate::providers::provider::{Provider, RechargePlan};
use crate::recharges::recharge::Recharge;
use crate::reconciling::reconciliation::Reconciliation;
use crate::refunds::refund::Refund;
use crate::refusal::Result;
use crate::remittances::remittance::Remittance;

/// Something with an id.
#[derive(Interface)]
#[graphql(field(name = "id", ty = "ID", desc = "Its id: a prefix that tells what it is, and 26 characters."))]
pub(crate) enum Node {
    User(User),
    Session(Session),
    ApiClient(ApiClient),
    Passkey(Passkey),
    Customer(Customer),
    Property(Property),
    PropertyInvitation(PropertyInvitation),
    Provider(Provider),
    RechargePlan(RechargePlan),
    Recharge(Recharge),
    UtilityAccount(UtilityAccount),
    Bill(Bill),
    FetchRun(FetchRun),
    FetchAttempt(FetchAttempt),
    Notification(Notification),
    Delivery(Delivery),
    PushSubscription(PushSubscription),
    Event(Event),
    DeadLetter(DeadLetter),
    AuditEntry(AuditEntry),
    ImportRun(ImportRun),
    Payment(Payment),
    PaymentMethod(PaymentMethod),
    Remittance(Remittance),
    Refund(Refund),
    Document(Document),
    Gateway(Gateway),
    Reconciliation(Reconciliation),
}

/// The node with this id, as far as whoever asks sees it.
pub(crate) async fn find(ctx: &Context<'_>, id: &ID) -> Result<Option<Node>> {
    match read(ctx, id).await {
        Ok(node) => Ok(node),
        // What one may not see is not there.
        Err(refusal) if matches!(refusal.0, Error::NotFound(_) | Error::Forbidden) => Ok(None),
        Err(refusal) => Err(refusal),
    }
}

async fn read(ctx: &Context<'_>, id: &ID) -> Result<Option<Node>> {
    let (billing, actor) = (ctx.billing(), ctx.actor());
    let prefix = id.split_once('_').map_or("", |(prefix, _)| prefix);
    Ok(Some(match prefix {
        BillId::PREFIX => Node::Bill(billing.bills.bill(actor, id_of(id, "bill")?).await?.into()),
        UtilityAccountId::PREFIX => Node::UtilityAccount(billing.accounts.utility_account(actor, id_of(id, "account")?).await?.into()),
        PropertyId::PREFIX => Node::Property(billing.homes.property(actor, id_of(id, "property")?).await?.into()),
        PropertyInvitationId::PREFIX => {
            Node::PropertyInvitation(billing.homes.property_invitation(actor, id_of(id, "invitation")?).await?.into())
        }
        CustomerId::PREFIX => Node::Customer(billing.customers.customer(actor, id_of(id, "customer")?).await?.into()),
        ProviderId::PREFIX => Node::Provider(billing.providers.provider(actor, id_of(id, "provider")?).await?.into()),
        NotificationId::PREFIX => Node::Notification(Notification(billing.messages.notification(actor, id_of(id, "notification")?).await?)),
        FetchRunId::PREFIX => Node::FetchRun(FetchRun(billing.fetching.fetch_run(actor, id_of(id, "run")?).await?)),
        ImportRunId::PREFIX => Node::ImportRun(ImportRun(billing.imports.import_run(actor, id_of(id, "import")?).await?)),
        EventId::PREFIX => Node::Event(billing.operations.event_by_id(actor, id_of(id, "event")?).await?.into()),
        DeadLetterId::PREFIX => Node::DeadLetter(DeadLetter(billing.operations.dead_letter(actor, id_of(id, "dead letter")?).await?)),
        RechargePlanId::PREFIX => {
            // Before it is read, so that ids that exist and ids that do not answer alike.
            actor.known()?;
            let plan_id: RechargePlanId = id_of(id, "plan")?;
            let Some(plan) = ctx.loaders().find(plan_id).await? else { return Ok(None) };
            // Plans are visible with their provider.
            billing.providers.provider(actor, plan.provider_id).await?;
            Node::RechargePlan(RechargePlan(plan))
        }
        RechargeId::PREFIX => Node::Recharge(Recharge(billing.recharges.recharge(actor, id_of(id, "recharge")?).await?)),
        SessionId::PREFIX => {
            let session_id: SessionId = id_of(id, "session")?;
            let own = billing.identity.sessions(actor).await?.into_iter().find(|session| session.id == session_id);
            return Ok(own.map(|session| Node::Session(Session(session))));
        }
        PushSubscriptionId::PREFIX => {
            let device: PushSubscriptionId = id_of(id, "device")?;
            let own = billing.messages.push_subscriptions(actor).await?.into_iter().find(|row| row.id == device);
            return Ok(own.map(|row| Node::PushSubscription(PushSubscription(row))));
        }
        UserId::PREFIX => {
            let user_id: UserId = id_of(id, "user")?;
            if actor.user().is_ok_and(|own| own == user_id) {
                return Ok(Some(Node::User(User(billing.identity.own_user(actor).await?))));
            }
            actor.admin()?;
            return Ok(ctx.loaders().find(user_id).await?.map(|row| Node::User(User((*row).clone()))));
        }
        PasskeyId::PREFIX => Node::Passkey(Passkey(billing.identity.passkey(actor, id_of(id, "passkey")?).await?)),
        ApiClientId::PREFIX => Node::ApiClient(ApiClient(billing.identity.api_client(actor, id_of(id, "API client")?).await?)),
        FetchAttemptId::PREFIX => Node::FetchAttempt(FetchAttempt(billing.fetching.fetch_attempt(actor, id_of(id, "fetch")?).await?)),
        DeliveryId::PREFIX => Node::Delivery(Delivery(billing.messages.delivery(actor, id_of(id, "delivery")?).await?)),
        AuditEntryId::PREFIX => Node::AuditEntry(AuditEntry(billing.kernel.audit.audit_entry(actor, id_of(id, "audit entry")?).await?)),
        PaymentId::PREFIX => Node::Payment(billing.payments.payment(actor, id_of(id, "payment")?).await?.into()),
        PaymentMethodId::PREFIX => Node::PaymentMethod(billing.methods.payment_method(actor, id_of(id, "payment method")?).await?.into()),
        RemittanceId::PREFIX => Node::Remittance(Remittance(billing.remittances.remittance(actor, id_of(id, "remittance")?).await?)),
        RefundId::PREFIX => Node::Refund(Refund(billing.refunds.refund(actor, id_of(id, "refund")?).await?)),
        DocumentId::PREFIX => Node::Document(Document(billing.documents.document(actor, id_of(id, "document")?).await?)),
        GatewayId::PREFIX => Node::Gateway(billing.gateways.gateway(actor, id_of(id, "gateway")?).await?.into()),
        ReconciliationId::PREFIX => {
            Node::Reconciliation(Reconciliation(billing.reconciling.reconciliation(actor, id_of(id, "reconciliation")?).await?))
        }
        _ => return Ok(None),
    }))
}
