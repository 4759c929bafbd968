//! Under which id a gateway knows a customer: made when it is first needed, and remembered.

use billow_entities::{CustomerId, GatewayId, customer, gateway_customer};
use billow_kernel::error::{Error, Fault, Result};
use billow_kernel::sha256_hex;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait};

use super::Gateways;
use crate::gateway::{GatewayAccess, GatewayFault, GatewayResult, NewGatewayCustomer};

impl Gateways {
    /// The gateway's id of a customer; the inner error is the gateway's.
    ///
    /// Calls the gateway when it does not know the customer yet: never within a transaction.
    ///
    /// # Errors
    /// When there is no such customer, or the database does not answer.
    pub async fn gateway_customer(&self, access: &GatewayAccess, id: CustomerId) -> Result<GatewayResult<String>> {
        if let Some(known) = known_as(self.store.primary(), access.id, id).await? {
            return Ok(Ok(known));
        }
        let owner = customer::Entity::find_by_id(id).one(self.store.primary()).await?.ok_or(Error::NotFound("customer"))?;
        let new = NewGatewayCustomer { reference: id.to_string(), name: owner.name, email: owner.email };
        let key = format!("cust:{id}:{}", access.id);
        let mut made = self.gateway.create_customer(access, &key, &new).await;
        if let Err(GatewayFault::KeyReused { .. }) = made {
            // An answer was lost, and the customer got another name or address since.
            let content = sha256_hex(format!("{}\u{1f}{}", new.name, new.email.as_deref().unwrap_or_default()));
            made = self.gateway.create_customer(access, &format!("{key}:{}", &content[..16]), &new).await;
        }
        let external_id = match self.record_gateway_result(access.id, made).await? {
            Ok(external_id) => external_id,
            Err(fault) => return Ok(Err(fault)),
        };
        let row = gateway_customer::ActiveModel {
            customer_id: Set(id),
            gateway_id: Set(access.id),
            external_id: Set(external_id),
            created_at: Set(self.clock.now()),
        };
        let once = OnConflict::columns([gateway_customer::Column::CustomerId, gateway_customer::Column::GatewayId]).do_nothing().to_owned();
        gateway_customer::Entity::insert(row).on_conflict(once).exec_without_returning(self.store.writer()).await?;
        // Whoever was first counts.
        let known = known_as(self.store.primary(), access.id, id).await?;
        known.map(Ok).ok_or_else(|| Error::Fault(Fault::new("a gateway's customer", "it was not remembered")))
    }
}

/// The id by which a gateway knows a customer already.
pub(crate) async fn known_as(db: &impl ConnectionTrait, gateway: GatewayId, customer: CustomerId) -> Result<Option<String>> {
    Ok(gateway_customer::Entity::find_by_id((customer, gateway)).one(db).await?.map(|row| row.external_id))
}
