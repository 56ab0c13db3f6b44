//! The accounts of the demo's people: opened by the same links as in real use, with passwords and second factors that lie
//! open in `demo.json`. They protect nothing but a story.

use super::scheme::role_of;
use super::{Demo, FILE};
use crate::account::{enrol_for_demo, invite, open};
use crate::installation::{Installation, write_whole};
use anyhow::Context as _;
use sekisho_domain::id::PersonId;
use sekisho_gate::world::World;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// How someone of the demo signs in.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Account {
    /// Name to sign in with.
    pub login: String,
    /// Password.
    pub password: String,
    /// Secret of the second factor in base 32, for those whose role needs one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub second_factor: Option<String>,
}

/// Opens the accounts that are not open yet.
pub async fn accounts(installation: &Installation, data: &Path, mut demo: Demo) -> anyhow::Result<Demo> {
    let admin = PersonId::new(demo.persons.get("admin").with_context(|| format!("`admin` is missing in {FILE}"))?)?;
    for (role, person) in demo.persons.clone() {
        if demo.accounts.contains_key(&role) {
            continue;
        }
        let person = PersonId::new(person)?;
        let link = invite(installation, &admin, &person, Some(&role), "demo").await?;
        let password = password(&*installation.world);
        open(installation, &link.secret, &password).await?;
        let needs = installation.journal.register()?.needs_second_factor(&person);
        let second_factor = if needs { Some(enrol_for_demo(installation, &person).await?) } else { None };
        demo.accounts.insert(role.clone(), Account { login: role, password, second_factor });
        write_whole(&data.join(FILE), format!("{:#}\n", demo.to_json()).as_bytes())?;
    }
    Ok(demo)
}

/// Four groups of four letters that are not mistaken for one another: 80 bits.
fn password(world: &dyn World) -> String {
    const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let mut bytes = [0; 16];
    world.random(&mut bytes);
    let letters: Vec<char> =
        bytes.iter().filter_map(|b| LETTERS.get(usize::from(b & 31))).map(|b| char::from(*b)).collect();
    letters.chunks(4).map(String::from_iter).collect::<Vec<_>>().join("-")
}

impl Demo {
    /// How to sign in, for the greeting.
    pub(super) fn sign_in_lines(&self, english: bool, program: &str, data: &Path) -> String {
        let second = |account: &Account| match (&account.second_factor, english) {
            (Some(_), false) => "  + 確認コード",
            (Some(_), true) => "  + code",
            (None, _) => "",
        };
        let line = |role: &str, account: &Account, of: &str| {
            format!("  {role:<13} {}{}{of}", account.password, second(account))
        };
        let (mut lines, mut parties) = (Vec::new(), Vec::new());
        for (role, account) in &self.accounts {
            match role_of(role) {
                Some(of) => parties.push(line(role, account, &format!("  {of}"))),
                None => lines.push(line(role, account, "")),
            }
        }
        let (lines, parties) = (lines.join("\n"), parties.join("\n"));
        let code = format!("{program} demo --data {} --code approver", data.display());
        if english {
            format!(
                "sign in at {}/signin (name, password):\n{lines}\nthe parties of ISMAP (from /ismap on):\n{parties}\n  current code: {code}\n",
                self.url
            )
        } else {
            format!(
                "{}/signin でサインイン（サインイン名、パスワード）:\n{lines}\nISMAP の当事者（/ismap から始めます）:\n{parties}\n  確認コードの表示: {code}\n",
                self.url
            )
        }
    }
}
