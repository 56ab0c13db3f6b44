//! Citations in official form, and quotations held against the text they claim to quote.
