//! Journeys about money, through the front door: what customers, guests, operators and administrators do, and what must not
//! happen whatever breaks.

mod books;
mod bugs;
mod customer;
mod documents;
mod elsewhere;
mod gateways;
mod history;
mod owed;
mod preview;
mod recharge;
mod staff;
mod strangers;

/// Everything whoever pays is shown of a payment.
const PAYMENT: &str = "query($id: ID!) { payment(id: $id) { id kind status statusReason declineKind amount { formatted } fromWallet { formatted } \
     fromGateway { formatted } refunded { formatted } refundable { formatted } method { title } customer { name } \
     allocations { amount { formatted } refunded { formatted } utilityType provider { code } bill { status paid { formatted } } \
       remittance { status amount { formatted } providerReference message voucher tries } } \
     attempts { number status amount { formatted } gatewayCode externalId declineKind declineCode message decision fee { formatted } } \
     refunds { amount { formatted } target cause reason status statusReason } documents { kind number status sha256 sizeBytes } \
     actionUrl canRetry canCancel createdAt settledAt timeline { at kind title detail amount { formatted } } } }";
const RETRY: &str = "mutation($input: RetryPaymentInput!) { retryPayment(input: $input) { payment { id status attempts { number status } } userErrors { code message path } } }";
const CANCEL: &str =
    "mutation($input: CancelPaymentInput!) { cancelPayment(input: $input) { payment { id status } userErrors { code message path } } }";
const REFUND: &str = "mutation($input: RefundPaymentInput!) { refundPayment(input: $input) { refunds { id amount { amountMinor } target cause status } \
     payment { status refunded { amountMinor } refundable { amountMinor } } userErrors { code message path } } }";
const UPDATES: &str = "subscription($after: String, $id: ID) { paymentUpdated(after: $after, id: $id) { cursor resync payment { id status \
     allocations { remittance { status } } } } }";
const LINK: &str = "query($token: String!) { payLink(token: $token) { expiresAt bill { number status amount { formatted } dueOn provider { name } } \
     quote { payable reason suggested { amountMinor } } payment { id status } } }";
