//! Interface objects: a subgraph that knows no implementation adds a field to all of them.

use indexmap::IndexSet;

use super::Merger;
use crate::composition::{
    model::{Kind, Map},
    supergraph::{FieldJoin, MergedField, MergedType},
};

impl Merger<'_> {
    /// Gives every implementation the fields that its interfaces get from interface objects.
    pub(super) fn add_interface_object_fields(&self, types: &mut Map<MergedType>) {
        let mut contributed: Map<Map<MergedField>> = Map::new();
        for (name, ty) in types.iter().filter(|(_, ty)| ty.kind == Kind::Interface) {
            let fields = self.contributed_fields(name, ty);
            if !fields.is_empty() {
                contributed.insert(name.clone(), fields);
            }
        }
        for ty in types.values_mut().filter(|ty| ty.kind == Kind::Object) {
            for interface in ty.implements.clone() {
                for (name, field) in contributed.get(&interface).into_iter().flatten() {
                    if !ty.fields.contains_key(name) {
                        // No subgraph has the field on the object: it is found by way of the interface.
                        let field = MergedField {
                            joins: vec![FieldJoin::default()],
                            ..field.clone()
                        };
                        ty.fields.insert(name.clone(), field);
                    }
                }
            }
        }
    }

    fn contributed_fields(&self, name: &str, merged: &MergedType) -> Map<MergedField> {
        let parts = self.parts(name);
        let resolved: IndexSet<&String> = parts
            .iter()
            .filter(|(_, ty)| ty.interface_object)
            .flat_map(|(_, ty)| ty.fields.iter().filter(|(_, field)| !field.external))
            .map(|(name, _)| name)
            .collect();
        merged
            .fields
            .iter()
            .filter(|(name, _)| resolved.contains(name))
            .map(|(name, field)| (name.clone(), field.clone()))
            .collect()
    }
}
