//! What is asked over the whole of a cluster: answered from what the bot watches where that is true, after the API
//! server's word that this person may list it; else read as the person, page by page.

use std::collections::BTreeSet;

use super::client::{NotRead, Reader, Who, Why, not_read};
use super::read::rows::Rows;
use super::read::tiny::{TinyNode, TinyPod};
use super::request::{self, Request, Right};

impl Reader<'_> {
    /// Asks all Pods of the cluster.
    ///
    /// # Errors
    /// If the person may not list them, or they cannot be read.
    pub async fn all_pods<R>(&self, ask: impl Fn(&Rows) -> R) -> Result<R, NotRead> {
        let tables = &self.cluster.tables;
        if tables.pods(|_| ()).is_some()
            && self.may_list(request::LIST_PODS).await?
            && let Some(answer) = tables.pods(&ask)
        {
            return Ok(answer);
        }
        let mut rows = Rows::default();
        let request = Request::of(request::LIST_PODS);
        self.pages(&request, |pod: TinyPod| rows.apply(&pod)).await?;
        Ok(ask(&rows))
    }

    /// Asks the names of all nodes.
    ///
    /// # Errors
    /// If the person may not list them, or they cannot be read.
    pub async fn all_nodes<R>(&self, ask: impl Fn(&BTreeSet<String>) -> R) -> Result<R, NotRead> {
        let tables = &self.cluster.tables;
        if tables.nodes(|_| ()).is_some()
            && self.may_list(request::LIST_NODES).await?
            && let Some(answer) = tables.nodes(&ask)
        {
            return Ok(answer);
        }
        let mut names = BTreeSet::new();
        let request = Request::of(request::LIST_NODES);
        self.pages(&request, |node: TinyNode| names.extend(node.metadata.name))
            .await?;
        Ok(ask(&names))
    }

    /// What the bot knows is for those who may list it themselves. False where nobody says whether they may: then it
    /// is read as them, and the API server decides.
    async fn may_list(&self, right: Right) -> Result<bool, NotRead> {
        match self.allows(right, "").await {
            Ok(false) => Err(not_read(
                &Request::of(right),
                Why::Forbidden { user: self.user() },
            )),
            said => Ok(said.is_ok()),
        }
    }

    fn user(&self) -> Option<String> {
        match self.who {
            Who::Bot => None,
            Who::Person { user, .. } => Some(user.clone()),
        }
    }
}
