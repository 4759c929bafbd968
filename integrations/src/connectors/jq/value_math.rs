//! `+ - * / %` on values. Results are counted before they are made.

use std::ops::{Add, Div, Mul, Neg, Rem, Sub};
use std::rc::Rc;

use jaq_core::ops::Math;
use jaq_core::{Error, ValR};
use rust_decimal::Decimal;

use super::meter::{grow, grow_text, step};
use super::value::{NODE_BYTES, Num, Object, Val};

/// Exact where both numbers are and the result fits, else as floats.
fn arithmetic(l: Num, r: Num, exact: fn(Decimal, Decimal) -> Option<Decimal>, float: fn(f64, f64) -> f64) -> Val {
    let result = match (l, r) {
        (Num::Exact(l), Num::Exact(r)) => exact(l, r).map(|n| Num::Exact(n.normalize())),
        _ => None,
    };
    Val::Num(result.unwrap_or_else(|| Num::Float(float(l.as_f64(), r.as_f64()))))
}

impl Add for Val {
    type Output = ValR<Self>;

    fn add(self, other: Self) -> ValR<Self> {
        step();
        match (self, other) {
            (Self::Null, value) | (value, Self::Null) => Ok(value),
            (Self::Num(l), Self::Num(r)) => Ok(arithmetic(l, r, Decimal::checked_add, |l, r| l + r)),
            (Self::Str(l), Self::Str(r)) => {
                grow_text(l.len() + r.len() + NODE_BYTES);
                Ok(Self::Str([l.as_ref(), r.as_ref()].concat().into()))
            }
            (Self::Arr(mut l, left_depth), Self::Arr(r, right_depth)) => {
                // What is shared is copied, what is not is extended.
                let copied = if Rc::strong_count(&l) == 1 { 0 } else { l.len() };
                grow((copied + r.len()) * NODE_BYTES);
                Rc::make_mut(&mut l).extend(r.iter().cloned());
                Ok(Self::Arr(l, left_depth.max(right_depth)))
            }
            (Self::Obj(mut l, left_depth), Self::Obj(r, right_depth)) => {
                let copied = if Rc::strong_count(&l) == 1 { 0 } else { l.len() };
                grow((copied + r.len()) * 2 * NODE_BYTES);
                Rc::make_mut(&mut l).extend(r.iter().map(|(key, value)| (Rc::clone(key), value.clone())));
                Ok(Self::Obj(l, left_depth.max(right_depth)))
            }
            (l, r) => Err(Error::math(l, Math::Add, r)),
        }
    }
}

impl Sub for Val {
    type Output = ValR<Self>;

    fn sub(self, other: Self) -> ValR<Self> {
        step();
        match (self, other) {
            (Self::Num(l), Self::Num(r)) => Ok(arithmetic(l, r, Decimal::checked_sub, |l, r| l - r)),
            (Self::Arr(l, _), Self::Arr(r, _)) => Ok(l.iter().filter(|item| !r.contains(item)).cloned().collect()),
            (l, r) => Err(Error::math(l, Math::Sub, r)),
        }
    }
}

impl Mul for Val {
    type Output = ValR<Self>;

    fn mul(self, other: Self) -> ValR<Self> {
        step();
        match (self, other) {
            (Self::Num(l), Self::Num(r)) => Ok(arithmetic(l, r, Decimal::checked_mul, |l, r| l * r)),
            (Self::Str(text), Self::Num(times)) | (Self::Num(times), Self::Str(text)) => match times.as_f64() {
                times if times > 0.0 => {
                    // Counted as a float first: it may be more than fits in a machine word.
                    let times = times.ceil().min(u32::MAX.into()) as usize;
                    grow_text(text.len().saturating_mul(times).saturating_add(NODE_BYTES));
                    Ok(Self::Str(text.repeat(times).into()))
                }
                _ => Ok(Self::Null),
            },
            (Self::Obj(l, _), Self::Obj(r, _)) => Ok(merge(&l, &r)),
            (l, r) => Err(Error::math(l, Math::Mul, r)),
        }
    }
}

/// Objects merged at every level, the right one winning.
fn merge(l: &Object, r: &Object) -> Val {
    step();
    grow((l.len() + r.len()) * 2 * NODE_BYTES);
    let mut merged = l.clone();
    for (key, value) in r {
        let value = match (l.get(key), value) {
            (Some(Val::Obj(l, _)), Val::Obj(r, _)) => merge(l, r),
            (_, value) => value.clone(),
        };
        merged.insert(Rc::clone(key), value);
    }
    Val::object(merged)
}

impl Div for Val {
    type Output = ValR<Self>;

    fn div(self, other: Self) -> ValR<Self> {
        step();
        match (self, other) {
            (Self::Num(l), Self::Num(r)) => Ok(arithmetic(l, r, Decimal::checked_div, |l, r| l / r)),
            (Self::Str(text), Self::Str(separator)) if text.is_empty() || separator.is_empty() => {
                Ok(text.chars().map(|c| Self::text(c.encode_utf8(&mut [0; 4]))).collect())
            }
            (Self::Str(text), Self::Str(separator)) => Ok(text.split(separator.as_ref()).map(Self::text).collect()),
            (l, r) => Err(Error::math(l, Math::Div, r)),
        }
    }
}

impl Rem for Val {
    type Output = ValR<Self>;

    fn rem(self, other: Self) -> ValR<Self> {
        step();
        match (self, other) {
            (Self::Num(l), Self::Num(r)) if r.as_f64() != 0.0 => Ok(arithmetic(l, r, Decimal::checked_rem, |l, r| l % r)),
            (l, r) => Err(Error::math(l, Math::Rem, r)),
        }
    }
}

impl Neg for Val {
    type Output = ValR<Self>;

    fn neg(self) -> ValR<Self> {
        match self {
            Self::Num(Num::Exact(n)) => Ok(Self::Num(Num::Exact(-n))),
            Self::Num(Num::Float(n)) => Ok(Self::Num(Num::Float(-n))),
            value => Err(Error::typ(value, "number")),
        }
    }
}
