//! Reading and changing parts of values, as the interpreter asks for it.

use std::rc::Rc;

use jaq_core::box_iter::{BoxIter, box_once};
use jaq_core::path::Opt;
use jaq_core::val::{Range, ValX};
use jaq_core::{Error, Exn, ValR, ValT};

use super::meter::{grow, step};
use super::value::{NODE_BYTES, Num, Object, Val};

type Fault = Error<Val>;

impl Val {
    /// The element at `index`; none where there is none.
    pub(super) fn get(&self, index: &Self) -> Result<Option<Self>, Fault> {
        step();
        match (self, index) {
            (Self::Null, _) => Ok(None),
            (Self::Obj(entries, _), Self::Str(key)) => Ok(entries.get(key).cloned()),
            (Self::Arr(items, _), Self::Num(number)) => Ok(position(*number, items.len()).and_then(|at| items.get(at)).cloned()),
            (Self::Arr(..) | Self::Str(_), Self::Obj(range, _)) => self.clone().range(bounds(range)).map(Some),
            (value, index) => Err(Error::index(value.clone(), index.clone())),
        }
    }

    fn into_items(self) -> Result<Vec<Self>, Fault> {
        match self {
            Self::Arr(items, _) => {
                grow(items.len() * NODE_BYTES);
                Ok(Rc::unwrap_or_clone(items))
            }
            value => Err(Error::typ(value, "array")),
        }
    }
}

/// Where `number` points to in a list of that length; negative numbers count from the end.
fn position(number: Num, length: usize) -> Option<usize> {
    let at = match number {
        Num::Exact(n) => n.floor().try_into().ok()?,
        Num::Float(_) => return None,
    };
    from_start(at, length)
}

fn from_start(at: i64, length: usize) -> Option<usize> {
    let magnitude = usize::try_from(at.unsigned_abs()).ok()?;
    if at < 0 { length.checked_sub(magnitude) } else { Some(magnitude) }
}

fn bounds(range: &Object) -> Range<&Val> {
    range.get("start")..range.get("end")
}

/// A range over a list of that length, as start and end.
fn span(range: &Range<&Val>, length: usize) -> Result<(usize, usize), Fault> {
    let bound = |value: Option<&Val>, absent: usize| match value {
        None | Some(Val::Null) => Ok(absent),
        Some(Val::Num(number)) => {
            let at = number.as_isize().map_or_else(|| number.as_f64().floor() as i64, |at| at as i64);
            Ok(from_start(at, length).unwrap_or(0).min(length))
        }
        Some(value) => Err(Error::typ(value.clone(), "number")),
    };
    let (start, end) = (bound(range.start, 0)?, bound(range.end, length)?);
    Ok((start, end.max(start)))
}

/// The bytes that the characters `start..end` of a text take.
fn bytes_of(text: &str, start: usize, end: usize) -> (usize, usize) {
    let at = |n: usize| text.char_indices().nth(n).map_or(text.len(), |(byte, _)| byte);
    (at(start), at(end))
}

impl From<Range<Self>> for Val {
    fn from(range: Range<Self>) -> Self {
        let sides = [("start", range.start), ("end", range.end)];
        Self::object(sides.into_iter().filter_map(|(key, value)| Some((Rc::from(key), value?))).collect())
    }
}

impl ValT for Val {
    fn from_num(text: &str) -> ValR<Self> {
        Num::read(text).map(Self::Num).ok_or_else(|| Error::str(format!("cannot read {text} as a number")))
    }

    fn from_map<I: IntoIterator<Item = (Self, Self)>>(entries: I) -> ValR<Self> {
        let mut object = Object::new();
        for (key, value) in entries {
            grow(2 * NODE_BYTES);
            let Self::Str(key) = key else { return Err(Error::typ(key, "the name of a field")) };
            object.insert(key, value);
        }
        Ok(Self::object(object))
    }

    fn key_values(self) -> BoxIter<'static, Result<(Self, Self), Fault>> {
        // Each element counts as a step: `..` goes from one to the next without evaluating anything.
        match self {
            Self::Arr(..) => match self.into_items() {
                Ok(items) => Box::new(items.into_iter().inspect(|_| step()).enumerate().map(|(at, item)| Ok((Self::from(at), item)))),
                Err(fault) => box_once(Err(fault)),
            },
            Self::Obj(entries, _) => {
                grow(entries.len() * 2 * NODE_BYTES);
                Box::new(Rc::unwrap_or_clone(entries).into_iter().inspect(|_| step()).map(|(key, value)| Ok((Self::Str(key), value))))
            }
            value => box_once(Err(Error::typ(value, "array or object"))),
        }
    }

    fn values(self) -> Box<dyn Iterator<Item = ValR<Self>>> {
        Box::new(self.key_values().map(|entry| entry.map(|(_, value)| value)))
    }

    fn index(self, index: &Self) -> ValR<Self> {
        self.get(index).map(Option::unwrap_or_default)
    }

    fn range(self, range: Range<&Self>) -> ValR<Self> {
        step();
        match self {
            Self::Null => Ok(Self::Null),
            Self::Arr(items, _) => {
                let (start, end) = span(&range, items.len())?;
                Ok(items[start..end].iter().cloned().collect())
            }
            Self::Str(text) => {
                let (start, end) = span(&range, text.chars().count())?;
                let (from, to) = bytes_of(&text, start, end);
                Ok(Self::text(&text[from..to]))
            }
            value => Err(Error::typ(value, "array or string")),
        }
    }

    fn map_values<'a, I: Iterator<Item = ValX<'a, Self>>>(self, opt: Opt, f: impl Fn(Self) -> I) -> ValX<'a, Self> {
        match self {
            Self::Arr(..) => self.into_items()?.into_iter().flat_map(f).collect(),
            Self::Obj(entries, _) => {
                grow(entries.len() * 2 * NODE_BYTES);
                let changed = entries.iter().filter_map(|(key, value)| Some(f(value.clone()).next()?.map(|value| (Rc::clone(key), value))));
                Ok(Self::object(changed.collect::<Result<_, Exn<'a, Self>>>()?))
            }
            value => opt.fail(value, |value| Exn::from(Error::typ(value, "array or object"))),
        }
    }

    fn map_index<'a, I: Iterator<Item = ValX<'a, Self>>>(self, index: &Self, opt: Opt, f: impl Fn(Self) -> I) -> ValX<'a, Self> {
        step();
        match (self, index) {
            (value @ (Self::Arr(..) | Self::Str(_)), Self::Obj(range, _)) => value.map_range(bounds(range), opt, f),
            (Self::Null, Self::Str(_)) => Self::object(Object::new()).map_index(index, opt, f),
            (Self::Obj(mut entries, _), Self::Str(key)) => {
                grow(if Rc::strong_count(&entries) == 1 { 2 } else { entries.len() * 2 } * NODE_BYTES);
                let own = Rc::make_mut(&mut entries);
                let old = own.get_mut(key).map(std::mem::take).unwrap_or_default();
                match f(old).next().transpose()? {
                    Some(new) => own.insert(Rc::clone(key), new),
                    None => own.shift_remove(key),
                };
                Ok(Self::object(Rc::unwrap_or_clone(entries)))
            }
            (Self::Arr(items, depth), Self::Num(number)) => {
                let Some(at) = position(*number, items.len()).filter(|at| *at < items.len()) else {
                    return opt.fail(Self::Arr(items, depth), |_| Exn::from(Error::str(format!("there is no element {index}"))));
                };
                let mut items = Self::Arr(items, depth).into_items()?;
                let old = std::mem::take(&mut items[at]);
                match f(old).next().transpose()? {
                    Some(new) => items[at] = new,
                    None => drop(items.remove(at)),
                }
                Ok(Self::array(items))
            }
            (value, index) => opt.fail(value, |value| Exn::from(Error::index(value, index.clone()))),
        }
    }

    fn map_range<'a, I: Iterator<Item = ValX<'a, Self>>>(self, range: Range<&Self>, opt: Opt, f: impl Fn(Self) -> I) -> ValX<'a, Self> {
        step();
        match self {
            Self::Arr(items, _) => {
                let (start, end) = match span(&range, items.len()) {
                    Ok(span) => span,
                    Err(fault) => return opt.fail(Self::array(Rc::unwrap_or_clone(items)), |_| Exn::from(fault)),
                };
                let old = items[start..end].iter().cloned().collect();
                let new = f(old).next().transpose()?.unwrap_or_else(|| Self::array(Vec::new())).into_items()?;
                Ok(items[..start].iter().chain(&new).chain(&items[end..]).cloned().collect())
            }
            Self::Str(text) => {
                let (start, end) = match span(&range, text.chars().count()) {
                    Ok(span) => span,
                    Err(fault) => return opt.fail(Self::Str(text), |_| Exn::from(fault)),
                };
                let (from, to) = bytes_of(&text, start, end);
                match f(Self::text(&text[from..to])).next().transpose()? {
                    Some(Self::Str(new)) => Ok(Self::text(&[&text[..from], &new, &text[to..]].concat())),
                    None => Ok(Self::text(&[&text[..from], &text[to..]].concat())),
                    Some(other) => Err(Exn::from(Error::typ(other, "string"))),
                }
            }
            value => opt.fail(value, |value| Exn::from(Error::typ(value, "array or string"))),
        }
    }

    fn as_bool(&self) -> bool {
        !matches!(self, Self::Null | Self::Bool(false))
    }

    fn into_string(self) -> Self {
        match self {
            Self::Str(_) => self,
            value => {
                let mut text = String::new();
                value.print(&mut text);
                Self::text(&text)
            }
        }
    }
}

impl jaq_std::ValT for Val {
    fn into_seq<S: FromIterator<Self>>(self) -> Result<S, Self> {
        match self {
            Self::Arr(..) => self.into_items().map(|items| items.into_iter().collect()).map_err(Error::into_val),
            value => Err(value),
        }
    }

    fn is_int(&self) -> bool {
        matches!(self, Self::Num(number) if number.is_int())
    }

    fn as_isize(&self) -> Option<isize> {
        match self {
            Self::Num(number) => number.as_isize(),
            _ => None,
        }
    }

    fn as_f64(&self) -> Option<f64> {
        match self {
            Self::Num(number) => Some(number.as_f64()),
            _ => None,
        }
    }

    fn is_utf8_str(&self) -> bool {
        matches!(self, Self::Str(_))
    }

    fn as_bytes(&self) -> Option<&[u8]> {
        self.as_text().map(str::as_bytes)
    }

    fn as_sub_str(&self, part: &[u8]) -> Self {
        Self::text(&String::from_utf8_lossy(part))
    }

    fn from_utf8_bytes(bytes: impl AsRef<[u8]> + Send + 'static) -> Self {
        Self::text(&String::from_utf8_lossy(bytes.as_ref()))
    }
}
