use super::*;

fn of(text: &str) -> OfSubgraph {
    text.parse().unwrap()
}

fn file(text: &str) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), text).unwrap();
    file
}

const SUPERGRAPH: &str = r#"
    enum join__Graph {
        REVIEWS @join__graph(name: "reviews", url: "http://127.0.0.1:5001")
        USERS @join__graph(name: "users", url: "http://127.0.0.1:5002/graphql")
    }"#;

#[test]
fn what_is_said_of_a_subgraph_has_two_halves() {
    let reviews = of("reviews=http://127.0.0.1:5001/?a=b");
    assert_eq!(reviews.name, "reviews");
    assert_eq!(reviews.value, "http://127.0.0.1:5001/?a=b");
    for text in ["", "reviews", "=http://a", "reviews="] {
        assert!(text.parse::<OfSubgraph>().is_err(), "{text}");
    }
}

#[test]
fn one_more_subgraph_stands_beside_our_own() {
    let config = Config::default();
    let urls = [
        of("reviews=http://127.0.0.1:5001"),
        of("orders=http://o/graphql"),
    ];
    let sources = Sources::of_subgraphs(&config, &urls, &[], false).unwrap();
    let told: Vec<_> = sources.endpoints.iter().map(|it| it.url.as_str()).collect();
    assert_eq!(told.len(), 5);
    assert_eq!(told[3], "http://o/graphql");
    assert_eq!(told[4], "http://127.0.0.1:5001");
    let mut config = config;
    sources.adjust(&mut config);
    assert_eq!(config.subgraphs.orders, "http://o/graphql");
    assert_eq!(config.auth.jwks_urls, None);
}

#[test]
fn others_alone_are_no_shop_of_ours() {
    let config = Config::default();
    let urls = [of("reviews=http://127.0.0.1:5001")];
    let sources = Sources::of_subgraphs(&config, &urls, &[], true).unwrap();
    assert_eq!(sources.endpoints.len(), 1);
    assert!(sources.is_foreign());
    let whole = Sources::of_subgraphs(&config, &urls, &[], false).unwrap();
    assert!(!whole.is_foreign());
    assert!(Sources::of_subgraphs(&config, &[], &[], true).is_err());
}

#[test]
fn a_schema_of_nobody_is_told() {
    let sdl = file("type Query { a: Int }");
    let sdl = of(&format!("reviews={}", sdl.path().display()));
    let error = Sources::of_subgraphs(&Config::default(), &[], &[sdl], false).unwrap_err();
    assert!(
        error.to_string().contains("--subgraph reviews=URL"),
        "{error}"
    );
}

#[test]
fn a_supergraph_says_where_its_subgraphs_are_and_can_be_told_otherwise() {
    let supergraph = file(SUPERGRAPH);
    let urls = [of("reviews=http://r/graphql")];
    let sources = Sources::of_supergraph(supergraph.path(), &urls).unwrap();
    assert_eq!(sources.endpoints[0].url, "http://r/graphql");
    let mut config = Config::default();
    sources.adjust(&mut config);
    assert_eq!(config.subgraphs.users, "http://127.0.0.1:5002/graphql");
    assert_eq!(config.auth.jwks_urls, Some(Vec::new()));
    let unknown = Sources::of_supergraph(supergraph.path(), &[of("shop=http://s")]);
    assert!(
        unknown
            .unwrap_err()
            .to_string()
            .contains("no subgraph `shop`")
    );
}

#[test]
fn the_keys_of_users_are_trusted_where_the_operator_says_that_it_is() {
    let supergraph = file(SUPERGRAPH);
    let adjusted = |urls: &[OfSubgraph], mut config: Config| {
        let sources = Sources::of_supergraph(supergraph.path(), urls).unwrap();
        sources.adjust(&mut config);
        config.auth.jwks_urls
    };
    assert_eq!(
        adjusted(&[of("users=http://u/graphql")], Config::default()),
        None
    );
    let mut config = Config::default();
    config.subgraphs.users = "http://127.0.0.1:5002/graphql".into();
    assert_eq!(adjusted(&[], config), None);
    let mut config = Config::default();
    let keys = vec!["http://keys/jwks.json".to_owned()];
    config.auth.jwks_urls = Some(keys.clone());
    assert_eq!(adjusted(&[], config), Some(keys));
}

#[test]
fn a_graph_without_users_has_no_keys_to_fetch() {
    let supergraph = file("enum join__Graph { A @join__graph(name: \"a\", url: \"http://a\") }");
    let mut config = Config::default();
    Sources::of_supergraph(supergraph.path(), &[])
        .unwrap()
        .adjust(&mut config);
    assert_eq!(config.auth.jwks_urls, Some(Vec::new()));
    let plain = file("type Query { a: Int }");
    let error = Sources::of_supergraph(plain.path(), &[]).unwrap_err();
    assert!(error.to_string().contains("names no subgraphs"), "{error}");
}
