//! Testing a gateway: one call that reads the account its key belongs to. Until it passed, nothing is charged there.

use billow_entities::{GatewayId, GatewayTestResult, gateway};
use billow_kernel::Actor;
use billow_kernel::error::{Error, Result};
use billow_kernel::events::GatewayChange;
use chrono::{DateTime, Utc};
use sea_orm::sea_query::LockType;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel, QuerySelect};
use serde_json::json;

use super::Gateways;
use super::access::{Secrets, settings_of};
use crate::gateway::{GatewayAccount, GatewayFault, GatewayMode, GatewayResult, KEY_REFUSED, NOT_PERMITTED};

/// The most characters of a message or a name that are kept.
const MAX_TEXT: usize = 300;

/// What the last test of a gateway's current keys found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GatewayTest {
    /// Whether they work, and if not, why.
    pub result: GatewayTestResult,
    /// Why it failed, for administrators; none if it passed.
    pub message: Option<String>,
    /// The gateway's id of the account.
    pub account_id: Option<String>,
    /// What the account is called there.
    pub account_name: Option<String>,
    /// When.
    pub tested_at: DateTime<Utc>,
}

impl GatewayTest {
    /// The last test of a gateway; none since its keys or its address changed.
    #[must_use]
    pub fn of(model: &gateway::Model) -> Option<Self> {
        let result = model.test_result?;
        let read = matches!(result, GatewayTestResult::Passed | GatewayTestResult::AccountDisabled);
        Some(Self {
            result,
            message: model.test_message.clone(),
            account_id: model.test_account_id.clone().filter(|_| read),
            account_name: model.test_account_name.clone().filter(|_| read),
            tested_at: model.tested_at?,
        })
    }

    /// Judges what the gateway answered. `used` is the account this gateway has worked with.
    fn judge(answer: GatewayResult<GatewayAccount>, mode: Option<GatewayMode>, used: Option<&str>, tested_at: DateTime<Utc>) -> Self {
        let failed =
            |result, message: String| Self { result, message: Some(shortened(&message)), account_id: None, account_name: None, tested_at };
        let account = match answer {
            Ok(account) => account,
            Err(GatewayFault::NotSent { message, .. }) => return failed(GatewayTestResult::Unreachable, message),
            Err(GatewayFault::Unknown { message }) => return failed(GatewayTestResult::NoAnswer, message),
            Err(GatewayFault::KeyReused { message }) => return failed(GatewayTestResult::Refused, message),
            Err(GatewayFault::Refused { code, message }) => {
                let result = match code.as_deref() {
                    Some(KEY_REFUSED) => GatewayTestResult::KeyRefused,
                    Some(NOT_PERMITTED) => GatewayTestResult::NotPermitted,
                    _ => GatewayTestResult::Refused,
                };
                return failed(result, message);
            }
        };
        let id = shortened(&account.id);
        if let Some(used) = used.filter(|used| *used != id) {
            let name = account.name.map(|name| format!(" ({name})")).unwrap_or_default();
            let message =
                format!("this key belongs to the account {id}{name}, but customers and saved methods of this gateway are in {used}");
            return failed(GatewayTestResult::OtherAccount, format!("{message}; add another gateway for it"));
        }
        // In test mode an account can be charged before it is activated.
        let disabled = account.can_charge == Some(false) && mode != Some(GatewayMode::Test);
        let test = if disabled {
            failed(GatewayTestResult::AccountDisabled, "the account cannot take charges; activate it at the gateway".to_owned())
        } else {
            Self { result: GatewayTestResult::Passed, message: None, account_id: None, account_name: None, tested_at }
        };
        Self { account_id: Some(id), account_name: account.name.as_deref().map(shortened), ..test }
    }
}

impl Gateways {
    /// Tests a gateway by one call that reads its account; nothing is charged or changed there. Its circuit is left alone.
    ///
    /// # Errors
    /// For everybody but administrators; when there is no such gateway; `CONFLICT` when its keys or its address were changed
    /// during the test.
    #[tracing::instrument(name = "gateways.test", skip_all)]
    pub async fn test_gateway(&self, actor: &Actor, id: GatewayId) -> Result<gateway::Model> {
        actor.admin()?;
        self.identity.confirmed(actor).await?;
        let before = gateway::Entity::find_by_id(id).one(self.store.primary()).await?.ok_or(Error::NotFound("gateway"))?;
        let access = self.access_of(&before)?;
        let mode = self.gateway.mode(&access.credentials);
        let answer = self.gateway.account(&access).await;
        // Until a call got through, nothing is kept there, and a key of a wrong account can still be corrected.
        let used = before.test_account_id.as_deref().filter(|_| before.last_success_at.is_some());
        let test = GatewayTest::judge(answer, mode, used, self.clock.now());
        let mut tx = self.store.write_tx().await?;
        let model = gateway::Entity::find_by_id(id).lock(LockType::NoKeyUpdate).one(&*tx).await?.ok_or(Error::NotFound("gateway"))?;
        if model.credentials_enc != before.credentials_enc || settings_of(&model)?.base_url != access.settings.base_url {
            return Err(Error::invalid("CONFLICT", "", "The keys or the address were changed during the test. Test the gateway again."));
        }
        let data = json!({
            "result": test.result, "message": test.message, "account_id": test.account_id, "account_name": test.account_name, "mode": mode,
        });
        let mut row = model.into_active_model();
        row.tested_at = Set(Some(test.tested_at));
        row.test_result = Set(Some(test.result));
        row.test_message = Set(test.message);
        if test.account_id.is_some() {
            row.test_account_id = Set(test.account_id);
            row.test_account_name = Set(test.account_name);
        }
        let model = row.update(&*tx).await?;
        tx.emit(self.events.gateway(&model, GatewayChange::Tested)?);
        self.audit.record(&tx, actor, "gateway.test", id, None, None, data).await?;
        tx.commit().await?;
        Ok(model)
    }

    /// Whether a gateway's keys move real money, for staff; none where they do not say.
    ///
    /// # Errors
    /// When somebody else asks, or the secrets do not open.
    pub fn gateway_mode(&self, actor: &Actor, model: &gateway::Model) -> Result<Option<GatewayMode>> {
        actor.staff()?;
        Ok(self.gateway.mode(&*self.secrets_of(model)?))
    }
}

/// Forgets the test of keys that are used no more, but not which account they belonged to.
pub(super) fn forget(row: &mut gateway::ActiveModel) {
    row.tested_at = Set(None);
    row.test_result = Set(None);
    row.test_message = Set(None);
}

/// Nothing new is charged with keys that never passed a test.
pub(super) fn passed(model: &gateway::Model) -> Result<()> {
    let message = match model.test_result {
        Some(GatewayTestResult::Passed) => return Ok(()),
        Some(_) => "The last test of this gateway failed. Correct what it found and test it again.",
        None => "The keys of this gateway have not been tested. Test it first.",
    };
    Err(Error::invalid("GATEWAY_UNTESTED", "", message))
}

/// Whether a call to the gateway goes elsewhere, or with another key, than before. The secret of its webhooks is never sent.
pub(super) fn calls_differ(before: (&str, &Secrets), after: (&str, &Secrets)) -> bool {
    use secrecy::ExposeSecret as _;
    let sent = |secrets: &Secrets| {
        let sent = secrets.iter().filter(|(name, _)| !name.starts_with("webhook"));
        sent.map(|(name, secret)| (name.clone(), secret.expose_secret().to_owned())).collect::<Vec<_>>()
    };
    before.0 != after.0 || sent(before.1) != sent(after.1)
}

fn shortened(text: &str) -> String {
    text.chars().take(MAX_TEXT).collect()
}

#[cfg(test)]
mod tests {
    use GatewayTestResult::{AccountDisabled, KeyRefused, NoAnswer, NotPermitted, OtherAccount, Passed, Refused, Unreachable};

    use super::*;

    #[test]
    fn every_answer_is_judged() {
        let account = |can_charge| Ok(GatewayAccount { id: "acct_1".into(), name: Some("Ours".into()), can_charge });
        let refused = |code: Option<&str>| Err(GatewayFault::Refused { code: code.map(str::to_owned), message: "no".into() });
        let (live, test) = (Some(GatewayMode::Live), Some(GatewayMode::Test));
        for (answer, mode, result) in [
            (account(Some(true)), live, Passed),
            (account(None), live, Passed),
            (account(Some(false)), live, AccountDisabled),
            (account(Some(false)), None, AccountDisabled),
            (account(Some(false)), test, Passed),
            (refused(Some(KEY_REFUSED)), live, KeyRefused),
            (refused(Some(NOT_PERMITTED)), live, NotPermitted),
            (refused(Some("resource_missing")), live, Refused),
            (refused(None), live, Refused),
            (Err(GatewayFault::Unknown { message: "500".into() }), live, NoAnswer),
            (Err(GatewayFault::NotSent { message: "no connection".into(), retry_after_ms: None }), live, Unreachable),
            (Err(GatewayFault::KeyReused { message: "?".into() }), live, Refused),
        ] {
            let told = format!("{answer:?} {mode:?}");
            let named = answer.is_ok();
            let found = GatewayTest::judge(answer, mode, Some("acct_1"), DateTime::UNIX_EPOCH);
            assert_eq!(found.result, result, "{told}");
            assert_eq!(found.message.is_none(), result == Passed, "{told}");
            assert_eq!(found.account_name.is_some(), named, "{told}");
        }
        let other = GatewayTest::judge(account(Some(true)), live, Some("acct_0"), DateTime::UNIX_EPOCH);
        assert_eq!((other.result, &other.account_id), (OtherAccount, &None));
        let message = other.message.expect("words");
        assert!(message.contains("account acct_1 (Ours)") && message.contains("are in acct_0"), "{message}");
        assert_eq!(GatewayTest::judge(account(Some(true)), live, None, DateTime::UNIX_EPOCH).result, Passed);
    }
}
