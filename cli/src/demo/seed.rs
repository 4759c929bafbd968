//! Fills the demo through the same use cases people use: nothing is written past the rules.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::time::Duration;

use anyhow::{Context as _, Result};
use billow_billing::accounts::AddAccount;
use billow_billing::fetching::FetchTarget;
use billow_billing::homes::NewProperty;
use billow_billing::identity::{Device, NewUser, SignIn, SignUp};
use billow_billing::page::PageRequest;
use billow_billing::{Actor, Billing};
use billow_entities::{
    FetchRunId, PropertyId, PropertyInvitationId, PropertyRole, ProviderId, Role, RunStatus, SessionKind, fetch_run, utility_account,
};
use billow_sandbox::{Provider, Sandbox, SandboxState};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use secrecy::SecretString;

use super::money;
use super::people::{Home, PASSWORD, PEOPLE, Person};
use crate::commands::admin::words;

/// Registers the providers, signs everybody up, adds their homes and accounts and fetches 18 months of bills.
///
/// # Errors
/// When a step is refused.
pub async fn seed(billing: &Billing, sandbox: &Sandbox) -> Result<()> {
    if !billing.providers.providers(&Actor::System, Default::default(), PageRequest::default()).await?.items.is_empty() {
        return Ok(());
    }
    let mut providers = BTreeMap::new();
    for provider in Provider::ALL {
        let (definition, credentials) = billow_sandbox::provider_definition(provider, sandbox.http_url());
        let credentials = serde_json::from_value::<BTreeMap<String, String>>(credentials)?;
        let credentials = credentials.into_iter().map(|(name, secret)| (name, SecretString::from(secret))).collect();
        let model = billing
            .providers
            .register_provider(&Actor::System, definition, credentials)
            .await
            .map_err(words)
            .with_context(|| format!("{provider:?}"))?;
        providers.insert(provider, model.id);
    }
    for (email, role) in [("operator@example.com", Role::Operator), ("admin@example.com", Role::Admin)] {
        let input = NewUser { email: email.to_owned(), password: SecretString::from(PASSWORD), role };
        billing.identity.create_user(&Actor::System, input).await.map_err(words)?;
    }
    for person in &PEOPLE {
        sign_up(billing, person, &providers).await.with_context(|| person.email.to_owned())?;
    }
    // The first fetch of each account brings its history; some providers want to be asked twice.
    for _ in 0..5 {
        billing.fetching.fetch_due().await.map_err(words)?;
    }
    money::seed(billing, sandbox).await
}

async fn sign_up(billing: &Billing, person: &Person, providers: &BTreeMap<Provider, ProviderId>) -> Result<()> {
    let input = SignUp {
        email: person.email.to_owned(),
        password: SecretString::from(PASSWORD),
        name: person.name.to_owned(),
        mobile: Some(person.mobile.to_owned()),
        locale: person.locale.to_owned(),
        time_zone: person.time_zone.to_owned(),
        invitation_token: None,
        device: Device { kind: SessionKind::Bearer, user_agent: None, address: None },
    };
    let signed_in = billing.identity.sign_up(&Actor::Anonymous, input).await.map_err(words)?;
    let actor = billing.identity.authenticate(&signed_in.token).await.map_err(words)?;
    billing.identity.vouch_for_email(&Actor::System, actor.customer().map_err(words)?).await.map_err(words)?;
    for home in person.homes {
        let property = billing.homes.add_property(&actor, new_property(home)).await.map_err(words)?;
        if let Some(email) = home.shared_with {
            let invitation = billing.homes.share_property(&actor, property.id, email, PropertyRole::Payer).await.map_err(words)?;
            accept(billing, email, invitation.row.id).await?;
        }
        for (provider, number, label) in home.accounts {
            add_account(billing, &actor, (providers, *provider), number, label, Some(property.id)).await?;
        }
    }
    for (provider, number, label) in person.accounts {
        add_account(billing, &actor, (providers, *provider), number, label, None).await?;
    }
    billing.identity.sign_out(&actor).await.map_err(words)?;
    Ok(())
}

/// Accepts an invitation to a household as the person with this address, who has signed up before.
async fn accept(billing: &Billing, email: &str, invitation: PropertyInvitationId) -> Result<()> {
    let device = Device { kind: SessionKind::Bearer, user_agent: None, address: None };
    let sign_in = SignIn { email: email.to_owned(), password: SecretString::from(PASSWORD), device };
    let signed_in =
        billing.identity.sign_in(&Actor::Anonymous, sign_in).await.map_err(words)?.signed_in().context("a second factor was asked for")?;
    let actor = billing.identity.authenticate(&signed_in.token).await.map_err(words)?;
    billing.homes.accept_property_invitation(&actor, invitation).await.map_err(words)?;
    billing.identity.sign_out(&actor).await.map_err(words)
}

fn new_property(home: &Home) -> NewProperty {
    NewProperty {
        customer_id: None,
        name: home.name.to_owned(),
        address: Some(home.address.to_owned()),
        city: Some(home.city.to_owned()),
        postal_code: Some(home.postal_code.to_owned()),
        country: Some(home.country.to_owned()),
        time_zone: Some(home.time_zone.to_owned()),
    }
}

async fn add_account(
    billing: &Billing,
    actor: &Actor,
    (providers, provider): (&BTreeMap<Provider, ProviderId>, Provider),
    number: &str,
    label: &str,
    property_id: Option<PropertyId>,
) -> Result<()> {
    let provider_id = *providers.get(&provider).context("the provider is registered")?;
    let loaded = billing.providers.load_provider(provider_id).await.map_err(words)?;
    let name = loaded.definition.params.first().context("every provider asks for something")?.name.clone();
    let new = AddAccount {
        customer_id: None,
        provider_id,
        property_id,
        label: Some(label.to_owned()),
        params: BTreeMap::from([(name, number.to_owned())]),
    };
    billing.accounts.add_utility_account(actor, new).await.map_err(words)?;
    Ok(())
}

/// Fetches when a bill is issued, corrected or cancelled in the sandbox: the demo's providers call us, as some real ones do,
/// instead of waiting for their day of the month. Ends only with the process.
pub async fn fetch_what_is_issued(billing: Billing, sandbox: SandboxState) {
    let mut known = fingerprints(&sandbox);
    loop {
        sandbox.until(|s| fingerprints(s) != known).await;
        let now = fingerprints(&sandbox);
        let changed: Vec<_> =
            now.iter().filter(|(account, print)| known.get(*account) != Some(print)).map(|(account, _)| account.clone()).collect();
        known = now;
        for (provider, number) in changed {
            let billing = billing.clone();
            tokio::spawn(async move {
                if let Err(error) = fetch(&billing, provider, &number).await {
                    tracing::warn!(error = %error, "a change in the sandbox was not fetched");
                }
            });
        }
    }
}

fn fingerprints(sandbox: &SandboxState) -> BTreeMap<(Provider, String), u64> {
    let mut out = BTreeMap::new();
    for provider in Provider::ALL {
        for account in sandbox.accounts(provider, 1_000) {
            let mut hasher = DefaultHasher::new();
            format!("{:?}", sandbox.bills(provider, &account.account)).hash(&mut hasher);
            format!("{:?}", account.line).hash(&mut hasher);
            out.insert((provider, account.account), hasher.finish());
        }
    }
    out
}

async fn fetch(billing: &Billing, provider: Provider, number: &str) -> Result<()> {
    let wanted = billing.kernel.cipher.blind_index("identifier", &billow_billing::identifiers::normalize_identifier(number));
    let accounts = utility_account::Entity::find()
        .filter(utility_account::Column::IdentifierIndex.eq(wanted))
        .all(billing.kernel.store.read())
        .await?;
    tracing::debug!(provider = ?provider, accounts = accounts.len(), "the sandbox changed");
    for account in accounts {
        let mut under_way = account.run_id;
        loop {
            let run = billing.fetching.request_fetch(&Actor::System, FetchTarget::Account(account.id)).await.map_err(words)?;
            if under_way.take() != Some(run.id) {
                break;
            }
            // A run that was under way may have read the provider before the change: it is followed by another.
            until_over(billing, run.id).await?;
        }
    }
    Ok(())
}

async fn until_over(billing: &Billing, run: FetchRunId) -> Result<()> {
    let mut look = tokio::time::interval(Duration::from_millis(100));
    loop {
        look.tick().await;
        let found = fetch_run::Entity::find_by_id(run).one(billing.kernel.store.read()).await?;
        if found.is_none_or(|run| run.status != RunStatus::Running) {
            return Ok(());
        }
    }
}
