//! What can happen to an answer on its way.

use std::sync::LazyLock;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, Response, StatusCode};
use flate2::{Compress, Compression, Crc, FlushCompress};
use futures::stream;

use super::answer::Answer;
use crate::server::{Line, Site};
use crate::world::Fault;

/// What stands where the data should be when somebody is working on the servers.
pub(crate) const MAINTENANCE_PAGE: &str = "<!doctype html>\n<html><head><title>We will be right back</title></head>\n\
    <body><h1>We will be right back</h1><p>Our team is working on our systems. Please come again later.</p></body></html>\n";

/// How much of an endless answer is sent at most, should anybody take it all: four gibibytes.
const ENDLESS_CHUNKS: u32 = 65_536;
const CHUNK_BYTES: usize = 1 << 16;

pub(crate) fn response(status: StatusCode, content_type: &'static str, body: Body) -> Response<Body> {
    let mut out = Response::new(body);
    *out.status_mut() = status;
    out.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    out
}

/// The answer that a fault gives in the provider's place, if it is of that sort.
pub(crate) fn instead(fault: &Fault) -> Option<Response<Body>> {
    let json = |status, text: &'static str| response(status, "application/json", Body::from(text));
    Some(match fault {
        Fault::ServerError => json(StatusCode::INTERNAL_SERVER_ERROR, r#"{"error":"internal"}"#),
        Fault::Unauthorized => json(StatusCode::UNAUTHORIZED, r#"{"error":"the key is not valid"}"#),
        Fault::NotJson => response(StatusCode::OK, "text/html; charset=utf-8", Body::from(MAINTENANCE_PAGE)),
        Fault::TooManyRequests { retry_after_s } => {
            let mut out = json(StatusCode::TOO_MANY_REQUESTS, r#"{"error":"slow down"}"#);
            out.headers_mut().insert(RETRY_AFTER, HeaderValue::from(*retry_after_s));
            out
        }
        _ => return None,
    })
}

/// What a fault makes of the provider's own answer.
pub(crate) async fn spoil(fault: &Fault, answer: Answer, site: &Site, line: &Line) -> Response<Body> {
    let Answer { status, content_type, body } = answer;
    match fault {
        Fault::Hang => {
            site.hang().await;
            line.cut();
            response(status, content_type, Body::empty())
        }
        Fault::DropConnection => {
            line.cut();
            response(status, content_type, Body::empty())
        }
        Fault::CutShort => {
            let mut half = body.len() / 2;
            while !body.is_char_boundary(half) {
                half -= 1;
            }
            response(status, content_type, Body::from(body[..half].to_owned()))
        }
        Fault::Truncated => {
            let whole = HeaderValue::from(body.len());
            let half = Bytes::from(body);
            let half = half.slice(..half.len() / 2);
            let line = line.clone();
            let parts = stream::unfold(Some(half), move |rest| {
                let line = line.clone();
                async move {
                    match rest {
                        Some(half) => Some((Ok(half), None)),
                        None => {
                            // The half is given to the network before the end comes.
                            tokio::time::sleep(Duration::from_millis(5)).await;
                            line.cut();
                            Some((Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset)), None))
                        }
                    }
                }
            });
            let mut out = response(status, content_type, Body::from_stream(parts));
            out.headers_mut().insert(CONTENT_LENGTH, whole);
            out
        }
        Fault::Endless => {
            let filler = Bytes::from(vec![b' '; CHUNK_BYTES]);
            let cancel = site.cancel.clone();
            let parts = stream::unfold(0_u32, move |sent| {
                let (filler, over) = (filler.clone(), cancel.is_cancelled() || sent >= ENDLESS_CHUNKS);
                async move {
                    tokio::task::yield_now().await;
                    (!over).then_some((Ok::<_, std::io::Error>(filler), sent + 1))
                }
            });
            response(status, content_type, Body::from_stream(parts))
        }
        Fault::GzipBomb => {
            let mut out = response(status, content_type, Body::from(BOMB.clone()));
            out.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            out
        }
        _ => response(status, content_type, Body::from(body)),
    }
}

/// One gibibyte of blanks in about a mebibyte of gzip.
static BOMB: LazyLock<Bytes> = LazyLock::new(|| bomb(1024));

/// So many mebibytes of blanks as one gzip member.
///
/// A mebibyte is deflated once, up to a full flush: what follows such a flush does not refer back, so that the same bytes can simply be repeated.
fn bomb(mebibytes: usize) -> Bytes {
    let blanks = vec![b' '; 1 << 20];
    let mut piece = Vec::with_capacity(1 << 14);
    let deflated = Compress::new(Compression::best(), false).compress_vec(&blanks, &mut piece, FlushCompress::Full);
    debug_assert!(deflated.is_ok(), "blanks can be deflated");
    let mut one = Crc::new();
    one.update(&blanks);
    let mut all = Crc::new();
    let mut out = Vec::with_capacity(piece.len() * mebibytes + 32);
    // The header: magic, deflate, no flags, no time, unknown system.
    out.extend([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]);
    for _ in 0..mebibytes {
        out.extend_from_slice(&piece);
        all.combine(&one);
    }
    // The last block, empty; then the checksum and the length modulo 2^32.
    out.extend([3, 0]);
    out.extend(all.sum().to_le_bytes());
    out.extend(all.amount().to_le_bytes());
    Bytes::from(out)
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[test]
    fn a_bomb_is_whole_gzip() {
        let bytes = bomb(3);
        let mut out = Vec::new();
        flate2::read::GzDecoder::new(&bytes[..]).read_to_end(&mut out).expect("checksum and length fit");
        assert_eq!(out.len(), 3 << 20);
        assert!(bytes.len() < 8_192, "{} bytes", bytes.len());
    }
}
