//! The attribute by which a field names the scope that it requires, once for the schema and the resolver.

mod guarded;

use proc_macro::TokenStream;

/// Lets the fields of an object name the scope that they require, by `#[requires("stock:write")]`.
///
/// It stands before async-graphql's `#[Object]` or `#[ComplexObject]`, and makes of each such attribute both the `@requiresScopes` of
/// the schema and the guard that enforces it, so that there is never the one without the other:
///
/// ```text
/// #[guarded]
/// #[Object]
/// impl StockMutation {
///     #[requires("stock:write")]
///     async fn receive_stock(&self, …) { … }
/// }
/// ```
///
/// A text that names no scope does not compile, nor does one half of the pair written by hand.
#[proc_macro_attribute]
pub fn guarded(arguments: TokenStream, item: TokenStream) -> TokenStream {
    guarded::expand(arguments.into(), item.into())
        .unwrap_or_else(syn::Error::into_compile_error)
        .into()
}
