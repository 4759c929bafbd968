//! Adding an authenticator app: the shared secret.

use async_graphql::Context;
use qrcode::{Color, EcLevel, QrCode};

use crate::context::ContextExt as _;
use crate::payload::payload;
use crate::refusal::Result;

/// Empty modules around a QR code, as the standard wants.
const QUIET: usize = 4;

payload! {
    /// The secret for the authenticator app.
    StartTotpSetupPayload {
        /// The secret in base 32, to type in. Shown only now.
        secret: Option<String>,
        /// The same as an `otpauth://` address.
        uri: Option<String>,
        /// The address as a QR code: an SVG image.
        qr_svg: Option<String>,
    }
}

pub(crate) async fn run(ctx: &Context<'_>) -> Result<StartTotpSetupPayload> {
    let outcome = ctx.billing().identity.start_totp(ctx.actor()).await;
    StartTotpSetupPayload::of(outcome, |setup| StartTotpSetupPayload {
        qr_svg: svg(&setup.uri),
        secret: Some(setup.secret),
        uri: Some(setup.uri),
        user_errors: Vec::new(),
    })
}

/// The QR code of `text`: one path, a unit per module, dark on white whatever surrounds it.
fn svg(text: &str) -> Option<String> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
    let width = code.width();
    let mut path = String::new();
    for (place, color) in code.to_colors().into_iter().enumerate() {
        if color == Color::Dark {
            path.push_str(&format!("M{} {}h1v1h-1z", place % width + QUIET, place / width + QUIET));
        }
    }
    let side = width + 2 * QUIET;
    Some(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\" shape-rendering=\"crispEdges\">\
         <path fill=\"#fff\" d=\"M0 0h{side}v{side}H0z\"/><path fill=\"#000\" d=\"{path}\"/></svg>"
    ))
}
