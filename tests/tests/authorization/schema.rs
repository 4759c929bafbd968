//! The schema as these tests need it, read from `schema.graphql`.

use std::collections::{BTreeMap, BTreeSet};

use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{BaseType, InputValueDefinition, Type, TypeKind, TypeSystemDefinition};

/// An argument, or a field of an input.
#[derive(Clone, Debug)]
pub struct Argument {
    pub name: String,
    /// As written.
    pub written: String,
    /// The named type, without lists and marks.
    pub ty: String,
    pub list: bool,
    pub required: bool,
}

/// A field of an object type.
#[derive(Clone, Debug)]
pub struct Field {
    pub name: String,
    /// The named type, without lists and marks.
    pub ty: String,
    pub nullable: bool,
    pub arguments: Vec<Argument>,
}

impl Field {
    pub fn needs_arguments(&self) -> bool {
        self.arguments.iter().any(|argument| argument.required)
    }

    pub fn takes(&self, argument: &str) -> bool {
        self.arguments.iter().any(|known| known.name == argument)
    }
}

#[derive(Debug, Default)]
pub struct Schema {
    pub objects: BTreeMap<String, Vec<Field>>,
    /// The types behind an interface.
    pub interfaces: BTreeMap<String, Vec<String>>,
    pub inputs: BTreeMap<String, Vec<Argument>>,
    /// Inputs of which exactly one field is given.
    pub one_of: BTreeSet<String>,
    pub enums: BTreeMap<String, Vec<String>>,
}

fn named(ty: &Type) -> String {
    match &ty.base {
        BaseType::Named(name) => name.to_string(),
        BaseType::List(inner) => named(inner),
    }
}

fn argument(input: InputValueDefinition) -> Argument {
    let ty = &input.ty.node;
    Argument {
        name: input.name.node.to_string(),
        written: ty.to_string(),
        ty: named(ty),
        list: matches!(ty.base, BaseType::List(_)),
        required: !ty.nullable && input.default_value.is_none(),
    }
}

impl Schema {
    pub fn read() -> Self {
        let document = parse_schema(include_str!("../../../schema.graphql")).expect("the schema");
        let mut schema = Self::default();
        for definition in document.definitions {
            let TypeSystemDefinition::Type(definition) = definition else { continue };
            let definition = definition.node;
            let name = definition.name.node.to_string();
            match definition.kind {
                TypeKind::Object(object) => {
                    for interface in &object.implements {
                        schema.interfaces.entry(interface.node.to_string()).or_default().push(name.clone());
                    }
                    let fields = object.fields.into_iter().map(|field| {
                        let field = field.node;
                        Field {
                            name: field.name.node.to_string(),
                            ty: named(&field.ty.node),
                            nullable: field.ty.node.nullable,
                            arguments: field.arguments.into_iter().map(|a| argument(a.node)).collect(),
                        }
                    });
                    schema.objects.insert(name, fields.collect());
                }
                TypeKind::InputObject(input) => {
                    if definition.directives.iter().any(|directive| directive.node.name.node.as_str() == "oneOf") {
                        schema.one_of.insert(name.clone());
                    }
                    schema.inputs.insert(name, input.fields.into_iter().map(|field| argument(field.node)).collect());
                }
                TypeKind::Enum(values) => {
                    schema.enums.insert(name, values.values.into_iter().map(|v| v.node.value.node.to_string()).collect());
                }
                _ => {}
            }
        }
        schema
    }

    /// The types that queries lead to.
    pub fn reachable(&self) -> BTreeSet<String> {
        let (mut found, mut next) = (BTreeSet::new(), vec!["Query".to_owned()]);
        while let Some(ty) = next.pop() {
            for field in self.objects[&ty].iter().filter(|field| ty == "Query" || !field.needs_arguments()) {
                let behind = self.interfaces.get(&field.ty).cloned().unwrap_or_else(|| vec![field.ty.clone()]);
                next.extend(behind.into_iter().filter(|ty| self.objects.contains_key(ty) && found.insert(ty.clone())));
            }
        }
        found
    }

    pub fn is_object(&self, ty: &str) -> bool {
        self.objects.contains_key(ty) || self.interfaces.contains_key(ty)
    }

    pub fn has_id(&self, ty: &str) -> bool {
        self.interfaces.contains_key(ty) || self.has(ty, "id")
    }

    pub fn has(&self, ty: &str, field: &str) -> bool {
        self.objects.get(ty).is_some_and(|fields| fields.iter().any(|known| known.name == field))
    }
}
