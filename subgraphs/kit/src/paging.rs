//! Connections: keyset paging after the
//! [Relay specification](https://relay.dev/graphql/connections.htm), with opaque cursors.

use std::{borrow::Cow, fmt, marker::PhantomData};

use async_graphql::{
    Object, OutputType, TypeName,
    connection::{CursorType, OpaqueCursor, PageInfo},
};
use futures_util::future::BoxFuture;
use serde::{Serialize, de::DeserializeOwned};

use crate::error::ApiError;

/// How many nodes a page has when the caller does not say.
pub const DEFAULT_PAGE: u32 = 20;

/// The most nodes a page can have.
pub const LARGEST_PAGE: u32 = 100;

/// The arguments of a connection field, as they came.
#[derive(Clone, Debug, Default)]
pub struct PageArgs {
    /// How many nodes from the start.
    pub first: Option<i32>,
    /// Only what comes after this cursor.
    pub after: Option<String>,
    /// How many nodes from the end.
    pub last: Option<i32>,
    /// Only what comes before this cursor.
    pub before: Option<String>,
}

/// A page that was asked for. `K` is the sort key, with the id as its last part so that it is unique.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageRequest<K> {
    /// Only what comes after this key.
    pub after: Option<K>,
    /// Only what comes before this key.
    pub before: Option<K>,
    /// How many nodes at most.
    pub size: u32,
    /// From the end instead of the start.
    pub from_end: bool,
}

impl PageArgs {
    /// Checks the arguments.
    ///
    /// # Errors
    ///
    /// `BAD_USER_INPUT` for sizes under 0 or over [`LARGEST_PAGE`], for `first` together with `last`, and for cursors that are
    /// not of this connection.
    pub fn check<K: DeserializeOwned + Serialize>(self) -> Result<PageRequest<K>, ApiError> {
        let (size, from_end) = match (self.first, self.last) {
            (Some(_), Some(_)) => {
                return Err(ApiError::bad_user_input(
                    "Give `first` or `last`, not both.",
                ));
            }
            (None, Some(last)) => (page_size("last", last)?, true),
            (Some(first), None) => (page_size("first", first)?, false),
            (None, None) => (DEFAULT_PAGE, false),
        };
        Ok(PageRequest {
            after: self.after.map(|cursor| key("after", &cursor)).transpose()?,
            before: self
                .before
                .map(|cursor| key("before", &cursor))
                .transpose()?,
            size,
            from_end,
        })
    }
}

fn page_size(name: &str, size: i32) -> Result<u32, ApiError> {
    u32::try_from(size)
        .ok()
        .filter(|size| *size <= LARGEST_PAGE)
        .ok_or_else(|| {
            ApiError::bad_user_input(format!(
                "`{name}` must be between 0 and {LARGEST_PAGE}; it is {size}."
            ))
        })
}

fn key<K: DeserializeOwned + Serialize>(name: &str, cursor: &str) -> Result<K, ApiError> {
    OpaqueCursor::<K>::decode_cursor(cursor)
        .map(|cursor| cursor.0)
        .map_err(|_| ApiError::bad_user_input(format!("`{name}` is not a cursor of this list.")))
}

/// One page of `T`, in the connection's order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// The nodes.
    pub items: Vec<T>,
    /// Whether there is more before.
    pub has_previous: bool,
    /// Whether there is more after.
    pub has_next: bool,
}

impl<K> PageRequest<K> {
    /// How many rows to read: one more than the page has, which tells whether there is more.
    #[must_use]
    pub fn rows(&self) -> u64 {
        u64::from(self.size) + 1
    }

    /// The page, from up to [`rows`](Self::rows) rows in the connection's order (when read from the end: its last rows, still in the
    /// connection's order).
    #[must_use]
    pub fn page<T>(&self, mut items: Vec<T>) -> Page<T> {
        let size = self.size as usize;
        let more = items.len() > size;
        if self.from_end {
            items.drain(..items.len().saturating_sub(size));
        } else {
            items.truncate(size);
        }
        Page {
            items,
            has_previous: if self.from_end {
                more
            } else {
                self.after.is_some()
            },
            has_next: if self.from_end {
                self.before.is_some()
            } else {
                more
            },
        }
    }
}

impl<T> Page<T> {
    /// The same page of something else.
    #[must_use]
    pub fn map<U>(self, f: impl FnMut(T) -> U) -> Page<U> {
        Page {
            items: self.items.into_iter().map(f).collect(),
            has_previous: self.has_previous,
            has_next: self.has_next,
        }
    }
}

type Count = dyn Fn() -> BoxFuture<'static, Result<u64, ApiError>> + Send + Sync;

/// The `totalCount` of a connection, counted only when it is asked for.
pub struct TotalCount(Box<Count>);

impl TotalCount {
    /// What counts.
    pub fn new(
        count: impl Fn() -> BoxFuture<'static, Result<u64, ApiError>> + Send + Sync + 'static,
    ) -> Self {
        Self(Box::new(count))
    }
}

impl fmt::Debug for TotalCount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TotalCount")
    }
}

/// A node with its cursor. Its GraphQL name is `<Node>Edge`.
///
/// async-graphql has connections too, but theirs are shareable and without descriptions, which shows in the schema.
pub struct NodeEdge<Node> {
    node: Node,
    cursor: String,
}

/// A connection with `totalCount`; its GraphQL name is `<Node>Connection`. `K` is the sort key.
pub struct CountedConnection<K, Node> {
    page: Page<NodeEdge<Node>>,
    total: TotalCount,
    key: PhantomData<fn() -> K>,
}

/// A connection without `totalCount`; its GraphQL name is `<Node>Connection`. `K` is the sort key.
pub struct UncountedConnection<K, Node> {
    page: Page<NodeEdge<Node>>,
    key: PhantomData<fn() -> K>,
}

impl<Node: OutputType> TypeName for NodeEdge<Node> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Edge", Node::type_name()).into()
    }
}

impl<K: Send + Sync, Node: OutputType> TypeName for CountedConnection<K, Node> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Connection", Node::type_name()).into()
    }
}

impl<K: Send + Sync, Node: OutputType> TypeName for UncountedConnection<K, Node> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Connection", Node::type_name()).into()
    }
}

impl<Node> Page<NodeEdge<Node>> {
    fn nodes(&self) -> Vec<&Node> {
        self.items.iter().map(|edge| &edge.node).collect()
    }

    fn info(&self) -> PageInfo {
        let cursor = |edge: Option<&NodeEdge<Node>>| edge.map(|edge| edge.cursor.clone());
        PageInfo {
            has_previous_page: self.has_previous,
            has_next_page: self.has_next,
            start_cursor: cursor(self.items.first()),
            end_cursor: cursor(self.items.last()),
        }
    }
}

/// A node of a list with its place in it.
#[Object(name_type)]
impl<Node: OutputType> NodeEdge<Node> {
    /// The node.
    async fn node(&self) -> &Node {
        &self.node
    }

    /// The place of the node in the list, for `after` and `before`.
    async fn cursor(&self) -> &str {
        &self.cursor
    }
}

/// A page of a list.
#[Object(name_type)]
impl<K: Send + Sync, Node: OutputType> CountedConnection<K, Node> {
    /// The nodes of the page with their cursors.
    async fn edges(&self) -> &[NodeEdge<Node>] {
        &self.page.items
    }

    /// The nodes of the page.
    async fn nodes(&self) -> Vec<&Node> {
        self.page.nodes()
    }

    /// Where the page begins and ends, and whether there is more.
    async fn page_info(&self) -> PageInfo {
        self.page.info()
    }

    /// How many nodes there are on all pages together.
    async fn total_count(&self) -> Result<i32, ApiError> {
        let count = (self.total.0)().await?;
        Ok(i32::try_from(count).unwrap_or(i32::MAX))
    }
}

/// A page of a list.
#[Object(name_type)]
impl<K: Send + Sync, Node: OutputType> UncountedConnection<K, Node> {
    /// The nodes of the page with their cursors.
    async fn edges(&self) -> &[NodeEdge<Node>] {
        &self.page.items
    }

    /// The nodes of the page.
    async fn nodes(&self) -> Vec<&Node> {
        self.page.nodes()
    }

    /// Where the page begins and ends, and whether there is more.
    async fn page_info(&self) -> PageInfo {
        self.page.info()
    }
}

/// The connection that shows `page`; `key` gives a node's sort key.
pub fn counted<K, T, Node>(
    page: Page<T>,
    total: TotalCount,
    key: impl Fn(&T) -> K,
) -> CountedConnection<K, Node>
where
    K: Serialize + DeserializeOwned + Send + Sync,
    Node: From<T>,
{
    CountedConnection {
        page: edges(page, key),
        total,
        key: PhantomData,
    }
}

/// The connection that shows `page`, without a total; `key` gives a node's sort key.
pub fn uncounted<K, T, Node>(page: Page<T>, key: impl Fn(&T) -> K) -> UncountedConnection<K, Node>
where
    K: Serialize + DeserializeOwned + Send + Sync,
    Node: From<T>,
{
    UncountedConnection {
        page: edges(page, key),
        key: PhantomData,
    }
}

fn edges<K, T, Node>(page: Page<T>, key: impl Fn(&T) -> K) -> Page<NodeEdge<Node>>
where
    K: Serialize + DeserializeOwned + Send + Sync,
    Node: From<T>,
{
    page.map(|item| NodeEdge {
        cursor: cursor(key(&item)),
        node: Node::from(item),
    })
}

/// The text of a sort key's cursor.
pub fn cursor<K: Serialize + DeserializeOwned + Send + Sync>(key: K) -> String {
    OpaqueCursor(key).encode_cursor()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(first: Option<i32>, last: Option<i32>) -> PageArgs {
        PageArgs {
            first,
            last,
            ..PageArgs::default()
        }
    }

    #[test]
    fn sizes_out_of_range_are_refused() {
        for size in [-1, 101, 1_000_000_000] {
            assert!(args(Some(size), None).check::<u8>().is_err());
            assert!(args(None, Some(size)).check::<u8>().is_err());
        }
        assert!(args(Some(1), Some(1)).check::<u8>().is_err());
        assert_eq!(args(None, None).check::<u8>().unwrap().size, DEFAULT_PAGE);
        assert_eq!(args(Some(0), None).check::<u8>().unwrap().size, 0);
    }

    #[test]
    fn cursors_read_back_and_foreign_ones_are_refused() {
        let after = |text: String| PageArgs {
            after: Some(text),
            ..PageArgs::default()
        };
        let key = ("mouse".to_owned(), 7_u64);
        let request = after(cursor(key.clone())).check::<(String, u64)>().unwrap();
        assert_eq!(request.after, Some(key));
        assert!(after("nonsense".into()).check::<(String, u64)>().is_err());
        assert!(after(cursor(7_u64)).check::<(String, u64)>().is_err());
    }

    #[test]
    fn one_row_more_than_the_page_tells_that_there_is_more() {
        let forward = args(Some(2), None).check::<u8>().unwrap();
        let page = forward.page(vec![1, 2, 3]);
        assert_eq!(
            (page.items, page.has_previous, page.has_next),
            (vec![1, 2], false, true)
        );
        let backward = args(None, Some(2)).check::<u8>().unwrap();
        let page = backward.page(vec![1, 2, 3]);
        assert_eq!(
            (page.items, page.has_previous, page.has_next),
            (vec![2, 3], true, false)
        );
        assert!(!forward.page(vec![1, 2]).has_next);
    }
}
