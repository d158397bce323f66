//! stub
use super::errors::Wrong;
use serde_json::Value;
pub(crate) struct Document;
impl Document {
    pub(crate) fn load(_: &std::path::Path) -> anyhow::Result<Self> {
        Ok(Self)
    }
    pub(crate) fn check(&self, _m: &str, _p: &str, _b: &Value) -> Vec<Wrong> {
        Vec::new()
    }
}
