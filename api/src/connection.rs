//! Relay's connections, once for every kind of node.
//!
//! Their fields, and those of the types a page shows most often, are resolved one after the other (`serial`): they are at
//! hand already, and setting up a race between them costs more than the values.

use std::borrow::Cow;

use async_graphql::{Object, ObjectType, SimpleObject, TypeName};
use billow_billing::page::{Page, PageRequest};

/// A page of a list.
pub(crate) struct Connection<T> {
    edges: Vec<Edge<T>>,
    info: PageInfo,
}

impl<T> Connection<T> {
    /// Makes one of a page of the business.
    pub(crate) fn of<M>(page: Page<M>, node: impl Fn(M) -> T) -> Self {
        let edges: Vec<_> = page.items.into_iter().map(|(cursor, model)| Edge { cursor, node: node(model) }).collect();
        let info = PageInfo {
            has_next_page: page.has_next,
            has_previous_page: page.has_previous,
            start_cursor: edges.first().map(|edge| edge.cursor.clone()),
            end_cursor: page.end.or_else(|| edges.last().map(|edge| edge.cursor.clone())),
        };
        Self { edges, info }
    }

    /// The nodes, each with its cursor.
    pub(crate) fn edge_list(&self) -> &[Edge<T>] {
        &self.edges
    }

    /// The nodes alone.
    pub(crate) fn node_list(&self) -> Vec<&T> {
        self.edges.iter().map(|edge| &edge.node).collect()
    }

    /// Pagination information.
    pub(crate) fn info(&self) -> &PageInfo {
        &self.info
    }
}

impl<T: ObjectType> TypeName for Connection<T> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Connection", T::type_name()).into()
    }
}

/// A page of a list.
#[Object(name_type, serial)]
impl<T: ObjectType> Connection<T> {
    /// The nodes, each with its cursor.
    async fn edges(&self) -> &[Edge<T>] {
        self.edge_list()
    }

    /// The nodes alone.
    async fn nodes(&self) -> Vec<&T> {
        self.node_list()
    }

    /// Pagination information.
    async fn page_info(&self) -> &PageInfo {
        self.info()
    }
}

/// A page of a list whose length is known.
pub(crate) struct CountedConnection<T> {
    page: Connection<T>,
    total: Option<u64>,
}

impl<T> CountedConnection<T> {
    /// A page of a list with `total` nodes; none where nobody asked for that.
    pub(crate) const fn of(page: Connection<T>, total: Option<u64>) -> Self {
        Self { page, total }
    }
}

impl<T: ObjectType> TypeName for CountedConnection<T> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Connection", T::type_name()).into()
    }
}

/// A page of a list.
#[Object(name_type, serial)]
impl<T: ObjectType> CountedConnection<T> {
    /// The nodes, each with its cursor.
    async fn edges(&self) -> &[Edge<T>] {
        self.page.edge_list()
    }

    /// The nodes alone.
    async fn nodes(&self) -> Vec<&T> {
        self.page.node_list()
    }

    /// Pagination information.
    async fn page_info(&self) -> &PageInfo {
        self.page.info()
    }

    /// How many nodes the whole list has.
    async fn total_count(&self) -> i32 {
        crate::scalars::count(self.total.unwrap_or_default())
    }
}

/// A node with its cursor.
pub(crate) struct Edge<T> {
    cursor: String,
    node: T,
}

impl<T: ObjectType> TypeName for Edge<T> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Edge", T::type_name()).into()
    }
}

/// A node with its cursor.
#[Object(name_type, serial)]
impl<T: ObjectType> Edge<T> {
    /// An opaque cursor for this node.
    async fn cursor(&self) -> &str {
        &self.cursor
    }

    /// The node.
    async fn node(&self) -> &T {
        &self.node
    }
}

/// Where a page stands in its list.
#[derive(SimpleObject)]
#[graphql(serial)]
pub(crate) struct PageInfo {
    /// Whether more follow.
    has_next_page: bool,
    /// Whether something comes before.
    has_previous_page: bool,
    /// The first node's cursor.
    start_cursor: Option<String>,
    /// The last node's cursor; the next page begins after it.
    end_cursor: Option<String>,
}

/// What is asked for of a list.
pub(crate) fn page(first: Option<i32>, after: Option<String>) -> PageRequest {
    PageRequest { first, after }
}

/// What a page costs: each node as much as is asked of it.
pub(crate) fn page_cost(first: Option<i32>, child: usize) -> usize {
    let nodes = first.map_or(20, |n| usize::try_from(n).unwrap_or(1).clamp(1, 100));
    nodes.saturating_mul(child).saturating_add(1)
}

/// What a short list without pages costs.
pub(crate) fn list_cost(child: usize) -> usize {
    child.saturating_mul(8).saturating_add(1)
}
