//! The products subgraph: what is sold, at what price, and how it is found.
