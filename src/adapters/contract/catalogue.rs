//! The operations that a vendor documents, as data: what the pass-through lets through, and how.

use serde::Serialize;

/// One documented operation of a vendor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct UpstreamOperation {
    /// Which of the vendor's APIs it belongs to; a variant names those that its connections reach.
    pub api: &'static str,
    /// Its name, unique within the API: the vendor's own operation id in lower snake case, or one made after it.
    pub id: &'static str,
    /// HTTP method, in upper case.
    pub method: &'static str,
    /// The path as the contract prints it, with parameters in braces.
    pub path: &'static str,
    /// Whether it changes something at the vendor, whatever its method.
    pub writes: bool,
    /// Which kind of credential the vendor asks for, in the contract's word; `none` where it asks for none.
    pub credential: &'static str,
    /// Whether sending it twice is as good as once.
    pub idempotent: bool,
    /// The id of the operation that shows what a write did.
    pub read_back_by: Option<&'static str>,
    /// Whether the vendor has a newer one for the same.
    pub legacy: bool,
    /// Whether its answer can hold a secret: a token, a password, a key.
    pub secret_in_answer: bool,
    /// The gateway's own operation that covers it, by its operation id.
    pub normalized: Option<&'static str>,
    /// Whether it is off unless a setting of the connection allows it: it reaches beyond the vendor's own API, changes the
    /// credential that the connection lives by, or takes away the tenant or domain that it is for.
    pub dangerous: bool,
}

impl UpstreamOperation {
    const fn new(
        api: &'static str,
        id: &'static str,
        method: &'static str,
        path: &'static str,
    ) -> Self {
        Self {
            api,
            id,
            method,
            path,
            writes: false,
            credential: "account",
            idempotent: true,
            read_back_by: None,
            legacy: false,
            secret_in_answer: false,
            normalized: None,
            dangerous: false,
        }
    }

    /// An operation that changes nothing.
    pub const fn read(
        api: &'static str,
        id: &'static str,
        method: &'static str,
        path: &'static str,
    ) -> Self {
        Self::new(api, id, method, path)
    }

    /// An operation that changes something; sending it twice is not as good as once, unless said otherwise.
    pub const fn write(
        api: &'static str,
        id: &'static str,
        method: &'static str,
        path: &'static str,
    ) -> Self {
        Self {
            writes: true,
            idempotent: false,
            ..Self::new(api, id, method, path)
        }
    }

    /// Names the kind of credential.
    #[must_use]
    pub const fn by(mut self, credential: &'static str) -> Self {
        self.credential = credential;
        self
    }

    /// Sending it twice is as good as once.
    #[must_use]
    pub const fn idempotent(mut self) -> Self {
        self.idempotent = true;
        self
    }

    /// Names the operation that shows what it did.
    #[must_use]
    pub const fn read_back_by(mut self, id: &'static str) -> Self {
        self.read_back_by = Some(id);
        self
    }

    /// The vendor has a newer one.
    #[must_use]
    pub const fn legacy(mut self) -> Self {
        self.legacy = true;
        self
    }

    /// Its answer can hold a secret.
    #[must_use]
    pub const fn secret(mut self) -> Self {
        self.secret_in_answer = true;
        self
    }

    /// Names the gateway's own operation that covers it.
    #[must_use]
    pub const fn normalized(mut self, operation_id: &'static str) -> Self {
        self.normalized = Some(operation_id);
        self
    }

    /// Off unless a setting allows it.
    #[must_use]
    pub const fn dangerous(mut self) -> Self {
        self.dangerous = true;
        self
    }
}
