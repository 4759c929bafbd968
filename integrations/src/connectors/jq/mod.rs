//! Runs the jq programs of providers' definitions without letting one of them harm the process.
//!
//! A program is data somebody typed, and the language can loop for ever, recurse without end, double a text forty times
//! and read the environment. The interpreter (jaq) has no limits of its own, so this module gives it some, at the two
//! places every program passes through:
//!
//! - **Every step.** The interpreter looks up the term it evaluates through a trait of ours ([`meter`] counts there), also
//!   inside `def f: f; f`, `repeat` and `until`, which yield nothing to check a deadline between. When the steps, the time
//!   or the stack are spent, the count unwinds out of the interpreter to the runner, which catches it: nothing is left running.
//! - **Every value.** Programs compute on a value type of ours ([`value`]), which counts what it allocates before it
//!   allocates, bounds how deep values nest, and counts the nodes it compares and prints, so that loops inside native
//!   functions (`[range(1e18)]`, `"x" * 1e12`, printing a value that shares itself a million times) stop in the same way.
//!
//! The value type also makes decimals exact: amounts are not floats, not even in a mapping.
//!
//! Programs see their input and nothing else: the functions that reach outside (`env`, `now`, `input`, `debug`, `stderr`,
//! `halt`, local time) do not exist, modules cannot be imported, and `$ENV` is not defined.
//!
//! They run on a few threads of their own with large stacks ([`pool`]), never on the threads that serve requests. As a
//! last line of defence, a thread that does not come back is replaced a few times and then no more ([`pool::JqFault::Busy`]).

mod functions;
mod meter;
mod patterns;
mod pool;
mod program;
#[cfg(test)]
mod tests;
mod value;
mod value_access;
mod value_math;

pub(super) use pool::{Jq, JqFault};
