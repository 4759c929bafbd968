//! Makes a mail readable for people and tests.

use chrono::{DateTime, Utc};
use mail_parser::MessageParser;

use crate::world::ReceivedMail;

pub(super) fn read(at: DateTime<Utc>, from: String, to: Vec<String>, raw: Vec<u8>, answer_lost: bool) -> ReceivedMail {
    let mut mail = ReceivedMail {
        id: 0,
        at,
        from,
        to,
        raw: Vec::new(),
        message_id: None,
        subject: None,
        text: None,
        html: None,
        headers: Vec::new(),
        answer_lost,
    };
    if let Some(parsed) = MessageParser::default().parse(&raw) {
        mail.message_id = parsed.message_id().map(str::to_owned);
        mail.subject = parsed.subject().map(str::to_owned);
        // The parser makes one part of the other where a mail has only one; here only what is there counts.
        let part = |wanted_html: bool| {
            let ids = if wanted_html { &parsed.html_body } else { &parsed.text_body };
            let found = ids.iter().filter_map(|id| parsed.part(*id)).find(|p| p.is_text_html() == wanted_html && p.is_text());
            found.and_then(|p| p.text_contents()).map(str::to_owned)
        };
        mail.text = part(false);
        mail.html = part(true);
        mail.headers = parsed.headers_raw().map(|(name, value)| (name.to_owned(), value.trim().to_owned())).collect();
    }
    mail.raw = raw;
    mail
}
