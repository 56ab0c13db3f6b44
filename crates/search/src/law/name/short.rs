//! x
pub const SHORT_NAMES: &[(&str, &str)] = &[];
/// x
pub fn official_title(_: &str) -> Option<&'static str> {
    None
}
