//! What a running program may still use.
//!
//! The counters belong to the thread, because the interpreter's values cannot carry them. Running out is not an error value,
//! which a program could catch with `try`, but an unwinding that only the runner catches.

use std::cell::Cell;
use std::panic::resume_unwind;
use std::time::{Duration, Instant};

/// Evaluation steps of one run; a mapping of 500 bills takes about a tenth of it.
const MAX_STEPS: u64 = 1_000_000;
/// Everything a run allocates for values, freed again or not.
const MAX_BYTES: usize = 128 << 20;
/// The longest text. Some functions make a text six times as long before it can be counted.
const MAX_TEXT_BYTES: usize = 16 << 20;
/// Elapsed time of one run. The steps are spent long before, unless the machine is overloaded.
const MAX_TIME: Duration = Duration::from_secs(1);
/// Stack of a runner. Pages are only used when touched.
pub(super) const STACK_BYTES: usize = 256 << 20;
/// How much of the stack evaluation may use; the rest is for freeing what it built, which also recurses.
const MAX_EVALUATION_STACK_BYTES: usize = STACK_BYTES / 16;
/// How many steps pass between two looks at the clock.
const STEPS_PER_LOOK: u64 = 256;

/// Why a program was stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spent {
    Steps,
    Time,
    Memory,
    Text,
    Stack,
    Depth,
}

impl Spent {
    pub(super) fn words(self) -> String {
        match self {
            Self::Steps => format!("it was stopped after {MAX_STEPS} steps; it may never end"),
            Self::Time => format!("it was stopped after {} ms", MAX_TIME.as_millis()),
            Self::Memory => format!("it was stopped when it had used {} MiB of memory", MAX_BYTES >> 20),
            Self::Text => format!("it was stopped because it built a text longer than {} MiB", MAX_TEXT_BYTES >> 20),
            Self::Stack => "it was stopped because its functions call themselves too deeply".into(),
            Self::Depth => format!("it was stopped because it built a value nested deeper than {} levels", super::value::MAX_DEPTH),
        }
    }
}

thread_local! {
    static STEPS_LEFT: Cell<u64> = const { Cell::new(0) };
    static BYTES_LEFT: Cell<usize> = const { Cell::new(0) };
    static STACK_FLOOR: Cell<usize> = const { Cell::new(0) };
    static DEADLINE: Cell<Option<Instant>> = const { Cell::new(None) };
}

/// Fills the counters for a run that begins here on the stack.
pub(super) fn begin() {
    STEPS_LEFT.set(MAX_STEPS);
    BYTES_LEFT.set(MAX_BYTES);
    STACK_FLOOR.set(stack_position().saturating_sub(MAX_EVALUATION_STACK_BYTES));
    DEADLINE.set(Some(Instant::now() + MAX_TIME));
}

/// Counts one step.
#[inline]
pub(super) fn step() {
    let left = STEPS_LEFT.get();
    if left == 0 {
        stop(Spent::Steps);
    }
    STEPS_LEFT.set(left - 1);
    if stack_position() < STACK_FLOOR.get() {
        stop(Spent::Stack);
    }
    if left.is_multiple_of(STEPS_PER_LOOK) && DEADLINE.get().is_some_and(|deadline| Instant::now() > deadline) {
        stop(Spent::Time);
    }
}

/// Counts `bytes` before they are allocated.
#[inline]
pub(super) fn grow(bytes: usize) {
    match BYTES_LEFT.get().checked_sub(bytes) {
        Some(left) => BYTES_LEFT.set(left),
        None => stop(Spent::Memory),
    }
}

/// Counts a text before it is made.
pub(super) fn grow_text(bytes: usize) {
    if bytes > MAX_TEXT_BYTES {
        stop(Spent::Text);
    }
    grow(bytes);
}

/// Ends the run. The counters are refilled a little, because destructors run on the way out.
#[cold]
pub(super) fn stop(spent: Spent) -> ! {
    STEPS_LEFT.set(u64::MAX);
    BYTES_LEFT.set(usize::MAX);
    STACK_FLOOR.set(0);
    DEADLINE.set(None);
    resume_unwind(Box::new(spent))
}

/// Where the stack has grown to: it grows downwards on every platform this runs on.
#[inline]
fn stack_position() -> usize {
    let here = 0u8;
    std::ptr::from_ref(std::hint::black_box(&here)) as usize
}
