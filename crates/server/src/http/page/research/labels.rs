//! How what lies on the shelves is called on pages.

use sekisho_search::rank::Hit;
use sekisho_search::unit::{Corpus, Facet};

/// The name of a corpus, on its tab.
pub(super) fn corpus(corpus: Corpus) -> &'static str {
    match corpus {
        Corpus::Law => "法令",
        Corpus::Diet => "国会",
        Corpus::Document => "庁内文書",
    }
}

/// The name of a facet.
pub(super) fn facet(corpus: Corpus, facet: Facet) -> &'static str {
    match facet {
        Facet::Kind if corpus == Corpus::Law => "法令の種類",
        Facet::Kind => "種類",
        Facet::Category => "分野",
        Facet::House => "院",
        Facet::Meeting => "会議",
        Facet::Speaker => "発言者",
        Facet::Party => "会派",
        Facet::Post => "役職",
        Facet::Session => "国会回次",
    }
}

/// A value of a facet.
pub(super) fn value(facet: Facet, value: &str) -> String {
    let known = match (facet, value) {
        (Facet::Kind, "Constitution") => "憲法",
        (Facet::Kind, "Act") => "法律",
        (Facet::Kind, "CabinetOrder") => "政令",
        (Facet::Kind, "ImperialOrder") => "勅令",
        (Facet::Kind, "MinisterialOrdinance") => "府省令",
        (Facet::Kind, "Rule") => "規則",
        (Facet::Kind, "Misc") => "その他",
        (Facet::Kind, "speech") => "発言",
        (Facet::Kind, "written") => "質問主意書・答弁書",
        (Facet::Session, number) if number.bytes().all(|b| b.is_ascii_digit()) => return format!("第{number}回国会"),
        (_, other) => other,
    };
    known.to_owned()
}

/// Why a hit stands where it stands.
pub(super) fn why(corpus: Corpus, hit: &Hit) -> String {
    let part = hit.why.passage.clamp(0.0, 1.0) * 100.0;
    let mut words = vec![format!("本文と見出しの一致 {part:.0}％（最もよく合うものを 100％ とする）")];
    if hit.why.group > 0.05 {
        words.push(match corpus {
            Corpus::Law => "同じ法令のほかの条文も合う".to_owned(),
            Corpus::Diet => "同じ会議のほかの発言も合う".to_owned(),
            Corpus::Document => "同じ文書のほかの箇所も合う".to_owned(),
        });
    }
    if hit.why.role > 0.0 {
        words.push("政府の答弁なので前に置く".to_owned());
    } else if hit.why.role < 0.0 {
        words.push("議事の進行なので後に置く".to_owned());
    }
    words.join("、")
}
