//! Saving a method: written down first, then set up at the gateway, by a token at once or on a page of the gateway's.

use billow_entities::{Currency, CustomerId, GatewayAdapter, MethodKind, MethodStatus, PaymentMethodId, customer, payment_method};
use billow_kernel::error::{Fault, Problems};
use billow_kernel::events::MethodChange;
use billow_kernel::{Actor, Error, Result};
use chrono::Duration;
use sea_orm::sea_query::{Expr, LockType};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect};
use secrecy::{ExposeSecret as _, SecretString};

use super::MAX_METHODS;
use super::Methods;
use super::state::MethodFailure;
use crate::gateway::{GatewayAccess, GatewayFault, NewSetup, Setup, SetupSource};
use crate::gateways::{RouteRequest, unavailable};

/// Setups one customer may begin in a day: whoever tries stolen cards needs more.
const MAX_PER_DAY: u64 = 30;
/// How long a setup may be at work before it counts as interrupted: two of the longest time-outs.
const AT_WORK: Duration = Duration::minutes(3);
/// Calls with the same key, where an answer is lost.
const CALLS: usize = 2;
/// Characters of a token.
const MAX_TOKEN: usize = 500;
/// Characters of a label.
pub(super) const MAX_LABEL: usize = 60;

/// How a method of one kind can be saved now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SetupOption {
    /// Card or direct debit.
    pub kind: MethodKind,
    /// Whether names of test cards are taken for tokens: where the gateway is a pretend one.
    pub takes_test_tokens: bool,
}

/// A request to save a method.
#[derive(Clone, Debug)]
pub struct StartSetup {
    /// Card or direct debit.
    pub kind: MethodKind,
    /// In which currency it will be charged; the one of the customer's bills where absent.
    pub currency: Option<Currency>,
    /// A token that the gateway's own code made; without one the customer is sent to a page of the gateway's.
    pub token: Option<SecretString>,
    /// Where the browser comes back to from that page.
    pub return_url: Option<String>,
    /// The customer's own name for it.
    pub label: Option<String>,
    /// Whether it becomes the default as soon as it can be charged.
    pub make_default: bool,
}

impl Methods {
    /// Which kinds of methods the customer who asks can save, in this currency or in their usual one; of every currency
    /// where they have none.
    ///
    /// # Errors
    /// When nobody is signed in, or somebody who pays nothing.
    pub async fn setup_options(&self, actor: &Actor, currency: Option<Currency>) -> Result<Vec<SetupOption>> {
        let owner = actor.customer()?;
        let currency = match currency {
            Some(currency) => Some(currency),
            None => match self.gateways.usual_currency(owner).await {
                Ok(usual) => Some(usual),
                Err(Error::Invalid(_)) => None,
                Err(error) => return Err(error),
            },
        };
        let first = self.gateways.first_gateways(currency).await?;
        Ok(first.into_iter().map(|(kind, adapter)| SetupOption { kind, takes_test_tokens: adapter == GatewayAdapter::Sandbox }).collect())
    }

    /// Begins saving a method of the customer who asks. A method that waits for its owner has an `action_url`.
    ///
    /// # Errors
    /// When something is wrong with the request, there are too many methods, or no gateway takes or answers it.
    #[tracing::instrument(name = "methods.start_setup", skip_all)]
    pub async fn start_setup(&self, actor: &Actor, request: StartSetup) -> Result<payment_method::Model> {
        let owner = actor.customer()?;
        let mut problems = Problems::default();
        let label = problems.optional_text("label", request.label.as_deref(), MAX_LABEL);
        self.settings.check_return_url(request.return_url.as_deref(), &mut problems);
        let source = source_of(&request, &mut problems);
        problems.finish()?;
        let source = source.ok_or_else(|| Error::Fault(Fault::new("a setup", "it has no source")))?;
        let currency = match request.currency {
            Some(currency) => currency,
            None => self.gateways.usual_currency(owner).await?,
        };
        self.room_for_method(self.store.primary(), owner).await?;
        let route = RouteRequest { currency, kind: Some(request.kind), method: None, tried: &[] };
        let (access, _) = self.gateways.route(route).await?;
        refuse_test_names(&access, &source)?;
        let known_as = self.gateways.gateway_customer(&access, owner).await?.map_err(|fault| told_fault(&fault))?;
        let now = self.clock.now();
        let row = payment_method::ActiveModel {
            id: Set(PaymentMethodId(self.ids.next())),
            customer_id: Set(owner),
            gateway_id: Set(access.id),
            kind: Set(request.kind),
            status: Set(MethodStatus::Checking),
            label: Set(label),
            is_default: Set(false),
            wants_default: Set(request.make_default),
            check_at: Set(Some(now + AT_WORK)),
            checks: Set(0),
            fence: Set(0),
            created_at: Set(now),
            updated_at: Set(now),
            ..Default::default()
        };
        let mut tx = self.store.write_tx().await?;
        lock_owner(&*tx, owner).await?;
        self.room_for_method(&*tx, owner).await?;
        let method = row.insert(&*tx).await?;
        tx.emit(self.events.method(&method, MethodChange::Added)?);
        tx.commit().await?;
        let setup = NewSetup { reference: method.id.to_string(), customer: known_as, kind: request.kind, currency, source };
        // A client that goes away takes nothing back.
        let (methods, id) = (self.clone(), method.id);
        let done = tokio::spawn(async move { methods.carry_out_setup(&access, id, setup).await }).await;
        done.map_err(|error| Error::Fault(Fault::new("a setup", error)))??;
        self.method_now(id).await
    }

    /// Calls the gateway, and writes what came of it.
    async fn carry_out_setup(&self, access: &GatewayAccess, id: PaymentMethodId, setup: NewSetup) -> Result<()> {
        let mut answer = Err(GatewayFault::Unknown { message: "it was not called".into() });
        for _ in 0..CALLS {
            let called = self.gateway.start_setup(access, &id.to_string(), &setup).await;
            answer = self.gateways.record_gateway_result(access.id, called).await?;
            // No money moves here, and the key makes a doubled call one.
            if !matches!(answer, Err(GatewayFault::Unknown { .. })) {
                break;
            }
        }
        match answer {
            Ok(told) => self.settle_setup(id, &told).await.map(drop),
            Err(fault) => {
                tracing::warn!(method.id = %id, gateway.id = %access.id, %fault, "a payment method could not be set up");
                let reason =
                    if matches!(fault, GatewayFault::Refused { .. }) { MethodFailure::NotTaken } else { MethodFailure::Interrupted };
                self.give_up_setup(id, reason).await
            }
        }
    }

    /// Asks the gateway now how a setup stands, as when its owner comes back from the gateway's page.
    ///
    /// # Errors
    /// `NotFound` when it is another customer's; `GATEWAY_UNAVAILABLE` when the gateway does not answer.
    #[tracing::instrument(name = "methods.complete_setup", skip_all)]
    pub async fn complete_setup(&self, actor: &Actor, id: PaymentMethodId) -> Result<payment_method::Model> {
        let method = self.payment_method(actor, id).await?;
        let Some(setup_id) = method.setup_id.as_deref().filter(|_| !matches!(method.status, MethodStatus::Ready | MethodStatus::Removed))
        else {
            return Ok(method);
        };
        let told = self.ask_setup(&method, setup_id).await?.map_err(|fault| told_fault(&fault))?;
        self.settle_setup(id, &told).await
    }

    /// How a setup stands; the inner error is the gateway's.
    pub(super) async fn ask_setup(&self, method: &payment_method::Model, setup_id: &str) -> Result<Result<Setup, GatewayFault>> {
        let access = self.gateways.gateway_access(method.gateway_id).await?;
        let asked = self.gateway.setup_state(&access, setup_id).await;
        self.gateways.record_gateway_result(access.id, asked).await
    }

    /// Refuses one method too many.
    async fn room_for_method(&self, db: &impl ConnectionTrait, owner: CustomerId) -> Result<()> {
        use payment_method::Column as C;
        let own = || payment_method::Entity::find().filter(C::CustomerId.eq(owner));
        let live = own().filter(C::RemovedAt.is_null()).filter(C::Status.ne(MethodStatus::Failed)).count(db).await?;
        if live >= MAX_METHODS {
            let message = format!("You have {MAX_METHODS} payment methods; please remove one first.");
            return Err(Error::invalid("TOO_MANY", "", message));
        }
        let lately = own().filter(C::CreatedAt.gt(self.clock.now() - Duration::days(1))).count(db).await?;
        if lately >= MAX_PER_DAY {
            return Err(Error::invalid("TOO_MANY", "", "Too many payment methods were set up today; please try again tomorrow."));
        }
        Ok(())
    }

    /// A setup that came to nothing.
    pub(super) async fn give_up_setup(&self, id: PaymentMethodId, failure: MethodFailure) -> Result<()> {
        let reason = failure.words();
        use payment_method::Column as C;
        let mut tx = self.store.write_tx().await?;
        let find = payment_method::Entity::find_by_id(id).lock(LockType::NoKeyUpdate);
        let Some(before) = find.one(&*tx).await?.filter(|m| matches!(m.status, MethodStatus::Checking | MethodStatus::RequiresAction))
        else {
            tx.leave(()).await;
            return Ok(());
        };
        payment_method::Entity::update_many()
            .col_expr(C::Status, Expr::value(MethodStatus::Failed))
            .col_expr(C::StatusReason, Expr::value(reason))
            .col_expr(C::ActionUrl, Expr::value(None::<String>))
            .col_expr(C::CheckAt, Expr::value(None::<chrono::DateTime<chrono::Utc>>))
            .col_expr(C::LeaseUntil, Expr::value(None::<chrono::DateTime<chrono::Utc>>))
            .col_expr(C::UpdatedAt, Expr::value(self.clock.now()))
            .filter(C::Id.eq(before.id))
            .exec(&*tx)
            .await?;
        let told = payment_method::Model { status: MethodStatus::Failed, status_reason: Some(reason.to_owned()), ..before };
        tx.emit(self.events.method(&told, MethodChange::Checked)?);
        tx.commit().await
    }

    pub(super) async fn method_now(&self, id: PaymentMethodId) -> Result<payment_method::Model> {
        payment_method::Entity::find_by_id(id).one(self.store.primary()).await?.ok_or(Error::NotFound("payment method"))
    }
}

/// Whoever changes which methods a customer has, or which of them is the default, waits for others who do.
pub(super) async fn lock_owner(db: &impl ConnectionTrait, owner: CustomerId) -> Result<()> {
    customer::Entity::find_by_id(owner).lock(LockType::NoKeyUpdate).one(db).await?.map(drop).ok_or(Error::NotFound("customer"))
}

fn source_of(request: &StartSetup, problems: &mut Problems) -> Option<SetupSource> {
    match (&request.token, &request.return_url) {
        (Some(token), _) => {
            let text = token.expose_secret();
            if text.is_empty() || text.len() > MAX_TOKEN || text.chars().any(|c| c.is_control() || c.is_whitespace()) {
                problems.add("INVALID", "token", "This is not a token of the payment service.");
            } else if text.chars().filter(char::is_ascii_digit).count() >= 12 && !text.contains('_') {
                problems.add(
                    "NOT_ALLOWED",
                    "token",
                    "Card and account numbers must not be sent here; send a token of the payment service.",
                );
            }
            Some(SetupSource::Token(token.clone()))
        }
        (None, Some(return_url)) => Some(SetupSource::HostedPage { return_url: return_url.clone() }),
        (None, None) => {
            problems.add("REQUIRED", "returnUrl", "Say where to come back to, or send a token.");
            None
        }
    }
}

/// The name of a test card (`pm_card_visa`) is no token where real money moves. A pretend network knows it, and so does a
/// real one when it is asked with a key for tests.
fn refuse_test_names(access: &GatewayAccess, source: &SetupSource) -> Result<()> {
    let SetupSource::Token(token) = source else { return Ok(()) };
    let is_for_tests = |key: &SecretString| ["sk_test_", "rk_test_"].iter().any(|sort| key.expose_secret().starts_with(sort));
    let for_tests = access.credentials.get("secret_key").is_some_and(is_for_tests);
    if access.adapter == GatewayAdapter::Sandbox || for_tests || !is_test_name(token.expose_secret()) {
        return Ok(());
    }
    let message = "This is the name of a test card. Send the token that the payment service's own code made of the customer's card.";
    Err(Error::invalid("NOT_ALLOWED", "token", message))
}

/// Tokens are one word after their sort; the names of test cards and accounts are several.
fn is_test_name(token: &str) -> bool {
    ["pm_", "tok_"].iter().any(|sort| token.strip_prefix(sort).is_some_and(|rest| rest.contains('_')))
}

/// What a person is told of a gateway's fault.
fn told_fault(fault: &GatewayFault) -> Error {
    tracing::warn!(%fault, "a gateway could not be asked about a payment method");
    unavailable()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_test_cards_are_told_from_tokens() {
        for name in ["pm_card_visa", "pm_sepaDebit_success", "pm_usBankAccount_success", "tok_visa_debit"] {
            assert!(is_test_name(name), "{name}");
        }
        for token in ["pm_1MqLiJLkdIwHu7ixUEgbFdYF", "tok_1N3T00LkdIwHu7ixt44h1F8k", "seti_card_x", "pm_"] {
            assert!(!is_test_name(token), "{token}");
        }
    }
}
