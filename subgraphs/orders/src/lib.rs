//! The orders subgraph: checkout, payment, fulfilment, and the expiry of what nobody paid.
