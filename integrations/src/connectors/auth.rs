//! How a request proves who we are.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::settings::{Fields, is_name};

/// The kinds of proof, each with the names of the credentials it takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Auth {
    Bearer { credential: String },
    Header { name: String, credential: String },
    Basic { username: String, password: String },
    Query { name: String, credential: String },
}

/// What a proof adds to a request.
#[derive(Default)]
pub(super) struct Proof {
    pub(super) header: Option<(String, String)>,
    pub(super) query: Option<(String, String)>,
}

impl Auth {
    /// Reads the `auth` field.
    pub(super) fn read(settings: &Fields<'_>) -> Option<Self> {
        let fields = Fields::of(settings.value("auth")?, settings.at("auth"), settings.problems());
        let credential = |field: &'static str| {
            let name = fields.text(field);
            if !name.is_empty() && !is_name(&name) {
                fields.wrong(field, "must name a credential: small letters, digits and underscores");
            }
            name
        };
        let kind = fields.text("type");
        let auth = match kind.as_str() {
            "bearer" => Some(Self::Bearer { credential: credential("credential") }),
            "header" => Some(Self::Header { name: fields.text("name"), credential: credential("credential") }),
            "basic" => Some(Self::Basic { username: credential("username_credential"), password: credential("password_credential") }),
            "query" => Some(Self::Query { name: fields.text("name"), credential: credential("credential") }),
            "" => None,
            other => {
                fields.wrong("type", format!("must be one of bearer, header, basic, query, not \"{other}\""));
                // What else is there cannot be judged.
                return None;
            }
        };
        if auth.is_some() {
            fields.finish();
        }
        auth
    }

    /// The proof, with `secret` telling the credentials.
    pub(super) fn proof(&self, secret: impl Fn(&str) -> Result<String, String>) -> Result<Proof, String> {
        Ok(match self {
            Self::Bearer { credential } => {
                Proof { header: Some(("authorization".into(), format!("Bearer {}", secret(credential)?))), query: None }
            }
            Self::Header { name, credential } => Proof { header: Some((name.to_ascii_lowercase(), secret(credential)?)), query: None },
            Self::Basic { username, password } => {
                let pair = STANDARD.encode(format!("{}:{}", secret(username)?, secret(password)?));
                Proof { header: Some(("authorization".into(), format!("Basic {pair}"))), query: None }
            }
            Self::Query { name, credential } => Proof { header: None, query: Some((name.clone(), secret(credential)?)) },
        })
    }
}
