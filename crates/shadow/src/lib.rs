//! What proxy and DNS logs say about the use of generative-AI services.
pub mod catalogue;
pub mod host;
mod text;
mod format;
mod line;
mod time;
