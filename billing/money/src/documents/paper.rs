//! What a document says: the payment with its bills and both legs, as they are when it is made.

use std::collections::HashMap;

use billow_entities::{
    AllocationId, BillId, Currency, DocumentKind, Money, PaymentKind, ProviderId, bill, customer, document, payment, payment_allocation,
    payment_method, provider, remittance,
};
use billow_kernel::error::{Error, Fault, Result};
use billow_supply::bills::{BillContent, BillLine};
use billow_supply::connector::LineKind;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::Documents;
use crate::methods::title;
use crate::paper::{DocumentItem, DocumentLine, DocumentPaper};

/// Bills one document lists; a payment has fewer.
const MAX_ITEMS: u64 = 500;
/// Our name, where no provider supplies anything.
const OURSELVES: &str = "Billow";

impl Documents {
    /// Everything a document says.
    pub(super) async fn paper_of(&self, document: &document::Model) -> Result<DocumentPaper> {
        let db = self.store.primary();
        let payment = payment::Entity::find_by_id(document.payment_id).one(db).await?.ok_or(Error::NotFound("payment"))?;
        let customer = customer::Entity::find_by_id(document.customer_id).one(db).await?.ok_or(Error::NotFound("customer"))?;
        let method = match payment.method_id {
            Some(id) => payment_method::Entity::find_by_id(id).one(db).await?,
            None => None,
        };
        let currency: Currency = payment.currency.parse().map_err(|e| Fault::new("a stored currency", e))?;
        let money = |minor| Money::new(minor, currency);
        let items = match payment.kind {
            PaymentKind::Bills => items(db, &payment, currency).await?,
            PaymentKind::TopUp => vec![DocumentItem {
                provider: OURSELVES.to_owned(),
                utility_type: None,
                bill_number: None,
                period: None,
                amount: money(payment.amount_minor),
                lines: Vec::new(),
                remittance: None,
                provider_reference: None,
            }],
        };
        let is_receipt = document.kind == DocumentKind::Receipt;
        Ok(DocumentPaper {
            kind: document.kind,
            number: document.number.clone().ok_or(Error::NotFound("number"))?,
            locale: document.locale.clone(),
            time_zone: customer.time_zone,
            issued_at: document.created_at,
            customer_name: customer.name,
            payment_reference: payment.id.to_string(),
            payment_status: payment.status,
            paid_at: payment.settled_at.filter(|_| is_receipt),
            paid_with: method.as_ref().map(title),
            total: money(payment.amount_minor),
            from_wallet: money(payment.wallet_minor),
            from_gateway: money(payment.gateway_minor),
            refunded: money(if is_receipt { payment.refunded_minor } else { 0 }),
            items,
            verify_url: self.verify_url(document.id),
        })
    }
}

async fn items(db: &impl ConnectionTrait, payment: &payment::Model, currency: Currency) -> Result<Vec<DocumentItem>> {
    let allocations = payment_allocation::Entity::find()
        .filter(payment_allocation::Column::PaymentId.eq(payment.id))
        .order_by_asc(payment_allocation::Column::Id)
        .limit(MAX_ITEMS)
        .all(db)
        .await?;
    let bills = bill::Entity::find().filter(bill::Column::Id.is_in(allocations.iter().map(|a| a.bill_id))).all(db).await?;
    let providers = provider::Entity::find().filter(provider::Column::Id.is_in(allocations.iter().map(|a| a.provider_id))).all(db).await?;
    let remittances = remittance::Entity::find().filter(remittance::Column::PaymentId.eq(payment.id)).limit(MAX_ITEMS).all(db).await?;
    let bills: HashMap<BillId, bill::Model> = bills.into_iter().map(|b| (b.id, b)).collect();
    let providers: HashMap<ProviderId, String> = providers.into_iter().map(|p| (p.id, p.name)).collect();
    let remittances: HashMap<AllocationId, remittance::Model> = remittances.into_iter().map(|r| (r.allocation_id, r)).collect();
    allocations
        .into_iter()
        .map(|allocation| {
            let bill = bills.get(&allocation.bill_id);
            let content = bill.map(BillContent::of_row).transpose()?;
            let remittance = remittances.get(&allocation.id);
            Ok(DocumentItem {
                provider: providers.get(&allocation.provider_id).cloned().unwrap_or_default(),
                utility_type: Some(allocation.utility_type),
                bill_number: content.as_ref().map(|c| c.number.clone()),
                period: content.as_ref().and_then(|c| c.period_start.zip(c.period_end)),
                amount: Money::new(allocation.amount_minor, currency),
                lines: content.map(|c| c.lines.into_iter().map(|l| line(l, c.currency)).collect()).unwrap_or_default(),
                remittance: remittance.map(|r| (r.status, r.settled_at)),
                provider_reference: remittance.and_then(|r| r.provider_ref.clone()),
            })
        })
        .collect()
}

fn line(line: BillLine, currency: Currency) -> DocumentLine {
    DocumentLine {
        is_tax: line.kind == LineKind::Tax,
        amount: line.amount_minor.map(|minor| Money::new(minor, currency)),
        label: line.label,
    }
}
