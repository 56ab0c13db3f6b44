//! Why a document could not be printed.

/// Why there is no PDF.
#[derive(Debug, thiserror::Error)]
pub enum NotPrinted {
    /// The font inside the program.
    #[error("the font inside the program cannot be read: {0}; install the program again from its source")]
    Font(&'static str),
    /// The finished document breaks a rule of PDF/UA-1 or a limit of PDF. Each reason is the library's.
    #[error("the document cannot be printed as PDF/UA-1: {0}; take another format, and report the document's shape")]
    Refused(String),
}
