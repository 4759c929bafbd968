//! Documents as they come out, read by other people's programs: poppler, qpdf and a QR reader.

mod sample;

use std::path::{Path, PathBuf};
use std::process::Command;

use billow_billing::ports::{DocumentPaper, DocumentRenderer as _};
use billow_documents::Typesetter;
use billow_entities::{DocumentKind, Money};

/// A document in a folder of its own.
struct Made {
    folder: tempfile::TempDir,
    bytes: Vec<u8>,
}

fn made(paper: &DocumentPaper) -> Made {
    let folder = tempfile::tempdir().expect("a folder");
    let bytes = Typesetter::new().set(paper).expect("a PDF");
    std::fs::write(folder.path().join("paper.pdf"), &bytes).expect("written");
    Made { folder, bytes }
}

fn run(program: &str, arguments: &[&str], folder: &Path) -> String {
    let out = Command::new(program).args(arguments).current_dir(folder).output();
    let out = out.unwrap_or_else(|e| panic!("{program} is needed (poppler-utils, qpdf): {e}"));
    assert!(out.status.success(), "{program}: {}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8_lossy(&out.stdout).into_owned()
}

impl Made {
    /// The words, each line without the space between its columns.
    fn words(&self) -> String {
        let text = run("pdftotext", &["-layout", "paper.pdf", "-"], self.folder.path()).replace('\u{a0}', " ");
        text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect::<Vec<_>>().join("\n")
    }

    fn info(&self) -> String {
        run("pdfinfo", &["paper.pdf"], self.folder.path())
    }

    fn pages(&self) -> usize {
        let info = self.info();
        info.lines().find_map(|l| l.strip_prefix("Pages:")).and_then(|n| n.trim().parse().ok()).expect("a number of pages")
    }

    /// The first page as a picture in shades of grey.
    fn picture(&self) -> (usize, usize, Vec<u8>) {
        run("pdftoppm", &["-r", "300", "-gray", "-f", "1", "-l", "1", "-singlefile", "paper.pdf", "page"], self.folder.path());
        let bytes = std::fs::read(PathBuf::from(self.folder.path()).join("page.pgm")).expect("a picture");
        let head: Vec<&[u8]> = bytes.splitn(4, |b| *b == b'\n').collect();
        let size = String::from_utf8_lossy(head[1]).into_owned();
        let (width, height) = size.split_once(' ').expect("a size");
        (width.parse().expect("a width"), height.parse().expect("a height"), head[3].to_vec())
    }
}

fn has(words: &str, lines: &[&str]) {
    for line in lines {
        assert!(words.contains(line), "{line} in:\n{words}");
    }
}

#[test]
fn a_receipt_says_who_got_what_and_where_the_money_is() {
    let made = made(&sample::paper(DocumentKind::Receipt, "de-DE", "EUR", 3, 3));
    let words = made.words();
    has(
        &words,
        &[
            "Quittung",
            "Anna Größmann",
            "Nummer R-2026-000042",
            "Ausgestellt am 21. November 2026",
            "Bezahlt am 21. November 2026, 10:03 CET",
            "Zahlung pay_01hzy3k6v8e9rbx2m4q7w5t0na",
            "Stadtwerke Nord & Söhne GmbH 1.234,56 €",
            "Strom · Rechnung 2026/10-0001 · 1. Oktober 2026 bis 31. Oktober 2026",
            "Arbeitspreis 1. Zeitraum <b> 19,90 €",
            "Umsatzsteuer 19 % · Steuer 19,92 €",
            "Von Ihnen bezahlt am 21. November 2026",
            "Von Stadtwerke Nord & Söhne GmbH bestätigt am 22. November 2026, Referenz SWN-99812",
            "Aqua [Wasser] #1 *eG* 1.234,56 €",
            "Unterwegs zu Aqua [Wasser] #1 *eG*",
            "Von Fernwärme $Süd$ nicht angenommen; das Geld geht an Sie zurück",
            "Gesamtbetrag 3.703,68 €",
            "Aus Ihrer Geldbörse 20,00 €",
            "Mit Visa •••• 4242 3.683,68 €",
            "Zurückgegeben -15,00 €",
            "Bleibt bezahlt 3.688,68 €",
            "Quittung R-2026-000042 Seite 1 / 1",
        ],
    );
    assert_eq!(made.pages(), 1);
    let info = made.info();
    has(&info, &["Quittung R-2026-000042", "Billow", "A4"]);
}

#[test]
fn amounts_and_dates_are_written_as_in_the_country() {
    for (locale, currency, lines) in [
        ("en-GB", "GBP", ["Total £1,234.56", "Issued on 21 November 2026", "With Visa •••• 4242 £1,214.56"]),
        ("en-US", "USD", ["Total $1,234.56", "Issued on November 21, 2026", "With Visa •••• 4242 $1,214.56"]),
        ("de-AT", "EUR", ["Gesamtbetrag 1.234,56 €", "Ausgestellt am 21. November 2026", "Mit Visa •••• 4242 1.214,56 €"]),
        ("fr-FR", "EUR", ["Total 1 234,56 €", "Issued on 2026-11-21", "With Visa •••• 4242 1 214,56 €"]),
        ("", "JPY", ["Total ¥123,456", "Issued on 21 November 2026", "With Visa •••• 4242 ¥121,456"]),
    ] {
        let made = made(&sample::paper(DocumentKind::Receipt, locale, currency, 1, 2));
        has(&made.words().replace('\u{202f}', " "), &lines);
        assert_eq!(made.info().contains("letter"), locale == "en-US", "{locale}");
    }
}

#[test]
fn an_indian_top_up_reads_right_in_both_scripts() {
    let words = made(&sample::top_up("en-IN", "INR")).words();
    has(
        &words,
        &[
            "Money for your wallet",
            "Total ₹1,23,456.00",
            "Credited to your wallet",
            "(Priya Sharma)",
            "You paid on 21 November 2026 with Visa",
        ],
    );
}

#[test]
fn an_invoice_says_what_is_to_be_paid_and_nothing_of_what_became_of_it() {
    let words = made(&sample::paper(DocumentKind::Invoice, "en-GB", "EUR", 2, 2)).words();
    has(&words, &["Invoice", "Number I-2026-000042", "To be paid €2,469.12", "From your wallet €20.00", "Umsatzsteuer 19 % · Tax €19.91"]);
    for absent in ["Paid on", "Confirmed", "Given back", "On its way"] {
        assert!(!words.contains(absent), "{absent} in:\n{words}");
    }
}

#[test]
fn a_long_table_goes_on_over_pages_that_are_numbered() {
    let made = made(&sample::paper(DocumentKind::Receipt, "de-DE", "EUR", 24, 6));
    let (words, pages) = (made.words(), made.pages());
    assert!(pages > 2, "{pages}");
    for page in 1..=pages {
        assert!(words.contains(&format!("Seite {page} / {pages}")), "page {page} of {pages}");
    }
    assert!(words.matches("Wofür Betrag").count() >= pages - 1, "the heading comes again on each page");
    has(&words, &["Rechnung 2026/10-0024", "Gesamtbetrag 29.629,44 €"]);
}

#[test]
fn the_file_is_sound_and_tagged_and_always_the_same() {
    for paper in [
        sample::paper(DocumentKind::Receipt, "de-DE", "EUR", 3, 3),
        sample::paper(DocumentKind::Invoice, "en-IN", "INR", 30, 8),
        sample::paper(DocumentKind::Receipt, "en", "KWD", 0, 0),
    ] {
        let made = made(&paper);
        let checked = run("qpdf", &["--check", "paper.pdf"], made.folder.path());
        assert!(checked.contains("No syntax or stream encoding errors found"), "{checked}");
        assert!(made.info().contains("Tagged:          yes"), "people who cannot see can read it");
        assert!(made.bytes == Typesetter::new().set(&paper).expect("a PDF"), "the same document has the same bytes");
        let other = DocumentPaper { number: "R-2026-000043".into(), ..paper };
        assert!(made.bytes != Typesetter::new().set(&other).expect("a PDF"));
    }
}

#[test]
fn the_code_on_the_paper_leads_to_the_page_that_checks_it() {
    let (width, height, grey) = made(&sample::paper(DocumentKind::Receipt, "en-GB", "EUR", 1, 1)).picture();
    let mut picture = rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| grey[y * width + x]);
    let grids = picture.detect_grids();
    let (_, content) = grids.first().expect("a code").decode().expect("readable");
    assert_eq!(content, sample::VERIFY_URL);
}

#[test]
fn what_others_wrote_is_set_and_not_obeyed() {
    let mut paper = sample::paper(DocumentKind::Receipt, "en-GB", "EUR", 1, 1);
    paper.customer_name = "#panic(\"x\") $ _a_ *b* `c` @d <e> \\ // comment \" ' {} %".into();
    paper.items[0].provider = "a".repeat(400);
    paper.items[0].bill_number = Some("#sys.inputs".into());
    paper.items[0].lines[0].amount = None;
    paper.items[0].lines[0].label = "= heading\n+ list\n#read(\"/etc/passwd\")".into();
    let words = made(&paper).words();
    has(&words, &["#panic(\"x\") $ _a_ *b* `c` @d <e> \\ // comment", "Bill #sys.inputs", "#read(\"/etc/passwd\")"]);
}

#[test]
fn refunds_that_take_everything_leave_nothing_paid() {
    let mut paper = sample::paper(DocumentKind::Receipt, "en-GB", "EUR", 1, 0);
    paper.refunded = paper.total;
    has(&made(&paper).words(), &["Given back -€1,234.56", "Remains paid €0.00"]);
    paper.refunded = Money::new(0, paper.refunded.currency);
    assert!(!made(&paper).words().contains("Remains paid"));
}

#[tokio::test]
async fn many_are_laid_out_at_once_off_the_threads_that_serve() {
    let typesetter = Typesetter::new();
    let papers = (0..6).map(|n| DocumentPaper { number: format!("R-{n}"), ..sample::paper(DocumentKind::Receipt, "en", "EUR", 2, 2) });
    let tasks: Vec<_> = papers
        .map(|paper| {
            let typesetter = typesetter.clone();
            tokio::spawn(async move { typesetter.render(paper).await })
        })
        .collect();
    let mut all = Vec::new();
    for task in tasks {
        all.push(task.await.expect("no panic").expect("a PDF"));
    }
    all.dedup();
    assert_eq!(all.len(), 6);
}
