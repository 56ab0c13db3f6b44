//! Which department a client belongs to, by a list of the body's own: networks and users.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;

/// Departments by user, by beginning of the user's name, by network. A user's own line goes before the network.
///
/// ```text
/// match,department
/// 10.1.0.0/16,総務課
/// user:yamada,税務課
/// user:zei-*,税務課
/// ```
#[derive(Debug, Clone, Default)]
pub struct Departments {
    names: Vec<String>,
    users: HashMap<String, u32>,
    beginnings: Vec<(String, u32)>,
    /// By length of the prefix, the longest first when looked through from the end.
    networks: BTreeMap<u8, HashMap<u128, u32>>,
}

/// A place in [`Departments`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct DepartmentIndex(u32);

/// Why a list was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DepartmentError {
    /// Not CSV.
    #[error("{file}:{line}: not CSV; write `network or user,department` in each line")]
    Unreadable {
        /// The file.
        file: String,
        /// The line, from 1.
        line: u64,
    },
    /// What stands first is neither.
    #[error("{file}:{line}: `{written}` is neither a network such as `10.1.0.0/16` nor `user:name`")]
    Neither {
        /// The file.
        file: String,
        /// The line, from 1.
        line: u64,
        /// What stands there.
        written: String,
    },
    /// The same network or user twice, for two departments.
    #[error("{file}:{line}: `{written}` stands twice with different departments")]
    Twice {
        /// The file.
        file: String,
        /// The line, from 1.
        line: u64,
        /// What stands there.
        written: String,
    },
}

impl DepartmentError {
    /// The same in Japanese.
    pub fn japanese(&self) -> String {
        match self {
            Self::Unreadable { file, line } => format!(
                "{file} の {line} 行目を CSV として読めません。各行に「ネットワークまたは利用者,部署」を書いてください。"
            ),
            Self::Neither { file, line, written } => format!(
                "{file} の {line} 行目:「{written}」は、10.1.0.0/16 のようなネットワークでも user:名前 でもありません。"
            ),
            Self::Twice { file, line, written } => {
                format!("{file} の {line} 行目:「{written}」が別の部署で二度あります。")
            }
        }
    }
}

impl Departments {
    /// From CSV, in UTF-8 or CP932; `file` is what errors speak of.
    ///
    /// # Errors
    /// See [`DepartmentError`].
    pub fn parse(bytes: &[u8], file: &str) -> Result<Self, DepartmentError> {
        let text = crate::text::decoded(bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes)).text;
        let mut departments = Self::default();
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .comment(Some(b'#'))
            .trim(csv::Trim::All)
            .from_reader(text.as_bytes());
        for (number, record) in reader.records().enumerate() {
            let unreadable = |line| DepartmentError::Unreadable { file: file.to_owned(), line };
            let record = record.map_err(|error| unreadable(error.position().map_or(0, csv::Position::line)))?;
            let line = record.position().map_or(0, csv::Position::line);
            let (Some(written), Some(name)) = (record.get(0), record.get(1)) else { return Err(unreadable(line)) };
            if number == 0 && written == "match" {
                continue;
            }
            if name.is_empty() {
                return Err(unreadable(line));
            }
            let refused = |twice| {
                let (file, written) = (file.to_owned(), written.to_owned());
                if twice {
                    DepartmentError::Twice { file, line, written }
                } else {
                    DepartmentError::Neither { file, line, written }
                }
            };
            departments.add(written, name).map_err(refused)?;
        }
        departments.beginnings.sort_by_key(|(beginning, _)| std::cmp::Reverse(beginning.len()));
        Ok(departments)
    }

    /// `Err(true)` for what stands there already, `Err(false)` for what cannot be read.
    fn add(&mut self, written: &str, name: &str) -> Result<(), bool> {
        let at = match self.names.iter().position(|known| known == name) {
            Some(at) => at,
            None => {
                self.names.push(name.to_owned());
                self.names.len() - 1
            }
        };
        let at = u32::try_from(at).unwrap_or(u32::MAX);
        if let Some(user) = written.strip_prefix("user:") {
            let user = user.to_lowercase();
            let earlier = match user.strip_suffix('*') {
                Some(beginning) => {
                    let earlier = self.beginnings.iter().find(|(known, _)| known == beginning).map(|(_, at)| *at);
                    self.beginnings.push((beginning.to_owned(), at));
                    earlier
                }
                None => self.users.insert(user, at),
            };
            return earlier.is_none_or(|earlier| earlier == at).then_some(()).ok_or(true);
        }
        let (address, length) = match written.split_once('/') {
            Some((address, length)) => (address, Some(length.parse::<u8>().map_err(|_| false)?)),
            None => (written, None),
        };
        let address: IpAddr = address.parse().map_err(|_| false)?;
        let whole = if address.is_ipv4() { 32 } else { 128 };
        let length = length.unwrap_or(whole);
        if length > whole {
            return Err(false);
        }
        let length = length + (128 - whole);
        let earlier = self.networks.entry(length).or_default().insert(masked(bits(address), length), at);
        earlier.is_none_or(|earlier| earlier == at).then_some(()).ok_or(true)
    }

    pub(crate) fn of(&self, user: Option<&str>, address: impl FnOnce() -> Option<IpAddr>) -> Option<DepartmentIndex> {
        if let Some(user) = user {
            if let Some(at) = self.users.get(user) {
                return Some(DepartmentIndex(*at));
            }
            if let Some((_, at)) = self.beginnings.iter().find(|(beginning, _)| user.starts_with(beginning.as_str())) {
                return Some(DepartmentIndex(*at));
            }
        }
        if self.networks.is_empty() {
            return None;
        }
        let bits = bits(address()?);
        self.networks
            .iter()
            .rev()
            .find_map(|(length, networks)| networks.get(&masked(bits, *length)))
            .map(|at| DepartmentIndex(*at))
    }

    pub(crate) fn name(&self, at: DepartmentIndex) -> Option<&str> {
        self.names.get(at.0 as usize).map(String::as_str)
    }
}

/// IPv4 addresses as the IPv6 ones they are mapped to, so that one table holds both.
fn bits(address: IpAddr) -> u128 {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_ipv6_mapped().to_bits(),
        IpAddr::V6(address) => address.to_bits(),
    }
}

fn masked(bits: u128, length: u8) -> u128 {
    u128::MAX.checked_shl(128 - u32::from(length)).unwrap_or(0) & bits
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = "match,department\n10.1.0.0/16,総務課\n10.1.2.0/24,税務課\n2001:db8::/32,支所\nuser:yamada,市長室\nuser:zei-*,税務課\n0.0.0.0/0,その他の網\n";

    fn of(departments: &Departments, user: Option<&str>, address: &str) -> Option<String> {
        departments
            .of(user, || crate::client::address_of(address.as_bytes()))
            .and_then(|at| departments.name(at))
            .map(str::to_owned)
    }

    #[test]
    fn given_users_and_networks_then_the_closest_line_decides() {
        let departments = Departments::parse(LIST.as_bytes(), "d.csv").unwrap();
        for (user, address, wanted) in [
            (None, "10.1.9.9", Some("総務課")),
            (None, "10.1.2.9", Some("税務課")),
            (Some("yamada"), "10.1.2.9", Some("市長室")),
            (Some("zei-01"), "10.1.9.9", Some("税務課")),
            (Some("suzuki"), "10.1.9.9", Some("総務課")),
            (None, "2001:db8:1::1", Some("支所")),
            (None, "203.0.113.1", Some("その他の網")),
            (None, "2001:db9::1", None),
            (None, "nobody", None),
        ] {
            assert_eq!(of(&departments, user, address).as_deref(), wanted, "{user:?} {address}");
        }
    }

    #[test]
    fn given_cp932_then_it_is_read_as_well() {
        let (bytes, _, _) = encoding_rs::SHIFT_JIS.encode("10.1.0.0/16,総務課\n");
        let departments = Departments::parse(&bytes, "d.csv").unwrap();
        assert_eq!(of(&departments, None, "10.1.0.1").as_deref(), Some("総務課"));
    }

    #[test]
    fn given_a_line_that_cannot_be_then_its_number_is_said() {
        for (text, wanted) in [
            ("10.1.0.0/16,総務課\n10.1.0.0/33,税務課\n", "d.csv:2"),
            ("10.1.0.0/16\n", "d.csv:1"),
            ("yamada,総務課\n", "`yamada`"),
            ("10.1.0.0/16,総務課\n\n10.1.0.5/16,税務課\n", "twice"),
        ] {
            let error = Departments::parse(text.as_bytes(), "d.csv").unwrap_err();
            assert!(error.to_string().contains(wanted), "{error}");
            assert!(error.japanese().contains("d.csv"));
        }
    }
}
