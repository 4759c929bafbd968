//! Bills.

use async_graphql::{ComplexObject, Context, Enum, ID, Object, SimpleObject};
use billow_billing::Error;
use billow_billing::bills::{BillContent, BillHead, BillLine as StoredLine, BillVersion as StoredVersion, JoinedBill, left_minor};
use billow_billing::events::FieldChange as Change;
use billow_billing::payable_bills::Payer;
use billow_billing::ports::Usage as StoredUsage;
use billow_entities::{BillStatus as Status, audit_entry, bill};
use chrono::NaiveDate;
use chrono_tz::Tz;

use crate::accounts::account::UtilityAccount;
use crate::connection::page;
use crate::context::ContextExt as _;
use crate::customers::customer::Customer;
use crate::homes::property::Property;
use crate::ids;
use crate::loaders::{BeingPaid, Find as _, QuoteFor, must, name_of};
use crate::payments::payment::PaymentConnection;
use crate::payments::quote::PayableQuote;
use crate::providers::provider::Provider;
use crate::recharges::recharge::Recharge;
use crate::refusal::Result;
use crate::rules;
use crate::scalars::{Date, Decimal, Instant};
use crate::types::{BillMarker, BillSource, BillStatus, LineKind, Money, UtilityType};

/// A bill in its newest version, and with which eyes it is looked at.
#[derive(Clone, Debug)]
pub(crate) struct Bill {
    joined: JoinedBill,
    view: View,
}

/// How much of a bill is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum View {
    /// All of it.
    Whole,
    /// As it was when the caller paid it: without its home, account, customer, history and anything newer.
    AsPaid,
    /// To a guest, by a signed link: what is to be paid, and nothing of whom it belongs to.
    Guest,
}

impl From<bill::Model> for Bill {
    fn from(row: bill::Model) -> Self {
        Self::of(row.into())
    }
}

impl Bill {
    pub(crate) fn of(joined: JoinedBill) -> Self {
        Self { joined, view: View::Whole }
    }

    /// As it was when the caller paid it; `row` says what it said then.
    pub(crate) fn as_paid(row: bill::Model) -> Self {
        Self { joined: row.into(), view: View::AsPaid }
    }

    /// As a guest may see it.
    pub(crate) fn for_guest(row: bill::Model) -> Self {
        Self { joined: row.into(), view: View::Guest }
    }

    fn head(&self) -> &BillHead {
        &self.joined.bill
    }

    /// Whether the caller sees whose it is and what belongs to it.
    fn is_whole(&self) -> bool {
        self.view == View::Whole
    }

    fn is_for_guest(&self) -> bool {
        self.view == View::Guest
    }

    fn money(&self, minor: i64) -> Money {
        Money::stored(minor, &self.head().currency)
    }

    /// What is left to pay; nothing of a bill that is shown as it was when it was paid.
    fn remaining_minor(&self) -> i64 {
        if self.view == View::AsPaid {
            return 0;
        }
        let BillHead { status, amount_minor, paid_minor, .. } = *self.head();
        left_minor(status, amount_minor, paid_minor)
    }

    /// What a payment under way covers.
    async fn being_paid_minor(&self, ctx: &Context<'_>) -> Result<i64> {
        match self.joined.being_paid_minor {
            Some(minor) => Ok(minor),
            None if self.remaining_minor() == 0 => Ok(0),
            None => Ok(ctx.loaders().find(BeingPaid(self.head().id)).await?.map_or(0, |minor| *minor)),
        }
    }

    /// Today where the customer is.
    async fn today(&self, ctx: &Context<'_>) -> Result<NaiveDate> {
        let zone = match ctx.caller().identity.zone {
            Some(zone) => zone,
            None => {
                let customer = ctx.loaders().find(self.head().customer_id).await?;
                customer.and_then(|c| c.time_zone.parse().ok()).unwrap_or(Tz::UTC)
            }
        };
        Ok(ctx.billing().kernel.clock.now().with_timezone(&zone).date_naive())
    }
}

/// A bill in its newest version. Corrections make new versions of the same bill.
#[Object(serial)]
impl Bill {
    /// Its id.
    pub(crate) async fn id(&self) -> ID {
        ids::text(self.head().id)
    }

    /// The provider's number for it.
    async fn number(&self) -> &str {
        &self.head().number
    }

    /// Counts corrections, from 1.
    async fn version(&self) -> i32 {
        self.head().version
    }

    /// Where it stands.
    async fn status(&self) -> BillStatus {
        self.head().status.into()
    }

    /// Why it stands there, in words.
    async fn status_reason(&self) -> Option<&str> {
        self.head().status_reason.as_deref()
    }

    /// Who marked it as paid elsewhere; null where nobody did. `undoPaidElsewhere` takes that back.
    async fn marked_by(&self) -> Option<BillMarker> {
        self.head().marked_by.filter(|_| self.is_whole()).map(Into::into)
    }

    /// What is to be paid. Negative for a credit (status `CREDIT`): then nothing is.
    async fn amount(&self) -> Money {
        self.money(self.head().amount_minor)
    }

    /// Set where the amount is far from what this account's bills usually come to: ten times as much or more, or a tenth or
    /// less. Such a bill can be paid by a person, and should be looked at before it is paid by a program.
    async fn unusual(&self) -> Option<UnusualAmount> {
        let head = self.head();
        let usual = head.usual_minor.filter(|_| self.is_whole())?;
        let (kind, words) = if head.amount_minor > usual { (UnusualKind::High, "much more") } else { (UnusualKind::Low, "much less") };
        let usual = self.money(usual);
        let reason = format!("This bill is {words} than usual; bills of this account are usually about {}.", usual.0);
        Some(UnusualAmount { kind, usual, reason })
    }

    /// The least that may be paid, where that is not the amount.
    async fn min_amount(&self) -> Option<Money> {
        self.head().min_amount_minor.map(|minor| self.money(minor))
    }

    /// The most that may be paid, where that is not the amount.
    async fn max_amount(&self) -> Option<Money> {
        self.head().max_amount_minor.map(|minor| self.money(minor))
    }

    /// What of it was paid through Billow.
    async fn paid(&self) -> Money {
        self.money(self.head().paid_minor)
    }

    /// What is left to pay: the amount less what was paid through Billow; zero for a bill that is not open.
    async fn remaining(&self) -> Money {
        self.money(self.remaining_minor())
    }

    /// What of it a payment under way covers; zero where there is none. `remaining` includes it until the payment succeeds.
    async fn being_paid(&self, ctx: &Context<'_>) -> Result<Money> {
        Ok(self.money(self.being_paid_minor(ctx).await?))
    }

    /// When it was issued.
    async fn issued_on(&self) -> Date {
        Date(self.head().issued_on)
    }

    /// When it is due.
    async fn due_on(&self) -> Option<Date> {
        self.head().due_on.map(Date)
    }

    /// Days from today, where the customer is, until it is due: negative when overdue, null when nothing is due.
    async fn days_until_due(&self, ctx: &Context<'_>) -> Result<Option<i32>> {
        let open = self.head().status == Status::Open && self.view != View::AsPaid;
        let Some(due) = self.head().due_on.filter(|_| open) else { return Ok(None) };
        let days = due.signed_duration_since(self.today(ctx).await?).num_days();
        Ok(i32::try_from(days).ok())
    }

    /// Whether it is past its due date, where the customer is, and something is left to pay that no payment under way covers.
    async fn overdue(&self, ctx: &Context<'_>) -> Result<bool> {
        let Some(due) = self.head().due_on.filter(|_| self.remaining_minor() > 0) else { return Ok(false) };
        Ok(due < self.today(ctx).await? && self.remaining_minor() > self.being_paid_minor(ctx).await?)
    }

    /// First day billed for.
    async fn period_start(&self) -> Option<Date> {
        self.head().period_start.map(Date)
    }

    /// Last day billed for.
    async fn period_end(&self) -> Option<Date> {
        self.head().period_end.map(Date)
    }

    /// How much was used.
    async fn usage(&self) -> Option<Usage> {
        let head = self.head();
        if self.is_for_guest() {
            return None;
        }
        Some(Usage { value: Decimal(head.usage_value.clone()?), unit: head.usage_unit.clone().unwrap_or_default() })
    }

    /// What was supplied.
    async fn utility_type(&self) -> UtilityType {
        self.head().utility_type.into()
    }

    /// What it is made of.
    #[graphql(complexity = "crate::connection::list_cost(child_complexity)")]
    async fn lines(&self, ctx: &Context<'_>) -> Result<Vec<BillLine>> {
        if self.is_for_guest() {
            return Ok(Vec::new());
        }
        let stored = match &self.joined.lines {
            Some(lines) => lines.clone(),
            None => must(ctx.loaders().find(self.head().id).await?, "bill")?.lines.clone(),
        };
        let lines: Vec<StoredLine> = serde_json::from_value(stored).map_err(Error::from)?;
        Ok(lines.into_iter().map(|line| BillLine::of(line, &self.head().currency)).collect())
    }

    /// How it came to Billow.
    async fn source(&self) -> BillSource {
        self.head().source.into()
    }

    /// Always null.
    #[graphql(deprecation = "Recharges are not bills any more: see `UtilityAccount.recharges` and `PaymentAllocation.recharge`.")]
    async fn recharge(&self) -> Option<Recharge> {
        None
    }

    /// Who sent it.
    async fn provider(&self, ctx: &Context<'_>) -> Result<Provider> {
        match &self.joined.provider {
            Some(head) => Ok(Provider::of_head(head.clone())),
            None => Ok(Provider::of(must(ctx.loaders().find(self.head().provider_id).await?, "provider")?)),
        }
    }

    /// The account it is for; null for guests and for who paid it and left its home.
    async fn utility_account(&self, ctx: &Context<'_>) -> Result<Option<UtilityAccount>> {
        if !self.is_whole() {
            return Ok(None);
        }
        // Customer and home of a bill are those of its account, so who sees the one sees the other.
        match &self.joined.account {
            Some(head) => Ok(Some(UtilityAccount::of_head(head.clone()))),
            None => Ok(Some(UtilityAccount::of(must(ctx.loaders().find(self.head().account_id).await?, "account")?))),
        }
    }

    /// The home it belongs to. For its household and staff; null for others.
    async fn property(&self, ctx: &Context<'_>) -> Result<Option<Property>> {
        if !self.is_whole() || !rules::sees_homes(ctx) {
            return Ok(None);
        }
        if let Some(head) = &self.joined.property {
            // A customer who leaves a home takes their bills along, so who sees the bill belongs to its home.
            return Ok(Some(Property::of_head(head.clone())));
        }
        let Some(id) = self.head().property_id else { return Ok(None) };
        let Some(row) = ctx.loaders().find(id).await? else { return Ok(None) };
        rules::home(ctx, row).await
    }

    /// Whose it is; null for guests and for who paid it and left its home.
    async fn customer(&self, ctx: &Context<'_>) -> Result<Option<Customer>> {
        if !self.is_whole() {
            return Ok(None);
        }
        Ok(Some(Customer::of(must(ctx.loaders().find(self.head().customer_id).await?, "customer")?)))
    }

    /// The bill that replaces it.
    async fn superseded_by(&self, ctx: &Context<'_>) -> Result<Option<Box<Bill>>> {
        let Some(id) = self.head().superseded_by.filter(|_| self.is_whole()) else { return Ok(None) };
        let Some(row) = ctx.loaders().find(id).await? else { return Ok(None) };
        Ok(rules::bill(ctx, &row).await?.map(Box::new))
    }

    /// What it said in each version, the newest first.
    #[graphql(complexity = "crate::connection::list_cost(child_complexity)")]
    async fn versions(&self, ctx: &Context<'_>) -> Result<Vec<BillVersion>> {
        if !self.is_whole() {
            return Ok(Vec::new());
        }
        let versions = Box::pin(ctx.billing().bills.bill_versions(ctx.actor(), self.head().id)).await?;
        Ok(versions.into_iter().map(BillVersion::of).collect())
    }

    /// What people and programs did to it, the first thing first. For staff; empty for others.
    #[graphql(complexity = "crate::connection::list_cost(child_complexity)")]
    async fn acts(&self, ctx: &Context<'_>) -> Result<Vec<BillAct>> {
        if !ctx.actor().is_staff() {
            return Ok(Vec::new());
        }
        let acts = Box::pin(ctx.billing().kernel.audit.acts_on_bill(ctx.actor(), self.head().id)).await?;
        Ok(acts.into_iter().map(BillAct).collect())
    }

    /// What of it whoever asks may pay now, and why; null where they may not pay it at all.
    #[graphql(complexity = "child_complexity + 4")]
    async fn quote(&self, ctx: &Context<'_>) -> Result<Option<Box<PayableQuote>>> {
        if !self.is_whole() {
            return Ok(None);
        }
        let payer = match Payer::of(ctx.actor()) {
            Err(Error::Forbidden) => return Ok(None),
            payer => payer?,
        };
        let quoted = ctx.loaders().find(QuoteFor(payer, self.head().id)).await?;
        Ok(quoted.map(|quoted| Box::new(PayableQuote::of((*quoted).clone()))))
    }

    /// Its payments, the newest first, as far as whoever asks sees them.
    #[graphql(complexity = "crate::connection::page_cost(first, child_complexity)")]
    async fn payments(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, 1 to 100; 20 where absent.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which to begin.")] after: Option<String>,
    ) -> Result<PaymentConnection> {
        let cursor = Box::pin(ctx.billing().kernel.events.log_end()).await?;
        if !self.is_whole() {
            return Ok(PaymentConnection::empty(cursor));
        }
        let payments = Box::pin(ctx.billing().payments.payments_of_bill(ctx.actor(), self.head().id, page(first, after))).await?;
        Ok(PaymentConnection::of(payments, cursor))
    }

    /// When it came.
    async fn created_at(&self) -> Instant {
        Instant(self.head().created_at)
    }

    /// When it last changed.
    async fn updated_at(&self) -> Instant {
        Instant(self.head().updated_at)
    }
}

/// Why a bill's amount is unusual.
#[derive(SimpleObject, Clone, Debug)]
#[graphql(serial)]
pub(crate) struct UnusualAmount {
    /// Whether it is more or less than usual.
    pub kind: UnusualKind,
    /// What bills of this account usually come to: the median of the others.
    pub usual: Money,
    /// The reason as text, in English.
    pub reason: String,
}

/// Whether an amount is more or less than usual.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum UnusualKind {
    /// Ten times the usual amount or more.
    High,
    /// A tenth of the usual amount or less.
    Low,
}

/// An amount of something used.
#[derive(SimpleObject, Clone, Debug)]
#[graphql(serial)]
pub(crate) struct Usage {
    /// How much.
    pub value: Decimal,
    /// Of what: `kWh`, `m³`, `GB`.
    pub unit: String,
}

impl From<StoredUsage> for Usage {
    fn from(usage: StoredUsage) -> Self {
        Self { value: Decimal(usage.value), unit: usage.unit }
    }
}

/// A line of a bill.
#[derive(SimpleObject, Clone, Debug)]
#[graphql(serial)]
pub(crate) struct BillLine {
    /// What for.
    pub label: String,
    /// How much money; lines that only inform have none.
    pub amount: Option<Money>,
    /// How much of what.
    pub usage: Option<Usage>,
    /// What sort of line.
    pub kind: Option<LineKind>,
}

impl BillLine {
    fn of(line: StoredLine, currency: &str) -> Self {
        Self {
            label: line.label,
            amount: line.amount_minor.map(|minor| Money::stored(minor, currency)),
            usage: line.usage.map(Usage::from),
            kind: Some(line.kind.into()),
        }
    }
}

/// Something that a person or a program did to a bill.
pub(crate) struct BillAct(audit_entry::Model);

/// Something that a person or a program did to a bill.
#[Object]
impl BillAct {
    /// When.
    async fn at(&self) -> Instant {
        Instant(self.0.created_at)
    }

    /// What, such as `bill.record`, `bill.correct` or `bill.void`.
    async fn action(&self) -> &str {
        &self.0.action
    }

    /// Who: a user's e-mail address, a program's name, or `Billow`.
    async fn actor_name(&self, ctx: &Context<'_>) -> Result<String> {
        name_of(ctx.loaders(), &self.0.actor).await
    }

    /// Why.
    async fn reason(&self) -> Option<&str> {
        self.0.reason.as_deref()
    }
}

/// What a bill said in one version, and what that changed.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(crate) struct BillVersion {
    /// Counts from 1.
    version: i32,
    /// What was to be paid.
    amount: Money,
    /// How the version came to Billow.
    source: BillSource,
    /// For versions made by hand: why.
    reason: Option<String>,
    /// For versions made by hand: by whom; for staff.
    actor: Option<String>,
    /// When it came.
    created_at: Instant,
    /// What it says otherwise than the version before.
    changes: Vec<FieldChange>,
}

#[ComplexObject]
impl BillVersion {
    /// For versions made by hand: their name, an e-mail address; for staff.
    async fn actor_name(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        match &self.actor {
            Some(label) => Ok(Some(name_of(ctx.loaders(), label).await?)),
            None => Ok(None),
        }
    }
}

impl BillVersion {
    fn of(version: StoredVersion) -> Self {
        let BillContent { amount_minor, currency, .. } = version.content;
        Self {
            version: version.version,
            amount: Money(billow_entities::Money::new(amount_minor, currency)),
            source: version.source.into(),
            reason: version.reason,
            actor: version.actor,
            created_at: Instant(version.created_at),
            changes: version.changes.into_iter().map(FieldChange::of).collect(),
        }
    }
}

/// A field that changed.
#[derive(SimpleObject)]
pub(crate) struct FieldChange {
    /// The field's name.
    field: String,
    /// As it was; JSON where it was more than a text or a number.
    before: Option<String>,
    /// As it is.
    after: Option<String>,
}

impl FieldChange {
    fn of(change: Change) -> Self {
        Self { field: camel(&change.field), before: words(change.before), after: words(change.after) }
    }
}

fn words(value: serde_json::Value) -> Option<String> {
    match value {
        serde_json::Value::Null => None,
        serde_json::Value::String(text) => Some(text),
        other => Some(other.to_string()),
    }
}

/// `amount_minor` as `amountMinor`, as fields are called here.
fn camel(name: &str) -> String {
    let mut parts = name.split('_');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let mut letters = part.chars();
        out.extend(letters.next().map(|c| c.to_ascii_uppercase()));
        out.push_str(letters.as_str());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_called_as_in_the_api() {
        assert_eq!(camel("amount_minor"), "amountMinor");
        assert_eq!(camel("status"), "status");
        assert_eq!(words(serde_json::json!(12)), Some("12".into()));
        assert_eq!(words(serde_json::Value::Null), None);
    }
}
