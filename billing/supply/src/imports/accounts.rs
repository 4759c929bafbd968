//! The accounts that rows ask for, added as any other account is.

use billow_kernel::error::Result;
use billow_kernel::{Actor, Error};

use super::Imports;
use super::csv::in_columns;
use super::customers::Worked;
use crate::accounts::AddAccount;

impl Imports {
    /// Adds the accounts of a batch whose customers are there. One that was added before the batch was interrupted is fine.
    pub(super) async fn add_accounts(&self, actor: &Actor, worked: &mut [Worked]) -> Result<()> {
        for row in worked {
            let Some(account) = row.account.take() else { continue };
            let new = AddAccount {
                customer_id: Some(account.customer_id),
                provider_id: account.provider_id,
                property_id: account.property_id,
                label: None,
                params: account.params,
            };
            match self.accounts.add_utility_account(actor, new).await {
                Ok(_) => {}
                Err(Error::Invalid(errors)) if errors.iter().all(|e| e.code == "ALREADY_ADDED") => {}
                Err(Error::Invalid(errors)) => row.errors = in_columns(errors),
                Err(other) => return Err(other),
            }
        }
        Ok(())
    }
}
