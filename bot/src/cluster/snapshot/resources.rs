//! Named amounts: what a node has, what Pods ask for, and the one as a share of the other.

use std::collections::BTreeMap;

use crate::cluster::read::quantity::Quantity;
use crate::cluster::read::time::UNKNOWN;

/// Amounts by the name of the resource. `None` is an amount that could not be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resources(pub BTreeMap<String, Option<Quantity>>);

impl Resources {
    /// The amount of `name`; nothing at all if it is not listed.
    pub fn get(&self, name: &str) -> Option<Quantity> {
        self.0
            .get(name)
            .map_or_else(|| Some(Quantity::default()), Clone::clone)
    }

    /// Adds each amount. Where one of the two is unknown, so is the sum.
    pub fn add(&mut self, other: &Self) {
        for (name, amount) in &other.0 {
            let sum = match self.0.get(name) {
                None => amount.clone(),
                Some(own) => own
                    .as_ref()
                    .zip(amount.as_ref())
                    .and_then(|(own, amount)| own.plus(amount)),
            };
            self.0.insert(name.clone(), sum);
        }
    }

    /// Raises each amount to that of `other` where it is larger. Where one is unknown, so is the result.
    pub fn raise(&mut self, other: &Self) {
        for (name, amount) in &other.0 {
            let larger = match self.0.get(name) {
                None => amount.clone(),
                Some(own) => own
                    .as_ref()
                    .zip(amount.as_ref())
                    .map(|(own, amount)| if amount > own { amount } else { own }.clone()),
            };
            self.0.insert(name.clone(), larger);
        }
    }

    /// What [`Share`] an amount is of this resource.
    ///
    /// Nothing is 0 % of anything, and so is anything of a resource that the node has none of, as
    /// kubectl prints it; but a share of what is not listed or cannot be read is not known.
    pub fn share(&self, name: &str, amount: Option<Quantity>) -> Share {
        let whole = self.0.get(name).and_then(Option::as_ref);
        let percent = match (&amount, whole) {
            (Some(amount), _) if amount.is_zero() => Some(0),
            (Some(_), Some(whole)) if whole.is_zero() => Some(0),
            (Some(amount), Some(whole)) if name == "cpu" => amount.percent_of_milli(whole),
            (Some(amount), Some(whole)) => amount.percent_of_value(whole),
            _ => None,
        };
        Share { amount, percent }
    }
}

/// An amount, and how much of the whole it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Share {
    /// The amount; `None` if it could not be read.
    pub amount: Option<Quantity>,
    /// The share in percent, cut off; `None` if it is not known.
    pub percent: Option<i64>,
}

impl Share {
    /// As kubectl prints it: `1250m (63%)`.
    pub fn words(&self) -> String {
        let percent = self
            .percent
            .map_or_else(|| UNKNOWN.to_owned(), |percent| format!("{percent}%"));
        format!("{} ({percent})", amount_words(self.amount.as_ref()))
    }
}

/// An amount as kubectl prints it, or `<unknown>`.
pub fn amount_words(amount: Option<&Quantity>) -> String {
    amount.map_or_else(|| UNKNOWN.to_owned(), ToString::to_string)
}
