//! The web app, from inside the binary.
//!
//! Files with a hash in their name never change and are kept for ever; everything else is asked for again each time and
//! answered with "not modified". A path that is no file is the app's own: it gets the app's page.

use axum::body::Body;
use axum::extract::Extension;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use rust_embed::RustEmbed;

use super::refuse;
use super::request::RequestId;

/// What `web/` was built into. The folder may be missing: the API works without it.
#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../web/dist"]
#[allow_missing = true]
struct Dist;

/// Paths whose files have a hash in their name.
const HASHED: &str = "assets/";

/// Answers a path that no other route takes.
pub(crate) async fn serve(
    Extension(RequestId(request_id)): Extension<RequestId>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    if method != Method::GET && method != Method::HEAD {
        return refuse(StatusCode::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED", "This can only be read.", &request_id);
    }
    let path = uri.path().trim_start_matches('/');
    if path == "graphiql" {
        return (StatusCode::PERMANENT_REDIRECT, [(header::LOCATION, "/graphiql/")]).into_response();
    }
    let path = match path {
        "" => "index.html",
        "graphiql/" => "graphiql/index.html",
        path => path,
    };
    if let Some(file) = Dist::get(path) {
        return found(path, file, &headers);
    }
    // A payment link's token has dots and is no file.
    let looks_like_a_file = !path.starts_with("pay/") && path.rsplit('/').next().is_some_and(|name| name.contains('.'));
    match Dist::get("index.html").filter(|_| !looks_like_a_file && !path.starts_with("graphiql/")) {
        Some(page) => found("index.html", page, &headers),
        None => refuse(StatusCode::NOT_FOUND, "NOT_FOUND", "There is nothing at this address.", &request_id),
    }
}

/// Whether the caller takes brotli, which the web app's build has made already; everything else is made for each answer.
fn takes_brotli(headers: &HeaderMap) -> bool {
    let offers = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok()).flat_map(|list| list.split(','));
    offers
        .map(|offer| offer.replace(' ', ""))
        .any(|offer| offer == "br" || offer.strip_prefix("br;q=").is_some_and(|q| q.parse() != Ok(0.0)))
}

fn found(path: &str, plain: rust_embed::EmbeddedFile, headers: &HeaderMap) -> Response {
    let small = if takes_brotli(headers) { Dist::get(&format!("{path}.br")) } else { None };
    let is_small = small.is_some();
    let file = small.unwrap_or(plain);
    let tag = format!("\"{}\"", hex::encode(&file.metadata.sha256_hash()[..16]));
    let forever = path.starts_with(HASHED) || path.starts_with("graphiql/assets/");
    let cache = if forever { "public, max-age=31536000, immutable" } else { "no-cache" };
    let fresh = headers
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .any(|value| value.to_str().is_ok_and(|list| list.split(',').any(|known| known.trim().trim_start_matches("W/") == tag)));
    let mut response = if fresh { StatusCode::NOT_MODIFIED.into_response() } else { Response::new(Body::from(file.data)) };
    let out = response.headers_mut();
    out.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if !fresh {
        if is_small {
            out.insert(header::CONTENT_ENCODING, HeaderValue::from_static("br"));
        }
        let media = mime_guess::from_path(path).first_or_octet_stream();
        let text = if media.type_() == "text" || media.subtype() == "javascript" { "; charset=utf-8" } else { "" };
        if let Ok(value) = HeaderValue::from_str(&format!("{media}{text}")) {
            out.insert(header::CONTENT_TYPE, value);
        }
    }
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        out.insert(header::ETAG, tag);
    }
    out.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brotli_is_for_those_who_take_it() {
        for (offers, taken) in [
            ("gzip, deflate, br, zstd", true),
            ("br;q=0.5, gzip", true),
            ("gzip, br; q=0", false),
            ("gzip", false),
            ("identity", false),
            ("", false),
        ] {
            let headers = HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_str(offers).expect("a header"))]);
            assert_eq!(takes_brotli(&headers), taken, "{offers}");
        }
    }
}
