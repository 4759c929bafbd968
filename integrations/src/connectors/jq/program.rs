//! From the text of a program to something that runs, and its run.

use std::panic::{AssertUnwindSafe, catch_unwind};

use jaq_core::data::{DataT, HasLut};
use jaq_core::load::{self, Arena, File, Loader};
use jaq_core::{Compiler, Ctx, Lut, Vars};
use serde_json::Value as Json;

use super::functions;
use super::meter::{self, Spent};
use super::value::Val;

/// Longest program.
pub(super) const MAX_PROGRAM_BYTES: usize = 16 * 1024;
/// Deepest nesting of brackets; the parser recurses.
const MAX_BRACKETS: usize = 100;
/// Longest answer of a program, as JSON.
const MAX_OUTPUT_BYTES: usize = 4 << 20;

/// How the interpreter is set up: our values, and a count at every step.
pub(super) struct Kind;

impl DataT for Kind {
    type V<'a> = Val;
    type Data<'a> = Counted<'a>;
}

/// The terms of a program. The interpreter asks for them at every step it takes.
#[derive(Clone)]
pub(super) struct Counted<'a>(&'a Lut<Kind>);

impl<'a> HasLut<'a, Kind> for Counted<'a> {
    fn lut(&self) -> &'a Lut<Kind> {
        meter::step();
        self.0
    }
}

/// A program, ready to run, on any thread.
pub(super) struct Program(jaq_core::Filter<Kind>);

impl Program {
    /// Reads a program. Needs a large stack.
    pub(super) fn compile(text: &str) -> Result<Self, String> {
        if text.len() > MAX_PROGRAM_BYTES {
            return Err(format!("the program has {} bytes; at most {MAX_PROGRAM_BYTES} are allowed", text.len()));
        }
        if text.trim().is_empty() {
            return Err("the program is empty".into());
        }
        check_brackets(text)?;
        let arena = Arena::default();
        let modules = Loader::new(functions::definitions())
            .load(&arena, File { code: text, path: () })
            .map_err(|errors| errors.first().map_or_else(String::new, |(_, error)| load_words(text, error)))?;
        Compiler::default().with_funs(functions::natives()).compile(modules).map(Self).map_err(|errors| {
            let first = errors.first().and_then(|(_, errors)| errors.first());
            first.map_or_else(|| "the program cannot be used".into(), |(name, missing)| undefined_words(text, name, missing))
        })
    }

    /// Runs it: nothing, or the one value it yields. Needs a large stack.
    pub(super) fn run(&self, input: &Json) -> Result<Option<Json>, String> {
        match catch_unwind(AssertUnwindSafe(|| self.run_counted(input))) {
            Ok(result) => result,
            Err(payload) => {
                Err(payload.downcast_ref::<Spent>().map_or_else(|| "it failed inside the interpreter".to_owned(), |spent| spent.words()))
            }
        }
    }

    fn run_counted(&self, input: &Json) -> Result<Option<Json>, String> {
        meter::begin();
        let input = Val::from_json(input);
        // The input is bounded elsewhere; the program gets the whole allowance.
        meter::begin();
        let context = Ctx::<Kind>::new(Counted(&self.0.lut), Vars::new([]));
        let mut outputs = self.0.id.run((context, input));
        let Some(output) = outputs.next() else { return Ok(None) };
        let output = output.map_err(|exception| match exception.get_err() {
            Ok(error) => error_words(error),
            Err(_) => "it broke off".into(),
        })?;
        if outputs.next().is_some() {
            return Err("it yields more than one value; collect them in an array".into());
        }
        let mut bytes_left = MAX_OUTPUT_BYTES;
        let json = output.to_json(&mut bytes_left);
        json.map(Some).ok_or_else(|| format!("its result is larger than {} MiB", MAX_OUTPUT_BYTES >> 20))
    }
}

fn error_words(error: jaq_core::Error<Val>) -> String {
    match error.into_val() {
        Val::Str(text) => text.as_ref().to_owned(),
        value => value.to_string(),
    }
}

/// Refuses texts that nest so deeply that reading them would be a danger of its own.
fn check_brackets(text: &str) -> Result<(), String> {
    let mut depth = 0usize;
    for c in text.chars() {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > MAX_BRACKETS {
            return Err(format!("the program nests brackets deeper than {MAX_BRACKETS} levels"));
        }
    }
    Ok(())
}

/// Line and column of a part of the program, both from 1.
fn place(text: &str, part: &str) -> String {
    let start = load::span(text, part).start.min(text.len());
    let before = text.get(..start).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    format!("line {line}, column {column}")
}

fn shown(found: &str) -> String {
    let line = found.lines().next().unwrap_or_default();
    if line.is_empty() { "the end of the program".into() } else { format!("'{}'", line.chars().take(30).collect::<String>()) }
}

fn load_words(text: &str, error: &load::Error<&str>) -> String {
    match error {
        load::Error::Io(_) => "modules cannot be imported".into(),
        load::Error::Lex(errors) => errors.first().map_or_else(String::new, |(expected, found)| {
            format!("{}: a {} is missing before {}", place(text, found), expected.as_str(), shown(found))
        }),
        load::Error::Parse(errors) => errors.first().map_or_else(String::new, |(expected, found)| {
            format!("{}: expected {}, found {}", place(text, found), expected.as_str(), shown(found))
        }),
    }
}

fn undefined_words(text: &str, name: &str, missing: &jaq_core::compile::Undefined) -> String {
    use jaq_core::compile::Undefined;
    let what = match missing {
        Undefined::Filter(arity) => format!("there is no function '{name}' with {arity:?} arguments"),
        Undefined::Var => format!("there is no variable '{name}'"),
        other => format!("there is no {} '{name}'", other.as_str()),
    };
    format!("{}: {what}", place(text, name))
}
