//! Reading a CSV file. Pure: bytes in, rows out, each with what is wrong about it.

use std::borrow::Cow;
use std::collections::HashMap;

use billow_kernel::contact::ContactInput;
use billow_kernel::error::{Error, Problems, Result, UserError};
use serde_json::{Map, Value};

use super::formula::undefused;
use crate::reading::charset;
use crate::reading::table::{self, Fault};

/// The columns there are.
pub const COLUMNS: [&str; 9] =
    ["name", "email", "mobile", "locale", "time_zone", "external_ref", "property", "provider", "consumer_number"];
/// Those without which nothing can be done.
const REQUIRED: [&str; 3] = ["name", "locale", "time_zone"];
/// The column that [`super::rejects`] adds: read over, so that a mended reject file can be imported as it is.
pub(super) const ERRORS: &str = "errors";
/// Bytes of a file.
pub const MAX_BYTES: usize = 10 << 20;
/// Rows of a file, the heading not counted.
pub const MAX_ROWS: usize = 50_000;
/// Characters kept of a cell.
const MAX_CELL: usize = 1_000;

/// A row as it will be stored.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct ParsedRow {
    /// From 1, the heading not counted.
    pub row: i32,
    /// The cells that are not blank, by column.
    pub cells: Map<String, Value>,
    /// What is wrong with it.
    pub errors: Vec<UserError>,
}

/// What a row says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct CustomerRow {
    pub contact: ContactInput,
    pub property: Option<String>,
    pub provider: Option<String>,
    pub consumer_number: Option<String>,
}

impl CustomerRow {
    pub(super) fn of(cells: &Map<String, Value>) -> Self {
        let cell = |column: &str| cells.get(column).and_then(Value::as_str).map(str::to_owned);
        Self {
            contact: ContactInput {
                name: cell("name").unwrap_or_default(),
                email: cell("email"),
                mobile: cell("mobile"),
                locale: cell("locale").unwrap_or_default(),
                time_zone: cell("time_zone").unwrap_or_default(),
                external_ref: cell("external_ref"),
            },
            property: cell("property"),
            provider: cell("provider"),
            consumer_number: cell("consumer_number"),
        }
    }

    /// What can be found wrong without looking anything up.
    fn problems(&self) -> Vec<UserError> {
        let mut problems = Problems::default();
        self.contact.check(&mut problems);
        if self.contact.email.is_none() && self.contact.external_ref.is_none() {
            problems.add("REQUIRED", "email", "Give an e-mail address or an external_ref, by which the customer is known.");
        }
        problems.optional_text("property", self.property.as_deref(), 100);
        match (&self.provider, &self.consumer_number) {
            (Some(_), None) => problems.add("REQUIRED", "consumer_number", "An account needs the consumer number at its provider."),
            (None, Some(_)) => problems.add("REQUIRED", "provider", "Name the provider whose consumer number this is."),
            _ => {}
        }
        in_columns(problems.into_vec())
    }
}

/// Errors about the fields of use cases as errors about columns.
pub(super) fn in_columns(mut errors: Vec<UserError>) -> Vec<UserError> {
    for error in &mut errors {
        let Some(field) = error.path.first_mut() else { continue };
        let column = match field.as_str() {
            "timeZone" => "time_zone",
            "externalRef" => "external_ref",
            "propertyId" => "property",
            "providerId" => "provider",
            "params" => "consumer_number",
            _ => continue,
        };
        error.path = vec![column.to_owned()];
    }
    errors
}

/// Reads a file of customers.
pub(super) fn parse(content: &[u8]) -> Result<Vec<ParsedRow>> {
    let text = text_of(content)?;
    let table = table::read(&text, None, MAX_ROWS).map_err(|fault| match fault {
        Fault::Twice(column) => refused("DUPLICATE_COLUMN", format!("The column {} is there twice.", shown(&column))),
        Fault::TooManyRows(most) => refused("TOO_MANY_ROWS", format!("A file has at most {most} rows; split it.")),
        Fault::Unreadable(words) => refused("UNREADABLE", format!("The file {words}.")),
    })?;
    if table.heading.is_empty() {
        return Err(refused("EMPTY_FILE", "The file is empty."));
    }
    let heading = columns(&table.heading)?;
    let mut rows: Vec<ParsedRow> = (1..).zip(&table.rows).map(|(number, record)| row(number, &heading, &record.cells)).collect();
    if rows.is_empty() {
        return Err(refused("EMPTY_FILE", "There is a heading but no row."));
    }
    refuse_doubles(&mut rows);
    Ok(rows)
}

fn refused(code: &'static str, message: impl Into<String>) -> Error {
    Error::invalid(code, "file", message)
}

fn shown(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(40).collect()
}

fn text_of(content: &[u8]) -> Result<Cow<'_, str>> {
    if content.len() > MAX_BYTES {
        return Err(refused("TOO_LARGE", format!("A file has at most {} MiB; split it.", MAX_BYTES >> 20)));
    }
    let text = charset::decode(content, &[]).map_err(|_| {
        let valid = std::str::from_utf8(content).err().map_or(0, |error| error.valid_up_to());
        let line = content[..valid].iter().filter(|b| **b == b'\n').count() + 1;
        refused("INVALID_ENCODING", format!("Line {line} is not UTF-8; save the file as “CSV UTF-8”."))
    })?;
    if text.contains('\0') {
        return Err(refused("INVALID_ENCODING", "This is not a text file; save it as “CSV UTF-8”."));
    }
    Ok(text)
}

/// The columns in the order of the file; the ones to read over are none.
fn columns(heading: &[String]) -> Result<Vec<Option<&'static str>>> {
    let mut problems = Problems::default();
    let mut out: Vec<Option<&'static str>> = Vec::with_capacity(heading.len());
    for name in heading {
        let lower = table::column_key(name);
        match COLUMNS.into_iter().find(|c| *c == lower) {
            Some(column) if out.contains(&Some(column)) => {
                problems.add("DUPLICATE_COLUMN", "file", format!("The column {column} is there twice."));
            }
            Some(column) => out.push(Some(column)),
            None if lower == ERRORS || lower.is_empty() => out.push(None),
            None => {
                let shown = shown(name);
                problems.add("UNKNOWN_COLUMN", "file", format!("There is no column “{shown}”; the columns are {}.", COLUMNS.join(", ")));
            }
        }
    }
    for column in REQUIRED {
        if problems.is_empty() && !out.contains(&Some(column)) {
            problems.add("MISSING_COLUMN", "file", format!("The column {column} is missing."));
        }
    }
    problems.finish()?;
    Ok(out)
}

fn row(number: i32, heading: &[Option<&'static str>], record: &::csv::StringRecord) -> ParsedRow {
    let mut cells = Map::new();
    let mut errors = Vec::new();
    for (column, cell) in heading.iter().zip(record).filter_map(|(column, cell)| Some(((*column)?, undefused(cell)))) {
        if cell.chars().nth(MAX_CELL).is_some() {
            errors.push(UserError::new("TOO_LONG", column, format!("At most {MAX_CELL} characters, please.")));
        }
        if !cell.is_empty() {
            cells.insert(column.to_owned(), cell.chars().take(MAX_CELL).collect::<String>().into());
        }
    }
    if record.len() == heading.len() {
        if errors.is_empty() {
            errors = CustomerRow::of(&cells).problems();
        }
    } else {
        let message = format!("This row has {} cells, the heading has {}.", record.len(), heading.len());
        errors.insert(0, UserError::new("WRONG_CELL_COUNT", "", message));
    }
    ParsedRow { row: number, cells, errors }
}

/// Of rows for the same customer the first counts.
fn refuse_doubles(rows: &mut [ParsedRow]) {
    for (column, code) in [("email", "DUPLICATE_EMAIL"), ("external_ref", "DUPLICATE_EXTERNAL_REF")] {
        let mut first: HashMap<String, i32> = HashMap::new();
        for row in rows.iter_mut().filter(|row| row.errors.is_empty()) {
            let Some(key) = row.cells.get(column).and_then(Value::as_str) else { continue };
            let key = if column == "email" { key.to_lowercase() } else { key.to_owned() };
            match first.get(&key) {
                Some(earlier) => row.errors.push(UserError::new(code, column, format!("Row {earlier} is about this customer already."))),
                None => {
                    first.insert(key, row.row);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(result: Result<Vec<ParsedRow>>) -> Vec<String> {
        match result {
            Err(Error::Invalid(errors)) => errors.into_iter().map(|e| e.code.into_owned()).collect(),
            other => panic!("not refused: {other:?}"),
        }
    }

    #[test]
    fn what_spreadsheets_write_is_read() {
        let comma = "name,email,locale,time_zone\nAda,ada@example.com,en,UTC\n".to_owned();
        let semicolon =
            "\u{feff}Name;E Mail;Locale;Time Zone\r\n\"Lovelace; Ada\";ada@example.com;en;UTC\r\n;;;\r\n".replace("E Mail", "email");
        let tab = "name\temail\tlocale\ttime_zone\terrors\nAda, Countess\tada@example.com\ten\tUTC\twas wrong\n".to_owned();
        let excel = "sep=;\r\nname;email;locale;time_zone\r\nAda;ada@example.com;en;UTC\r\n".to_owned();
        for (file, name) in [(comma, "Ada"), (semicolon, "Lovelace; Ada"), (tab, "Ada, Countess"), (excel, "Ada")] {
            let rows = parse(file.as_bytes()).expect("rows");
            assert_eq!(rows.len(), 1, "{file}");
            assert_eq!(rows[0].errors, [], "{file}");
            assert_eq!(CustomerRow::of(&rows[0].cells).contact.name, name);
        }
        let wide: Vec<u8> =
            "\u{feff}name;email;locale;time_zone\nÅsa;asa@example.com;sv;UTC\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(CustomerRow::of(&parse(&wide).expect("rows")[0].cells).contact.name, "Åsa", "Excel's “Unicode text”");
    }

    #[test]
    fn a_file_that_cannot_be_read_is_refused_as_a_whole() {
        for (file, code) in [
            (&b""[..], "EMPTY_FILE"),
            (b"name,locale,time_zone,email\n", "EMPTY_FILE"),
            (b"name,locale,time_zone,colour\na,en,UTC,red\n", "UNKNOWN_COLUMN"),
            (b"name,locale,email\na,en,a@example.com\n", "MISSING_COLUMN"),
            (b"name,name,locale,time_zone\na,b,en,UTC\n", "DUPLICATE_COLUMN"),
            (b"name,locale,time_zone\nM\xfcller,de,UTC\n", "INVALID_ENCODING"),
            (b"na\0me", "INVALID_ENCODING"),
        ] {
            assert_eq!(codes(parse(file)), [code]);
        }
        assert_eq!(codes(parse(&vec![b'a'; MAX_BYTES + 1])), ["TOO_LARGE"]);
        let many = format!("name,locale,time_zone,email\n{}", "a,en,UTC,\n".repeat(MAX_ROWS + 1));
        assert_eq!(codes(parse(many.as_bytes())), ["TOO_MANY_ROWS"]);
    }

    #[test]
    fn a_row_that_is_wrong_fails_alone_and_names_the_column() {
        let long = "x".repeat(1_001);
        let file = format!(
            "name,email,mobile,locale,time_zone,external_ref,property,provider,consumer_number\n\
             Ada,ada@example.com,+49 171 2345678,de-DE,Europe/Berlin,7,Home,voltara,123\n\
             ,x,1,?,Mars,,,voltara,\n\
             Bob,,,en,UTC,,,,123\n\
             Cy,ADA@example.com,,en,UTC,,,,\n\
             Di,di@example.com,,en,UTC,7,,,\n\
             Ed,ed@example.com,,en\n\
             Flo,flo@example.com,,en,UTC,,{long},,\n"
        );
        let found: Vec<Vec<String>> = parse(file.as_bytes())
            .expect("rows")
            .iter()
            .map(|row| row.errors.iter().map(|e| format!("{}:{}", e.path.join("."), e.code)).collect())
            .collect();
        let wanted: [&[&str]; 7] = [
            &[],
            &[
                "name:REQUIRED",
                "email:INVALID_EMAIL",
                "mobile:INVALID_MOBILE",
                "locale:INVALID_LOCALE",
                "time_zone:INVALID_TIME_ZONE",
                "consumer_number:REQUIRED",
            ],
            &["email:REQUIRED", "provider:REQUIRED"],
            &["email:DUPLICATE_EMAIL"],
            &["external_ref:DUPLICATE_EXTERNAL_REF"],
            &[":WRONG_CELL_COUNT"],
            &["property:TOO_LONG"],
        ];
        assert_eq!(found, wanted);
    }
}
