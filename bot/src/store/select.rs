//! A SELECT with as many conditions as a search has.

use sqlx::{AssertSqlSafe, SqlSafeStr as _, SqlStr};

use super::sql::Value;

/// Conditions are texts of this crate; what people typed goes in as values only.
pub(super) struct Select {
    sql: String,
    values: Vec<Value>,
}

impl Select {
    pub(super) fn new(from: &'static str) -> Self {
        Self {
            sql: from.to_owned(),
            values: Vec::new(),
        }
    }

    /// Only rows for which `condition` holds, in which `?` stands for the value, if there is one.
    pub(super) fn when(&mut self, condition: &'static str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.and();
            let (before, after) = condition.split_once('?').unwrap_or((condition, ""));
            self.sql.push_str(before);
            self.bind(value.into());
            self.sql.push_str(after);
        }
    }

    /// Only rows of which `column` is one of these, if there are any.
    pub(super) fn among(&mut self, column: &'static str, values: impl IntoIterator<Item = &'static str>) {
        let mut values = values.into_iter().peekable();
        if values.peek().is_none() {
            return;
        }
        self.and();
        self.sql.push_str(column);
        self.sql.push_str(" IN (");
        for (place, value) in values.enumerate() {
            if place > 0 {
                self.sql.push_str(", ");
            }
            self.bind(value.into());
        }
        self.sql.push(')');
    }

    /// The statement and its values: so many rows at most (0: all), from the highest `column` down.
    pub(super) fn newest(mut self, column: &'static str, limit: usize) -> (SqlStr, Vec<Value>) {
        let limit = match limit {
            0 => i64::MAX,
            limit => i64::try_from(limit).unwrap_or(i64::MAX),
        };
        self.sql.push_str(&format!(" ORDER BY {column} DESC LIMIT "));
        self.bind(limit.into());
        (AssertSqlSafe(self.sql).into_sql_str(), self.values)
    }

    fn and(&mut self) {
        let word = if self.values.is_empty() {
            " WHERE "
        } else {
            " AND "
        };
        self.sql.push_str(word);
    }

    fn bind(&mut self, value: Value) {
        self.values.push(value);
        self.sql.push_str(&format!("${}", self.values.len()));
    }
}
