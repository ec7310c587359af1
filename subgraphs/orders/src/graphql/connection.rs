//! Lists of orders, page by page.

use stockgraph_kit::paging::{CountedConnection, Page, TotalCount, counted};

use super::order::OrderObject;
use crate::{
    domain::order::Order,
    service::{PlacedKey, key},
};

/// A page of orders.
pub(super) type OrderConnection = CountedConnection<PlacedKey, OrderObject>;

/// The connection that shows this page.
pub(super) fn of_page(page: Page<Order>, total: TotalCount) -> OrderConnection {
    counted(page, total, key)
}
