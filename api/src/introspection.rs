//! What introspection costs: exactly the fields its answer has, counted on a small model of the schema before anything is
//! resolved. Introspection answers from memory without ever waiting, so one whose answer is too large must not begin.

use std::collections::{HashMap, VecDeque};

use async_graphql::Value;
use async_graphql::parser::types::{ExecutableDocument, Field, OperationDefinition, Selection, SelectionSet};
use parking_lot::Mutex;
use serde_json::Value as Json;

use crate::reply::Reply;

/// How often `__schema` and `__type` may each be asked for in one operation.
const ONCE: usize = 1;

/// What of the schema decides how long an introspection's lists are.
#[derive(Debug, Default)]
pub(crate) struct Model {
    types: Vec<Type>,
    by_name: HashMap<Box<str>, usize>,
    /// The arguments of each directive.
    directives: Vec<Vec<Reference>>,
    roots: [Option<usize>; 3],
}

#[derive(Debug, Default)]
struct Type {
    fields: Vec<Member>,
    inputs: Vec<Reference>,
    interfaces: Vec<usize>,
    possible: Vec<usize>,
    values: usize,
}

#[derive(Debug)]
struct Member {
    arguments: Vec<Reference>,
    of: Reference,
}

/// A type with the lists and non-nulls around it.
#[derive(Clone, Copy, Debug)]
struct Reference {
    wrappers: u8,
    named: usize,
}

/// Where in an answer a selection is.
#[derive(Clone, Copy)]
enum At<'m> {
    Schema,
    Type(Reference),
    Field(&'m Member),
    Input(Reference),
    Directive(&'m [Reference]),
    Leaf,
}

/// Why an introspection is not answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Excess {
    /// A root is asked for more than once.
    Twice,
    /// Its answer has more fields than allowed.
    TooLarge,
}

/// What an operation asks about the schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Asks {
    /// Fields of the answer.
    pub cost: usize,
    /// Whether it asks for nothing else.
    pub alone: bool,
}

/// The question that a model is made of.
pub(crate) const QUESTION: &str = "{ __schema { queryType { name } mutationType { name } subscriptionType { name } \
     directives { args(includeDeprecated: true) { type { ...T } } } types { name fields(includeDeprecated: true) \
     { args(includeDeprecated: true) { type { ...T } } type { ...T } } inputFields(includeDeprecated: true) { type { ...T } } \
     interfaces { name } possibleTypes { name } enumValues(includeDeprecated: true) { name } } } } \
     fragment T on __Type { name ofType { name ofType { name ofType { name ofType { name ofType { name ofType { name } } } } } } }";

impl Model {
    /// Makes the model of the answer to [`QUESTION`].
    pub(crate) fn of(answer: &Json) -> Self {
        let schema = &answer["__schema"];
        let list = |value: &Json| value.as_array().cloned().unwrap_or_default();
        let types = list(&schema["types"]);
        let name = |value: &Json| value["name"].as_str().unwrap_or_default().to_owned();
        let by_name: HashMap<Box<str>, usize> = types.iter().enumerate().map(|(at, one)| (name(one).into(), at)).collect();
        let named = |value: &Json| by_name.get(&*name(value)).copied();
        let reference = |value: &Json| {
            let (mut value, mut wrappers) = (value, 0);
            while value["ofType"].is_object() {
                value = &value["ofType"];
                wrappers += 1;
            }
            Reference { wrappers, named: named(value).unwrap_or_default() }
        };
        let references = |value: &Json| list(value).iter().map(|one| reference(&one["type"])).collect::<Vec<_>>();
        let member = |value: &Json| Member { arguments: references(&value["args"]), of: reference(&value["type"]) };
        let known = |value: &Json| list(value).iter().filter_map(named).collect();
        let of_type = |one: &Json| Type {
            fields: list(&one["fields"]).iter().map(member).collect(),
            inputs: references(&one["inputFields"]),
            interfaces: known(&one["interfaces"]),
            possible: known(&one["possibleTypes"]),
            values: list(&one["enumValues"]).len(),
        };
        Self {
            types: types.iter().map(of_type).collect(),
            directives: list(&schema["directives"]).iter().map(|one| references(&one["args"])).collect(),
            roots: ["queryType", "mutationType", "subscriptionType"].map(|root| named(&schema[root])),
            by_name,
        }
    }

    /// What `operation` asks about the schema, if anything; the count stops at `most`. Its fragments must be a tree.
    pub(crate) fn asks(
        &self,
        operation: &OperationDefinition,
        document: &ExecutableDocument,
        variables: &serde_json::Map<String, Json>,
        most: usize,
    ) -> Result<Option<Asks>, Excess> {
        let mut roots = Roots { document, found: Vec::new(), others: false };
        roots.add(&operation.selection_set.node);
        let times = |name: &str| roots.found.iter().filter(|field| field.name.node == name).count();
        if times("__schema") > ONCE || times("__type") > ONCE {
            return Err(Excess::Twice);
        }
        let mut counter = Counter { model: self, document, left: most };
        for field in &roots.found {
            let at = match field.name.node.as_str() {
                "__schema" => At::Schema,
                _ => match self.type_named(field, operation, variables) {
                    Some(named) => At::Type(Reference { wrappers: 0, named }),
                    None => continue,
                },
            };
            counter.set(at, &field.selection_set.node).ok_or(Excess::TooLarge)?;
        }
        Ok((!roots.found.is_empty()).then_some(Asks { cost: most - counter.left, alone: !roots.others }))
    }

    /// The type that a `__type(name: …)` asks for.
    fn type_named(&self, field: &Field, operation: &OperationDefinition, variables: &serde_json::Map<String, Json>) -> Option<usize> {
        let given = field.get_argument("name")?.node.clone().into_const_with(|variable| {
            if let Some(value) = variables.get(variable.as_str()) {
                return value.as_str().map(Value::from).ok_or(());
            }
            let mut all = operation.variable_definitions.iter();
            let definition = all.find(|definition| definition.node.name.node == variable).ok_or(())?;
            definition.node.default_value.as_ref().map(|value| value.node.clone()).ok_or(())
        });
        let Ok(Value::String(name)) = given else { return None };
        self.by_name.get(&*name).copied()
    }
}

/// The introspection fields at the top of an operation.
struct Roots<'a> {
    document: &'a ExecutableDocument,
    found: Vec<&'a Field>,
    others: bool,
}

impl<'a> Roots<'a> {
    fn add(&mut self, set: &'a SelectionSet) {
        for item in &set.items {
            match &item.node {
                Selection::Field(field) => match field.node.name.node.as_str() {
                    "__schema" | "__type" => self.found.push(&field.node),
                    "__typename" => {}
                    _ => self.others = true,
                },
                Selection::InlineFragment(inline) => self.add(&inline.node.selection_set.node),
                Selection::FragmentSpread(spread) => {
                    // A fragment that is spread twice is resolved twice.
                    if let Some(fragment) = self.document.fragments.get(&spread.node.fragment_name.node) {
                        self.add(&fragment.node.selection_set.node);
                    }
                }
            }
        }
    }
}

struct Counter<'a> {
    model: &'a Model,
    document: &'a ExecutableDocument,
    left: usize,
}

impl<'a> Counter<'a> {
    /// Counts what `set` gives at one place; nothing when it is more than what is left.
    fn set(&mut self, at: At<'a>, set: &SelectionSet) -> Option<()> {
        for item in &set.items {
            match &item.node {
                Selection::Field(field) => self.field(at, &field.node)?,
                Selection::InlineFragment(inline) => self.set(at, &inline.node.selection_set.node)?,
                Selection::FragmentSpread(spread) => {
                    // A spread costs a step also where it gives nothing, so that counting ends whatever is spread.
                    self.left = self.left.checked_sub(1)?;
                    if let Some(fragment) = self.document.fragments.get(&spread.node.fragment_name.node) {
                        self.set(at, &fragment.node.selection_set.node)?;
                    }
                }
            }
        }
        Some(())
    }

    fn field(&mut self, at: At<'a>, field: &Field) -> Option<()> {
        self.left = self.left.checked_sub(1)?;
        let below = &field.selection_set.node;
        if below.items.is_empty() {
            return Some(());
        }
        let model = self.model;
        let plain = |named: usize| At::Type(Reference { wrappers: 0, named });
        match (at, field.name.node.as_str()) {
            (At::Schema, "types") => (0..model.types.len()).try_for_each(|named| self.set(plain(named), below)),
            (At::Schema, "directives") => model.directives.iter().try_for_each(|one| self.set(At::Directive(one), below)),
            (At::Schema, "queryType") => self.maybe(model.roots[0].map(plain), below),
            (At::Schema, "mutationType") => self.maybe(model.roots[1].map(plain), below),
            (At::Schema, "subscriptionType") => self.maybe(model.roots[2].map(plain), below),
            (At::Type(Reference { wrappers: 0, named }), name) => {
                let of = model.types.get(named)?;
                match name {
                    "fields" => of.fields.iter().try_for_each(|one| self.set(At::Field(one), below)),
                    "inputFields" => of.inputs.iter().try_for_each(|one| self.set(At::Input(*one), below)),
                    "interfaces" => of.interfaces.iter().try_for_each(|named| self.set(plain(*named), below)),
                    "possibleTypes" => of.possible.iter().try_for_each(|named| self.set(plain(*named), below)),
                    "enumValues" => (0..of.values).try_for_each(|_| self.set(At::Leaf, below)),
                    _ => Some(()),
                }
            }
            (At::Type(Reference { wrappers, named }), "ofType") => self.set(At::Type(Reference { wrappers: wrappers - 1, named }), below),
            (At::Field(member), "args") => member.arguments.iter().try_for_each(|one| self.set(At::Input(*one), below)),
            (At::Field(member), "type") => self.set(At::Type(member.of), below),
            (At::Input(of), "type") => self.set(At::Type(of), below),
            (At::Directive(arguments), "args") => arguments.iter().try_for_each(|one| self.set(At::Input(*one), below)),
            _ => Some(()),
        }
    }

    fn maybe(&mut self, at: Option<At<'a>>, below: &SelectionSet) -> Option<()> {
        at.map_or(Some(()), |at| self.set(at, below))
    }
}

/// Answers about the schema, which are the same for everybody.
#[derive(Debug, Default)]
pub(crate) struct Cache(Mutex<VecDeque<([u8; 32], Reply)>>);

/// Answers that are kept: tools send the same few questions.
const KEPT: usize = 8;
/// Bytes of the longest that is kept.
const LONGEST: usize = 2 << 20;

impl Cache {
    /// Whether the answer is there.
    pub(crate) fn has(&self, key: [u8; 32]) -> bool {
        self.0.lock().iter().any(|(known, _)| *known == key)
    }

    /// The answer, if it is there; what is asked for is kept longest.
    pub(crate) fn get(&self, key: [u8; 32]) -> Option<Reply> {
        let mut kept = self.0.lock();
        let at = kept.iter().position(|(known, _)| *known == key)?;
        let found = kept.remove(at)?;
        let reply = found.1.clone();
        kept.push_back(found);
        Some(reply)
    }

    /// Keeps an answer.
    pub(crate) fn put(&self, key: [u8; 32], reply: Reply) {
        if reply.text.len() > LONGEST || self.has(key) {
            return;
        }
        let mut kept = self.0.lock();
        if kept.len() >= KEPT {
            kept.pop_front();
        }
        kept.push_back((key, reply));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use async_graphql::{EmptySubscription, Object, Schema, SimpleObject};

    #[derive(SimpleObject)]
    struct Leaf {
        one: i32,
        two: Option<Vec<String>>,
    }

    struct Query;
    #[Object]
    impl Query {
        async fn leaf(&self, _first: Option<i32>) -> Leaf {
            Leaf { one: 1, two: None }
        }
    }

    struct Mutation;
    #[Object]
    impl Mutation {
        async fn change(&self) -> i32 {
            1
        }
    }

    /// The fields of an answer, as they are resolved.
    fn fields(value: &Json) -> usize {
        match value {
            Json::Array(list) => list.iter().map(fields).sum(),
            Json::Object(map) => map.len() + map.values().map(fields).sum::<usize>(),
            _ => 0,
        }
    }

    #[tokio::test]
    async fn the_count_is_that_of_the_answer() {
        let schema = Schema::new(Query, Mutation, EmptySubscription);
        let answer = |text: &str| {
            let text = text.to_owned();
            let schema = schema.clone();
            async move { schema.execute(text.as_str()).await.into_result().expect("an answer").data.into_json().expect("JSON") }
        };
        let model = Model::of(&answer(QUESTION).await);
        let asks = |text: &str, most: usize| {
            let document = async_graphql::parser::parse_query(text).expect("a document");
            let (_, operation) = document.operations.iter().next().expect("an operation");
            model.asks(&operation.node, &document, &serde_json::Map::new(), most)
        };
        for text in [
            "{ __schema { types { name fields { name args { name type { name ofType { name } } } type { kind ofType { name ofType { name } } } } } } }",
            "{ __schema { queryType { name fields { name } } mutationType { name } subscriptionType { name } } }",
            "{ __schema { directives { name args { name type { name ofType { name } } } locations } } }",
            "{ __schema { types { enumValues { name } inputFields { name } interfaces { name } possibleTypes { name } } } }",
            "{ __type(name: \"Leaf\") { fields { type { name ofType { fields { name } } } } } }",
        ] {
            let found = fields(&answer(text).await);
            assert_eq!(asks(text, 100_000), Ok(Some(Asks { cost: found - 1, alone: true })), "{text}");
            assert_eq!(asks(text, found - 2), Err(Excess::TooLarge), "{text}");
        }
        assert_eq!(asks("{ leaf { one } }", 10), Ok(None));
        assert_eq!(asks("{ __typename leaf { one } __type(name: \"Leaf\") { name } }", 10), Ok(Some(Asks { cost: 1, alone: false })));
        assert_eq!(
            asks("{ ...F a: __schema { types { name } } } fragment F on Query { __schema { types { name } } }", 1_000),
            Err(Excess::Twice)
        );
        assert_eq!(asks("{ __type(name: \"Nothing\") { fields { name } } }", 1), Ok(Some(Asks { cost: 0, alone: true })));
    }
}
