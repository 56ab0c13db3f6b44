//! Japanese text as the index sees it.
