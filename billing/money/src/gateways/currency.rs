//! The currency a customer's money is in where nobody says it.

use billow_entities::{BillId, Currency, CustomerId, bill, gateway, payment};
use billow_kernel::error::{Error, Result};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::Gateways;

impl Gateways {
    /// The currency of the customer's newest bill, or of their newest payment where there is no bill; the first one a gateway
    /// names where there is neither.
    pub(crate) async fn usual_currency(&self, owner: CustomerId) -> Result<Currency> {
        let newest: Option<(BillId, String)> = bill::Entity::find()
            .select_only()
            .columns([bill::Column::Id, bill::Column::Currency])
            .filter(bill::Column::CustomerId.eq(owner))
            .order_by_desc(bill::Column::IssuedOn)
            .order_by_desc(bill::Column::Id)
            .into_tuple()
            .one(self.store.read())
            .await?;
        if let Some(currency) = newest.and_then(|(_, code)| code.parse().ok()) {
            return Ok(currency);
        }
        let paid = payment::Entity::find().filter(payment::Column::CustomerId.eq(owner)).order_by_desc(payment::Column::Id);
        if let Some(currency) = paid.one(self.store.read()).await?.and_then(|payment| payment.currency.parse().ok()) {
            return Ok(currency);
        }
        let gateways = gateway::Entity::find().order_by_asc(gateway::Column::Rank).limit(50).all(self.store.read()).await?;
        for model in gateways {
            if let Some(first) = self.gateway_currencies(&model)?.first() {
                return Ok(*first);
            }
        }
        Err(Error::invalid("REQUIRED", "currency", "Say in which currency it will be charged."))
    }
}
