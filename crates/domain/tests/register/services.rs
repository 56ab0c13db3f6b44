//! The service register and what may stand in it.

use crate::town::{
    CLOUD, FREE, OWN, RULE_2A, Town, advisory, cloud, draft, free, id, own, service, sha, terms, terms_of,
};
use sekisho_domain::command::{ChangeTerms, Command, RecordConsultation, WithdrawService};
use sekisho_domain::service::{Consultation, Model, ProvisionForm, Service, Terms, Wire};

fn new(edit: impl FnOnce(&mut Service)) -> Command {
    let mut new = service("kakuu-new", "kakuu-new", Some(terms_of("kakuu-new", 'c')));
    edit(&mut new);
    Command::RegisterService(new)
}

fn model(name: &str) -> Model {
    Model { model: id(name), upstream_model: "m".into(), generative: true, sub_service: None }
}

#[test]
fn given_an_address_then_only_a_plain_https_one_is_taken_and_http_for_the_bodys_own_machines_alone() {
    let mut town = Town::ready();
    for bad in [
        "",
        "api.example.com",
        "ftp://api.example.com",
        "http://api.example.com/v1",
        "https://",
        "https:///v1",
        "https://user@api.example.com/v1",
        "https://user:secret@api.example.com/v1",
        "https://api.example.com/v1?key=1",
        "https://api.example.com/v1#x",
        "https://api.example.com\\@evil.example",
        "https://api.example.com/a b",
        "https://例.example/v1",
        "https://api.example.com/\n",
        "HTTPS://api.example.com",
    ] {
        town.refused("manager", new(|s| s.upstream.base_url = bad.into()), "INVALID");
    }
    town.refused("manager", new(|s| s.upstream.base_url = format!("https://{}", "a".repeat(500))), "INVALID");
    town.clone().does("manager", new(|s| s.upstream.base_url = "https://api.example.com:8443/v1".into()));
    town.clone().does(
        "manager",
        new(|s| {
            s.form = ProvisionForm::SelfOperated;
            s.upstream.base_url = "http://127.0.0.1:11434/v1".into();
        }),
    );
    // A registered service does not get there by a change either.
    for bad in ["http://10.0.0.5/v1", "https://user@api.example.com/v1"] {
        let mut changed = cloud();
        changed.upstream.base_url = bad.into();
        town.refused("manager", Command::ChangeService(changed), "INVALID");
    }
    let mut handed_over = own();
    handed_over.form = ProvisionForm::StandardTerms;
    handed_over.terms = Some(terms_of(OWN, 'c'));
    town.refused("manager", Command::ChangeService(handed_over), "INVALID");
}

#[test]
fn given_the_built_in_model_then_it_has_no_address() {
    let mut town = Town::ready();
    let built_in = |url: &'static str| {
        new(move |s| {
            s.form = ProvisionForm::SelfOperated;
            s.upstream.wire = Wire::Extractive;
            s.upstream.base_url = url.into();
        })
    };
    town.refused("manager", built_in("https://api.example.com"), "INVALID");
    town.does("manager", built_in(""));
}

#[test]
fn given_azure_then_an_api_version_is_needed() {
    let mut town = Town::ready();
    for version in [None, Some("")] {
        let azure = new(|s| {
            s.upstream.wire = Wire::AzureOpenAi;
            s.upstream.api_version = version.map(Into::into);
        });
        assert!(town.refused("manager", azure, "INVALID").en.contains("api_version"));
    }
    town.does(
        "manager",
        new(|s| {
            s.upstream.wire = Wire::AzureOpenAi;
            s.upstream.api_version = Some("2025-04-01".into());
        }),
    );
}

#[test]
fn given_no_terms_then_only_a_self_operated_service_is_registered() {
    let mut town = Town::ready();
    for form in [ProvisionForm::StandardTerms, ProvisionForm::IndividualContract] {
        let refusal = town.refused(
            "manager",
            new(|s| {
                s.form = form;
                s.terms = None;
            }),
            "INVALID",
        );
        assert_eq!(refusal.clause, Some(RULE_2A));
    }
    for bad in [Terms { url: String::new(), sha256: sha('c') }, Terms { url: "https://x".into(), sha256: "c".into() }] {
        town.refused("manager", new(|s| s.terms = Some(bad.clone())), "INVALID");
        town.refused("manager", Command::ChangeTerms(ChangeTerms { service: id(CLOUD), terms: bad }), "INVALID");
    }
    town.does(
        "manager",
        new(|s| {
            s.form = ProvisionForm::SelfOperated;
            s.terms = None;
        }),
    );
}

#[test]
fn given_a_model_name_then_it_belongs_to_one_service() {
    let mut town = Town::ready();
    let taken = new(|s| s.models = vec![model("kakuu-chat")]);
    let refusal = town.refused("manager", taken.clone(), "EXISTS");
    assert!(refusal.ja.contains("kakuu-chat") && refusal.ja.contains(CLOUD), "{refusal:?}");
    town.refused("manager", new(|s| s.models = vec![model("a"), model("a")]), "EXISTS");
    town.refused("manager", new(|s| s.models.clear()), "INVALID");
    town.refused("manager", new(|s| s.models = (0..201).map(|n| model(&format!("m{n}"))).collect()), "INVALID");
    let mut grabbing = free();
    grabbing.models.push(model("kakuu-chat"));
    town.refused("manager", Command::ChangeService(grabbing), "EXISTS");

    // The name is free once its service offers it no longer.
    let mut renamed = cloud();
    renamed.models = vec![model("kakuu-chat-2")];
    town.does("manager", Command::ChangeService(renamed));
    assert!(town.register.service_of_model("kakuu-chat").is_none());
    town.does("manager", taken);
    assert_eq!(town.register.service_of_model("kakuu-chat").unwrap().service.service, id("kakuu-new"));
    assert_eq!(town.register.service_of_model("kakuu-chat-2").unwrap().service.service, id(CLOUD));
}

#[test]
fn given_a_service_then_its_name_is_taken_for_good_and_what_ended_stays_ended() {
    let mut town = Town::ready();
    town.refused("manager", Command::RegisterService(cloud()), "EXISTS");
    town.refused("manager", Command::ChangeService(service("kakuu-new", "n", Some(terms_of("n", 'c')))), "UNKNOWN");
    town.does("manager", Command::WithdrawService(WithdrawService { service: id(FREE) }));
    for command in [
        Command::ChangeService(free()),
        Command::WithdrawService(WithdrawService { service: id(FREE) }),
        terms(FREE, 'd'),
        advisory(FREE, "注意"),
    ] {
        town.refused("manager", command, "WRONG_STATE");
    }
    town.refused("manager", Command::RegisterService(free()), "EXISTS");
    town.refused("staff", Command::SubmitApplication(draft(FREE)), "WRONG_STATE");
    // Its model may go to another.
    town.does("manager", new(|s| s.models = vec![model("kakuu-open")]));
}

#[test]
fn given_the_same_terms_again_then_nothing_is_recorded() {
    let mut town = Town::ready();
    town.refused("manager", terms(CLOUD, 'a'), "WRONG_STATE");
    town.refused("manager", terms("kakuu-none", 'a'), "UNKNOWN");
}

#[test]
fn given_blank_or_endless_words_then_a_service_is_not_registered() {
    let mut town = Town::ready();
    type Edit = fn(&mut Service, String);
    let fields: [(Edit, usize); 6] = [
        (|s, text| s.name = text, 200),
        (|s, text| s.provider = text, 200),
        (|s, text| s.region = text, 60),
        (|s, text| s.governing_law = text, 60),
        (|s, text| s.hosting_route = text, 60),
        (|s, text| s.models[0].upstream_model = text, 200),
    ];
    for (edit, most) in fields {
        town.refused("manager", new(|s| edit(s, "　".into())), "INVALID");
        town.refused("manager", new(|s| edit(s, "字".repeat(most + 1))), "INVALID");
        town.clone().does("manager", new(|s| edit(s, "字".repeat(most))));
    }
}

#[test]
fn given_a_contract_then_use_waits_for_the_consultation_and_the_bodys_own_service_needs_none() {
    let (mut town, _) = Town::permitted();
    let record = |service: &str, state| {
        Command::RecordConsultation(RecordConsultation {
            service: id(service),
            state,
            addressee: "幹事会".into(),
            on: crate::town::day("2026-11-22"),
        })
    };
    for state in [Consultation::None, Consultation::Reported] {
        town.does("manager", record(CLOUD, state));
        assert_eq!(town.answer("staff", "kakuu-chat", 0), "CONSULTATION_PENDING");
    }
    town.does("manager", record(CLOUD, Consultation::Consented));
    assert_eq!(town.answer("staff", "kakuu-chat", 0), "allow");
    town.refused("manager", record(OWN, Consultation::Reported), "INVALID");
}
