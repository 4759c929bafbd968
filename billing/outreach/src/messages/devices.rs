//! The devices that take pushes: registered by the browser, listed and removed by their owner, dropped when they are gone.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use billow_entities::{Channel, NotificationKind, PushSubscriptionId, push_subscription, user};
use billow_kernel::cipher::Place;
use billow_kernel::error::{Problems, Result};
use billow_kernel::wake::Wakeup;
use billow_kernel::{Actor, Error};
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};
use serde_json::json;

use super::Messages;
use super::letter::{Addressee, Draft, addressees};

/// Devices one person may have.
pub const MAX_DEVICES: u64 = 20;
/// Longest endpoint that is stored.
const MAX_ENDPOINT: usize = 2_048;

/// What a browser says when it subscribes.
#[derive(Clone, Debug)]
pub struct NewDevice {
    /// The capability URL of its push service.
    pub endpoint: String,
    /// Its public key, base64url: an uncompressed point of P-256.
    pub p256dh: String,
    /// Its secret, base64url: 16 bytes.
    pub auth: String,
    /// Which device, in words.
    pub label: String,
}

impl NewDevice {
    fn check(self, messages: &Messages) -> Result<Self> {
        let mut problems = Problems::default();
        let endpoint = problems.text("endpoint", &self.endpoint, MAX_ENDPOINT);
        if problems.is_empty()
            && let Err(reason) = messages.push.check_endpoint(&endpoint)
        {
            problems.add("INVALID", "endpoint", format!("This push service cannot be used: {reason}."));
        }
        let p256dh = self.p256dh.trim().trim_end_matches('=').to_owned();
        if !URL_SAFE_NO_PAD.decode(&p256dh).is_ok_and(|key| messages.push.check_key(&key).is_ok()) {
            problems.add("INVALID", "p256dh", "This is not a public key of a browser (a point of P-256, 65 bytes, as base64url).");
        }
        let auth = self.auth.trim().trim_end_matches('=').to_owned();
        if !URL_SAFE_NO_PAD.decode(&auth).is_ok_and(|secret| secret.len() == 16) {
            problems.add("INVALID", "auth", "This is not a secret of a browser (16 bytes, as base64url).");
        }
        let label = problems.text("label", &self.label, 100);
        problems.finish()?;
        Ok(Self { endpoint, p256dh, auth, label })
    }
}

impl Messages {
    /// The key browsers subscribe with, base64url; none when push is not configured.
    #[must_use]
    pub fn push_public_key(&self) -> Option<String> {
        self.push.public_key()
    }

    /// Registers the device somebody uses. A device that was registered before, by whomever, becomes theirs.
    ///
    /// # Errors
    /// `Invalid` with everything that is wrong, or when there are too many devices.
    #[tracing::instrument(name = "messages.register_push_subscription", skip_all)]
    pub async fn register_push_subscription(&self, actor: &Actor, device: NewDevice) -> Result<push_subscription::Model> {
        let user_id = actor.user()?;
        let customer_id = actor.customer().ok();
        let device = device.check(self)?;
        let index = self.endpoint_index(&device.endpoint);
        let now = self.clock.now();
        let tx = self.store.write_tx().await?;
        // Whoever registers first on two screens at once waits here for themselves.
        user::Entity::find_by_id(user_id).lock_exclusive().one(&*tx).await?.ok_or(Error::Unauthenticated)?;
        let known = push_subscription::Entity::find().filter(push_subscription::Column::EndpointIndex.eq(&index)).one(&*tx).await?;
        if known.as_ref().is_none_or(|k| k.user_id != user_id || k.disabled_at.is_some()) {
            let others = push_subscription::Entity::find()
                .filter(push_subscription::Column::UserId.eq(user_id))
                .filter(push_subscription::Column::DisabledAt.is_null())
                .count(&*tx)
                .await?;
            if others >= MAX_DEVICES {
                let message = format!("You have {MAX_DEVICES} devices; remove one first.");
                return Err(Error::invalid("TOO_MANY", "", message));
            }
        }
        let id = known.as_ref().map_or_else(|| PushSubscriptionId(self.ids.next()), |k| k.id);
        let row = push_subscription::ActiveModel {
            id: Set(id),
            user_id: Set(user_id),
            customer_id: Set(customer_id),
            endpoint_enc: Set(self.cipher.seal(place(&id.to_string(), "endpoint_enc"), device.endpoint.as_bytes())?),
            endpoint_index: Set(index),
            p256dh: Set(device.p256dh),
            auth_enc: Set(self.cipher.seal(place(&id.to_string(), "auth_enc"), device.auth.as_bytes())?),
            label: Set(device.label),
            created_at: Set(known.as_ref().filter(|k| k.user_id == user_id).map_or(now, |k| k.created_at)),
            last_ok_at: Set(None),
            disabled_at: Set(None),
            disabled_reason: Set(None),
        };
        let stored = match known {
            Some(_) => row.update(&*tx).await?,
            None => {
                let once = OnConflict::column(push_subscription::Column::EndpointIndex).do_nothing().to_owned();
                if push_subscription::Entity::insert(row).on_conflict(once).exec_without_returning(&*tx).await? == 0 {
                    return Err(Error::invalid("CONFLICT", "endpoint", "This device is being registered by somebody else; try again."));
                }
                push_subscription::Entity::find_by_id(id).one(&*tx).await?.ok_or(Error::NotFound("device"))?
            }
        };
        tx.commit().await?;
        Ok(stored)
    }

    /// One's own devices, newest first; those that are gone are shown for a while, so that one sees why it went quiet.
    ///
    /// # Errors
    /// When nobody, or a program, asks.
    #[tracing::instrument(name = "messages.push_subscriptions", skip_all)]
    pub async fn push_subscriptions(&self, actor: &Actor) -> Result<Vec<push_subscription::Model>> {
        Ok(push_subscription::Entity::find()
            .filter(push_subscription::Column::UserId.eq(actor.user()?))
            .order_by_desc(push_subscription::Column::Id)
            .limit(MAX_DEVICES * 5)
            .all(self.store.primary())
            .await?)
    }

    /// Removes one of one's own devices; messages on their way to it are not sent any more.
    ///
    /// # Errors
    /// `NotFound` when there is none, or it is somebody else's.
    #[tracing::instrument(name = "messages.remove_push_subscription", skip_all)]
    pub async fn remove_push_subscription(&self, actor: &Actor, id: PushSubscriptionId) -> Result<push_subscription::Model> {
        let user = actor.user()?;
        let tx = self.store.write_tx().await?;
        let device = push_subscription::Entity::find_by_id(id)
            .filter(push_subscription::Column::UserId.eq(user))
            .one(&*tx)
            .await?
            .ok_or(Error::NotFound("device"))?;
        device.clone().into_active_model().delete(&*tx).await?;
        tx.commit().await?;
        Ok(device)
    }

    /// Removes the device with this endpoint, if it is one's own: the browser took the permission back.
    ///
    /// # Errors
    /// When nobody, or a program, asks.
    #[tracing::instrument(name = "messages.forget_push_endpoint", skip_all)]
    pub async fn forget_push_endpoint(&self, actor: &Actor, endpoint: &str) -> Result<bool> {
        let user = actor.user()?;
        let tx = self.store.write_tx().await?;
        let gone = push_subscription::Entity::delete_many()
            .filter(push_subscription::Column::UserId.eq(user))
            .filter(push_subscription::Column::EndpointIndex.eq(self.endpoint_index(endpoint.trim())))
            .exec(&*tx)
            .await?;
        tx.commit().await?;
        Ok(gone.rows_affected > 0)
    }

    /// Sends a message to one's own devices, or to one of them, to see whether it arrives; at most one a minute.
    ///
    /// # Errors
    /// `NotFound` when there is no such device; `TooMany` within the same minute.
    #[tracing::instrument(name = "messages.send_test_notification", skip_all)]
    pub async fn send_test_notification(
        &self,
        actor: &Actor,
        device: Option<PushSubscriptionId>,
    ) -> Result<billow_entities::NotificationId> {
        let user_id = actor.user()?;
        let now = self.clock.now();
        let mut tx = self.store.write_tx().await?;
        let mut devices = push_subscription::Entity::find()
            .filter(push_subscription::Column::UserId.eq(user_id))
            .filter(push_subscription::Column::DisabledAt.is_null());
        if let Some(id) = device {
            devices = devices.filter(push_subscription::Column::Id.eq(id));
        }
        let devices = devices.limit(MAX_DEVICES * 2).all(&*tx).await?;
        if devices.is_empty() {
            return Err(Error::NotFound("device"));
        }
        let user = user::Entity::find_by_id(user_id).one(&*tx).await?.ok_or(Error::Unauthenticated)?;
        let to = match actor.customer() {
            Ok(customer) => addressees(&*tx, &[customer]).await?.pop().ok_or(Error::NotFound("customer"))?,
            Err(_) => Addressee::Staff { user, devices: Vec::new() },
        };
        let draft =
            Draft { kind: NotificationKind::Test, link: Some("/inbox".into()), bill_id: None, account_id: None, data: json!({"at": now}) };
        let targets = devices.iter().map(|d| (Channel::Push, d.id.to_string())).collect();
        let which = device.map_or_else(|| "all".to_owned(), |id| id.to_string());
        let key = format!("test:{user_id}:{which}:{}", now.timestamp() / 60);
        let letter = self.letter_to(&draft, &to, key, targets)?;
        let id = letter.id;
        if !self.post_all(&mut tx, vec![letter]).await? {
            return Err(Error::TooMany { retry_after_s: u64::try_from(60 - now.timestamp() % 60).unwrap_or(60) });
        }
        tx.commit().await?;
        self.waker.wake(Wakeup::Deliver).await;
        Ok(id)
    }

    fn endpoint_index(&self, endpoint: &str) -> String {
        self.cipher.blind_index("push_subscriptions.endpoint", endpoint)
    }

    /// The address and the secret of a device.
    pub(super) fn open_device(&self, device: &push_subscription::Model) -> Result<(String, String)> {
        let row = device.id.to_string();
        let open = |column, envelope: &[u8]| -> Result<String> {
            let plain = self.cipher.open(place(&row, column), envelope)?;
            String::from_utf8(plain).map_err(|e| Error::Fault(billow_kernel::error::Fault::new("a device's address", e)))
        };
        Ok((open("endpoint_enc", &device.endpoint_enc)?, open("auth_enc", &device.auth_enc)?))
    }
}

fn place<'a>(row: &'a str, column: &'a str) -> Place<'a> {
    Place { table: "push_subscriptions", row, column }
}
