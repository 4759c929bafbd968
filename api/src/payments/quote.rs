//! What may be paid, before it is.

use async_graphql::{Context, Object, SimpleObject};
use billow_billing::payable_bills::PayableQuote as Quoted;
use billow_billing::payments::{PaymentPreview as Previewed, PreviewSums};

use crate::bills::bill::Bill;
use crate::payments::payment::Payment;
use crate::rules;
use crate::scalars::Instant;
use crate::types::{AmountRuleKind, Money, NotPayable, UserError};

/// What may be paid of a bill, and why.
#[derive(Clone, Debug)]
pub(crate) struct PayableQuote {
    quoted: Quoted,
    guest: bool,
}

impl PayableQuote {
    pub(crate) fn of(quoted: Quoted) -> Self {
        Self { quoted, guest: false }
    }

    /// As a guest may see it.
    pub(crate) fn for_guest(quoted: Quoted) -> Self {
        Self { quoted, guest: true }
    }

    fn money(&self, minor: i64) -> Money {
        Money(billow_entities::Money::new(minor, self.quoted.currency))
    }
}

/// What may be paid of a bill, and why.
#[Object]
impl PayableQuote {
    /// Whether it can be paid now.
    async fn payable(&self) -> bool {
        self.quoted.payable()
    }

    /// Why it cannot, for programs and for words in another language; null where it can.
    async fn reason_code(&self) -> Option<NotPayable> {
        self.quoted.not_payable.map(Into::into)
    }

    /// Why it cannot, in an English sentence.
    async fn reason(&self) -> Option<&str> {
        self.quoted.reason()
    }

    /// Which amounts the provider takes.
    async fn rule(&self) -> AmountRuleKind {
        self.quoted.rule.into()
    }

    /// What is paid where no amount is given.
    async fn suggested(&self) -> Money {
        self.money(self.quoted.suggested_minor)
    }

    /// The least that may be paid.
    async fn min(&self) -> Money {
        self.money(self.quoted.min_minor)
    }

    /// The most that may be paid.
    async fn max(&self) -> Money {
        self.money(self.quoted.max_minor)
    }

    /// Payments are a multiple of this; null where any amount between the bounds will do.
    async fn multiple(&self) -> Option<Money> {
        self.quoted.multiple_minor.map(|minor| self.money(minor))
    }

    /// Whether something was paid before: `rule` is about what is left then.
    async fn partly_paid(&self) -> bool {
        self.quoted.partly_paid
    }

    /// What `rule`, `multiple` and `partlyPaid` say, in an English sentence.
    async fn explanation(&self) -> &str {
        &self.quoted.explanation
    }

    /// The payment under way, which another has to wait for; null where it is somebody else's.
    async fn live_payment(&self, ctx: &Context<'_>) -> Option<Payment> {
        let live = self.quoted.live_payment.clone().filter(|_| !self.guest)?;
        rules::payment(ctx, live.into())
    }
}

/// What a payment would come to. Nothing was written down.
#[derive(SimpleObject)]
pub(crate) struct PaymentPreview {
    /// The whole of it; null where the bills come to no one sum, and `userErrors` says why.
    total: Option<Money>,
    /// The part from the wallet; null as `total`.
    from_wallet: Option<Money>,
    /// The part through a gateway; null as `total`.
    from_gateway: Option<Money>,
    /// Bill by bill; without those that are not there for whoever asks.
    lines: Vec<PreviewLine>,
    /// Why it could not be paid like this; empty where it could.
    user_errors: Vec<UserError>,
}

/// One bill of a payment to be.
#[derive(SimpleObject)]
pub(crate) struct PreviewLine {
    /// The bill.
    bill: Bill,
    /// What would be paid of it.
    amount: Money,
    /// What may be paid of it.
    quote: PayableQuote,
}

impl PaymentPreview {
    /// Nothing but what stands against it.
    pub(crate) fn refused(user_errors: Vec<UserError>) -> Self {
        Self { total: None, from_wallet: None, from_gateway: None, lines: Vec::new(), user_errors }
    }
}

impl From<Previewed> for PaymentPreview {
    fn from(preview: Previewed) -> Self {
        let sums = preview.sums;
        let money = |minor: fn(PreviewSums) -> i64| sums.map(|sums| Money(billow_entities::Money::new(minor(sums), sums.currency)));
        let lines = preview.lines.into_iter().map(|line| PreviewLine {
            amount: Money(billow_entities::Money::new(line.amount_minor, line.quote.currency)),
            bill: Bill::from(line.bill),
            quote: PayableQuote::of(line.quote),
        });
        Self {
            total: money(|sums| sums.total_minor),
            from_wallet: money(|sums| sums.from_wallet_minor),
            from_gateway: money(|sums| sums.from_gateway_minor),
            lines: lines.collect(),
            user_errors: preview.user_errors.into_iter().map(UserError::from).collect(),
        }
    }
}

/// The bill behind a signed link, as far as a guest may see it: not whose it is, nor at which account.
#[derive(SimpleObject)]
pub(crate) struct PayLink {
    /// The bill.
    pub bill: Bill,
    /// What may be paid of it.
    pub quote: PayableQuote,
    /// Until when the link leads here.
    pub expires_at: Instant,
    /// The payment that was last begun by this link, as far as a guest may see it.
    pub payment: Option<Payment>,
}
