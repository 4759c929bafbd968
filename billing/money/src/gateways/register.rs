//! Setting up a gateway and editing it: what is wrong is told all at once, and nobody is called.

use std::collections::BTreeMap;

use billow_entities::{CircuitState, Currency, GatewayAdapter, GatewayId, GatewayStatus, MethodKind, gateway};
use billow_kernel::error::{Problems, violates};
use billow_kernel::events::GatewayChange;
use billow_kernel::secret_hosts::{self, origin};
use billow_kernel::validate;
use billow_kernel::{Actor, Error, Result};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, DbErr, EntityTrait, IntoActiveModel, PaginatorTrait, QuerySelect};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;

use super::Gateways;
use super::access::{Secrets, settings_of};
use super::{MAX_GATEWAYS, test};
use crate::gateway::{GatewayMode, GatewaySettings};

/// Secrets one gateway may have.
const MAX_SECRETS: usize = 10;
/// Characters one secret may have.
const MAX_SECRET: usize = 8_192;
/// The highest rank.
const MAX_RANK: i32 = 10_000;
/// Why a gateway of the sandbox is refused.
pub(super) const NO_SANDBOX: &str = "The sandbox moves no money. It can be used in the demo, and on servers with gateways.sandbox = true.";
/// Why a gateway keeps its mode: what is saved there under test keys does not exist under live ones.
const OTHER_MODE: &str = "This key is of another mode, live or test, than the gateway's. Add another gateway for it.";
/// Currencies one gateway may name.
const MAX_CURRENCIES: usize = 200;

/// A gateway to be set up.
#[derive(Clone, Debug)]
pub struct NewGateway {
    /// Short and unique; part of its webhook address, and never changed.
    pub code: String,
    /// For people.
    pub name: String,
    /// Which adapter talks to it.
    pub adapter: GatewayAdapter,
    /// The lowest is tried first.
    pub rank: i32,
    /// What it takes; nothing for all.
    pub currencies: Vec<Currency>,
    /// Which kinds of methods it takes.
    pub kinds: Vec<MethodKind>,
    /// How it is reached.
    pub settings: GatewaySettings,
    /// Its secrets by name.
    pub credentials: BTreeMap<String, SecretString>,
}

/// An edit of a gateway; what is unset stays.
#[derive(Clone, Debug)]
pub struct UpdateGateway {
    /// Which.
    pub id: GatewayId,
    /// See [`NewGateway::name`].
    pub name: Option<String>,
    /// See [`NewGateway::rank`].
    pub rank: Option<i32>,
    /// See [`NewGateway::currencies`].
    pub currencies: Option<Vec<Currency>>,
    /// See [`NewGateway::kinds`].
    pub kinds: Option<Vec<MethodKind>>,
    /// See [`GatewaySettings::base_url`].
    pub base_url: Option<String>,
    /// See [`GatewaySettings::timeout_ms`].
    pub timeout_ms: Option<u64>,
    /// See [`GatewaySettings::searches`].
    pub searches: Option<bool>,
    /// Secrets to add or replace, and with nothing in them to remove; others stay.
    pub credentials: BTreeMap<String, Option<SecretString>>,
}

/// A gateway as it shall be.
struct Wanted {
    adapter: GatewayAdapter,
    name: String,
    rank: i32,
    currencies: Vec<Currency>,
    kinds: Vec<MethodKind>,
    settings: GatewaySettings,
    secrets: Secrets,
}

impl Gateways {
    /// Sets up a gateway. It starts paused: test it, then resume it.
    ///
    /// # Errors
    /// For everybody but administrators; otherwise with everything that is wrong.
    #[tracing::instrument(name = "gateways.create", skip_all)]
    pub async fn create_gateway(&self, actor: &Actor, new: NewGateway) -> Result<gateway::Model> {
        actor.admin()?;
        self.identity.confirmed(actor).await?;
        let mut problems = Problems::default();
        if let Err(problem) =
            validate::code(&new.code).and(if new.code.len() > 40 { Err("has at most 40 characters".into()) } else { Ok(()) })
        {
            problems.add("INVALID", "code", format!("The code {problem}."));
        }
        if !self.adapter_allowed(new.adapter) {
            problems.add("SANDBOX_NOT_ALLOWED", "adapter", NO_SANDBOX);
        }
        let wanted = Wanted {
            adapter: new.adapter,
            name: new.name,
            rank: new.rank,
            currencies: new.currencies,
            kinds: new.kinds,
            settings: new.settings,
            secrets: new.credentials,
        };
        let wanted = self.check_gateway(wanted, problems)?;
        let (id, now) = (GatewayId(self.ids.next()), self.clock.now());
        let row = gateway::ActiveModel {
            id: Set(id),
            code: Set(new.code.clone()),
            name: Set(wanted.name),
            adapter: Set(new.adapter),
            status: Set(GatewayStatus::Paused),
            rank: Set(wanted.rank),
            currencies: Set(json!(wanted.currencies)),
            kinds: Set(json!(wanted.kinds)),
            settings: Set(serde_json::to_value(&wanted.settings)?),
            credentials_enc: Set(self.seal_gateway_secrets(id, &wanted.secrets)?),
            circuit_state: Set(CircuitState::Closed),
            circuit_failures: Set(0),
            circuit_opened_at: Set(None),
            circuit_probe_at: Set(None),
            circuit_reason: Set(None),
            last_success_at: Set(None),
            tested_at: Set(None),
            test_result: Set(None),
            test_message: Set(None),
            test_account_id: Set(None),
            test_account_name: Set(None),
            created_at: Set(now),
            updated_at: Set(now),
        };
        let mut tx = self.store.write_tx().await?;
        if gateway::Entity::find().count(&*tx).await? >= MAX_GATEWAYS {
            return Err(Error::invalid("TOO_MANY", "code", format!("There are {MAX_GATEWAYS} gateways already.")));
        }
        let model = row.insert(&*tx).await.map_err(|error| code_taken(error, &new.code))?;
        tx.emit(self.events.gateway(&model, GatewayChange::Created)?);
        let names: Vec<_> = wanted.secrets.keys().collect();
        let data = json!({"code": model.code, "adapter": model.adapter, "settings": model.settings, "credentials": names});
        self.audit.record(&tx, actor, "gateway.create", id, None, None, data).await?;
        tx.commit().await?;
        Ok(model)
    }

    /// Edits a gateway. Payments under way there are finished with the new settings. With another key or address it is
    /// paused until it has been tested (ADR 19).
    ///
    /// # Errors
    /// For everybody but administrators; when there is no such gateway; otherwise with everything that is wrong.
    #[tracing::instrument(name = "gateways.update", skip_all)]
    pub async fn update_gateway(&self, actor: &Actor, edit: UpdateGateway) -> Result<gateway::Model> {
        actor.admin()?;
        self.identity.confirmed(actor).await?;
        let mut tx = self.store.write_tx().await?;
        let before = gateway::Entity::find_by_id(edit.id).lock_exclusive().one(&*tx).await?.ok_or(Error::NotFound("gateway"))?;
        let mut settings = settings_of(&before)?;
        settings.base_url = edit.base_url.unwrap_or(settings.base_url);
        settings.timeout_ms = edit.timeout_ms.unwrap_or(settings.timeout_ms);
        settings.searches = edit.searches.unwrap_or(settings.searches);
        let mut secrets = Secrets::clone(&*self.secrets_of(&before)?);
        // What is never sent to the gateway may stay.
        let kept = secrets.keys().map(String::as_str).filter(|name| !edit.credentials.contains_key(*name) && !name.starts_with("webhook"));
        let (was, is) = (settings_of(&before)?.base_url, &settings.base_url);
        let moved = secret_hosts::moved(&origin(&was).into_iter().collect(), &origin(is).into_iter().collect(), kept);
        if !moved.is_empty() {
            return Err(Error::Invalid(moved));
        }
        let known = secrets.clone();
        let (mut set, mut removed) = (Vec::new(), Vec::new());
        for (name, secret) in edit.credentials {
            if let Some(secret) = secret {
                set.push(name.clone());
                secrets.insert(name, secret);
            } else if secrets.remove(&name).is_some() {
                removed.push(name);
            }
        }
        let wanted = Wanted {
            adapter: before.adapter,
            name: edit.name.unwrap_or_else(|| before.name.clone()),
            rank: edit.rank.unwrap_or(before.rank),
            currencies: match edit.currencies {
                Some(currencies) => currencies,
                None => self.gateway_currencies(&before)?,
            },
            kinds: match edit.kinds {
                Some(kinds) => kinds,
                None => self.gateway_kinds(&before)?,
            },
            settings,
            secrets,
        };
        let mut problems = Problems::default();
        if let (Some(was), Some(is)) = (self.gateway.mode(&known), self.gateway.mode(&wanted.secrets))
            && was != is
        {
            problems.add("WRONG_MODE", "credentials.secret_key", OTHER_MODE);
        }
        let wanted = self.check_gateway(wanted, problems)?;
        let untested = test::calls_differ((&was, &known), (&wanted.settings.base_url, &wanted.secrets));
        let data = json!({
            "before": {"name": before.name, "rank": before.rank, "currencies": before.currencies, "kinds": before.kinds, "settings": before.settings},
            "credentials_set": set,
            "credentials_removed": removed,
            "paused": untested && before.status == GatewayStatus::Active,
        });
        let mut row = before.into_active_model();
        if untested {
            row.status = Set(GatewayStatus::Paused);
            test::forget(&mut row);
        }
        row.name = Set(wanted.name);
        row.rank = Set(wanted.rank);
        row.currencies = Set(json!(wanted.currencies));
        row.kinds = Set(json!(wanted.kinds));
        row.settings = Set(serde_json::to_value(&wanted.settings)?);
        if !(set.is_empty() && removed.is_empty()) {
            row.credentials_enc = Set(self.seal_gateway_secrets(edit.id, &wanted.secrets)?);
        }
        row.updated_at = Set(self.clock.now());
        let model = row.update(&*tx).await?;
        tx.emit(self.events.gateway(&model, GatewayChange::Edited)?);
        self.audit.record(&tx, actor, "gateway.update", edit.id, None, None, data).await?;
        tx.commit().await?;
        Ok(model)
    }

    /// Which adapters a gateway can be added with here.
    ///
    /// # Errors
    /// For everybody but staff.
    pub fn gateway_adapters(&self, actor: &Actor) -> Result<Vec<GatewayAdapter>> {
        actor.staff()?;
        let all = [GatewayAdapter::Stripe, GatewayAdapter::Sandbox];
        Ok(all.into_iter().filter(|adapter| self.adapter_allowed(*adapter)).collect())
    }

    /// Whether a gateway may use this adapter here.
    pub(super) fn adapter_allowed(&self, adapter: GatewayAdapter) -> bool {
        adapter != GatewayAdapter::Sandbox || self.settings.sandbox_gateways
    }

    /// Holds a gateway against its limits and its adapter.
    fn check_gateway(&self, mut wanted: Wanted, mut problems: Problems) -> Result<Wanted> {
        wanted.name = problems.text("name", &wanted.name, 100);
        if !(0..=MAX_RANK).contains(&wanted.rank) {
            problems.add("OUT_OF_RANGE", "rank", format!("The rank must be from 0 to {MAX_RANK}."));
        }
        wanted.currencies.sort_unstable();
        wanted.currencies.dedup();
        wanted.currencies.truncate(MAX_CURRENCIES);
        wanted.kinds.sort_unstable();
        wanted.kinds.dedup();
        if wanted.kinds.is_empty() {
            problems.add("REQUIRED", "kinds", "A gateway takes at least one kind of method.");
        }
        if !(1_000..=60_000).contains(&wanted.settings.timeout_ms) {
            problems.add("OUT_OF_RANGE", "timeoutMs", "The time an answer may take must be from 1000 to 60000 milliseconds.");
        }
        if wanted.settings.base_url.len() > 500 {
            problems.add("TOO_LONG", "baseUrl", "At most 500 characters, please.");
        }
        check_secrets(&wanted.secrets, &mut problems);
        if wanted.adapter == GatewayAdapter::Sandbox && self.gateway.mode(&wanted.secrets) == Some(GatewayMode::Live) {
            problems.add("WRONG_MODE", "credentials.secret_key", "The sandbox takes test keys only. Never send it a live key.");
        }
        if let Err(found) = self.gateway.check(&wanted.settings, &wanted.secrets) {
            for message in found {
                let (path, words) = placed(&message);
                problems.add("INVALID", &path, words);
            }
        }
        problems.finish()?;
        Ok(wanted)
    }
}

fn check_secrets(secrets: &Secrets, problems: &mut Problems) {
    if secrets.len() > MAX_SECRETS {
        problems.add("OUT_OF_RANGE", "credentials", format!("There may be at most {MAX_SECRETS} credentials."));
    }
    for (name, secret) in secrets.iter().take(MAX_SECRETS) {
        let shown: String = name.chars().take(40).map(|c| if c == '.' || c.is_control() { '_' } else { c }).collect();
        let at = format!("credentials.{shown}");
        if let Err(problem) = validate::name(name) {
            problems.add("INVALID", &at, format!("A credential's name {problem}."));
        }
        let secret = secret.expose_secret();
        if secret.is_empty() {
            problems.add("REQUIRED", &at, "A credential must not be empty; remove it instead.");
        } else if secret.chars().count() > MAX_SECRET {
            problems.add("TOO_LONG", &at, format!("At most {MAX_SECRET} characters, please."));
        }
    }
}

/// Where an adapter's complaint (`base_url: …`) belongs in the input, and its words as a sentence.
fn placed(message: &str) -> (String, String) {
    let (field, words) = message.split_once(": ").unwrap_or(("", message));
    let path = match field {
        "base_url" => "baseUrl".to_owned(),
        "timeout_ms" => "timeoutMs".to_owned(),
        "" | "adapter" | "searches" => field.to_owned(),
        secret => format!("credentials.{}", secret.trim_start_matches("credentials.")),
    };
    let mut chars = words.trim().trim_end_matches('.').chars();
    let words = chars.next().map(|first| format!("{}{}.", first.to_uppercase(), chars.as_str())).unwrap_or_default();
    (path, words)
}

fn code_taken(error: DbErr, code: &str) -> Error {
    if violates(&error, "gateways_code_key", "gateways.code") {
        Error::invalid("CODE_TAKEN", "code", format!("Another gateway has the code {code}."))
    } else {
        error.into()
    }
}
