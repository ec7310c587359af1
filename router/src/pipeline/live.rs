//! The router of this moment: another may take its place while it serves.

use arc_swap::ArcSwap;
use std::sync::Arc;

use super::Router;

/// Where the present [`Router`] is found. Clones are the same place.
///
/// Whoever answers a request takes the router once and keeps it to the request's end, so that no request is planned on one
/// schema and executed on another, and none is lost when a new router comes.
#[derive(Clone)]
pub struct LiveRouter(Arc<ArcSwap<Router>>);

impl LiveRouter {
    /// A place that holds this router.
    pub fn new(router: Arc<Router>) -> Self {
        LiveRouter(Arc::new(ArcSwap::new(router)))
    }

    /// The present router.
    pub fn current(&self) -> Arc<Router> {
        self.0.load_full()
    }

    /// Puts another router in its place. Requests that have the old one are finished on it.
    pub fn replace(&self, router: Arc<Router>) {
        self.0.store(router);
    }
}

impl From<Arc<Router>> for LiveRouter {
    fn from(router: Arc<Router>) -> Self {
        LiveRouter::new(router)
    }
}
