//! The users subgraph: who may sign in, how, and with which rights.
