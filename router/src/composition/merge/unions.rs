//! Unions merge by themselves, since any member may be answered; what differs is worth a hint.

use indexmap::IndexSet;

use super::{Merger, Part};
use crate::composition::{diagnostic::Code, model::GraphIndex};

impl Merger<'_> {
    pub(super) fn hint_partial_members(&mut self, type_name: &str, parts: &[Part<'_>]) {
        let members: IndexSet<&String> = parts.iter().flat_map(|(_, ty)| &ty.members).collect();
        for member in members {
            let lacking: Vec<GraphIndex> = parts
                .iter()
                .filter(|(_, ty)| !ty.members.contains(member))
                .map(|(graph, _)| *graph)
                .collect();
            if !lacking.is_empty() {
                let lacking = self.names(lacking).join("`, `");
                let message = format!("The member `{member}` is not in `{lacking}`.");
                self.hint(
                    Code::InconsistentUnionMember,
                    type_name,
                    parts.iter().map(|(graph, _)| *graph),
                    message,
                );
            }
        }
    }
}
