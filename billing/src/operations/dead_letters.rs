//! Events a consumer could not digest: looked at, replayed or discarded by staff.

use billow_entities::{DeadLetterId, dead_letter, event};
use billow_kernel::consumers::{Undigested, digest_all};
use billow_kernel::error::Problems;
use billow_kernel::page::{Page, PageRequest, cursor};
use billow_kernel::store::WriteTx;
use billow_kernel::{Actor, Error, Result};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect};
use serde_json::json;

use super::Operations;

impl Operations {
    /// Dead letters, the newest first.
    ///
    /// # Errors
    /// For everybody but staff; when the page is not a page.
    pub async fn dead_letters(&self, actor: &Actor, unresolved_only: bool, page: PageRequest) -> Result<Page<dead_letter::Model>> {
        actor.staff()?;
        let limit = page.limit()?;
        let mut query = dead_letter::Entity::find().order_by_desc(dead_letter::Column::Id).limit(limit + 1);
        if unresolved_only {
            query = query.filter(dead_letter::Column::ResolvedAt.is_null());
        }
        if let Some(id) = page.after_id::<DeadLetterId>()? {
            query = query.filter(dead_letter::Column::Id.lt(id));
        }
        let rows = query.all(self.store.read()).await?;
        Ok(Page::of(rows, limit, &page, |row| cursor(&[&row.id.to_string()])))
    }

    /// One dead letter.
    ///
    /// # Errors
    /// For everybody but staff, and when there is no such letter.
    pub async fn dead_letter(&self, actor: &Actor, id: DeadLetterId) -> Result<dead_letter::Model> {
        actor.staff()?;
        dead_letter::Entity::find_by_id(id).one(self.store.primary()).await?.ok_or(Error::NotFound("dead letter"))
    }

    /// Digests a dead letter once more. One that is resolved already stays as it is.
    ///
    /// # Errors
    /// For everybody but staff; `UNKNOWN_CONSUMER` when its consumer is gone; `STILL_FAILING` with the reason when it
    /// cannot be digested now either. The letter stays then.
    #[tracing::instrument(name = "operations.replay_dead_letter", skip_all)]
    pub async fn replay_dead_letter(&self, actor: &Actor, id: DeadLetterId) -> Result<dead_letter::Model> {
        actor.staff()?;
        let mut tx = self.store.write_tx().await?;
        let letter = locked(&tx, id).await?;
        if letter.resolved_at.is_some() {
            return Ok(tx.leave(letter).await);
        }
        let digest = self.consumers.digests().into_iter().find(|digest| digest.name() == letter.consumer).ok_or_else(|| {
            Error::invalid("UNKNOWN_CONSUMER", "", format!("There is no consumer {} any more; discard the letter.", letter.consumer))
        })?;
        let event = event::Entity::find().filter(event::Column::Id.eq(letter.event_id)).one(&*tx).await?;
        let event = event.ok_or(Error::NotFound("event"))?;
        if let Err(Undigested { error, .. }) = digest_all(&*digest, &mut tx, std::slice::from_ref(&event)).await {
            tracing::warn!(consumer = letter.consumer, event.id = %event.id, error = %error, "a dead letter could not be digested again");
            return Err(Error::invalid("STILL_FAILING", "", format!("It failed again: {error}.")));
        }
        let letter = self.resolve(&tx, actor, letter, "REPLAYED", None).await?;
        tx.commit().await?;
        digest.after_commit().await;
        Ok(letter)
    }

    /// Gives a dead letter up. One that is resolved already stays as it is.
    ///
    /// # Errors
    /// For everybody but staff, and when there is no such letter.
    #[tracing::instrument(name = "operations.discard_dead_letter", skip_all)]
    pub async fn discard_dead_letter(&self, actor: &Actor, id: DeadLetterId, reason: Option<&str>) -> Result<dead_letter::Model> {
        actor.staff()?;
        let mut problems = Problems::default();
        let reason = problems.optional_text("reason", reason, 300);
        problems.finish()?;
        let tx = self.store.write_tx().await?;
        let letter = locked(&tx, id).await?;
        if letter.resolved_at.is_some() {
            return Ok(tx.leave(letter).await);
        }
        let letter = self.resolve(&tx, actor, letter, "DISCARDED", reason.as_deref()).await?;
        tx.commit().await?;
        Ok(letter)
    }

    async fn resolve(
        &self,
        tx: &WriteTx,
        actor: &Actor,
        letter: dead_letter::Model,
        resolution: &str,
        reason: Option<&str>,
    ) -> Result<dead_letter::Model> {
        let data = json!({"consumer": letter.consumer, "event_id": letter.event_id, "resolution": resolution});
        let mut row = letter.into_active_model();
        row.resolved_at = Set(Some(self.clock.now()));
        row.resolved_by = Set(Some(actor.label()));
        row.resolution = Set(Some(resolution.to_owned()));
        let letter = row.update(&**tx).await?;
        self.audit.record(tx, actor, "dead_letter.resolve", letter.id, None, reason, data).await?;
        Ok(letter)
    }
}

async fn locked(tx: &WriteTx, id: DeadLetterId) -> Result<dead_letter::Model> {
    dead_letter::Entity::find_by_id(id).lock_exclusive().one(&**tx).await?.ok_or(Error::NotFound("dead letter"))
}
