//! The arguments of a call, read strictly: a name that is not known is told, not passed over.

use jiff::civil::Date;
use sekisho_gate::upstream::in_house::NotCalled;
use sekisho_search::unit::Corpus;
use serde_json::{Map, Value};

/// Longest identifier.
const ID_CHARS: usize = 300;

/// Arguments of one call, on a day.
pub(super) struct Arguments<'a> {
    given: &'a Map<String, Value>,
    pub(super) today: Date,
}

fn wrong(name: &str, ja: &str, en: &str) -> NotCalled {
    NotCalled::Arguments(format!("`{name}`: {ja} (`{name}` {en})"))
}

impl<'a> Arguments<'a> {
    pub(super) fn new(given: &'a Map<String, Value>, today: Date) -> Self {
        Self { given, today }
    }

    /// A day that is another than today.
    pub(super) fn other_day(&self, day: Date) -> Option<Date> {
        Some(day).filter(|day| *day != self.today)
    }

    /// Insists that nothing else was given.
    pub(super) fn only(&self, names: &[&str]) -> Result<(), NotCalled> {
        match self.given.keys().find(|name| !names.contains(&name.as_str())) {
            None => Ok(()),
            Some(unknown) => {
                let unknown: String = unknown.chars().take(80).collect();
                let known = names.join(", ");
                Err(wrong(
                    &unknown,
                    &format!("この項目はありません。使えるのは {known} です。"),
                    &format!("is not known; known: {known}"),
                ))
            }
        }
    }

    fn text(&self, name: &str) -> Result<Option<&'a str>, NotCalled> {
        match self.given.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.trim()).filter(|text| !text.is_empty())),
            Some(_) => Err(wrong(name, "文字列で指定してください。", "must be a string")),
        }
    }

    /// A text that must be given, of so many characters at most.
    pub(super) fn needed(&self, name: &str, most: usize) -> Result<&'a str, NotCalled> {
        let text = self.text(name)?.ok_or_else(|| wrong(name, "指定してください。", "is missing"))?;
        if text.chars().count() > most {
            let (ja, en) = (format!("{most} 文字までにしてください。"), format!("may have {most} characters at most"));
            return Err(wrong(name, &ja, &en));
        }
        Ok(text)
    }

    /// An identifier of a unit.
    pub(super) fn id(&self) -> Result<&'a str, NotCalled> {
        self.needed("id", ID_CHARS)
    }

    /// A short text that may be given.
    pub(super) fn optional(&self, name: &str) -> Result<Option<&'a str>, NotCalled> {
        let text = self.text(name)?;
        if text.is_some_and(|text| text.chars().count() > ID_CHARS) {
            return Err(wrong(name, "長すぎます。", "is too long"));
        }
        Ok(text)
    }

    /// A day that may be given.
    pub(super) fn day(&self, name: &str) -> Result<Option<Date>, NotCalled> {
        let bad = |_| wrong(name, "日付は 2026-04-01 の形で指定してください。", "must be a date such as 2026-04-01");
        self.text(name)?.map(str::parse::<Date>).transpose().map_err(bad)
    }

    /// A count that may be given, from 1 to `most`.
    pub(super) fn count(&self, name: &str, usual: usize, most: usize) -> Result<usize, NotCalled> {
        let given = match self.given.get(name) {
            None | Some(Value::Null) => return Ok(usual),
            Some(Value::Number(number)) => number.as_u64(),
            Some(Value::String(text)) => text.parse().ok(),
            Some(_) => None,
        };
        let count = given.and_then(|count| usize::try_from(count).ok()).filter(|count| (1..=most).contains(count));
        count.ok_or_else(|| {
            wrong(
                name,
                &format!("1 から {most} までの整数で指定してください。"),
                &format!("must be an integer from 1 to {most}"),
            )
        })
    }

    /// Which corpus is meant.
    pub(super) fn corpus(&self) -> Result<Corpus, NotCalled> {
        let name = self.needed("corpus", 20)?;
        let known = Corpus::ALL.into_iter().find(|corpus| corpus.name() == name);
        known.ok_or_else(|| {
            wrong("corpus", "law、diet、document のどれかを指定してください。", "must be law, diet or document")
        })
    }
}
