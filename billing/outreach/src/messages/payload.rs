//! What a push carries: Declarative Web Push JSON, which a browser can show by itself and our service worker reads as well.

use serde_json::{Value, json};

/// The most bytes a payload may have; push services take 4,096 with the encryption's own.
pub const MAX_BYTES: usize = 3_000;

/// What is shown on a device.
#[derive(Clone, Debug)]
pub struct Shown<'a> {
    /// In bold.
    pub title: &'a str,
    /// Beneath; cut where it does not fit.
    pub body: &'a str,
    /// Where a tap leads, absolute.
    pub navigate: &'a str,
    /// A notification with the same tag takes the place of this one, silently.
    pub tag: &'a str,
    /// BCP 47.
    pub lang: &'a str,
    /// For our service worker: ids only.
    pub data: Value,
}

impl Shown<'_> {
    /// The bytes to encrypt, at most [`MAX_BYTES`].
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let whole = self.encode(self.title, self.body);
        if whole.len() <= MAX_BYTES {
            return whole;
        }
        // A character takes at most six bytes as JSON; the body is cut by what is too much, then the title.
        let mut title: String = self.title.chars().take(120).collect();
        let mut keep = self.body.chars().count();
        loop {
            let body: String = self.body.chars().take(keep).chain((keep > 0).then_some('…')).collect();
            let cut = self.encode(&title, &body);
            if cut.len() <= MAX_BYTES {
                return cut;
            }
            if keep == 0 {
                title.truncate(title.char_indices().nth(20).map_or(title.len(), |(at, _)| at));
                return self.encode(&title, "");
            }
            keep = keep.saturating_sub(((cut.len() - MAX_BYTES) / 6).max(1));
        }
    }

    fn encode(&self, title: &str, body: &str) -> Vec<u8> {
        json!({
            "web_push": 8030,
            "notification": {
                "title": title,
                "body": body,
                "navigate": self.navigate,
                "tag": self.tag,
                "lang": self.lang,
                "data": self.data,
            }
        })
        .to_string()
        .into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown<'a>(title: &'a str, body: &'a str) -> Shown<'a> {
        let data = json!({"notification_id": "note_1", "kind": "BILL_RECEIVED"});
        Shown { title, body, navigate: "https://billow.test/bills/bill_1", tag: "bill_1", lang: "de-DE", data }
    }

    #[test]
    fn the_shape_is_the_declarative_one() {
        let value: Value = serde_json::from_slice(&shown("Neue Rechnung", "12,30 €").to_bytes()).expect("JSON");
        assert_eq!(value["web_push"], 8030);
        assert_eq!(value["notification"]["title"], "Neue Rechnung");
        assert_eq!(value["notification"]["navigate"], "https://billow.test/bills/bill_1");
        assert_eq!(value["notification"]["data"]["kind"], "BILL_RECEIVED");
    }

    #[test]
    fn what_is_too_long_is_cut_and_stays_readable() {
        for body in ["x".repeat(5_000), "ü\"\u{1}".repeat(3_000), "👪".repeat(2_000)] {
            let bytes = shown("A title", &body).to_bytes();
            assert!(bytes.len() <= MAX_BYTES && bytes.len() > MAX_BYTES - 60, "{}", bytes.len());
            let value: Value = serde_json::from_slice(&bytes).expect("JSON");
            let cut = value["notification"]["body"].as_str().expect("text").trim_end_matches('…');
            assert!(body.starts_with(cut));
        }
        let bytes = shown(&"\u{1}".repeat(5_000), &"y".repeat(5_000)).to_bytes();
        assert!(bytes.len() <= MAX_BYTES);
    }
}
