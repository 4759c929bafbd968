//! The schema is the one that is kept, and says what everything is.

use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{InputValueDefinition, TypeKind, TypeSystemDefinition};
use async_graphql::{Name, Positioned};

#[test]
fn the_kept_schema_is_the_code_s() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../schema.graphql");
    let kept = std::fs::read_to_string(path).expect("schema.graphql");
    assert!(kept == billow_api::sdl(), "run: cargo run -p billow-api --example print_schema > schema.graphql");
}

#[test]
fn everything_has_a_description() {
    let document = parse_schema(billow_api::sdl()).expect("a schema");
    let mut missing = Vec::new();
    let mut described = |there: bool, name: String| {
        if !there {
            missing.push(name);
        }
    };
    for definition in &document.definitions {
        let TypeSystemDefinition::Type(definition) = definition else { continue };
        let definition = &definition.node;
        let of = definition.name.node.as_str();
        described(definition.description.is_some(), of.to_owned());
        let fields = match &definition.kind {
            TypeKind::Object(object) => &object.fields,
            TypeKind::Interface(interface) => &interface.fields,
            TypeKind::InputObject(input) => {
                arguments(&mut described, of, &input.fields);
                continue;
            }
            TypeKind::Enum(values) => {
                for value in &values.values {
                    described(value.node.description.is_some(), format!("{of}.{}", value.node.value.node));
                }
                continue;
            }
            TypeKind::Scalar | TypeKind::Union(_) => continue,
        };
        for field in fields {
            let name = format!("{of}.{}", field.node.name.node);
            described(field.node.description.is_some(), name.clone());
            arguments(&mut described, &name, &field.node.arguments);
        }
    }
    assert!(missing.is_empty(), "these have no description: {missing:#?}");
}

fn arguments(described: &mut impl FnMut(bool, String), of: &str, arguments: &[Positioned<InputValueDefinition>]) {
    for argument in arguments {
        let name: &Name = &argument.node.name.node;
        described(argument.node.description.is_some(), format!("{of}({name})"));
    }
}
