//! Lays out sample documents into a folder, and says how long each takes: `cargo run -p billow-documents --example measure -- FOLDER`.

#[path = "../tests/sample/mod.rs"]
mod sample;

use std::path::PathBuf;
use std::time::Instant;

use billow_documents::Typesetter;
use billow_entities::DocumentKind;

/// Each sample is laid out this often; the median counts.
const TIMES: usize = 21;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = PathBuf::from(std::env::args().nth(1).ok_or("name a folder")?);
    std::fs::create_dir_all(&folder)?;
    let typesetter = Typesetter::new();
    for (name, paper) in [
        ("receipt-de", sample::paper(DocumentKind::Receipt, "de-DE", "EUR", 3, 3)),
        ("receipt-en", sample::paper(DocumentKind::Receipt, "en-GB", "GBP", 1, 3)),
        ("invoice-en", sample::paper(DocumentKind::Invoice, "en-US", "USD", 2, 2)),
        ("receipt-long-de", sample::paper(DocumentKind::Receipt, "de-DE", "EUR", 24, 6)),
        ("top-up-in", sample::top_up("en-IN", "INR")),
    ] {
        let mut took = Vec::with_capacity(TIMES);
        let mut pdf = Vec::new();
        for time in 0..TIMES {
            let mut paper = paper.clone();
            // Another customer each time, as in service.
            paper.payment_reference = format!("{}{time:02}", &paper.payment_reference[..paper.payment_reference.len() - 2]);
            let started = Instant::now();
            pdf = typesetter.set(&paper)?;
            took.push(started.elapsed());
        }
        took.sort();
        eprintln!("{name}: {} bytes, median {:.1} ms, slowest {:.1} ms", pdf.len(), ms(took[TIMES / 2]), ms(took[TIMES - 1]));
        std::fs::write(folder.join(format!("{name}.pdf")), pdf)?;
    }
    Ok(())
}

fn ms(duration: std::time::Duration) -> f64 {
    duration.as_secs_f64() * 1_000.0
}
