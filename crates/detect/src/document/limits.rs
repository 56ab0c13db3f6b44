//! Bounds that keep a hostile file from costing more than an honest one.

/// How much one file may cost. Every bound counts over the whole file, nested files included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the file itself.
    pub file_bytes: usize,
    /// Bytes after decompression, all members together.
    pub unpacked_bytes: usize,
    /// Bytes of text taken out.
    pub text_bytes: usize,
    /// Members of archives (ZIP, office files, attachments of a mail).
    pub members: usize,
    /// Files in files: an office file in a ZIP in a mail is 2.
    pub depth: usize,
    /// Pages of a PDF.
    pub pages: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            file_bytes: 64 << 20,
            unpacked_bytes: 256 << 20,
            text_bytes: 32 << 20,
            members: 5_000,
            depth: 3,
            pages: 3_000,
        }
    }
}
