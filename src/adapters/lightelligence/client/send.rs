//! How a request gets its token, and another one where that is refused.

use std::sync::Arc;

use serde_json::Value;

use super::Client;
use crate::adapters::contract::{AdapterError, Call, SideEffect};
use crate::adapters::lightelligence::custody::Token;
use crate::adapters::lightelligence::judge::is_unauthorized;
use crate::adapters::transport::{Answer, Request};

impl Client {
    pub(super) async fn read(&self, call: &Call, request: Request) -> Result<Answer, AdapterError> {
        let send = |call: Call, request| async move { self.channel.read(&call, request).await };
        self.reading(call, &request, send).await
    }

    pub(super) async fn write(
        &self,
        call: &Call,
        request: Request,
        before: &Value,
    ) -> Result<Answer, AdapterError> {
        let send =
            |call: Call, request| async move { self.channel.write(&call, request, before).await };
        self.writing(call, &request, send).await
    }

    /// Sends a reading. A token that is refused is replaced once.
    pub(super) async fn reading<T, S>(
        &self,
        call: &Call,
        request: &Request,
        send: impl Fn(Call, Request) -> S,
    ) -> Result<T, AdapterError>
    where
        S: Future<Output = Result<T, AdapterError>>,
    {
        // As the transport has it: once the operation's write has left, a failure proves nothing about it.
        let untold = |error: AdapterError| {
            error.with_effect(if call.is_sent() {
                SideEffect::Unknown
            } else {
                SideEffect::None
            })
        };
        let token = self.keeper.token(call).await.map_err(untold)?;
        let refusal = match send(token.on(call), signed(request, &token)).await {
            Err(error) if is_unauthorized(&error) => error,
            outcome => return outcome,
        };
        let other = self.keeper.other_than(call, &token, refusal).await;
        let other = other.map_err(untold)?;
        send(other.on(call), signed(request, &other)).await
    }

    /// Sends the one write of an operation, with a token that was proven before. A 401 says that nothing was done: then, and
    /// only then, it is sent once more.
    pub(super) async fn writing<T, S>(
        &self,
        call: &Call,
        request: &Request,
        send: impl Fn(Call, Request) -> S,
    ) -> Result<T, AdapterError>
    where
        S: Future<Output = Result<T, AdapterError>>,
    {
        let nothing_done = |error: AdapterError| error.with_effect(SideEffect::None);
        let token = self.keeper.token_for_write(call).await;
        let token = token.map_err(nothing_done)?;
        let refusal = match send(token.on(call), signed(request, &token)).await {
            Err(error) if is_unauthorized(&error) => error,
            outcome => return outcome,
        };
        let other = self.keeper.other_than(call, &token, refusal).await;
        other.map_err(nothing_done)?;
        let proven = self.keeper.token_for_write(call).await;
        let proven = proven.map_err(nothing_done)?;
        send(proven.on(call), signed(request, &proven)).await
    }
}

fn signed(request: &Request, token: &Arc<Token>) -> Request {
    Request {
        sign: Some(Arc::<Token>::clone(token)),
        ..request.clone()
    }
}
