//! The ways in which Discord says no.

use serde_json::{Map, Value, json};

/// A refusal of the API: status, code, sentence and, for a bad body, what is wrong with it.
#[derive(Clone, Debug)]
pub(crate) struct ApiError {
    pub(crate) status: u16,
    pub(crate) code: u64,
    pub(crate) message: String,
    pub(crate) errors: Option<Box<Value>>,
    /// Seconds, on 429.
    pub(crate) retry_after: Option<f64>,
}

impl ApiError {
    pub(crate) fn new(status: u16, code: u64, message: &str) -> Self {
        Self {
            status,
            code,
            message: message.to_owned(),
            errors: None,
            retry_after: None,
        }
    }

    /// Whether it is about what the bot sent, not about what happened meanwhile.
    pub(crate) fn is_a_fault(&self) -> bool {
        matches!(self.code, 30032 | 50006 | 50035)
    }

    pub(crate) fn body(&self) -> Value {
        if let Some(seconds) = self.retry_after {
            return json!({"message": self.message, "code": 0, "retry_after": seconds, "global": false});
        }
        let mut body = json!({"message": self.message, "code": self.code});
        if let Some(errors) = &self.errors {
            body["errors"] = errors.as_ref().clone();
        }
        body
    }
}

pub(crate) fn unauthorized() -> ApiError {
    ApiError::new(401, 0, "401: Unauthorized")
}

pub(crate) fn no_route() -> ApiError {
    ApiError::new(404, 0, "404: Not Found")
}

pub(crate) fn wrong_method() -> ApiError {
    ApiError::new(405, 0, "405: Method Not Allowed")
}

pub(crate) fn no_access() -> ApiError {
    ApiError::new(403, 50001, "Missing Access")
}

pub(crate) fn no_permission() -> ApiError {
    ApiError::new(403, 50013, "Missing Permissions")
}

pub(crate) fn unknown_application() -> ApiError {
    ApiError::new(404, 10002, "Unknown Application")
}

pub(crate) fn unknown_channel() -> ApiError {
    ApiError::new(404, 10003, "Unknown Channel")
}

pub(crate) fn unknown_guild() -> ApiError {
    ApiError::new(404, 10004, "Unknown Guild")
}

pub(crate) fn unknown_member() -> ApiError {
    ApiError::new(404, 10007, "Unknown Member")
}

pub(crate) fn unknown_message() -> ApiError {
    ApiError::new(404, 10008, "Unknown Message")
}

pub(crate) fn unknown_user() -> ApiError {
    ApiError::new(404, 10013, "Unknown User")
}

pub(crate) fn unknown_webhook() -> ApiError {
    ApiError::new(404, 10015, "Unknown Webhook")
}

pub(crate) fn unknown_interaction() -> ApiError {
    ApiError::new(404, 10062, "Unknown interaction")
}

pub(crate) fn unknown_command() -> ApiError {
    ApiError::new(404, 10063, "Unknown application command")
}

pub(crate) fn already_acknowledged() -> ApiError {
    ApiError::new(400, 40060, "Interaction has already been acknowledged.")
}

pub(crate) fn expired_token() -> ApiError {
    ApiError::new(401, 50027, "Invalid Webhook Token")
}

pub(crate) fn not_the_author() -> ApiError {
    ApiError::new(403, 50005, "Cannot edit a message authored by another user")
}

pub(crate) fn empty_message() -> ApiError {
    ApiError::new(400, 50006, "Cannot send an empty message")
}

pub(crate) fn too_large() -> ApiError {
    ApiError::new(413, 40005, "Request entity too large")
}

pub(crate) fn not_json() -> ApiError {
    ApiError::new(400, 50109, "The request body contains invalid JSON.")
}

pub(crate) fn thread_exists() -> ApiError {
    ApiError::new(400, 160_004, "A thread has already been created for this message")
}

pub(crate) fn rate_limited(seconds: f64) -> ApiError {
    let mut error = ApiError::new(429, 0, "You are being rate limited.");
    error.retry_after = Some(seconds);
    error
}

/// One thing that is wrong with a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wrong {
    /// Where, as a JSON pointer: `/embeds/0/title`.
    pub(crate) at: String,
    pub(crate) code: &'static str,
    pub(crate) message: String,
}

impl Wrong {
    pub(crate) fn new(at: impl Into<String>, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            at: at.into(),
            code,
            message: message.into(),
        }
    }
}

/// 50035 with what is wrong nested as the body is.
pub(crate) fn invalid_form(wrong: &[Wrong]) -> ApiError {
    let mut errors = Value::Object(Map::new());
    for it in wrong {
        let mut place = &mut errors;
        for step in it.at.split('/').filter(|step| !step.is_empty()) {
            place = &mut place[step];
        }
        if !place["_errors"].is_array() {
            place["_errors"] = json!([]);
        }
        if let Some(list) = place["_errors"].as_array_mut() {
            list.push(json!({"code": it.code, "message": it.message}));
        }
    }
    let mut error = ApiError::new(400, 50035, "Invalid Form Body");
    error.errors = Some(Box::new(errors));
    error
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_nested_as_the_body_is() {
        let wrong = Wrong::new(
            "/embeds/0/title",
            "BASE_TYPE_MAX_LENGTH",
            "Must be 256 or fewer in length.",
        );
        let body = invalid_form(&[wrong]).body();
        assert_eq!(body["code"], 50035);
        assert_eq!(
            body["errors"]["embeds"]["0"]["title"]["_errors"][0]["code"],
            "BASE_TYPE_MAX_LENGTH"
        );
    }
}
