//! What the bot keeps: requests, their audit, the freeze. The only place that names sqlx.
