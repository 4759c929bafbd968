//! What went out, newest first.

use std::fmt::Write as _;

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::escape;
use crate::world::{ReceivedMail, ReceivedPush, ReceivedSms, RefusedPush, SandboxState};

/// How many of each sort are shown.
const MAX_SHOWN: usize = 60;
/// How much of a text message stands in the list, in characters.
const MAX_TITLE: usize = 48;

pub(super) fn section(state: &SandboxState) -> String {
    let mut all: Vec<(DateTime<Utc>, u64, String)> = Vec::new();
    let counts = state.outbox(|o| {
        all.extend(o.mails.iter().rev().take(MAX_SHOWN).map(|m| (m.at, m.id, mail(m))));
        all.extend(o.sms.iter().rev().take(MAX_SHOWN).map(|m| (m.at, m.id, text(m))));
        all.extend(o.pushes.iter().rev().take(MAX_SHOWN).map(|m| (m.at, m.id, push(m))));
        let from = o.refused.len().saturating_sub(MAX_SHOWN);
        all.extend(o.refused.iter().enumerate().skip(from).map(|(at, m)| (m.at, 0, refused(at, m))));
        format!("Mails: {}, text messages: {}, pushes: {}", o.mails.len(), o.sms.len(), o.pushes.len())
    });
    all.sort_by_key(|(at, id, _)| std::cmp::Reverse((*at, *id)));
    let list: String = all.into_iter().map(|(_, _, html)| html).collect();
    let empty = if list.is_empty() { "<p class=\"quiet\" id=\"nothing\" data-v=\"0\">Nothing yet.</p>" } else { "" };
    format!(
        "<section class=\"card\" id=\"went-out\">
<div class=\"title\"><h2>What went out</h2>
<form method=\"post\" action=\"/page/forget\"><button>Forget</button></form></div>
<p class=\"quiet\" data-live id=\"counts\"><span id=\"counted\" data-v=\"{counts}\">{counts}</span></p>
<div data-live id=\"outbox\">{empty}{list}</div>
</section>"
    )
}

fn frame(id: &str, version: &str, sort: &str, at: DateTime<Utc>, title: &str, to: &str, inside: &str) -> String {
    format!(
        "<details class=\"message {sort}\" id=\"{id}\" data-v=\"{version}\"><summary><span class=\"sort\">{sort}</span> <b>{title}</b>\
         <span class=\"quiet\">to {to}, {at}</span></summary>{inside}</details>\n",
        at = at.format("%-d %b %H:%M:%S"),
    )
}

fn lost(answer_lost: bool) -> &'static str {
    if answer_lost { "<p class=\"badge cancelled\">the answer was lost</p>" } else { "" }
}

fn mail(mail: &ReceivedMail) -> String {
    let mut inside = lost(mail.answer_lost).to_owned();
    let _ = write!(
        inside,
        "<p><a href=\"/mails/{id}\" target=\"_blank\">alone</a> · <a href=\"/mails/{id}/raw\" target=\"_blank\">as sent</a></p>\
         <iframe sandbox=\"allow-popups allow-popups-to-escape-sandbox\" loading=\"lazy\" src=\"/mails/{id}\" title=\"The mail\"></iframe>",
        id = mail.id
    );
    if let Some(text) = &mail.text {
        let _ = write!(inside, "<details><summary>Plain part</summary><pre>{}</pre></details>", linked(text));
    }
    inside.push_str("<details><summary>Headers</summary><dl>");
    for (name, value) in &mail.headers {
        let _ = write!(inside, "<dt>{}</dt><dd>{}</dd>", escape(name), escape(value));
    }
    inside.push_str("</dl></details>");
    let subject = escape(mail.subject.as_deref().unwrap_or("(no subject)"));
    frame(&format!("m-{}", mail.id), "1", "mail", mail.at, &subject, &escape(&mail.to.join(", ")), &inside)
}

fn text(sms: &ReceivedSms) -> String {
    let inside = format!("{}<pre>{}</pre><p class=\"quiet\">from {}</p>", lost(sms.answer_lost), linked(&sms.body), escape(&sms.from));
    let mut title: String = sms.body.chars().take(MAX_TITLE).collect();
    if title.len() < sms.body.len() {
        title.push('…');
    }
    frame(&format!("s-{}", sms.id), "1", "text", sms.at, &escape(&title), &escape(&sms.to), &inside)
}

fn push(push: &ReceivedPush) -> String {
    let payload: Value = serde_json::from_str(&push.payload).unwrap_or(Value::Null);
    // Declarative Web Push nests what is shown.
    let shown = if payload["notification"].is_object() { &payload["notification"] } else { &payload };
    let word = |name: &str| shown[name].as_str().map(escape);
    let mut inside = lost(push.answer_lost).to_owned();
    if let Some(body) = word("body") {
        let _ = write!(inside, "<p>{body}</p>");
    }
    if let Some(navigate) = word("navigate").filter(|n| n.starts_with("http")) {
        let _ = write!(inside, "<p><a href=\"{navigate}\" target=\"_blank\" rel=\"noopener\">Open</a></p>");
    }
    let pretty = serde_json::to_string_pretty(&payload).ok().filter(|_| !payload.is_null()).unwrap_or_else(|| push.payload.clone());
    let urgency = push.urgency.as_deref().unwrap_or("normal");
    let topic = push.topic.as_deref().map(|t| format!(", topic {}", escape(t))).unwrap_or_default();
    let _ = write!(
        inside,
        "<details><summary>Payload</summary><pre>{}</pre></details><p class=\"quiet\">kept for {} s, urgency {}{topic}, sender {}</p>",
        escape(&pretty),
        push.ttl_s,
        escape(urgency),
        escape(&push.vapid.sub),
    );
    let title = word("title").unwrap_or_else(|| "(no title)".to_owned());
    let to = escape(push.subscription.get(..8).unwrap_or(&push.subscription));
    frame(&format!("p-{}", push.id), "1", "push", push.at, &title, &to, &inside)
}

fn refused(at: usize, push: &RefusedPush) -> String {
    let inside =
        format!("<p>{}: {}</p><p class=\"quiet\">subscription {}</p>", push.status, escape(&push.reason), escape(&push.subscription));
    let to = escape(push.subscription.get(..8).unwrap_or(&push.subscription));
    frame(&format!("r-{at}"), &push.at.to_rfc3339(), "refused", push.at, &format!("Push refused with {}", push.status), &to, &inside)
}

/// A text with its web addresses as links.
fn linked(text: &str) -> String {
    let mut out = String::new();
    for piece in text.split_inclusive(char::is_whitespace) {
        let word = piece.trim_end();
        let address = word.trim_matches(|c| matches!(c, '(' | ')' | '<' | '>' | '.' | ','));
        if address.starts_with("https://") || address.starts_with("http://") {
            let (before, after) = piece.split_once(address).unwrap_or(("", ""));
            let (address, before, after) = (escape(address), escape(before), escape(after));
            let _ = write!(out, "{before}<a href=\"{address}\" target=\"_blank\" rel=\"noopener\">{address}</a>{after}");
        } else {
            out.push_str(&escape(piece));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::linked;

    #[test]
    fn addresses_become_links_and_nothing_else_becomes_anything() {
        assert_eq!(
            linked("See (https://a.example/?x=1&y=2). <b>\n"),
            "See (<a href=\"https://a.example/?x=1&amp;y=2\" target=\"_blank\" rel=\"noopener\">https://a.example/?x=1&amp;y=2</a>). &lt;b&gt;\n"
        );
        assert_eq!(linked("javascript:alert(1)"), "javascript:alert(1)");
    }
}
