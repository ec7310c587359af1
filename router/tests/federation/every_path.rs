//! Every path of every graph here, to some depth: each has a plan, and each is answered as it should be.

use graphql_tools::static_graphql::schema::Type;

use crate::world::{Graph, Schema};

/// Deep enough to leave an entity and come back to it.
const DEPTH: usize = 4;
/// Enough to reach each corner of these graphs.
const MOST_PATHS: usize = 3000;

/// Fields to answer of every type on the way, one path to a query.
pub fn paths(schema: &Schema, depth: usize) -> Vec<String> {
    let mut paths = Vec::new();
    walk(schema, &schema.query, depth, "{ ", " }", &mut paths);
    paths.truncate(MOST_PATHS);
    paths
}

fn walk(
    schema: &Schema,
    on: &str,
    depth: usize,
    before: &str,
    after: &str,
    paths: &mut Vec<String>,
) {
    let info = &schema.types[on];
    paths.push(format!("{before}__typename{after}"));
    for (name, field) in &info.fields {
        let arguments = match &*required_arguments(schema, on, name) {
            "" => String::new(),
            some => format!("({some})"),
        };
        let inner = inner_name(&field.ty);
        let is_composite = schema.types.get(inner).is_some_and(|it| it.is_composite);
        if !is_composite {
            paths.push(format!("{before}{name}{arguments}{after}"));
        } else if depth > 0 {
            let before = format!("{before}{name}{arguments} {{ ");
            walk(
                schema,
                inner,
                depth - 1,
                &before,
                &format!(" }}{after}"),
                paths,
            );
        }
    }
    if !info.is_object {
        for (possible, _) in schema
            .types
            .iter()
            .filter(|(name, it)| it.is_object && schema.fits(name, on))
        {
            let before = format!("{before}... on {possible} {{ ");
            walk(
                schema,
                possible,
                depth,
                &before,
                &format!(" }}{after}"),
                paths,
            );
        }
    }
}

fn inner_name(ty: &Type) -> &str {
    match ty {
        Type::NamedType(name) => name,
        Type::ListType(inner) | Type::NonNullType(inner) => inner_name(inner),
    }
}

pub fn required_arguments(schema: &Schema, on: &str, field: &str) -> String {
    use graphql_tools::static_graphql::schema::{Definition, TypeDefinition};
    let fields = schema.document.definitions.iter().find_map(|it| match it {
        Definition::TypeDefinition(TypeDefinition::Object(it)) if it.name == on => Some(&it.fields),
        Definition::TypeDefinition(TypeDefinition::Interface(it)) if it.name == on => {
            Some(&it.fields)
        }
        _ => None,
    });
    let field = fields.unwrap().iter().find(|it| it.name == field).unwrap();
    let required = field
        .arguments
        .iter()
        .filter(|it| it.default_value.is_none());
    let required = required.filter_map(|it| match &it.value_type {
        Type::NonNullType(inner) => Some(format!("{}: {}", it.name, example(inner))),
        _ => None,
    });
    required.collect::<Vec<_>>().join(", ")
}

fn example(ty: &Type) -> &'static str {
    match inner_name(ty) {
        "Int" => "1",
        "ID" | "String" => "\"1\"",
        "Order" => "UP",
        "Filter" => "{limit: 1}",
        other => panic!("no example of {other}"),
    }
}

async fn every_path_of(graph: Graph) {
    let graph = graph.serve();
    let paths = paths(&graph.whole, DEPTH);
    assert!(paths.len() > 3, "{paths:?}");
    let mut wrong = Vec::new();
    for path in paths {
        wrong.extend(graph.difference(&path).await);
    }
    assert!(
        wrong.is_empty(),
        "{} paths:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

macro_rules! every_path {
    ($($name:ident: $graph:expr;)+) => {
        $(#[tokio::test]
        async fn $name() {
            every_path_of($graph).await;
        })+

        /// All graphs, by what they are of.
        pub fn graphs() -> Vec<(&'static str, Graph)> {
            vec![$((stringify!($name), $graph)),+]
        }
    };
}

every_path! {
    of_a_chain_of_keys: crate::keys::chain();
    of_compound_keys: crate::keys::compound();
    of_keys_that_are_not_resolvable: crate::keys::not_resolvable();
    of_values_completed_through_parents: crate::keys::parent_entity();
    of_entities_in_circles: crate::keys::circle();
    of_chained_requirements: crate::requires::chain();
    of_requirements_with_arguments: crate::requires::arguments();
    of_requirements_with_fragments: crate::requires::fragments();
    of_circular_requirements: crate::requires::circular();
    of_requirements_on_interfaces: crate::requires::on_interface();
    of_requirements_by_another_key: crate::requires::other_key();
    of_requirements_inside_themselves: crate::requires::inside_itself();
    of_circular_requirements_with_a_way_out: crate::requires::circle_with_a_way_out();
    of_requirements_with_keys_from_elsewhere: crate::requires::key_from_elsewhere();
    of_provisions_inside_themselves: crate::provides::inside_itself();
    of_interface_objects_inside_each_other: crate::interface_objects::inside_each_other();
    of_nested_provisions: crate::provides::nested();
    of_provisions_on_interfaces: crate::provides::on_interface();
    of_provisions_on_unions: crate::provides::on_union();
    of_overrides: crate::overrides::plain();
    of_overrides_with_requirements: crate::overrides::with_requires();
    of_overrides_on_implementations: crate::overrides::on_implementations();
    of_interface_objects: crate::interface_objects::simple();
    of_interface_objects_with_requirements: crate::interface_objects::with_requires();
    of_interface_objects_that_only_refer: crate::interface_objects::not_resolvable();
    of_several_interface_objects: crate::interface_objects::several();
    of_unions_of_parts: crate::abstract_types::union_of_parts();
    of_interfaces_of_parts: crate::abstract_types::interface_of_parts();
    of_narrower_types: crate::abstract_types::narrower_type();
    of_hierarchies: crate::abstract_types::hierarchy();
    of_federation_1: crate::federation_1::extends();
    of_both_federations: crate::federation_1::mixed();
    of_external_keys: crate::federation_1::external_elsewhere();
    of_conditions: crate::conditions::graph();
    of_merged_fields: crate::merging::graph();
    of_null_keys: crate::nulls::keys();
    of_shared_roots: crate::roots::shared();
    of_renamed_roots: crate::roots::renamed();
    of_mutations: crate::roots::mutations();
    of_typenames: crate::typenames::graph();
    of_enums: crate::values::enums();
    of_scalars: crate::values::scalars();
    of_default_values: crate::values::defaults();
}
