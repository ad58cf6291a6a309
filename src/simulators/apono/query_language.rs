//! The query language of access scopes (contract §7.12): `field operator "value"`, joined by `and` and `or`, negated by `not`,
//! with parentheses.

/// Fields without a key.
const FIELDS: [&str; 12] = [
    "resource_type",
    "resource_name",
    "resource_path",
    "resource",
    "resource_status",
    "resource_source_id",
    "resource_risk_level",
    "permission",
    "permission_name",
    "permission_risk_level",
    "integration",
    "integration_name",
];

/// Fields with one.
const KEYED: [&str; 4] = [
    "resource_tag",
    "resource_context",
    "permission_tag",
    "permission_context",
];

const OPERATORS: [&str; 8] = [
    "=",
    "!=",
    "contains",
    "not_contains",
    "starts_with",
    "ends_with",
    "in",
    "not_in",
];

/// A query, read.
#[derive(Debug, Clone)]
pub(super) enum Question {
    All(Vec<Question>),
    Any(Vec<Question>),
    Not(Box<Question>),
    Is {
        field: String,
        key: Option<String>,
        operator: &'static str,
        values: Vec<String>,
    },
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Word(String),
    Text(String),
    Sign(char),
}

impl Question {
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let mut rest = tokens(text)?.into_iter().peekable();
        let question = any(&mut rest)?;
        match rest.next() {
            None => Ok(question),
            Some(token) => Err(format!("{token:?} was not expected")),
        }
    }

    /// Whether it holds of something, by what `value` says of a field and a key.
    pub(super) fn holds(&self, value: &impl Fn(&str, Option<&str>) -> Option<String>) -> bool {
        match self {
            Question::All(parts) => parts.iter().all(|part| part.holds(value)),
            Question::Any(parts) => parts.iter().any(|part| part.holds(value)),
            Question::Not(part) => !part.holds(value),
            Question::Is {
                field,
                key,
                operator,
                values,
            } => {
                let said = value(field, key.as_deref()).unwrap_or_default();
                let one = |test: &dyn Fn(&str) -> bool| values.iter().any(|text| test(text));
                match *operator {
                    "!=" | "not_in" => !one(&|text| said == text),
                    "contains" => one(&|text| said.contains(text)),
                    "not_contains" => !one(&|text| said.contains(text)),
                    "starts_with" => one(&|text| said.starts_with(text)),
                    "ends_with" => one(&|text| said.ends_with(text)),
                    _ => one(&|text| said == text),
                }
            }
        }
    }
}

type Tokens = std::iter::Peekable<std::vec::IntoIter<Token>>;

fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut found = Vec::new();
    let mut rest = text.chars().peekable();
    while let Some(sign) = rest.next() {
        match sign {
            sign if sign.is_whitespace() => {}
            '"' => {
                let mut value = String::new();
                loop {
                    match rest.next() {
                        None | Some('\n') => return Err("a value has no end".to_owned()),
                        Some('"') => break,
                        Some('\\') => value.extend(rest.next()),
                        Some(other) => value.push(other),
                    }
                }
                found.push(Token::Text(value));
            }
            '(' | ')' | '[' | ']' | ',' => found.push(Token::Sign(sign)),
            sign if sign.is_ascii_alphanumeric() || "_!=".contains(sign) => {
                let mut word = String::from(sign);
                while let Some(next) =
                    rest.next_if(|next| next.is_ascii_alphanumeric() || "_!=".contains(*next))
                {
                    word.push(next);
                }
                found.push(Token::Word(word));
            }
            other => return Err(format!("{other:?} was not expected")),
        }
    }
    Ok(found)
}

fn is_word(rest: &mut Tokens, word: &str) -> bool {
    rest.next_if_eq(&Token::Word(word.to_owned())).is_some()
}

fn any(rest: &mut Tokens) -> Result<Question, String> {
    let mut parts = vec![all(rest)?];
    while is_word(rest, "or") {
        parts.push(all(rest)?);
    }
    Ok(Question::Any(parts))
}

fn all(rest: &mut Tokens) -> Result<Question, String> {
    let mut parts = vec![one(rest)?];
    while is_word(rest, "and") {
        parts.push(one(rest)?);
    }
    Ok(Question::All(parts))
}

fn one(rest: &mut Tokens) -> Result<Question, String> {
    if is_word(rest, "not") {
        return Ok(Question::Not(Box::new(one(rest)?)));
    }
    if rest.next_if_eq(&Token::Sign('(')).is_some() {
        let inner = any(rest)?;
        sign(rest, ')')?;
        return Ok(inner);
    }
    let field = match rest.next() {
        Some(Token::Word(field)) => field,
        other => return Err(format!("a field was expected, not {other:?}")),
    };
    let key = if KEYED.contains(&field.as_str()) {
        sign(rest, '[')?;
        let key = text(rest)?;
        sign(rest, ']')?;
        Some(key)
    } else if FIELDS.contains(&field.as_str()) {
        None
    } else {
        return Err(format!("there is no field {field}"));
    };
    let operator = match rest.next() {
        Some(Token::Word(word)) => OPERATORS.into_iter().find(|known| *known == word),
        _ => None,
    };
    let operator = operator.ok_or_else(|| format!("{field} has no operator"))?;
    let mut values = Vec::new();
    if matches!(operator, "in" | "not_in") {
        sign(rest, '(')?;
        values.push(text(rest)?);
        while rest.next_if_eq(&Token::Sign(',')).is_some() {
            values.push(text(rest)?);
        }
        sign(rest, ')')?;
    } else {
        values.push(text(rest)?);
    }
    Ok(Question::Is {
        field,
        key,
        operator,
        values,
    })
}

fn sign(rest: &mut Tokens, wanted: char) -> Result<(), String> {
    match rest.next() {
        Some(Token::Sign(found)) if found == wanted => Ok(()),
        other => Err(format!("{wanted:?} was expected, not {other:?}")),
    }
}

fn text(rest: &mut Tokens) -> Result<String, String> {
    match rest.next() {
        Some(Token::Text(text)) => Ok(text),
        other => Err(format!("a value in quotes was expected, not {other:?}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(query: &str) -> bool {
        let value = |field: &str, key: Option<&str>| match (field, key) {
            ("resource_type", None) => Some("postgresql-database".to_owned()),
            ("resource_name", None) => Some("or\"ders".to_owned()),
            ("resource_tag", Some("env")) => Some("prod".to_owned()),
            _ => None,
        };
        Question::read(query).unwrap().holds(&value)
    }

    #[test]
    fn queries_join_negate_and_nest() {
        for query in [
            r#"resource_type = "postgresql-database""#,
            r#"resource_name = "or\"ders" and resource_tag["env"] in ("test", "prod")"#,
            r#"resource_name = "x" or (not resource_name contains "x" and resource_type starts_with "post")"#,
            r#"resource_tag["team"] != "core" and resource_tag["env"] not_in ("test")"#,
        ] {
            assert!(holds(query), "{query}");
        }
        for query in [
            r#"resource_type = "postgresql""#,
            r#"not resource_type ends_with "database""#,
            r#"resource_name = "x" and resource_name = "y" or resource_tag["env"] = "test""#,
        ] {
            assert!(!holds(query), "{query}");
        }
    }

    #[test]
    fn what_is_no_query_is_refused() {
        for query in [
            "",
            "resource_type",
            r#"resource_type = 'x'"#,
            r#"Resource_type = "x""#,
            r#"resource_type == "x""#,
            r#"resource_tag = "x""#,
            r#"resource_type = "x"#,
            "resource_type = \"x\ny\"",
            r#"(resource_type = "x""#,
            r#"resource_type = "x" resource_name = "y""#,
            r#"resource_type in "x""#,
        ] {
            assert!(Question::read(query).is_err(), "{query}");
        }
    }
}
