//! The warehouses subgraph: where the stock is, who holds it, and every movement that made it so.
