//! QR codes as SVG.

use std::fmt::Write as _;

use qrcode::{Color, EcLevel, QrCode};

/// The quiet zone around a code, in modules, as its standard wants it.
const QUIET: usize = 4;

/// `text` as a QR code.
pub(crate) fn svg(text: &str) -> Result<String, String> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).map_err(|e| format!("the QR code cannot be made: {e}"))?;
    let width = code.width();
    let size = width + 2 * QUIET;
    let mut path = String::new();
    for (at, _) in code.to_colors().iter().enumerate().filter(|(_, color)| **color == Color::Dark) {
        let _ = write!(path, "M{} {}h1v1h-1z", at % width + QUIET, at / width + QUIET);
    }
    Ok(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {size} {size}\" shape-rendering=\"crispEdges\">\
         <rect width=\"{size}\" height=\"{size}\" fill=\"#fff\"/><path d=\"{path}\" fill=\"#000\"/></svg>"
    ))
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_text_becomes_a_square_with_a_quiet_zone() {
        let svg = super::svg("https://billow.test/verify/doc_1?s=abc").expect("a code");
        assert!(svg.starts_with("<svg") && svg.contains("M4 4h1v1h-1z"), "the first corner's mark begins after the quiet zone");
        assert!(super::svg(&"x".repeat(5_000)).is_err());
    }
}
