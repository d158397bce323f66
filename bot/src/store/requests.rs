//! Requests: kept whole, changed only by the state machine, one event at a time.

use super::chain::plain;
use super::error::Failure;
use super::select::Select;
use super::sql::{Line, Value};
use super::write::{Change, Work, json, parse};
use super::{Store, StoreError};
use crate::clock::Millis;
use crate::remedy::approval::{Entry, Event, Refused, Request, State};

/// What became of an event.
#[derive(Debug)]
pub enum Turned {
    /// It happened, and is kept.
    Kept {
        /// The request afterwards.
        request: Request,
        /// The right to change the cluster, if the event was a call.
        granted: Option<Granted>,
    },
    /// It changes nothing.
    Refused {
        /// The request as it stands.
        request: Request,
        /// Why.
        refused: Refused,
    },
    /// There is no such request.
    Missing,
}

/// The right to change the cluster once. Only the store makes one, from a call that it has just saved.
#[derive(Debug)]
pub struct Granted {
    request: Box<Request>,
    resource_version: String,
}

/// Which requests are wanted; what is not given does not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Find {
    /// Their card is in this channel.
    pub channel: Option<u64>,
    /// This person asked for, approved or rejected them.
    pub person: Option<u64>,
    /// In this cluster.
    pub cluster: Option<String>,
    /// About this object, as kubectl writes it.
    pub object: Option<String>,
    /// In one of these states; none: in any.
    pub states: Vec<State>,
    /// With a number lower than this.
    pub before: Option<i64>,
    /// So many at most; 0: all.
    pub limit: usize,
}

impl Granted {
    /// The request to carry out.
    pub fn request(&self) -> &Request {
        &self.request
    }

    /// The precondition of the call.
    pub fn resource_version(&self) -> &str {
        &self.resource_version
    }
}

impl Store {
    /// Keeps a new request and gives it its number; or gives back the one for the same change that waits already, or
    /// is being carried out. Two cards for one change would be approved twice.
    ///
    /// # Errors
    /// If the store does not keep it: then it must not be shown.
    pub async fn create(
        &self,
        request: Request,
        now: Millis,
    ) -> Result<Result<Request, Request>, StoreError> {
        let request = &request;
        self.write(Create { request, now }).await
    }

    /// The request with this number.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn request(&self, id: i64) -> Result<Option<Request>, StoreError> {
        let sql = "SELECT id, version, body FROM requests WHERE id = $1";
        let found = self.read(sql, vec![id.into()]).await?;
        let found = found.first().map(request).transpose();
        found.map_err(|failure| failure.at(&self.place))
    }

    /// Something happens to a request: kept with its rows of the audit, or refused, as the state machine says.
    ///
    /// # Errors
    /// If the store does not keep it. Where it is not known whether it did, it was not granted either.
    pub async fn turn(&self, id: i64, event: &Event, now: Millis) -> Result<Turned, StoreError> {
        let mut turned = self.write(Turn { id, event, now }).await?;
        if let (Turned::Kept { request, granted }, Event::Call { resource_version }) = (&mut turned, event) {
            *granted = Some(Granted {
                request: Box::new(request.clone()),
                resource_version: resource_version.clone(),
            });
        }
        Ok(turned)
    }

    /// All that wait or are being carried out, the oldest first.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn waiting(&self) -> Result<Vec<Request>, StoreError> {
        let states = [State::Pending, State::Executing].map(|state| name(state).into());
        self.requests(
            "SELECT id, version, body FROM requests WHERE state IN ($1, $2) ORDER BY id",
            states.to_vec(),
        )
        .await
    }

    /// Requests, the newest first.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn find(&self, filter: &Find) -> Result<Vec<Request>, StoreError> {
        let mut select = Select::new("SELECT id, version, body FROM requests");
        select.when("channel = ?", filter.channel.map(u64::cast_signed));
        let person = filter.person.map(u64::cast_signed);
        select.when("id IN (SELECT request FROM people WHERE person = ?)", person);
        select.when("cluster = ?", filter.cluster.as_deref().map(plain));
        select.when("object = ?", filter.object.as_deref().map(plain));
        select.when("id < ?", filter.before);
        select.among("state", filter.states.iter().copied().map(name));
        let (sql, values) = select.newest("id", filter.limit);
        Ok(requests(&self.read(sql, values).await?))
    }

    /// A request's card shows this version of it.
    ///
    /// # Errors
    /// If the store does not keep it: then the card is corrected once more than needed.
    pub async fn shown(&self, id: i64, version: i64) -> Result<(), StoreError> {
        // A card never goes back, whoever comes late.
        let sql = "UPDATE requests SET shown = $2 WHERE id = $1 AND shown < $2";
        self.read(sql, vec![id.into(), version.into()]).await.map(drop)
    }

    /// All whose card shows less than they are, or is not there yet, the oldest first.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn stale(&self) -> Result<Vec<Request>, StoreError> {
        self.requests(
            "SELECT id, version, body FROM requests WHERE shown < version ORDER BY id",
            vec![],
        )
        .await
    }

    /// Forgets requests that are over and were decided before this time; the audit keeps what they were.
    ///
    /// # Errors
    /// If the store does not do it.
    pub async fn prune(&self, before: Millis) -> Result<u64, StoreError> {
        self.write(Prune(before)).await
    }

    async fn requests(&self, sql: &'static str, values: Vec<Value>) -> Result<Vec<Request>, StoreError> {
        Ok(requests(&self.read(sql, values).await?))
    }
}

struct Create<'a> {
    request: &'a Request,
    now: Millis,
}

impl Change for Create<'_> {
    type Done = Result<Request, Request>;

    async fn apply(&self, work: &mut Work) -> Result<Self::Done, Failure> {
        if let Some(other) = work.same(self.request).await? {
            return Ok(Err(other));
        }
        let request = Request {
            id: work.head.requests + 1,
            version: 1,
            ..self.request.clone()
        };
        work.insert(&request).await?;
        let entry = request.entry("requested", Some(&request.requester), self.now, &request.reason);
        work.append(&Entry {
            before: None,
            ..entry
        })
        .await?;
        Ok(Ok(request))
    }
}

struct Turn<'a> {
    id: i64,
    event: &'a Event,
    now: Millis,
}

impl Change for Turn<'_> {
    type Done = Turned;

    async fn apply(&self, work: &mut Work) -> Result<Turned, Failure> {
        let sql = "SELECT id, version, body FROM requests WHERE id = $1";
        let lines = work.tx.all(sql, vec![self.id.into()]).await?;
        let Some(request) = lines.first().map(request).transpose()? else {
            return Ok(Turned::Missing);
        };
        let next = match request.after(self.event, work.head.freeze.as_ref(), self.now) {
            Ok(next) => next,
            Err(refused) => return Ok(Turned::Refused { request, refused }),
        };
        let request = work.replace(&request, next.request).await?;
        for entry in &next.entries {
            work.append(entry).await?;
        }
        Ok(Turned::Kept {
            request,
            granted: None,
        })
    }
}

struct Prune(Millis);

impl Change for Prune {
    type Done = u64;

    async fn apply(&self, work: &mut Work) -> Result<u64, Failure> {
        let values = vec![
            self.0.cast_signed().into(),
            name(State::Pending).into(),
            name(State::Executing).into(),
        ];
        let sql = "DELETE FROM requests WHERE decided_at < $1 AND state NOT IN ($2, $3)";
        let removed = work.tx.run(sql, values).await?;
        if removed > 0 {
            work.change();
        }
        Ok(removed)
    }
}

impl Work {
    /// The request for the same change that is not over.
    async fn same(&mut self, wanted: &Request) -> Result<Option<Request>, Failure> {
        let values = vec![
            name(State::Pending).into(),
            name(State::Executing).into(),
            plain(&wanted.plan.cluster).into(),
            plain(&wanted.action().object()).into(),
        ];
        let sql = "SELECT id, version, body FROM requests \
                   WHERE state IN ($1, $2) AND cluster = $3 AND object = $4 ORDER BY id";
        let found = requests(&self.tx.all(sql, values).await?);
        Ok(found.into_iter().find(|it| it.action() == wanted.action()))
    }

    async fn insert(&mut self, request: &Request) -> Result<(), Failure> {
        let values = vec![
            request.id.into(),
            request.version.into(),
            name(request.state).into(),
            plain(&request.plan.cluster).into(),
            plain(&request.action().object()).into(),
            request.requester.id.cast_signed().into(),
            request.card.channel.cast_signed().into(),
            request.created_at.cast_signed().into(),
            request.decided_at.map(u64::cast_signed).into(),
            request.expires_at.cast_signed().into(),
            json(request).into(),
        ];
        self.change()
            .run(
                "INSERT INTO requests (id, version, state, cluster, object, requester, channel, created_at, \
                 decided_at, expires_at, shown, body) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, $11)",
                values,
            )
            .await?;
        self.head.requests = request.id;
        self.name_people(request, &[]).await
    }

    /// Compare and set: the row is as it was read, or nothing is kept.
    async fn replace(&mut self, before: &Request, after: Request) -> Result<Request, Failure> {
        let after = Request {
            version: before.version + 1,
            ..after
        };
        let values = vec![
            before.id.into(),
            before.version.into(),
            name(after.state).into(),
            after.decided_at.map(u64::cast_signed).into(),
            json(&after).into(),
        ];
        let changed = self
            .change()
            .run(
                "UPDATE requests SET version = version + 1, state = $3, decided_at = $4, body = $5 \
                 WHERE id = $1 AND version = $2",
                values,
            )
            .await?;
        if changed != 1 {
            return Err(Failure::Overtaken);
        }
        self.name_people(&after, &people(before)).await?;
        Ok(after)
    }

    async fn name_people(&mut self, request: &Request, named: &[i64]) -> Result<(), Failure> {
        for person in people(request).iter().filter(|person| !named.contains(person)) {
            // Who approved a plan that was replaced stays named.
            let sql = "INSERT INTO people (request, person) VALUES ($1, $2) ON CONFLICT DO NOTHING";
            let values = vec![request.id.into(), (*person).into()];
            self.change().run(sql, values).await?;
        }
        Ok(())
    }
}

/// Who asked for it, approved or rejected it.
fn people(request: &Request) -> Vec<i64> {
    let deciders = request.approvals.iter().chain(&request.rejection);
    let people = deciders.map(|decision| &decision.by).chain([&request.requester]);
    people.map(|person| person.id.cast_signed()).collect()
}

/// A state as its column has it.
const fn name(state: State) -> &'static str {
    match state {
        State::Pending => "pending",
        State::Executing => "executing",
        State::Done => "done",
        State::NotDone => "not_done",
        State::NotKnown => "not_known",
        State::Rejected => "rejected",
        State::Expired => "expired",
        State::Refused => "refused",
    }
}

/// Those that can be read: one that somebody spoilt must not hide all others.
fn requests(lines: &[Line]) -> Vec<Request> {
    let read = lines.iter().map(request);
    read.filter_map(|read| read.inspect_err(|failure| tracing::error!("{failure:?}")).ok())
        .collect()
}

fn request(line: &Line) -> Result<Request, Failure> {
    let id: i64 = line.get("id")?;
    let body: String = line.get("body")?;
    let request: Request = parse(&format!("request {id}"), &body)?;
    Ok(Request {
        id,
        version: line.get("version")?,
        ..request
    })
}
