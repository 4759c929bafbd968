//! What resolvers reach through their context.

use async_graphql::Context;
use async_graphql::dataloader::DataLoader;
use billow_billing::identity::Budget;
use billow_billing::{Actor, Billing};

use crate::auth::Identities;
use crate::caller::{Admission, Caller};
use crate::config::ApiConfig;
use crate::loaders::Loaders;

/// Shorthand for resolvers.
pub(crate) trait ContextExt {
    /// The business.
    fn billing(&self) -> &Billing;
    /// The request.
    fn caller(&self) -> &Caller;
    /// Who asks.
    fn actor(&self) -> &Actor;
    /// Settings.
    fn config(&self) -> &ApiConfig;
    /// What was read about tokens.
    fn identities(&self) -> &Identities;
    /// Many nodes by their ids at once.
    fn loaders(&self) -> &DataLoader<Loaders>;
    /// Counts one try of what has a budget, for the caller and their address. Staff and programs have no budget.
    ///
    /// # Errors
    /// `Unauthenticated` for nobody, `TooMany` when the budget is used up.
    async fn spend(&self, budget: Budget) -> billow_billing::Result<()>;
}

impl ContextExt for Context<'_> {
    fn billing(&self) -> &Billing {
        self.data_unchecked()
    }

    fn caller(&self) -> &Caller {
        self.data_unchecked::<Admission>().caller().unwrap_or_else(|| self.data_unchecked())
    }

    fn actor(&self) -> &Actor {
        self.caller().actor()
    }

    fn config(&self) -> &ApiConfig {
        self.data_unchecked::<std::sync::Arc<ApiConfig>>()
    }

    fn identities(&self) -> &Identities {
        self.data_unchecked::<std::sync::Arc<Identities>>()
    }

    fn loaders(&self) -> &DataLoader<Loaders> {
        self.data_unchecked()
    }

    async fn spend(&self, budget: Budget) -> billow_billing::Result<()> {
        self.billing().identity.spend_as(self.actor(), budget, self.caller().address).await
    }
}
