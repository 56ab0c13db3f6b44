use super::*;

const TWO: &str = r#"
edition = "test"
[[service]]
id = "hanashi"
name = "Hanashi"
provider = "Hanashi KK"
country = "JP"
form = "general"
domains = ["hanashi.example", "API.hanashi.example"]
source = "https://hanashi.example/"
[[service]]
id = "hanashi-api"
name = "Hanashi API"
provider = "Hanashi KK"
country = "JP"
form = "api"
domains = ["v1.api.hanashi.example", "例え.example"]
exact = ["only.example.net"]
source = "https://hanashi.example/api"
"#;

fn id(catalogue: &Catalogue, host: &str) -> Option<String> {
    catalogue.find(host.as_bytes()).and_then(|at| catalogue.service(at)).map(|service| service.id.clone())
}

#[test]
fn given_the_shipped_catalogue_then_it_is_valid_and_claims_nothing_it_has_not_checked() {
    let catalogue = Catalogue::builtin().unwrap();
    assert!((50..=150).contains(&catalogue.services().len()));
    assert!(catalogue.services().iter().filter(|service| service.country == "JP").count() >= 8);
    assert!(catalogue.services().iter().all(|service| !service.confirmed && service.looked.is_none()));
    assert_eq!(id(&catalogue, "api.openai.com").as_deref(), Some("openai-api"));
    assert_eq!(id(&catalogue, "gemini.google.com").as_deref(), Some("gemini"));
    assert_eq!(id(&catalogue, "www.google.com"), None);
}

#[test]
fn given_a_host_then_the_longest_domain_it_lies_below_wins() {
    let catalogue = Catalogue::parse(TWO, "two.toml").unwrap();
    for (host, wanted) in [
        ("hanashi.example", Some("hanashi")),
        ("www.Hanashi.EXAMPLE", Some("hanashi")),
        ("hanashi.example.", Some("hanashi")),
        ("api.hanashi.example", Some("hanashi")),
        ("v1.api.hanashi.example", Some("hanashi-api")),
        ("eu.v1.api.hanashi.example", Some("hanashi-api")),
        ("nothanashi.example", None),
        ("example", None),
        ("hanashi.example.net", None),
        ("only.example.net", Some("hanashi-api")),
        ("below.only.example.net", None),
        ("例え.example", Some("hanashi-api")),
        ("xn--r8jz45g.example", Some("hanashi-api")),
        ("%68anashi.example", Some("hanashi")),
        ("[2001:db8::1]", None),
        ("", None),
        (".", None),
    ] {
        assert_eq!(id(&catalogue, host).as_deref(), wanted, "{host}");
    }
}

fn with(domains: &str) -> CatalogueError {
    let text = format!(
        "[[service]]\nid = \"a\"\nname = \"A\"\nprovider = \"A\"\ncountry = \"JP\"\nform = \"api\"\n\
         domains = [{domains}]\nsource = \"https://a.example/\"\n"
    );
    Catalogue::parse(&text, "own.toml").unwrap_err()
}

#[test]
fn given_a_suffix_under_which_strangers_register_then_it_is_refused() {
    for name in ["com", "jp", "co.jp", "lg.jp", "GitHub.io", "amazonaws.com"] {
        let CatalogueError::Domain { what, .. } = with(&format!("\"{name}\"")) else { panic!("{name}") };
        assert_eq!(what, DomainError::Public, "{name}");
    }
}

#[test]
fn given_a_name_that_is_no_domain_then_the_error_says_what_to_write() {
    for (name, wanted) in [
        ("https://a.example", DomainError::NotAlone),
        ("a.example/path", DomainError::NotAlone),
        ("a.example:443", DomainError::NotAlone),
        ("*.a.example", DomainError::Wildcard),
        ("192.0.2.1", DomainError::Address),
        ("a..example", DomainError::Malformed),
        ("-a.example", DomainError::Malformed),
        ("a b.example", DomainError::Malformed),
    ] {
        let error = with(&format!("\"{name}\""));
        let CatalogueError::Domain { what, ref domain, .. } = error else { panic!("{name}: {error}") };
        assert_eq!((what, domain.as_str()), (wanted, name));
        assert!(error.to_string().contains("own.toml:1") && error.japanese().contains(name));
    }
}

#[test]
fn given_a_domain_or_an_id_twice_then_both_places_are_named() {
    let error = with("\"a.example\", \"A.Example\"");
    assert!(matches!(error, CatalogueError::DomainTwice { .. }), "{error}");
    let twice = format!("{TWO}{}", TWO.split_once("[[service]]").unwrap().1.replacen("", "\n[[service]]", 1));
    let error = Catalogue::parse(&twice, "own.toml").unwrap_err();
    assert!(matches!(&error, CatalogueError::IdTwice { id, .. } if id == "hanashi"), "{error}");
}

#[test]
fn given_an_unknown_field_then_the_error_has_its_line() {
    let text = TWO.replacen("country = \"JP\"", "country = \"JP\"\ncolour = \"red\"", 1);
    let error = Catalogue::parse(&text, "own.toml").unwrap_err();
    let CatalogueError::Unreadable { line, what, .. } = error else { panic!("{error}") };
    assert!(what.contains("colour"), "{what}");
    assert!((3..=8).contains(&line), "{line}");
}

#[test]
fn given_confirmed_without_a_day_then_it_is_refused() {
    let text = TWO.replacen("form = \"general\"", "form = \"general\"\nconfirmed = true", 1);
    assert!(Catalogue::parse(&text, "own.toml").unwrap_err().to_string().contains("looked"));
    let text = TWO.replacen("form = \"general\"", "form = \"general\"\nconfirmed = true\nlooked = \"2026-11-30\"", 1);
    assert!(Catalogue::parse(&text, "own.toml").is_ok());
}

#[test]
fn given_local_additions_then_they_add_and_replace_but_never_take_a_domain_away() {
    let builtin = Catalogue::parse(TWO, "two.toml").unwrap();
    let own = TWO.split_once("[[service]]\nid = \"hanashi-api\"").unwrap().0;
    let moved = own.replace("\"hanashi.example\", \"API.hanashi.example\"", "\"hanashi.test\"");
    let both = builtin.with_additions(&Catalogue::parse(&moved, "own.toml").unwrap()).unwrap();
    assert_eq!(id(&both, "hanashi.test").as_deref(), Some("hanashi"));
    assert_eq!(id(&both, "hanashi.example"), None);
    assert_eq!(both.services().len(), 2);
    let stolen = own.replace("id = \"hanashi\"", "id = \"thief\"");
    let error = builtin.with_additions(&Catalogue::parse(&stolen, "own.toml").unwrap()).unwrap_err();
    assert!(matches!(error, CatalogueError::DomainTwice { .. }), "{error}");
}
