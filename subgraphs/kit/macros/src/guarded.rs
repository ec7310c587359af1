//! From `#[requires("…")]` to what async-graphql understands.

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::{
    Attribute, Error, ImplItem, ImplItemFn, ItemImpl, LitStr, Meta, Result, spanned::Spanned,
};

/// What only this macro may write.
const ONLY_HERE: [&str; 2] = ["requires_scopes", "RequireScope"];

/// Rewrites the methods of an impl.
pub(crate) fn expand(arguments: TokenStream, item: TokenStream) -> Result<TokenStream> {
    if !arguments.is_empty() {
        let message = "`guarded` takes no arguments; each method names its scope: `#[requires(\"stock:write\")]`";
        return Err(Error::new_spanned(arguments, message));
    }
    let mut item: ItemImpl = syn::parse2(item)?;
    let mut scopes = Vec::new();
    for member in &mut item.items {
        if let ImplItem::Fn(method) = member {
            scopes.extend(rewrite(method)?);
        }
    }
    // Items, which the compiler evaluates whether or not somebody calls the guard.
    let named = scopes.into_iter().map(|scope| {
        quote_spanned! {scope.span()=>
            const _: ::stockgraph_kit::caller::Scope = ::stockgraph_kit::caller::Scope::named(#scope);
        }
    });
    Ok(quote! { #item #(#named)* })
}

/// The scope that the method requires, if it does.
fn rewrite(method: &mut ImplItemFn) -> Result<Option<LitStr>> {
    for attribute in &method.attrs {
        if attribute.path().is_ident("graphql") {
            refuse_by_hand(attribute.to_token_stream())?;
        }
    }
    let (required, others) = std::mem::take(&mut method.attrs)
        .into_iter()
        .partition(|attribute: &Attribute| attribute.path().is_ident("requires"));
    method.attrs = others;
    let required: Vec<Attribute> = required;
    let [required] = required.as_slice() else {
        return match required.get(1) {
            Some(second) => Err(Error::new(second.span(), "a field requires one scope")),
            None => Ok(None),
        };
    };
    let scope: LitStr = required.parse_args().map_err(|error| {
        Error::new(
            error.span(),
            "expected the scope as a text: `#[requires(\"stock:write\")]`",
        )
    })?;
    let guard = format!(
        "::stockgraph_kit::guard::RequireScope(const {{ ::stockgraph_kit::caller::Scope::named({:?}) }})",
        scope.value()
    );
    // With the span of the scope, so that what is wrong with it is shown there.
    let guard = LitStr::new(&guard, scope.span());
    let pair = quote! { guard = #guard, requires_scopes = #scope };
    // async-graphql reads the first of several attributes alone.
    let own = method
        .attrs
        .iter_mut()
        .find(|attribute| attribute.path().is_ident("graphql"));
    match own.map(|attribute| &mut attribute.meta) {
        Some(Meta::List(list)) => {
            let own = &list.tokens;
            list.tokens = quote! { #pair, #own };
        }
        Some(other) => return Err(Error::new(other.span(), "expected `#[graphql(…)]`")),
        None => method.attrs.push(syn::parse_quote! { #[graphql(#pair)] }),
    }
    Ok(Some(scope))
}

/// Makes sure that nobody writes half of the pair.
fn refuse_by_hand(tokens: TokenStream) -> Result<()> {
    for token in tokens {
        match &token {
            TokenTree::Group(group) => refuse_by_hand(group.stream())?,
            // The guard is an expression in a text.
            TokenTree::Ident(_) | TokenTree::Literal(_) => {
                let text = token.to_string();
                if let Some(name) = ONLY_HERE.iter().find(|name| text.contains(*name)) {
                    let message = format!(
                        "instead of `{name}` write `#[requires(\"…\")]`, which makes the guard and the schema agree"
                    );
                    return Err(Error::new(token.span(), message));
                }
            }
            TokenTree::Punct(_) => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expanded(item: TokenStream) -> String {
        expand(TokenStream::new(), item).map_or_else(|error| error.to_string(), |it| it.to_string())
    }

    #[test]
    fn a_scope_becomes_guard_and_schema() {
        let expanded = expanded(quote! {
            #[Object]
            impl Query {
                /// Documented.
                #[requires("stock:read")]
                async fn transfers(&self) -> i32 { 1 }
                async fn open(&self) -> i32 { 2 }
            }
        });
        let expected = quote! {
            #[Object]
            impl Query {
                #[doc = r" Documented."]
                #[graphql(
                    guard = "::stockgraph_kit::guard::RequireScope(const { ::stockgraph_kit::caller::Scope::named(\"stock:read\") })",
                    requires_scopes = "stock:read"
                )]
                async fn transfers(&self) -> i32 { 1 }
                async fn open(&self) -> i32 { 2 }
            }
            const _: ::stockgraph_kit::caller::Scope = ::stockgraph_kit::caller::Scope::named("stock:read");
        };
        assert_eq!(expanded, expected.to_string());
    }

    #[test]
    fn what_a_field_says_otherwise_stays() {
        let expanded = expanded(quote! {
            impl Query {
                #[graphql(name = "other", deprecation = "why")]
                #[requires("stock:read")]
                async fn field(&self) {}
            }
        });
        let attributes = expanded.matches("graphql").count();
        assert_eq!(attributes, 1, "{expanded}");
        assert!(
            expanded.contains(r#"requires_scopes = "stock:read" , name = "other""#),
            "{expanded}"
        );
    }

    #[test]
    fn half_of_the_pair_by_hand_is_refused() {
        for attribute in [
            quote! { #[graphql(requires_scopes = "stock:read")] },
            quote! { #[graphql(guard = "RequireScope(Scope::StockRead)")] },
            quote! { #[graphql(guard = RequireScope(Scope::StockRead))] },
        ] {
            let told = expanded(quote! { impl Query { #attribute async fn field(&self) {} } });
            assert!(
                told.contains("makes the guard and the schema agree"),
                "{told}"
            );
        }
    }

    #[test]
    fn foolish_uses_are_told() {
        for (attributes, expected) in [
            (quote! { #[requires] }, "expected the scope as a text"),
            (
                quote! { #[requires(StockRead)] },
                "expected the scope as a text",
            ),
            (
                quote! { #[requires("a")] #[requires("b")] },
                "requires one scope",
            ),
        ] {
            let told = expanded(quote! { impl Query { #attributes async fn field(&self) {} } });
            assert!(told.contains(expected), "{told}");
        }
        let told = expand(quote! { "stock:read" }, quote! { impl Query {} });
        assert!(told.unwrap_err().to_string().contains("takes no arguments"));
    }
}
