//! Who sends (RFC 8292): the token in the `Authorization` header and the key it was signed with.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use p256::ecdsa::signature::Verifier as _;
use p256::ecdsa::{Signature, VerifyingKey};
use serde_json::Value;

use crate::world::VapidClaims;

/// A token may be good for no longer.
const MAX_LIFE_S: i64 = 24 * 3_600;

/// Reads the header, checks the token, and gives what it claims and the sender's key (base64url).
pub(super) fn check(header: Option<&str>, origin: &str, now: DateTime<Utc>) -> Result<(VapidClaims, String), String> {
    let header = header.ok_or("there is no Authorization header")?;
    let fields = header.strip_prefix("vapid ").ok_or("the Authorization header does not begin with vapid")?;
    let field = |name: &str| fields.split(',').filter_map(|f| f.trim().split_once('=')).find(|(n, _)| *n == name).map(|(_, v)| v.trim());
    let token = field("t").ok_or("the Authorization header has no t")?;
    let key_text = field("k").ok_or("the Authorization header has no k")?;

    let [head, body, signature] = token.split('.').collect::<Vec<_>>()[..] else {
        return Err("the token does not have three parts".into());
    };
    let head = json(head)?;
    if head["alg"] != "ES256" {
        return Err("the token is not signed with ES256".into());
    }
    let key = VerifyingKey::from_sec1_bytes(&bytes(key_text)?).map_err(|_| "k is not a key on P-256")?;
    let signature = Signature::from_slice(&bytes(signature)?).map_err(|_| "the token's signature is not one of ES256")?;
    let signed = token.rsplit_once('.').map_or("", |(signed, _)| signed);
    key.verify(signed.as_bytes(), &signature).map_err(|_| "the token was not signed with k")?;

    let claims: VapidClaims = serde_json::from_value(json(body)?).map_err(|e| format!("the token's claims are not whole: {e}"))?;
    if claims.aud != origin {
        return Err(format!("aud is {}, not {origin}", claims.aud));
    }
    let left_s = claims.exp - now.timestamp();
    if left_s <= 0 {
        return Err("the token has expired".into());
    }
    if left_s > MAX_LIFE_S {
        return Err("exp is more than 24 hours away".into());
    }
    if !claims.sub.starts_with("mailto:") && !claims.sub.starts_with("https://") {
        return Err("sub is neither a mailto: nor an https: address".into());
    }
    Ok((claims, key_text.trim_end_matches('=').to_owned()))
}

fn bytes(text: &str) -> Result<Vec<u8>, String> {
    BASE64_URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).map_err(|_| "something that should be base64url is not".to_owned())
}

fn json(part: &str) -> Result<Value, String> {
    serde_json::from_slice(&bytes(part)?).map_err(|_| "a part of the token is not JSON".to_owned())
}
