//! What the gate asks inside this program: the tools of the library, and reports made by extraction.

use super::{draft, message, tools};
use jiff::Timestamp;
use sekisho_domain::day::in_japan;
use sekisho_gate::upstream::in_house::{InHouse, NotCalled};
use sekisho_search::library::Library;
use serde_json::{Map, Value};
use std::sync::Arc;
use tokio::sync::Semaphore;

/// The library as the gate knows it.
#[derive(Debug)]
pub struct House {
    library: Arc<Library>,
    room: Arc<Semaphore>,
}

impl House {
    /// A house with this library and the room of those who read in it.
    pub fn new(library: Arc<Library>, room: Arc<Semaphore>) -> Self {
        Self { library, room }
    }
}

impl InHouse for House {
    fn call(&self, tool: &str, arguments: &Map<String, Value>, now: i64) -> Result<Value, NotCalled> {
        let now = Timestamp::from_second(now).map_err(|error| NotCalled::Inside(error.to_string()))?;
        tools::call(&self.library, tool, arguments, in_japan(now))
    }

    fn room(&self) -> Arc<Semaphore> {
        self.room.clone()
    }

    fn extract(&self, instruction: &str, asked: &str) -> Option<String> {
        message::read(instruction, asked).map(|read| draft::write(&read))
    }
}
