//! The database itself: its file, its schema, its settings.

use super::code::{self, Area};
use super::report::Findings;
use super::tables::TABLES;
use crate::config::Config;
use sekisho_store::{Database, EngineError, Family, Inspection};

/// A log beyond this is not a busy moment any more.
const LARGE_WAL: u64 = 512 << 20;

pub(super) async fn look(config: &Config, look: &Inspection, findings: &mut Findings) {
    let results = [schema(look, findings).await, settings(look, findings).await, damage(look, findings).await];
    for result in results {
        if let Err(error) = result {
            // A SQLite that cannot answer a question about itself is damaged; a PostgreSQL may be away.
            if look.family() == Family::Sqlite {
                findings.add(&code::DATABASE_DAMAGED, "sekisho.db", error);
            } else {
                findings.unseen(Area::Database, &error);
            }
        }
    }
    if let Database::Sqlite(path) = &config.database {
        let mut wal = path.clone().into_os_string();
        wal.push("-wal");
        if let Ok(about) = std::fs::metadata(&wal)
            && about.len() > LARGE_WAL
        {
            findings.add(&code::WAL_LARGE, wal.to_string_lossy(), format!("{} MB", about.len() >> 20));
        }
    }
}

async fn schema(look: &Inspection, findings: &mut Findings) -> Result<(), EngineError> {
    let tables = look.tables().await?;
    for (table, _) in TABLES {
        if !tables.contains(table) {
            findings.add(&code::TABLE_MISSING, table, "");
        }
    }
    for table in tables.iter().filter(|table| !TABLES.iter().any(|(known, _)| known == table)) {
        findings.add(&code::TABLE_UNKNOWN, table.as_str(), "");
    }
    findings.looked(Area::Database, "tables", tables.len() as u64);
    let (taken, known) = look.steps().await?;
    if taken < known {
        findings.add(&code::SCHEMA_OLD, "schema_step", format!("{taken} < {known}"));
    } else if taken > known {
        findings.add(&code::SCHEMA_NEW, "schema_step", format!("{taken} > {known}"));
    }
    if tables.contains("schema_floor") {
        let floor = look.floor().await?;
        if floor > known {
            findings.add(&code::SCHEMA_NEW, "schema_floor", format!("{floor} > {known}"));
        }
    }
    Ok(())
}

async fn settings(look: &Inspection, findings: &mut Findings) -> Result<(), EngineError> {
    let settings = look.settings().await?;
    findings.looked(Area::Database, "settings", settings.len() as u64);
    for (name, value) in &settings {
        if !is_safe(name, value) {
            findings.add(&code::SETTING_UNSAFE, name.as_str(), format!("{name} = {value}"));
        }
    }
    Ok(())
}

fn is_safe(name: &str, value: &str) -> bool {
    match name {
        "journal_mode" => value == "wal",
        "server_encoding" => value == "UTF8",
        // What waits for a stand-by too is more than is asked.
        "synchronous_commit" => matches!(value, "on" | "remote_apply"),
        _ => value == "on",
    }
}

async fn damage(look: &Inspection, findings: &mut Findings) -> Result<(), EngineError> {
    for line in look.damage().await? {
        findings.add(&code::DATABASE_DAMAGED, "sekisho.db", line);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::is_safe;

    #[test]
    fn settings_that_lose_acknowledged_records_are_not_safe() {
        for (name, value) in [
            ("fsync", "off"),
            ("full_page_writes", "off"),
            ("synchronous_commit", "off"),
            ("synchronous_commit", "local"),
            ("server_encoding", "SQL_ASCII"),
            ("journal_mode", "delete"),
        ] {
            assert!(!is_safe(name, value), "{name} = {value}");
        }
        for (name, value) in [("fsync", "on"), ("synchronous_commit", "remote_apply"), ("journal_mode", "wal")] {
            assert!(is_safe(name, value), "{name} = {value}");
        }
    }
}
