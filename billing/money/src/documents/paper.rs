//! What a document says: the payment with what it paid and both legs, as they are when it is made.

use std::collections::HashMap;

use billow_entities::{
    AllocationId, Currency, DocumentKind, Money, PaymentKind, ProviderId, customer, document, payment, payment_allocation, payment_method,
    provider, remittance,
};
use billow_kernel::error::{Error, Result};
use billow_supply::bills::BillLine;
use billow_supply::connector::LineKind;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::Documents;
use crate::currency::currency_of;
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
        let currency = currency_of(&payment.currency)?;
        let money = |minor| Money::new(minor, currency);
        let items = match payment.kind {
            PaymentKind::Bills => self.items(&payment, currency).await?,
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

    async fn items(&self, payment: &payment::Model, currency: Currency) -> Result<Vec<DocumentItem>> {
        let db = self.store.primary();
        let allocations = payment_allocation::Entity::find()
            .filter(payment_allocation::Column::PaymentId.eq(payment.id))
            .order_by_asc(payment_allocation::Column::Id)
            .limit(MAX_ITEMS)
            .all(db)
            .await?;
        let paid = self.payables.described(db, allocations.iter().map(payment_allocation::Model::target)).await?;
        let providers =
            provider::Entity::find().filter(provider::Column::Id.is_in(allocations.iter().map(|a| a.provider_id))).all(db).await?;
        let remittances = remittance::Entity::find().filter(remittance::Column::PaymentId.eq(payment.id)).limit(MAX_ITEMS).all(db).await?;
        let providers: HashMap<ProviderId, String> = providers.into_iter().map(|p| (p.id, p.name)).collect();
        let remittances: HashMap<AllocationId, remittance::Model> = remittances.into_iter().map(|r| (r.allocation_id, r)).collect();
        let item = |allocation: payment_allocation::Model| {
            let paid = paid.get(&allocation.target());
            let remittance = remittances.get(&allocation.id);
            DocumentItem {
                provider: providers.get(&allocation.provider_id).cloned().unwrap_or_default(),
                utility_type: Some(allocation.utility_type),
                bill_number: paid.map(|p| p.number.clone()),
                period: paid.and_then(|p| p.period),
                amount: Money::new(allocation.amount_minor, currency),
                lines: paid.map(|p| p.lines.iter().map(|l| line(l.clone(), p.currency)).collect()).unwrap_or_default(),
                remittance: remittance.map(|r| (r.status, r.settled_at)),
                provider_reference: remittance.and_then(|r| r.provider_ref.clone()),
            }
        };
        Ok(allocations.into_iter().map(item).collect())
    }
}

fn line(line: BillLine, currency: Currency) -> DocumentLine {
    DocumentLine {
        is_tax: line.kind == LineKind::Tax,
        amount: line.amount_minor.map(|minor| Money::new(minor, currency)),
        label: line.label,
    }
}
