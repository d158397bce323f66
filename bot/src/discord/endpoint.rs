//! Which Discord: the real one, another implementation, or the sandbox's local one.
//!
//! This is the only difference between them; every other line of the bot is the same.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use serenity::all::{ApplicationId, Http, HttpBuilder};

use crate::config::{Config, Token};

/// How long one request may take: a server that accepts and says nothing must not hold the bot up for ever.
const REQUEST: Duration = Duration::from_secs(15);

/// Where Discord's API is.
#[derive(Clone, Debug)]
pub enum Endpoint {
    /// Discord itself.
    Discord,
    /// Another implementation, at an address like `http://127.0.0.1:3001`.
    Other(String),
    /// The sandbox: reached under Discord's own name, so that limiter, retries and paths are
    /// those of production.
    Local {
        /// Where its TLS front listens.
        address: SocketAddr,
        /// The certificate, in DER, that it shows for `discord.com`.
        certificate: Vec<u8>,
    },
}

impl Endpoint {
    /// The endpoint that the configuration names.
    pub fn of(config: &Config) -> Self {
        config.discord.endpoint.clone().map_or(Self::Discord, Self::Other)
    }

    /// The connection to its REST API.
    ///
    /// # Errors
    /// If no TLS client can be made.
    pub fn http(&self, token: &Token) -> anyhow::Result<Http> {
        Ok(self.over(self.client()?, token).build())
    }

    /// What interactions are answered through.
    ///
    /// # Errors
    /// If no TLS client can be made.
    pub fn replies(&self, token: &Token) -> anyhow::Result<Replies> {
        Ok(Replies {
            endpoint: self.clone(),
            client: self.client()?,
            token: token.clone(),
        })
    }

    fn client(&self) -> anyhow::Result<reqwest::Client> {
        let client = reqwest::Client::builder()
            .connect_timeout(REQUEST)
            .timeout(REQUEST);
        let client = match self {
            Self::Discord | Self::Other(_) => client,
            Self::Local { address, certificate } => {
                let certificate =
                    reqwest::Certificate::from_der(certificate).context("read the local certificate")?;
                client
                    .resolve("discord.com", *address)
                    .add_root_certificate(certificate)
                    .no_proxy()
            }
        };
        client.build().context("make the HTTP client")
    }

    fn over(&self, client: reqwest::Client, token: &Token) -> HttpBuilder {
        let builder = HttpBuilder::new(token.reveal()).client(client);
        match self {
            // serenity honours a proxy only with its limiter off.
            Self::Other(url) => builder.proxy(url).ratelimiter_disabled(true),
            Self::Discord | Self::Local { .. } => builder,
        }
    }

    /// Asks for the gateway's address and refuses one that this endpoint cannot have.
    ///
    /// serenity falls back to Discord's own gateway when it cannot ask; a sandbox or another
    /// implementation must never end up there with its token.
    ///
    /// # Errors
    /// If it cannot be asked, or answers with a foreign address.
    pub async fn gateway(&self, http: &Http) -> anyhow::Result<String> {
        let url = http
            .get_gateway()
            .await
            .context("ask for the gateway's address")?
            .url;
        ensure!(
            self.accepts(&url),
            "the gateway's address {url} does not belong to this endpoint"
        );
        Ok(url)
    }

    /// Whether a gateway at `url` belongs to this endpoint.
    pub fn accepts(&self, url: &str) -> bool {
        let Ok(url) = reqwest::Url::parse(url) else {
            return false;
        };
        let host = url.host_str().unwrap_or_default().trim_end_matches('.');
        let is_discords = host == "discord.gg" || host.ends_with(".discord.gg");
        match self {
            Self::Discord => url.scheme() == "wss" && is_discords,
            Self::Other(_) => matches!(url.scheme(), "ws" | "wss") && !is_discords,
            Self::Local { .. } => url.scheme() == "ws" && host == "127.0.0.1",
        }
    }
}

/// Answers interactions, all over the same connections.
///
/// Discord counts the answers to each interaction by themselves, five in two seconds. serenity's limiter counts those to
/// all of them together, and would let the sixth person who asks in the same moment wait for seconds; of each
/// interaction that was acknowledged it keeps a bucket for ever, too. So each interaction has a limiter of its own.
#[derive(Debug)]
pub struct Replies {
    endpoint: Endpoint,
    client: reqwest::Client,
    token: Token,
}

impl Replies {
    /// What one interaction is answered through; `application` is whose it is, as it says itself.
    pub fn to_one(&self, application: ApplicationId) -> Http {
        let builder = self.endpoint.over(self.client.clone(), &self.token);
        builder.application_id(application).build()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn a_foreign_gateway_is_refused() {
        let local = Endpoint::Local {
            address: ([127, 0, 0, 1], 1).into(),
            certificate: Vec::new(),
        };
        let other = Endpoint::Other("http://127.0.0.1:1".to_owned());
        for (endpoint, url, accepted) in [
            (&Endpoint::Discord, "wss://gateway.discord.gg", true),
            (&Endpoint::Discord, "wss://gateway-us-east1-b.discord.gg/", true),
            (&Endpoint::Discord, "wss://evildiscord.gg", false),
            (&Endpoint::Discord, "ws://gateway.discord.gg", false),
            (&local, "ws://127.0.0.1:4000/gw", true),
            (&local, "wss://gateway.discord.gg", false),
            (&local, "ws://192.0.2.1/gw", false),
            (&other, "ws://127.0.0.1:9/", true),
            (&other, "wss://gateway.discord.gg", false),
            (&other, "not a url", false),
        ] {
            assert_eq!(endpoint.accepts(url), accepted, "{endpoint:?} {url}");
        }
    }

    #[test]
    fn answers_to_one_person_do_not_wait_for_those_to_others() {
        let token = Token::new("a token");
        let other = Endpoint::Other("http://127.0.0.1:1".to_owned());
        for (endpoint, limited) in [(Endpoint::Discord, true), (other, false)] {
            assert_eq!(endpoint.http(&token).unwrap().ratelimiter.is_some(), limited);
            let replies = endpoint.replies(&token).unwrap();
            let limiters = [7, 7].map(|id| replies.to_one(id.into()).ratelimiter);
            assert!(limiters.iter().all(|it| it.is_some() == limited));
            let routes: Vec<_> = limiters.iter().flatten().map(|it| it.routes()).collect();
            assert!(routes.windows(2).all(|two| !Arc::ptr_eq(&two[0], &two[1])));
        }
    }
}
