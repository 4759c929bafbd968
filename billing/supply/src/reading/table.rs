//! CSV as spreadsheets and billing systems write it: one reader for files, steps and imports.
//!
//! The delimiter is set, named by an Excel line `sep=;`, or found in the heading. A heading that is there twice is refused:
//! nobody knows which of the two columns is meant. Rows are kept also where their number of cells is wrong; who reads them
//! decides what that means.

use std::collections::HashMap;

use csv::StringRecord;

/// Columns of a table.
const MAX_COLUMNS: usize = 1_000;
/// Delimiters that are looked for.
const USUAL: [u8; 4] = [b',', b';', b'\t', b'|'];

/// A table with one heading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// The names of the columns, with white space folded.
    pub heading: Vec<String>,
    /// The rows that are not blank.
    pub rows: Vec<Row>,
}

/// A row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The line of the text in which it begins, from 1.
    pub line: u64,
    /// Its cells, without white space around them.
    pub cells: StringRecord,
}

/// Why a text is no table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It cannot be read as CSV.
    Unreadable(String),
    /// It has a column twice.
    Twice(String),
    /// It has more rows than are taken.
    TooManyRows(usize),
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unreadable(words) => f.write_str(words),
            Self::Twice(column) => write!(f, "has the column '{column}' twice"),
            Self::TooManyRows(most) => write!(f, "has more than {most} rows"),
        }
    }
}

/// Reads a table of at most `most` rows. A text without anything in it has no columns.
///
/// # Errors
/// In words that follow the table's name.
pub fn read(text: &str, delimiter: Option<u8>, most: usize) -> Result<Table, Fault> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let (named, skipped) = excel_line(text);
    let body = &text[skipped..];
    let before = text[..skipped].matches('\n').count() as u64;
    let delimiter = delimiter.or(named).unwrap_or_else(|| found(body));
    let mut reader =
        csv::ReaderBuilder::new().delimiter(delimiter).has_headers(false).flexible(true).trim(csv::Trim::All).from_reader(body.as_bytes());
    let mut table = Table { heading: Vec::new(), rows: Vec::new() };
    for record in reader.records() {
        let record = record.map_err(|error| Fault::Unreadable(words(&error, before)))?;
        if record.iter().all(str::is_empty) {
            continue;
        }
        if table.heading.is_empty() {
            table.heading = heading(&record)?;
            continue;
        }
        if table.rows.len() == most {
            return Err(Fault::TooManyRows(most));
        }
        table.rows.push(Row { line: line_of(body, &record) + before, cells: record });
    }
    Ok(table)
}

/// The line a record begins in. The reader's own position is before the empty lines that it skipped.
fn line_of(body: &str, record: &StringRecord) -> u64 {
    let Some(position) = record.position() else { return 0 };
    let from = usize::try_from(position.byte()).unwrap_or(usize::MAX);
    let skipped = body.as_bytes().get(from..).unwrap_or_default().iter().take_while(|byte| matches!(byte, b'\r' | b'\n'));
    position.line() + skipped.filter(|byte| **byte == b'\n').count() as u64
}

/// A heading, for comparison: spelled in capitals or not, with blanks, dashes or underscores, it is the same column.
#[must_use]
pub fn column_key(name: &str) -> String {
    let folded: String = name.trim().trim_start_matches('\u{feff}').chars().flat_map(char::to_lowercase).collect();
    folded.split(|c: char| c.is_whitespace() || c == '_' || c == '-').filter(|part| !part.is_empty()).collect::<Vec<_>>().join("_")
}

/// `sep=;`, which Excel reads in a first line of its own: the delimiter, and where the table begins.
fn excel_line(text: &str) -> (Option<u8>, usize) {
    let line = text.split_inclusive('\n').next().unwrap_or_default();
    let plain = line.trim_end_matches(['\r', '\n']).trim_matches('"');
    match plain.get(..4).filter(|start| start.eq_ignore_ascii_case("sep=")).map(|_| &plain.as_bytes()[4..]) {
        Some([delimiter]) if delimiter.is_ascii() => (Some(*delimiter), line.len()),
        _ => (None, 0),
    }
}

/// Whichever of the usual delimiters the heading has most of, outside quotes; the comma where there is none.
fn found(text: &str) -> u8 {
    let (mut quoted, mut counts) = (false, [0usize; USUAL.len()]);
    for byte in text.trim_start().bytes() {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' if !quoted => break,
            _ if quoted => {}
            _ => USUAL.iter().zip(&mut counts).filter(|(usual, _)| **usual == byte).for_each(|(_, count)| *count += 1),
        }
    }
    let most = counts.iter().copied().max().unwrap_or(0);
    USUAL.into_iter().zip(counts).find(|(_, count)| *count == most).map_or(b',', |(usual, _)| usual)
}

fn heading(record: &StringRecord) -> Result<Vec<String>, Fault> {
    if record.len() > MAX_COLUMNS {
        return Err(Fault::Unreadable(format!("has {} columns; at most {MAX_COLUMNS} are read", record.len())));
    }
    let names: Vec<String> = record.iter().map(|name| name.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    let mut seen: HashMap<String, &str> = HashMap::new();
    for name in names.iter().filter(|name| !name.is_empty()) {
        if seen.insert(column_key(name), name).is_some() {
            return Err(Fault::Twice(name.clone()));
        }
    }
    Ok(names)
}

fn words(error: &csv::Error, before: u64) -> String {
    let line = error.position().map_or(String::new(), |position| format!(" in line {}", position.line() + before));
    format!("is not CSV{line}: {error}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(text: &str) -> Vec<Vec<String>> {
        let table = read(text, None, 100).expect("a table");
        let rows = table.rows.iter().map(|row| row.cells.iter().map(str::to_owned).collect());
        std::iter::once(table.heading.clone()).chain(rows).collect()
    }

    #[test]
    fn delimiters_are_found_or_named() {
        for text in [
            "a,b\n1,2\n",
            "a;b\r\n1;2\r\n",
            "\u{feff}a\tb\n1\t2\n",
            "a|b\n1|2",
            "sep=;\na;b\n1;2\n",
            "\u{feff}SEP=;\r\na;b\r\n1;2",
            "\"sep=,\"\na,b\n1,2",
            "\n\n a , b \n;\n 1 , 2 \n,\n",
            "\"a\";\"b\"\n\"1\";2\n",
        ] {
            let found = cells(text);
            assert_eq!(
                (&found[0], found.last()),
                (&vec!["a".to_owned(), "b".to_owned()], Some(&vec!["1".to_owned(), "2".to_owned()])),
                "{text:?}"
            );
        }
        assert_eq!(cells("\"a, b, c\";d\n1;2\n")[0], ["a, b, c", "d"], "what is quoted does not count");
        assert_eq!(read("a,b;c\n1,2;3", Some(b';'), 9).expect("a table").heading, ["a,b", "c"]);
        assert_eq!(read("", None, 9).expect("a table").heading, Vec::<String>::new());
        assert_eq!(read("sep=;", None, 9).expect("a table").heading, Vec::<String>::new());
    }

    #[test]
    fn a_heading_twice_is_refused_however_it_is_spelled() {
        for (text, column) in [
            ("acct;no;sum;due;sum\n", "sum"),
            ("Sum,sum\n1,2", "sum"),
            ("\"Due on\",due_on\n", "due_on"),
            ("\u{feff}a,b,\u{feff}a\n", "\u{feff}a"),
            ("a\tb\tA\n", "A"),
        ] {
            assert_eq!(read(text, None, 9), Err(Fault::Twice(column.into())), "{text:?}");
        }
        assert_eq!(cells("a,,\n1,2,3\n")[0], ["a", "", ""], "columns without a name are nobody's");
    }

    #[test]
    fn rows_keep_their_lines_and_may_be_too_short_or_too_long() {
        let table = read("sep=;\nacct;no\n\nA1;\"x\ny\"\nTotal\nA2;2;3\n", None, 9).expect("a table");
        let rows: Vec<_> = table.rows.iter().map(|row| (row.line, row.cells.len())).collect();
        assert_eq!(rows, [(4, 2), (6, 1), (7, 3)]);
        assert_eq!(read("a\n1\n2\n", None, 1), Err(Fault::TooManyRows(1)));
        assert_eq!(Fault::TooManyRows(1).to_string(), "has more than 1 rows");
    }
}
