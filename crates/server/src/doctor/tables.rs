//! Every table, and where it is looked at: a table that nobody looks at must not come in unnoticed.

/// Table and the file of this folder that looks at it.
pub(super) const TABLES: [(&str, &str); 25] = [
    ("schema_step", "database"),
    ("schema_floor", "database"),
    ("ledger_head", "ledger"),
    ("ledger_entry", "walk"),
    ("ledger_tile", "walk"),
    ("ledger_checkpoint", "walk"),
    ("ledger_signer", "nodes"),
    ("sealed", "walk"),
    ("use_row", "uses"),
    ("use_reason", "beside"),
    ("use_kind", "sums"),
    ("kind_sum", "sums"),
    ("use_finding", "sums"),
    ("governance_row", "beside"),
    ("governance_subject", "sums"),
    ("directory_person", "people"),
    ("directory_department", "people"),
    ("account", "people"),
    ("recovery_code", "people"),
    ("session", "people"),
    ("disposal", "people"),
    ("file", "documents"),
    ("paper", "documents"),
    ("cosignature", "witnesses"),
    ("witness", "witnesses"),
];

#[cfg(test)]
mod tests {
    use super::TABLES;
    use std::collections::BTreeSet;

    #[test]
    fn every_table_of_the_schema_is_looked_at() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../store/migrations");
        let mut schema = BTreeSet::from(["schema_step".to_owned()]);
        let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
        files.sort();
        for file in files {
            for line in std::fs::read_to_string(file).unwrap().lines() {
                if let Some(rest) = line.strip_prefix("CREATE TABLE ") {
                    schema.insert(rest.trim_end_matches(" (").to_owned());
                } else if let Some(rest) = line.strip_prefix("DROP TABLE ") {
                    schema.remove(rest.trim_end_matches(';'));
                }
            }
        }
        let known: BTreeSet<String> = TABLES.iter().map(|(table, _)| (*table).to_owned()).collect();
        assert_eq!(known, schema, "a table is not looked at: add it to the doctor and to this list");
        let here = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/doctor");
        assert!(TABLES.iter().all(|(_, file)| here.join(format!("{file}.rs")).is_file()));
    }
}
