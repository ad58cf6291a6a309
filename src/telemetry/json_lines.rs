//! One JSON object a line, flat: an event's fields beside those of the spans around it, so that every line of a request
//! carries its `request_id`.

use std::{error::Error, fmt, io::Write};

use chrono::{SecondsFormat, Utc};
use serde::Serialize;
use serde_json::{Map, Value};
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
};
use tracing_subscriber::{Layer, fmt::MakeWriter, layer::Context, registry::LookupSpan};

/// Names of ours, which no field may take.
const RESERVED: [&str; 3] = ["timestamp", "level", "target"];

pub(super) struct JsonLines<W> {
    writer: W,
}

impl<W> JsonLines<W> {
    pub(super) fn new(writer: W) -> Self {
        Self { writer }
    }
}

#[derive(Serialize)]
struct Line<'a> {
    timestamp: String,
    level: &'a str,
    message: Value,
    target: &'a str,
    #[serde(flatten)]
    fields: Map<String, Value>,
}

/// The fields of a span or an event.
#[derive(Default)]
struct Fields(Map<String, Value>);

impl<S, W> Layer<S> for JsonLines<W>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    W: for<'a> MakeWriter<'a> + 'static,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        span.extensions_mut().insert(fields);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        if let Some(fields) = span.extensions_mut().get_mut::<Fields>() {
            values.record(fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let metadata = event.metadata();
        let mut fields = Fields::default();
        for span in context
            .event_scope(event)
            .into_iter()
            .flat_map(|scope| scope.from_root())
        {
            if let Some(around) = span.extensions().get::<Fields>() {
                fields.0.extend(around.0.clone());
            }
        }
        event.record(&mut fields);
        let message = fields.0.remove("message").unwrap_or_default();

        let line = Line {
            timestamp: Utc::now().to_rfc3339_opts(SecondsFormat::Micros, true),
            level: metadata.level().as_str(),
            message,
            target: metadata.target(),
            fields: fields.0,
        };
        let Ok(mut bytes) = serde_json::to_vec(&line) else {
            return;
        };
        bytes.push(b'\n');
        // In one piece, so that lines of several threads don't mix. Where standard error is gone there is nobody to tell.
        let _ = self.writer.make_writer_for(metadata).write_all(&bytes);
    }
}

impl Fields {
    fn put(&mut self, field: &Field, value: Value) {
        let name = field.name();
        let name = if RESERVED.contains(&name) {
            format!("field.{name}")
        } else {
            name.to_owned()
        };
        self.0.insert(name, value);
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.put(field, format!("{value:?}").into());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, value.into());
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field, value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, value.into());
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        let causes = std::iter::successors(Some(value), |error| (*error).source());
        let texts: Vec<String> = causes.map(ToString::to_string).collect();
        self.put(field, texts.join(": ").into());
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io,
        sync::{Arc, Mutex},
    };

    use tracing::{field::Empty, info, info_span, subscriber::with_default, warn};
    use tracing_subscriber::{layer::SubscriberExt, registry};

    use super::*;

    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().expect("kept").write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn lines_of(work: impl FnOnce()) -> Vec<Value> {
        let kept = Kept::default();
        let writer = kept.clone();
        with_default(
            registry().with(JsonLines::new(move || writer.clone())),
            work,
        );
        let text = String::from_utf8(kept.0.lock().expect("kept").clone()).expect("UTF-8");
        text.lines()
            .map(|line| serde_json::from_str(line).expect("one JSON object a line"))
            .collect()
    }

    #[test]
    fn a_line_carries_the_fields_of_every_span_around_it() {
        let lines = lines_of(|| {
            let _request = info_span!("request", request_id = "r-1", status = Empty).entered();
            let operation = info_span!("operation", operation.id = 7).entered();
            info!(
                duration_ms = 12,
                done = true,
                account.kind = "human",
                "Created an account\nquickly"
            );
            drop(operation);
            tracing::Span::current().record("status", 201);
            warn!("Second");
        });
        let first = &lines[0];
        assert_eq!(first["request_id"], "r-1");
        assert_eq!(first["operation.id"], 7);
        assert_eq!(
            (&first["duration_ms"], &first["done"]),
            (&12.into(), &true.into())
        );
        assert_eq!(first["account.kind"], "human");
        assert_eq!(
            (&first["message"], &first["level"]),
            (&"Created an account\nquickly".into(), &"INFO".into())
        );
        assert!(
            first["timestamp"]
                .as_str()
                .is_some_and(|time| time.ends_with('Z'))
        );
        let second = &lines[1];
        assert_eq!(
            (&second["request_id"], &second["status"]),
            (&"r-1".into(), &201.into())
        );
        assert!(second.get("operation.id").is_none());
    }

    #[test]
    fn a_field_can_not_pose_as_ours() {
        let lines = lines_of(|| info!(level = "fake", timestamp = 1, "Said"));
        assert_eq!(
            (&lines[0]["level"], &lines[0]["field.level"]),
            (&"INFO".into(), &"fake".into())
        );
    }

    #[test]
    fn an_error_brings_its_causes() {
        let cause = io::Error::other(crate::secrets::SecretError::NoKey);
        let lines = lines_of(|| info!(error = &cause as &dyn Error, "Failed"));
        assert_eq!(lines[0]["error"], "no master key was given");
    }
}
