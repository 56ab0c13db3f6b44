//! Which nodes live. A node holds its name in the database for as long as it is connected: no other can take it, and once
//! it is free for a while, the node has gone, and another ends the uses it left open.

use crate::Store;
use crate::engine::{Engine, EngineError, EngineResult, Held};
use crate::reading::ReadError;
use std::collections::HashMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// How often a node makes sure that it still holds its name.
const CHECK: Duration = Duration::from_secs(1);
/// How long a node that starts waits for its name: the database may not have noticed yet that its last run has ended.
const WAIT: Duration = Duration::from_secs(10);
/// How long a name must be free before its node is taken for gone: after a restart of the database every name is free, and
/// every node takes its own again within seconds.
const GONE_AFTER: Duration = Duration::from_secs(15);

/// How often it is asked whether older programs still serve, while something waits to be taken away.
const CONTRACT: Duration = Duration::from_secs(5);

/// Takes a name if it is free, and announces the program with it.
async fn take_name(engine: &Engine, node: &str) -> EngineResult<Option<Held>> {
    let Some(mut held) = engine.hold(node).await? else { return Ok(None) };
    held.announce(engine.known().level()).await?;
    Ok(Some(held))
}

/// Why a node may not begin.
#[derive(Debug, thiserror::Error)]
pub enum NameError {
    /// Another node has the name.
    #[error("a node named `{0}` is running on this database; give every node a name of its own (`node`)")]
    Taken(String),
    /// The database.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

/// Names that were found free, and since when.
#[derive(Debug, Default)]
pub struct Gone(Mutex<HashMap<String, Instant>>);

impl Gone {
    /// Whether a name has been free for long enough; to be told of every look.
    fn long_enough(&self, node: &str, free: bool, now: Instant) -> bool {
        let mut since = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if !free {
            since.remove(node);
            return false;
        }
        now.duration_since(*since.entry(node.to_owned()).or_insert(now)) >= GONE_AFTER
    }
}

impl Store {
    /// Takes a node's name and announces which steps of the schema it knows. The future that comes back keeps both; run it for
    /// as long as the node serves. It also takes away what only older programs used, once none of them serves.
    ///
    /// # Errors
    /// [`NameError`].
    pub async fn hold_name(&self, node: &str) -> Result<impl Future<Output = ()> + Send + use<>, NameError> {
        let begun = Instant::now();
        let mut held = loop {
            match take_name(&self.engine, node).await? {
                Some(held) => break held,
                None if begun.elapsed() > WAIT => return Err(NameError::Taken(node.to_owned())),
                None => tokio::time::sleep(CHECK).await,
            }
        };
        self.engine.may_serve().await?;
        let (engine, node) = (self.engine.clone(), node.to_owned());
        Ok(async move {
            let (mut contracted, mut looked) = (false, Instant::now());
            loop {
                tokio::time::sleep(CHECK).await;
                if !held.lives().await {
                    match take_name(&engine, &node).await {
                        Ok(Some(again)) => held = again,
                        Ok(None) => tracing::error!(node, "another node has taken this node's name"),
                        Err(error) => tracing::warn!(%error, "the database does not answer"),
                    }
                } else if !contracted && looked.elapsed() >= CONTRACT {
                    looked = Instant::now();
                    contracted = engine.contract().await.unwrap_or_else(|error| {
                        tracing::warn!(%error, "what only older programs used cannot be taken away yet");
                        false
                    });
                }
            }
        })
    }

    /// Other nodes with open uses that have gone.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn gone_nodes(&self, me: &str, gone: &Gone) -> Result<Vec<String>, ReadError> {
        let Engine::Postgres(_) = &self.engine else { return Ok(Vec::new()) };
        let mut tx = self.engine.read().await?;
        let sql = "SELECT DISTINCT node FROM use_row WHERE outcome = 'open'";
        let names = tx.fetch(sql, vec![]).await?.iter().map(|row| row.text(0)).collect::<Result<Vec<_>, _>>()?;
        drop(tx);
        let mut found = Vec::new();
        for node in names.into_iter().filter(|node| node != me) {
            let free = self.engine.is_free(&node).await?;
            if gone.long_enough(&node, free, Instant::now()) {
                found.push(node);
            }
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_free_for_a_moment_only_is_no_node_that_has_gone() {
        let (gone, begin) = (Gone::default(), Instant::now());
        let at = |seconds| begin + Duration::from_secs(seconds);
        assert!(!gone.long_enough("a", true, at(0)));
        assert!(!gone.long_enough("a", false, at(5)));
        assert!(!gone.long_enough("a", true, at(10)));
        assert!(!gone.long_enough("a", true, at(20)));
        assert!(gone.long_enough("a", true, at(26)));
        assert!(!gone.long_enough("b", true, at(26)));
    }
}
