//! What a customer told about an account, as it is stored.

use std::collections::BTreeMap;

use billow_entities::{UtilityAccountId, utility_account};
use billow_kernel::cipher::Place;
use billow_kernel::error::Result;

use super::Accounts;

impl Accounts {
    /// The customer parameters of an account by name.
    ///
    /// # Errors
    /// When they do not open.
    pub fn open_params(&self, account: &utility_account::Model) -> Result<BTreeMap<String, String>> {
        self.cipher.open_json(params_place(&account.id.to_string()), &account.params_enc)
    }

    /// Seals the customer parameters of the account `id`.
    ///
    /// # Errors
    /// When the cipher fails.
    pub fn seal_params(&self, id: UtilityAccountId, params: &BTreeMap<String, String>) -> Result<Vec<u8>> {
        self.cipher.seal_json(params_place(&id.to_string()), params)
    }
}

fn params_place(row: &str) -> Place<'_> {
    Place { table: "utility_accounts", row, column: "params_enc" }
}
