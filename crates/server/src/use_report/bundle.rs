//! A report with the ledger it was counted from: whoever holds both counts again and trusts nobody.

use sekisho_domain::use_report::UseReport;

/// The report's file in a bundle.
pub(crate) const FILE: &str = "report.json";

/// The most bytes such a file may have.
pub(crate) const LARGEST: u64 = 64 * 1024 * 1024;

/// The report of a bundle's folder; none where there is no such file.
///
/// # Errors
/// What is wrong with the file.
pub(crate) fn read(folder: &std::path::Path) -> Result<Option<UseReport>, String> {
    let path = folder.join(FILE);
    let length = match std::fs::symlink_metadata(&path) {
        Ok(found) if found.is_file() => found.len(),
        Ok(_) => return Err("not a file".to_owned()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.to_string()),
    };
    if length > LARGEST {
        return Err(format!("longer than {LARGEST} bytes"));
    }
    let bytes = std::fs::read(&path).map_err(|error| error.to_string())?;
    let report: UseReport = serde_json::from_slice(&bytes).map_err(|error| error.to_string())?;
    if report.format != sekisho_domain::use_report::FORMAT {
        return Err(format!("format `{}` is not known here", report.format.chars().take(80).collect::<String>()));
    }
    let scope = &report.scope;
    sekisho_domain::use_report::Scope::new(scope.from, scope.to, scope.unit.clone())
        .map_err(|error| error.to_string())?;
    Ok(Some(report))
}
