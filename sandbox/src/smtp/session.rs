//! One mail connection (RFC 5321).

use std::io;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};

use super::mail;
use crate::world::{MailFault, SandboxState};

/// The largest mail taken, in bytes.
const MAX_MAIL_BYTES: usize = 10 << 20;
/// The longest line of a command; real servers take 512, and a little more with extensions.
const MAX_LINE_BYTES: u64 = 4_096;
const MAX_RECIPIENTS: usize = 100;
/// A silent connection is closed.
const IDLE: Duration = Duration::from_secs(300);

#[derive(Default)]
struct Envelope {
    from: Option<String>,
    to: Vec<String>,
    lose_answer: bool,
}

struct Session<'a> {
    state: &'a SandboxState,
    reader: BufReader<OwnedReadHalf>,
    writer: OwnedWriteHalf,
    greeted: bool,
    envelope: Envelope,
}

/// Serves one connection to its end.
pub(super) async fn serve(stream: TcpStream, state: &SandboxState) -> io::Result<()> {
    let (reader, writer) = stream.into_split();
    let mut session = Session { state, reader: BufReader::new(reader), writer, greeted: false, envelope: Envelope::default() };
    session.say("220 sandbox ESMTP at your service").await?;
    while let Some(line) = session.line().await? {
        if !session.command(&line).await? {
            break;
        }
    }
    session.writer.shutdown().await
}

impl Session<'_> {
    async fn say(&mut self, text: &str) -> io::Result<()> {
        self.writer.write_all(text.as_bytes()).await?;
        self.writer.write_all(b"\r\n").await
    }

    /// The next line without its end; none when the far side has gone.
    async fn line(&mut self) -> io::Result<Option<String>> {
        let mut line = Vec::new();
        let mut bounded = (&mut self.reader).take(MAX_LINE_BYTES);
        let read = tokio::time::timeout(IDLE, bounded.read_until(b'\n', &mut line)).await.map_err(|_| io::ErrorKind::TimedOut)??;
        if read == 0 {
            return Ok(None);
        }
        if line.pop() != Some(b'\n') {
            self.say("500 line too long").await?;
            return Ok(None);
        }
        if line.last() == Some(&b'\r') {
            line.pop();
        }
        Ok(Some(String::from_utf8_lossy(&line).into_owned()))
    }

    /// Does what a line asks; false ends the connection.
    async fn command(&mut self, line: &str) -> io::Result<bool> {
        let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
        match verb.to_ascii_uppercase().as_str() {
            "EHLO" => {
                self.greeted = true;
                self.envelope = Envelope::default();
                let size = format!("250-SIZE {MAX_MAIL_BYTES}");
                self.say(
                    &["250-sandbox", "250-8BITMIME", "250-SMTPUTF8", "250-PIPELINING", "250-AUTH PLAIN LOGIN", &size, "250 HELP"]
                        .join("\r\n"),
                )
                .await?;
            }
            "HELO" => {
                self.greeted = true;
                self.envelope = Envelope::default();
                self.say("250 sandbox").await?;
            }
            "AUTH" => self.auth(rest).await?,
            "MAIL" => self.mail(rest).await?,
            "RCPT" => return self.rcpt(rest).await,
            "DATA" => return self.data().await,
            "RSET" => {
                self.envelope = Envelope::default();
                self.say("250 forgotten").await?;
            }
            "NOOP" => self.say("250 fine").await?,
            "HELP" => self.say("214 every mail is taken and none is delivered").await?,
            "VRFY" => self.say("252 send it and see").await?,
            "QUIT" => {
                self.say("221 goodbye").await?;
                return Ok(false);
            }
            _ => self.say("500 unknown command").await?,
        }
        Ok(true)
    }

    /// Any name and password will do.
    async fn auth(&mut self, rest: &str) -> io::Result<()> {
        let (kind, first) = rest.split_once(' ').unwrap_or((rest, ""));
        let prompts: &[&str] = match kind.to_ascii_uppercase().as_str() {
            "PLAIN" if first.is_empty() => &["334 "],
            "PLAIN" => &[],
            "LOGIN" if first.is_empty() => &["334 VXNlcm5hbWU6", "334 UGFzc3dvcmQ6"],
            "LOGIN" => &["334 UGFzc3dvcmQ6"],
            _ => return self.say("504 PLAIN or LOGIN").await,
        };
        for prompt in prompts {
            self.say(prompt).await?;
            self.line().await?;
        }
        self.say("235 welcome").await
    }

    async fn mail(&mut self, rest: &str) -> io::Result<()> {
        if !self.greeted {
            return self.say("503 say EHLO first").await;
        }
        if self.envelope.from.is_some() {
            return self.say("503 there is a sender already").await;
        }
        let Some((address, parameters)) = path(rest, "FROM:") else { return self.say("501 MAIL FROM:<address>").await };
        let size =
            parameters.split_whitespace().find_map(|p| p.to_ascii_uppercase().strip_prefix("SIZE=").and_then(|s| s.parse::<usize>().ok()));
        if size.is_some_and(|s| s > MAX_MAIL_BYTES) {
            return self.say("552 too large").await;
        }
        self.envelope.from = Some(address);
        self.say("250 sender fine").await
    }

    async fn rcpt(&mut self, rest: &str) -> io::Result<bool> {
        if self.envelope.from.is_none() {
            self.say("503 MAIL first").await?;
            return Ok(true);
        }
        let Some((address, _)) = path(rest, "TO:").filter(|(a, _)| a.contains('@')) else {
            self.say("501 RCPT TO:<address>").await?;
            return Ok(true);
        };
        if self.envelope.to.len() >= MAX_RECIPIENTS {
            self.say("452 too many recipients").await?;
            return Ok(true);
        }
        match self.state.mail_fault(&address) {
            Some(MailFault::Temporary) => {
                self.say("451 4.3.0 mailbox busy, try again later").await?;
                return Ok(true);
            }
            Some(MailFault::Permanent) => {
                self.say("550 5.1.1 there is no such mailbox").await?;
                return Ok(true);
            }
            Some(MailFault::DropConnection) => return Ok(false),
            // Whoever serves this connection drops it when the sandbox stops.
            Some(MailFault::Hang) => std::future::pending::<()>().await,
            Some(MailFault::LostAnswer) => self.envelope.lose_answer = true,
            None => {}
        }
        self.envelope.to.push(address);
        self.say("250 recipient fine").await?;
        Ok(true)
    }

    async fn data(&mut self) -> io::Result<bool> {
        if self.envelope.to.is_empty() {
            self.say("503 RCPT first").await?;
            return Ok(true);
        }
        self.say("354 go ahead, end with a dot on a line of its own").await?;
        let Some(raw) = self.content().await? else { return Ok(false) };
        let envelope = std::mem::take(&mut self.envelope);
        if raw.len() > MAX_MAIL_BYTES {
            self.say("552 too large").await?;
            return Ok(true);
        }
        let lost = envelope.lose_answer;
        self.state.keep_mail(mail::read(self.state.now(), envelope.from.unwrap_or_default(), envelope.to, raw, lost));
        if lost {
            return Ok(false);
        }
        self.say("250 2.0.0 taken").await?;
        Ok(true)
    }

    /// The mail without the stuffed dots. One that is too large is read to its end, but not kept.
    async fn content(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut raw = Vec::new();
        let mut fresh_line = true;
        loop {
            let mut piece = Vec::new();
            let mut bounded = (&mut self.reader).take(MAX_LINE_BYTES);
            let read = tokio::time::timeout(IDLE, bounded.read_until(b'\n', &mut piece)).await.map_err(|_| io::ErrorKind::TimedOut)??;
            if read == 0 {
                return Ok(None);
            }
            if fresh_line {
                if piece == b".\r\n" {
                    return Ok(Some(raw));
                }
                if piece.first() == Some(&b'.') {
                    piece.remove(0);
                }
            }
            fresh_line = piece.last() == Some(&b'\n');
            if raw.len() <= MAX_MAIL_BYTES {
                raw.extend_from_slice(&piece);
            }
        }
    }
}

/// The address between angle brackets after `prefix`, and the parameters behind it.
fn path<'a>(text: &'a str, prefix: &str) -> Option<(String, &'a str)> {
    let head = text.get(..prefix.len()).filter(|h| h.eq_ignore_ascii_case(prefix))?;
    let rest = text[head.len()..].trim_start().strip_prefix('<')?;
    let (address, parameters) = rest.split_once('>')?;
    Some((address.to_owned(), parameters))
}
