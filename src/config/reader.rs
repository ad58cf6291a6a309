//! Reads variables and gathers what is wrong with them.

use std::{fmt::Display, ops::RangeInclusive, str::FromStr, time::Duration};

use secrecy::SecretString;

use super::{ConfigError, ConfigErrors};

pub(super) struct Reader<'a> {
    environment: &'a dyn Fn(&str) -> Option<String>,
    errors: Vec<ConfigError>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(environment: &'a dyn Fn(&str) -> Option<String>) -> Self {
        Self {
            environment,
            errors: Vec::new(),
        }
    }

    /// The value, or the errors if there were any.
    pub(super) fn finish<T>(self, value: T) -> Result<T, ConfigErrors> {
        if self.errors.is_empty() {
            Ok(value)
        } else {
            Err(ConfigErrors(self.errors))
        }
    }

    pub(super) fn problem(&mut self, variable: &'static str, problem: impl Into<String>) {
        self.errors.push(ConfigError {
            variable,
            problem: problem.into(),
        });
    }

    pub(super) fn text(&self, variable: &str) -> Option<String> {
        let text = (self.environment)(variable)?.trim().to_owned();
        (!text.is_empty()).then_some(text)
    }

    pub(super) fn secret(&self, variable: &str) -> Option<SecretString> {
        self.text(variable).map(SecretString::from)
    }

    /// What `parse` makes of the variable; nothing where it is unset or wrong.
    pub(super) fn parsed<T>(
        &mut self,
        variable: &'static str,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        let text = self.text(variable)?;
        parse(&text)
            .map_err(|problem| self.problem(variable, problem))
            .ok()
    }

    pub(super) fn number<N>(
        &mut self,
        variable: &'static str,
        default: N,
        allowed: RangeInclusive<N>,
    ) -> N
    where
        N: FromStr + PartialOrd + Display + Copy,
    {
        self.parsed(variable, |text| match text.parse() {
            Ok(number) if allowed.contains(&number) => Ok(number),
            _ => Err(format!(
                "'{text}' is not a whole number from {} to {}",
                allowed.start(),
                allowed.end()
            )),
        })
        .unwrap_or(default)
    }

    pub(super) fn seconds(
        &mut self,
        variable: &'static str,
        default: u64,
        allowed: RangeInclusive<u64>,
    ) -> Duration {
        Duration::from_secs(self.number(variable, default, allowed))
    }

    /// A comma list; every bad member is a problem of its own.
    pub(super) fn list<T: FromStr<Err: Display>>(&mut self, variable: &'static str) -> Vec<T> {
        let text = self.text(variable).unwrap_or_default();
        let mut members = Vec::new();
        for member in text
            .split(',')
            .map(str::trim)
            .filter(|member| !member.is_empty())
        {
            match member.parse::<T>() {
                Ok(member) => members.push(member),
                Err(problem) => self.problem(variable, problem.to_string()),
            }
        }
        members
    }
}
