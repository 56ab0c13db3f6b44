//! Reading a document without forgetting anything: a reader remembers which values were looked at. What was not, and would
//! not be written again as it stands, is noted.

use crate::error::ImportError;
use crate::names::{NS, OSCAL_NS};
use crate::report::{Note, Report, Why};
use crate::vocabulary;
use serde_json::Value;
use std::cell::RefCell;
use std::collections::{HashMap, HashSet};

/// Longest piece of a document in a message, in characters.
const SHOWN: usize = 60;

/// Remembers what was read of one document. Values are known by their addresses: the document does not move meanwhile.
#[derive(Default)]
pub(crate) struct Reader {
    read: RefCell<HashSet<usize>>,
    told: RefCell<HashMap<usize, Why>>,
}

impl Reader {
    /// Begins at the outermost value.
    pub(crate) fn open<'a>(&'a self, root: &'a Value) -> Node<'a> {
        let node = Node { value: root, path: String::new(), reader: self };
        node.mark();
        node
    }

    /// Everything in `root` that was not read and that `again`, the same record written anew, does not have likewise.
    pub(crate) fn report(&self, root: &Value, again: Option<&Value>) -> Report {
        let mut notes = Vec::new();
        self.unread(root, again, "", None, &mut notes);
        Report { notes }
    }

    fn unread(&self, value: &Value, again: Option<&Value>, path: &str, key: Option<&str>, notes: &mut Vec<Note>) {
        let told = self.told.borrow().get(&address(value)).cloned();
        let read = self.read.borrow().contains(&address(value));
        if let Some(why) = &told {
            notes.push(Note { path: path.to_owned(), why: why.clone(), found: shown(value) });
        } else if !read {
            if again != Some(value) {
                let why = match key {
                    Some(key) if !vocabulary::is_key(key) => Why::NotOscal,
                    _ if is_prop(value) && path.contains(".props[") => Why::UnknownProp,
                    _ => Why::NoPlace,
                };
                notes.push(Note { path: path.to_owned(), why, found: shown(value) });
            }
            return;
        }
        // Of a part that is told about as a whole, only what was read all the same is looked into.
        let follows = |child: &Value| told.is_none() || self.read.borrow().contains(&address(child));
        match value {
            Value::Object(members) => {
                for (key, child) in members.iter().filter(|(_, c)| follows(c)) {
                    let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                    self.unread(child, again.and_then(|a| a.get(key)), &path, Some(key), notes);
                }
            }
            Value::Array(items) => {
                for (at, child) in items.iter().enumerate().filter(|(_, c)| follows(c)) {
                    let twin = again.and_then(|a| twin(child, at, a));
                    self.unread(child, twin, &format!("{path}[{at}]"), None, notes);
                }
            }
            _ => {}
        }
    }
}

/// The item of another array that is the same thing: with the same name, else at the same place.
fn twin<'a>(item: &Value, at: usize, others: &'a Value) -> Option<&'a Value> {
    let others = others.as_array()?;
    let same = |key: &str| {
        let name = item.get(key)?;
        others.iter().find(|o| o.get(key) == Some(name))
    };
    let there = others.get(at);
    let named = || ["uuid", "id", "name"].into_iter().find_map(same);
    there.filter(|t| *t == item).or_else(named).or(there)
}

fn address(value: &Value) -> usize {
    std::ptr::from_ref(value).addr()
}

fn is_prop(value: &Value) -> bool {
    value.get("name").is_some() && value.get("value").is_some()
}

/// A value for a message.
pub(crate) fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => shortened(text),
        Value::Array(items) => format!("[{}]", items.len()),
        Value::Object(members) => {
            let name = ["id", "name", "title", "uuid"].iter().find_map(|k| members.get(*k)?.as_str());
            name.map_or_else(|| "{…}".to_owned(), shortened)
        }
        other => other.to_string(),
    }
}

/// A text for a message.
pub(crate) fn shortened(text: &str) -> String {
    let mut short: String = text.chars().take(SHOWN).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.chars().nth(SHOWN).is_some() {
        short.push('…');
    }
    short
}

/// A value of a document, with its path.
#[derive(Clone)]
pub(crate) struct Node<'a> {
    value: &'a Value,
    path: String,
    reader: &'a Reader,
}

impl<'a> Node<'a> {
    fn mark(&self) {
        self.reader.read.borrow_mut().insert(address(self.value));
    }

    /// Where it stands.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// Notes something about the value as a whole.
    pub(crate) fn tell(&self, why: Why) {
        self.reader.told.borrow_mut().entry(address(self.value)).or_insert(why);
    }

    /// The value has another form than is demanded.
    pub(crate) fn form(&self, expected_ja: &'static str, expected_en: &'static str) -> ImportError {
        ImportError::Form { path: self.path.clone(), found: shown(self.value), expected_ja, expected_en }
    }

    /// A member, and that it was looked at.
    pub(crate) fn get(&self, key: &str) -> Result<Option<Node<'a>>, ImportError> {
        let Value::Object(members) = self.value else {
            return Err(self.form("オブジェクト", "an object"));
        };
        Ok(members.get(key).map(|value| {
            let path = if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) };
            let node = Node { value, path, reader: self.reader };
            node.mark();
            node
        }))
    }

    /// A member that must be there.
    pub(crate) fn need(&self, key: &str) -> Result<Node<'a>, ImportError> {
        let path = if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) };
        self.get(key)?.ok_or(ImportError::Missing { path })
    }

    /// The value as text.
    pub(crate) fn text(&self) -> Result<&'a str, ImportError> {
        self.value.as_str().ok_or_else(|| self.form("文字列", "a text"))
    }

    /// A member as text.
    pub(crate) fn text_of(&self, key: &str) -> Result<Option<&'a str>, ImportError> {
        self.get(key)?.map(|n| n.text()).transpose()
    }

    /// A member that must be there, as text.
    pub(crate) fn need_text(&self, key: &str) -> Result<&'a str, ImportError> {
        self.need(key)?.text()
    }

    /// The text of a member without counting it as read.
    pub(crate) fn peek(&self, key: &str) -> Option<&'a str> {
        self.value.get(key)?.as_str()
    }

    /// The text of a member that must be there, without counting it as read.
    pub(crate) fn need_peek(&self, key: &str) -> Result<&'a str, ImportError> {
        self.peek(key).map_or_else(|| self.need_text(key), Ok)
    }

    /// The value of a prop that OSCAL itself names, without counting it as read.
    pub(crate) fn peek_prop(&self, name: &str) -> Option<&'a str> {
        let of_oscal = |p: &&Value| p.get("ns").and_then(Value::as_str).is_none_or(|ns| ns == OSCAL_NS);
        let named = |p: &&Value| p.get("name").and_then(Value::as_str) == Some(name);
        self.value.get("props")?.as_array()?.iter().filter(of_oscal).find(named)?.get("value")?.as_str()
    }

    /// The value of a prop of ours, without counting it as read.
    pub(crate) fn peek_ours(&self, name: &str) -> Option<&'a str> {
        let ours = |p: &&Value| {
            let is = |key, text| p.get(key).and_then(Value::as_str) == Some(text);
            is("ns", NS) && is("name", name)
        };
        self.value.get("props")?.as_array()?.iter().find(ours)?.get("value")?.as_str()
    }

    /// A member without counting it as read.
    pub(crate) fn peek_value(&self, key: &str) -> Option<&'a Value> {
        self.value.get(key)
    }

    /// The items of a member that is a list, not counted as read yet; none when it is absent.
    pub(crate) fn unread_list(&self, key: &str) -> Result<Vec<Node<'a>>, ImportError> {
        let Some(list) = self.get(key)? else {
            return Ok(Vec::new());
        };
        let Value::Array(items) = list.value else {
            return Err(list.form("配列", "a list"));
        };
        let item = |(at, value)| Node { value, path: format!("{}[{at}]", list.path), reader: self.reader };
        Ok(items.iter().enumerate().map(item).collect())
    }

    /// The items of a member that is a list; none when it is absent.
    pub(crate) fn list(&self, key: &str) -> Result<Vec<Node<'a>>, ImportError> {
        let items = self.unread_list(key)?;
        items.iter().for_each(Self::mark);
        Ok(items)
    }

    /// A member that is one object or a list of them: the first, counted as read.
    pub(crate) fn first(&self, key: &str) -> Result<Node<'a>, ImportError> {
        let member = self.need(key)?;
        let Value::Array(_) = member.value else { return Ok(member) };
        let first = self.unread_list(key)?.into_iter().next();
        let first = first.ok_or_else(|| ImportError::Missing { path: format!("{}[0]", member.path) })?;
        first.take();
        Ok(first)
    }

    /// Counts an item of [`Self::unread_list`] as read.
    pub(crate) fn take(&self) {
        self.mark();
    }

    /// Its props.
    pub(crate) fn props(&self) -> Result<Props<'a>, ImportError> {
        if self.value.get("props").is_none() {
            return Ok(Props { left: Vec::new() });
        }
        Ok(Props { left: self.unread_list("props")? })
    }
}

/// The props of something. Only those that are asked for count as read.
pub(crate) struct Props<'a> {
    left: Vec<Node<'a>>,
}

impl<'a> Props<'a> {
    /// A prop of ours, its exact text.
    pub(crate) fn ours(&mut self, name: &str) -> Result<Option<String>, ImportError> {
        self.next(NS, name)?.map(|(_, text)| Ok(text)).transpose()
    }

    /// Every prop of ours with a name.
    pub(crate) fn all(&mut self, name: &str) -> Result<Vec<String>, ImportError> {
        let mut found = Vec::new();
        while let Some((_, text)) = self.next(NS, name)? {
            found.push(text);
        }
        Ok(found)
    }

    /// A prop of ours that is understood by `read`; what is not is noted.
    pub(crate) fn parsed<T>(&mut self, name: &str, read: impl Fn(&str) -> Option<T>) -> Result<Option<T>, ImportError> {
        Ok(self.parsed_next(name, read)?.flatten())
    }

    /// The same for a prop that may stand several times: `None` when none is left.
    pub(crate) fn parsed_next<T>(
        &mut self,
        name: &str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<Option<T>>, ImportError> {
        let Some((node, text)) = self.next(NS, name)? else {
            return Ok(None);
        };
        let value = read(&text);
        if value.is_none() {
            node.tell(Why::Value);
        }
        Ok(Some(value))
    }

    /// A prop that OSCAL itself names.
    pub(crate) fn oscal(&mut self, name: &str) -> Result<Option<String>, ImportError> {
        self.next(OSCAL_NS, name)?.map(|(_, text)| Ok(text)).transpose()
    }

    fn next(&mut self, ns: &str, name: &str) -> Result<Option<(Node<'a>, String)>, ImportError> {
        let wanted = |n: &Node<'a>| n.peek("ns").unwrap_or(OSCAL_NS) == ns && n.peek("name") == Some(name);
        let Some(at) = self.left.iter().position(wanted) else {
            return Ok(None);
        };
        let node = self.left.remove(at);
        node.take();
        node.get("ns")?;
        node.get("name")?;
        // A text that does not fit the narrow type of values stands in the remarks; the value follows from it.
        if node.peek("class") == Some(crate::written::EXACT) && node.peek("remarks").is_some() {
            node.get("class")?;
            let text = node.need_text("remarks")?.to_owned();
            return Ok(Some((node, text)));
        }
        let value = node.need_text("value")?.to_owned();
        Ok(Some((node, value)))
    }
}
