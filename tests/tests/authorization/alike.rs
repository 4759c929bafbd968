//! Who may call what, and that an existing and a missing id get the same answer where the caller may not see the object. All
//! calls are made from the schema, so that a new one is covered by itself.

use std::collections::BTreeSet;

use billow_tests::both;
use serde_json::Value;

use crate::calls::{Ids, Place, document, made_up, places, refused, variables};
use crate::schema::{Field, Schema};
use crate::table::{Classes, Table, words};
use crate::world::{Caller, World};

/// Those who ask, one for each class; of customers one who has nothing to do with the household.
const ONE_OF_EACH: [&str; 7] = ["nobody", "ben", "operator", "admin", "push", "read", "events"];
/// They end the sign-in that all other calls need; `way_in.rs` and `second_factor.rs` call them.
const END_THE_SIGN_IN: [&str; 2] = ["signOut", "signOutEverywhere"];

/// Who may ask about which ids without being shown the object, by which field, and why.
const TOLD: [(&str, &str, &str, &str); 3] = [
    ("read", "Property", "", "it reads the accounts and bills of all homes"),
    ("events", "Bill", "events", "it reads all events, and each names what it is about"),
    ("erik", "Property", "payments", "he left the home, and asks for what he himself paid there"),
];

/// An id that nobody has, of a type of which there is something.
fn none_of(world: &World, ty: &str) -> String {
    made_up(world.some_of(ty).first().unwrap_or_else(|| panic!("the world has no {ty}: add one to tests/tests/authorization/world.rs")))
}

/// An answer without what differs each time.
fn outline(mut answer: Value, id: &str) -> String {
    for error in answer["errors"].as_array_mut().into_iter().flatten() {
        if let Some(extensions) = error["extensions"].as_object_mut() {
            extensions.remove("requestId");
        }
    }
    answer.to_string().replace(id, "ID")
}

struct Asking<'a> {
    schema: &'a Schema,
    world: &'a World,
    table: &'a Table,
    /// Gives each call an idempotency key of its own.
    count: usize,
    differ: Vec<String>,
}

impl Asking<'_> {
    async fn call(
        &mut self,
        who: &Caller,
        operation: &str,
        field: &Field,
        at: Option<(&Place, &str)>,
        other: &dyn Fn(&str) -> String,
    ) -> Value {
        self.count += 1;
        let ids = Ids { at, other, key: format!("key-of-call-{}", self.count) };
        let variables = variables(self.schema, field, &ids);
        who.client.ask(&document(self.schema, operation, field, &variables), variables).await
    }

    /// Asks for an object that exists and one that does not, and compares.
    async fn compare(&mut self, who: &Caller, operation: &str, field: &Field, place: &Place, id: &str, other: &dyn Fn(&str) -> String) {
        let none = made_up(id);
        let there = outline(self.call(who, operation, field, Some((place, id)), other).await, id);
        let missing = outline(self.call(who, operation, field, Some((place, &none)), other).await, &none);
        let told = TOLD.iter().any(|(name, ty, by, _)| *name == who.name && *ty == place.ty && (by.is_empty() || *by == field.name));
        if there != missing && !told {
            let at = place.path.join(".");
            self.differ.push(format!(
                "{} can tell which {} exist by {operation} {}({at}):\n  {there}\n  {missing}",
                who.name, place.ty, field.name
            ));
        }
    }

    /// Whether the caller may see the object by the table: then it need not look as if it did not exist.
    fn sees(&self, who: &Caller, ty: &str, id: &str) -> bool {
        self.table.types.get(ty).is_some_and(|rows| rows.shows(self.world.class(who, Some(id))))
    }

    async fn every_id(&mut self, who: &Caller, operation: &str, field: &Field, place: &Place) {
        let world = self.world;
        let hers = |ty: &str| {
            world
                .own_of(ty, world.caller("anna").customer.as_deref().unwrap_or_default())
                .cloned()
                .unwrap_or_else(|| world.some_of(ty)[0].clone())
        };
        let theirs = |ty: &str| who.customer.as_deref().and_then(|own| world.own_of(ty, own)).cloned().unwrap_or_else(|| hers(ty));
        for id in world.one_of_each(&place.ty) {
            if self.sees(who, &place.ty, id) {
                continue;
            }
            self.compare(who, operation, field, place, id, &hers).await;
            if who.customer.is_some() && places(self.schema, field).len() > 1 {
                self.compare(who, operation, field, place, id, &theirs).await;
            }
        }
    }
}

both! {
    async fn ids_that_exist_and_ids_that_do_not_answer_alike(engine) {
        let (schema, table) = (Schema::read(), Table::read());
        let world = World::new(engine).await;
        let mut asking = Asking { schema: &schema, world: &world, table: &table, count: 0, differ: Vec::new() };
        for who in world.callers.iter().filter(|who| !matches!(who.name, "guest" | "admin" | "anna")) {
            for (operation, root) in [("query", "Query"), ("mutation", "Mutation")] {
                for field in &schema.objects[root] {
                    for place in places(&schema, field) {
                        if field.name == "node" {
                            for ty in &schema.interfaces["Node"] {
                                asking.every_id(who, operation, field, &Place { ty: ty.clone(), ..place.clone() }).await;
                            }
                        } else {
                            asking.every_id(who, operation, field, &place).await;
                        }
                    }
                }
            }
        }
        assert!(asking.differ.is_empty(), "\n{}\n", asking.differ.join("\n"));
    }

    async fn only_those_in_its_row_may_call_a_mutation_or_subscription(engine) {
        let (schema, table) = (Schema::read(), Table::read());
        let world = World::new(engine).await;
        let mut asking = Asking { schema: &schema, world: &world, table: &table, count: 0, differ: Vec::new() };
        let none = |ty: &str| none_of(&world, ty);
        let mut may = BTreeSet::new();
        for who in ONE_OF_EACH.map(|name| world.caller(name)) {
            for field in schema.objects["Mutation"].iter().filter(|field| !END_THE_SIGN_IN.contains(&field.name.as_str())) {
                // With ids that nobody has, the optional one too: nothing comes of it.
                // Customers name no customer: they act for themselves.
                let place = places(&schema, field).into_iter().find(|place| place.ty != "Customer" || who.customer.is_none());
                let id = place.as_ref().map(|place| none(&place.ty));
                let answer = asking.call(who, "mutation", field, place.as_ref().zip(id.as_deref()), &none).await;
                assert_ne!(answer["errors"][0]["extensions"]["code"], "INTERNAL", "{}: {answer}", field.name);
                assert_ne!(answer["errors"][0]["extensions"]["code"], "GRAPHQL_VALIDATION_FAILED", "{}: {answer}", field.name);
                if !refused(&answer) {
                    may.insert(("Mutation", field.name.clone(), who.class()));
                }
            }
            for field in &schema.objects["Subscription"] {
                let ids = Ids { at: None, other: &none, key: String::new() };
                let variables = variables(&schema, field, &ids);
                let document = document(&schema, "subscription", field, &variables);
                match who.client.try_subscribe(&document, variables).await.err().as_deref() {
                    // The id is refused because nobody has it; the caller may subscribe.
                    None | Some("NOT_FOUND") => {
                        may.insert(("Subscription", field.name.clone(), who.class()));
                    }
                    // Without a sign-in the socket is closed at once.
                    Some(code) => assert!(["UNAUTHENTICATED", "FORBIDDEN", "4403"].contains(&code), "{} {}: {code}", who.name, field.name),
                }
            }
        }
        let (mut wrong, mut rows) = (Vec::new(), String::new());
        for root in ["Mutation", "Subscription"] {
            rows += &format!("{root}: everybody\n");
            for field in schema.objects[root].iter().filter(|field| !END_THE_SIGN_IN.contains(&field.name.as_str())) {
                let by = may.iter().filter(|(of, name, _)| *of == root && *name == field.name).map(|(_, _, who)| (*who).to_owned());
                rows += &format!("    {}: {}\n", field.name, words(&by.collect::<Classes>().iter().collect()));
                for who in ONE_OF_EACH.map(|name| world.caller(name).class()) {
                    let (allowed, did) = (table.may_call(root, &field.name, who), may.contains(&(root, field.name.clone(), who)));
                    if allowed != did {
                        let by_row = if allowed { "may" } else { "must not" };
                        wrong.push(format!("{who} {by_row} call {} by its row, and {}", field.name, if did { "could" } else { "could not" }));
                    }
                }
            }
        }
        if crate::prints() {
            eprintln!("{rows}");
        }
        assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
    }
}
