//! One socket from its first message to its last.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{Message, WebSocket};
use billow_billing::{Actor, Error};
use tokio::sync::Semaphore;
use tokio::time::{Instant, Sleep, sleep_until, timeout};
use tokio_util::sync::CancellationToken;

use super::protocol::{Close, Incoming, Outgoing, read};
use super::running::{Running, once};
use super::{answer_close, close};
use crate::app::{App, Entered};
use crate::auth::{Credential, Identity, bearer};
use crate::caller::Caller;
use crate::execute::{Operation, Prepared, delay_refusal, live, prepare, run};
use crate::turns::Turns;

/// How often the sign-in is looked at again, in case nobody said that it ended.
const LOOK_AGAIN: Duration = Duration::from_secs(300);
/// Pings without a sign of life before a client counts as gone.
const UNANSWERED: u32 = 3;

pub(super) struct Connection {
    app: App,
    caller: Caller,
    credential: Credential,
    running: Running,
    /// Set once the connection is acknowledged.
    signed_in: Option<SignIn>,
    heard: Instant,
    ping_at: Instant,
}

/// The sign-in a socket belongs to.
struct SignIn {
    app: App,
    actor: Actor,
    ended: CancellationToken,
    catching_up: Arc<Semaphore>,
    credential: Credential,
    look_again_at: Instant,
}

impl Drop for SignIn {
    fn drop(&mut self) {
        self.app.presence.leave(&self.actor);
    }
}

/// Why a connection is over.
enum Over {
    /// We close it.
    Because(Close),
    /// The client closes it.
    Closed,
    /// The client is gone.
    Gone,
}

impl From<Close> for Over {
    fn from(why: Close) -> Self {
        Self::Because(why)
    }
}

impl Connection {
    pub(super) fn new(app: App, caller: Caller, credential: Credential) -> Self {
        let now = Instant::now();
        let ping_at = now + app.config.limits.init_timeout;
        Self { app, caller, credential, running: Running::default(), signed_in: None, heard: now, ping_at }
    }

    pub(super) async fn serve(mut self, socket: &mut WebSocket) {
        let over = self.until_over(socket).await;
        // Whatever was under way ends first.
        drop(self);
        match over {
            Over::Because(why) => close(socket, why).await,
            Over::Closed => answer_close(socket).await,
            Over::Gone => {}
        }
    }

    async fn until_over(&mut self, socket: &mut WebSocket) -> Over {
        let timer = sleep_until(self.ping_at);
        tokio::pin!(timer);
        loop {
            match self.step(socket, timer.as_mut()).await {
                Ok(()) => {}
                Err(over) => return over,
            }
        }
    }

    async fn step(&mut self, socket: &mut WebSocket, mut timer: std::pin::Pin<&mut Sleep>) -> Result<(), Over> {
        let ended = self.signed_in.as_ref().map(|s| s.ended.clone()).unwrap_or_default();
        let shutdown = self.app.config.shutdown.clone();
        tokio::select! {
            () = shutdown.cancelled() => Err(Close::Restart.into()),
            () = ended.cancelled() => Err(Close::Forbidden("The sign-in has ended").into()),
            message = socket.recv() => {
                self.heard = Instant::now();
                let answer = self.hear(message).await?;
                match answer {
                    Some(text) => self.say(socket, Message::text(text)).await,
                    None => Ok(()),
                }
            }
            mut next = self.running.message() => {
                let text = std::mem::take(&mut next.text);
                self.say(socket, Message::text(text)).await
            }
            () = timer.as_mut() => {
                self.tick(socket).await?;
                timer.reset(self.ping_at);
                Ok(())
            }
        }
    }

    /// What a message asks for, and what is said to it at once.
    async fn hear(&mut self, message: Option<Result<Message, axum::Error>>) -> Result<Option<String>, Over> {
        let text = match message {
            Some(Ok(Message::Text(text))) => text,
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => return Ok(None),
            Some(Ok(Message::Binary(_))) => return Err(Close::Malformed("Messages are texts").into()),
            Some(Ok(Message::Close(_))) => return Err(Over::Closed),
            None => return Err(Over::Gone),
            Some(Err(error)) => {
                let words = error.to_string();
                // The library tells these two apart in words only.
                let why = if words.contains("too long") || words.contains("too big") || words.contains("too large") {
                    Over::Because(Close::TooLong)
                } else if words.contains("UTF-8") || words.contains("utf-8") {
                    Over::Because(Close::Malformed("Messages are UTF-8"))
                } else {
                    Over::Gone
                };
                return Err(why);
            }
        };
        match read(text.as_str())? {
            // Boxed, as are the other rare and large ones: what is not boxed takes its room in every silent socket.
            Incoming::Init { authorization } => Box::pin(self.init(authorization)).await.map(Some),
            Incoming::Ping(payload) => Ok(Some(Outgoing::Pong { payload }.text())),
            Incoming::Pong => Ok(None),
            Incoming::Complete { id } => {
                self.running.end(&id);
                Ok(None)
            }
            Incoming::Subscribe { id, operation } => self.begin(id, operation).map(|()| None),
        }
    }

    async fn init(&mut self, authorization: Option<String>) -> Result<String, Over> {
        if self.signed_in.is_some() {
            return Err(Close::SecondInit.into());
        }
        let credential = match (authorization, std::mem::replace(&mut self.credential, Credential::None)) {
            (Some(text), _) => {
                let token = bearer(&text).ok_or(Close::Forbidden("The authorization must be a bearer token"))?;
                Credential::Bearer(token.into())
            }
            (None, credential @ (Credential::Cookie(_) | Credential::Bearer(_))) => credential,
            (None, Credential::None) => return Err(Close::Forbidden("Sign in first").into()),
        };
        let app = self.app.clone();
        // Entered before it is looked up: a sign-in that ends in between is noticed.
        let first = Self::identity(&app, &credential).await?;
        let Entered { ended, catching_up, sockets } = app.presence.enter(&first.actor);
        let actor = first.actor.clone();
        let signed_in = SignIn { app, actor, ended, catching_up, credential, look_again_at: Instant::now() + LOOK_AGAIN };
        let most = self.app.config.limits.sockets_per_sign_in;
        if most > 0 && sockets > most {
            return Err(Close::TooManySockets.into());
        }
        let identity = Self::fresh_identity(&signed_in.app, &signed_in.credential).await?;
        self.caller.identity = identity;
        self.signed_in = Some(signed_in);
        self.ping_at = Instant::now() + self.app.config.limits.ping_every;
        Ok(Outgoing::ConnectionAck.text())
    }

    async fn identity(app: &App, credential: &Credential) -> Result<Arc<Identity>, Over> {
        match app.identities.of(&app.billing, credential).await {
            Ok(identity) => Ok(identity),
            Err(Error::Unauthenticated) => Err(Close::Forbidden("Sign in again").into()),
            Err(error) => {
                crate::refusal::described(&error);
                Err(Close::Full.into())
            }
        }
    }

    async fn fresh_identity(app: &App, credential: &Credential) -> Result<Arc<Identity>, Over> {
        match credential.actor(&app.billing).await {
            Ok(_) => Self::identity(app, credential).await,
            Err(Error::Unauthenticated) => Err(Close::Forbidden("The sign-in has ended").into()),
            Err(error) => {
                crate::refusal::described(&error);
                Err(Close::Full.into())
            }
        }
    }

    fn begin(&mut self, id: String, operation: Operation) -> Result<(), Over> {
        let Some(signed_in) = &self.signed_in else { return Err(Close::Unauthorized.into()) };
        if self.running.contains(&id) {
            return Err(Close::Duplicate.into());
        }
        if self.running.len() >= self.app.config.limits.operations {
            return Err(Close::TooMany.into());
        }
        let app = self.app.clone();
        let turns = Turns::new(self.running.turns(), Arc::clone(&signed_in.catching_up), Arc::clone(&app.catching_up));
        let caller = Caller { request_id: app.billing.kernel.ids.next().to_string().into(), ..self.caller.clone() };
        let replies = match prepare(&app, &caller, operation) {
            Prepared::Once(ready) => {
                let turns = Arc::clone(&turns);
                once(async move {
                    turns.take().await;
                    let reply = run(&app, &caller, ready).await.0;
                    delay_refusal(&reply).await;
                    reply
                })
            }
            Prepared::Live(ready) => live(&app, &caller, ready, Arc::clone(&turns)),
            Prepared::Refused(reply) => once(async move {
                delay_refusal(&reply).await;
                reply
            }),
        };
        self.running.begin(id, replies, turns);
        Ok(())
    }

    /// What comes round: the ping, and a look at the sign-in.
    async fn tick(&mut self, socket: &mut WebSocket) -> Result<(), Over> {
        let limits = self.app.config.limits.clone();
        let Some(signed_in) = &self.signed_in else { return Err(Close::Silent.into()) };
        let now = Instant::now();
        if now.duration_since(self.heard) > limits.ping_every * UNANSWERED {
            return Err(Over::Gone);
        }
        if now >= signed_in.look_again_at {
            let (app, credential) = (self.app.clone(), signed_in.credential.clone());
            Box::pin(Self::fresh_identity(&app, &credential)).await?;
            if let Some(signed_in) = &mut self.signed_in {
                signed_in.look_again_at = now + LOOK_AGAIN;
            }
        }
        self.ping_at = now + limits.ping_every;
        // Every client answers a ping of the socket itself, also one that does not know the subprotocol's.
        self.say(socket, Message::Ping(bytes::Bytes::new())).await
    }

    async fn say(&mut self, socket: &mut WebSocket, message: Message) -> Result<(), Over> {
        match timeout(self.app.config.limits.send_timeout, socket.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(Over::Gone),
            Err(_slow) => {
                metrics::counter!("billow_slow_sockets_total").increment(1);
                tracing::info!(request.id = &*self.caller.request_id, "a client does not read; its socket is closed");
                Err(Close::Slow.into())
            }
        }
    }
}
