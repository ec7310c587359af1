//! Reading orders, many at a time.

use std::collections::HashMap;

use sea_orm::DbErr;
use stockgraph_kit::{
    id::{OrderId, UserId},
    money::Currency,
    paging::{Page, PageRequest},
};

use super::Orders;
use crate::{
    domain::{
        number::OrderNumber,
        order::{Order, OrderEvent, OrderLine, Shipment},
        payment::Payment,
    },
    repo::{
        self,
        list::{Filter, PlacedKey},
    },
};

impl Orders {
    /// One order.
    ///
    /// # Errors
    ///
    /// The database fails.
    pub async fn order(&self, id: OrderId) -> Result<Option<Order>, DbErr> {
        Ok(self.orders_by_id(&[id]).await?.into_iter().next())
    }

    /// These orders, as far as they exist.
    ///
    /// # Errors
    ///
    /// The database fails.
    pub async fn orders_by_id(&self, ids: &[OrderId]) -> Result<Vec<Order>, DbErr> {
        repo::order::by_ids(self.database.reader(), ids.iter().copied()).await
    }

    /// The orders with these numbers, as far as they exist.
    ///
    /// # Errors
    ///
    /// The database fails.
    pub async fn orders_by_number(&self, numbers: &[OrderNumber]) -> Result<Vec<Order>, DbErr> {
        repo::order::by_numbers(self.database.reader(), numbers).await
    }

    /// A page of the orders that pass the filter, newest first.
    ///
    /// # Errors
    ///
    /// The database fails.
    pub async fn orders_page(
        &self,
        filter: &Filter,
        page: &PageRequest<PlacedKey>,
    ) -> Result<Page<Order>, DbErr> {
        repo::list::page(self.database.reader(), filter, page).await
    }

    /// How many orders pass the filter.
    ///
    /// # Errors
    ///
    /// The database fails.
    pub async fn count_orders(&self, filter: &Filter) -> Result<u64, DbErr> {
        repo::list::count(self.database.reader(), filter).await
    }

    /// The same page of each of these users' orders, newest first.
    ///
    /// # Errors
    ///
    /// The database fails.
    pub async fn orders_of_users(
        &self,
        users: &[UserId],
        page: &PageRequest<PlacedKey>,
    ) -> Result<HashMap<UserId, Page<Order>>, DbErr> {
        repo::list::pages_of(self.database.reader(), users, page).await
    }

    /// How many orders each of these users has; a user without any is left out.
    ///
    /// # Errors
    ///
    /// The database fails.
    pub async fn order_counts(&self, users: &[UserId]) -> Result<HashMap<UserId, u64>, DbErr> {
        repo::list::counts_of(self.database.reader(), users).await
    }

    /// The lines of these orders, whose amounts are in these currencies.
    ///
    /// # Errors
    ///
    /// The database fails.
    pub async fn lines(
        &self,
        orders: &[(OrderId, Currency)],
    ) -> Result<HashMap<OrderId, Vec<OrderLine>>, DbErr> {
        repo::order::lines(self.database.reader(), orders).await
    }

    /// The payments for these orders, whose amounts are in these currencies.
    ///
    /// # Errors
    ///
    /// The database fails.
    pub async fn payments(
        &self,
        orders: &[(OrderId, Currency)],
    ) -> Result<HashMap<OrderId, Vec<Payment>>, DbErr> {
        repo::payment::by_orders(self.database.reader(), orders).await
    }

    /// The timelines of these orders, oldest first.
    ///
    /// # Errors
    ///
    /// The database fails.
    pub async fn events(
        &self,
        orders: &[OrderId],
    ) -> Result<HashMap<OrderId, Vec<OrderEvent>>, DbErr> {
        repo::order::events(self.database.reader(), orders).await
    }

    /// How these orders are sent, as far as they are.
    ///
    /// # Errors
    ///
    /// The database fails.
    pub async fn shipments(&self, orders: &[OrderId]) -> Result<HashMap<OrderId, Shipment>, DbErr> {
        repo::order::shipments(self.database.reader(), orders).await
    }
}
