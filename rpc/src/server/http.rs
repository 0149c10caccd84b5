//! The listener: one port for JSON-RPC, the explorer, health, metrics and the OpenRPC document.
//!
//! The loop is our own because the library's has no limits on heads, bodies and addresses:
//! here a slow or greedy client costs its own connection only.

use super::backend::Submit;
use super::connections::{Connections, Open};
use super::filter::Filter;
use super::metrics::Metrics;
use super::middleware::{Around, Names, OverHttp};
use super::settings::Settings;
use envelope::explained;
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use jsonrpsee::Methods;
use jsonrpsee::core::middleware::RpcServiceBuilder;
use jsonrpsee::server::{
    BatchRequestConfig, HttpBody, HttpResponse, PingConfig, RandomStringIdProvider, ServerBuilder,
    ServerConfig, StopHandle,
};
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tower::Service as _;

/// Pause after the system refuses a connection, for example for want of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Everything a connection needs.
pub(crate) struct Listener {
    pub(crate) settings: Settings,
    pub(crate) filter: Filter,
    pub(crate) methods: Methods,
    pub(crate) names: Names,
    pub(crate) metrics: Metrics,
    pub(crate) submit: Arc<dyn Submit>,
    pub(crate) connections: Connections,
    pub(crate) openrpc: Bytes,
    pub(crate) stop: StopHandle,
    pub(crate) sessions: AtomicU32,
}

impl Listener {
    /// Accepts connections until the server is stopped.
    pub(crate) async fn run(self: Arc<Self>, listener: TcpListener) {
        let stopped = self.stop.clone().shutdown();
        tokio::pin!(stopped);
        loop {
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                () = &mut stopped => return,
            };
            match accepted {
                Ok((stream, peer)) => match self.connections.open(peer.ip()) {
                    Some(open) => {
                        tokio::spawn(Arc::clone(&self).serve(stream, open));
                    }
                    None => tracing::debug!(%peer, "too many connections"),
                },
                Err(error) => {
                    tracing::warn!(%error, "cannot accept a connection");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    }

    async fn serve(self: Arc<Self>, stream: TcpStream, open: Open) {
        // Small answers should not wait for each other; without it they are only slower.
        let _ = stream.set_nodelay(true);
        let open = Arc::new(open);
        let answer = {
            let this = Arc::clone(&self);
            move |request| {
                let (this, open) = (Arc::clone(&this), Arc::clone(&open));
                async move { Ok::<_, Infallible>(this.answer(request, open).await) }
            }
        };
        let connection = hyper::server::conn::http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(self.settings.head_timeout)
            .serve_connection(TokioIo::new(stream), service_fn(answer))
            .with_upgrades();
        let stopped = self.stop.clone().shutdown();
        tokio::pin!(connection, stopped);
        let ended = tokio::select! {
            ended = connection.as_mut() => ended,
            () = stopped => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = ended {
            tracing::debug!(%error, "a connection ended");
        }
    }

    async fn answer(&self, request: Request<Incoming>, open: Arc<Open>) -> HttpResponse {
        let named = |name| request.headers().get(name).map(HeaderValue::to_str);
        // A header that is not text is somebody's, but nobody's that we serve.
        let host = match request.uri().host() {
            Some(host) => Some(host),
            None => named(header::HOST).map(|host| host.unwrap_or("?")),
        };
        let origin = named(header::ORIGIN).map(|origin| origin.unwrap_or("?"));
        if !self.filter.serves_host(host) {
            return refusal(
                StatusCode::FORBIDDEN,
                "this host name is not served; its operator lists names in rpc.allow_hosts of weighhouse.toml",
            );
        }
        if !self.filter.serves_origin(origin) {
            return refusal(
                StatusCode::FORBIDDEN,
                "this origin is not served; its operator lists origins in rpc.allow_origins of weighhouse.toml",
            );
        }
        let upgrade = request.headers().contains_key(header::UPGRADE);
        match (request.method(), request.uri().path()) {
            (&Method::POST, "/" | "/rpc") => self.rpc(request).await,
            (&Method::GET, "/rpc") if upgrade => self.websocket(request, open).await,
            (&Method::GET, "/health") => plain(StatusCode::OK, "text/plain", "ok\n"),
            (&Method::GET, "/ready") => self.ready(),
            (&Method::GET, "/metrics") => plain(
                StatusCode::OK,
                "text/plain; version=0.0.4",
                self.metrics.text(),
            ),
            (&Method::GET, "/openrpc.json") => {
                plain(StatusCode::OK, "application/json", self.openrpc.clone())
            }
            (&Method::GET, path) if self.settings.explorer && explorer::has(path) => {
                explorer::page(path)
            }
            (_, "/" | "/rpc") => refusal(
                StatusCode::METHOD_NOT_ALLOWED,
                "POST JSON-RPC to /rpc, or open a WebSocket there",
            ),
            _ => refusal(
                StatusCode::NOT_FOUND,
                "there are POST /rpc, and GET / /health /ready /metrics /openrpc.json",
            ),
        }
    }

    fn ready(&self) -> HttpResponse {
        match self.submit.ready() {
            Ok(()) => plain(StatusCode::OK, "text/plain", "ready\n"),
            Err(error) => refusal(StatusCode::SERVICE_UNAVAILABLE, &error.to_string()),
        }
    }

    async fn rpc(&self, request: Request<Incoming>) -> HttpResponse {
        let (mut parts, body) = request.into_parts();
        let most = usize::try_from(self.settings.request_bytes_max).unwrap_or(usize::MAX);
        let whole = Limited::new(body, most).collect();
        let body = match tokio::time::timeout(self.settings.body_timeout, whole).await {
            Ok(Ok(body)) => body.to_bytes(),
            Ok(Err(error)) if error.is::<LengthLimitError>() => {
                let text = format!("a request has at most {most} bytes");
                return refusal(StatusCode::PAYLOAD_TOO_LARGE, &text);
            }
            Ok(Err(_)) => return refusal(StatusCode::BAD_REQUEST, "the body broke off"),
            Err(_) => return refusal(StatusCode::REQUEST_TIMEOUT, "the body took too long"),
        };
        if !is_json(&parts.headers) {
            return refusal(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "send the header Content-Type: application/json",
            );
        }
        parts.extensions.insert(OverHttp);
        let request = Request::from_parts(parts, Full::new(body.clone()));
        explained(self.library(request, None).await, &body).await
    }

    async fn websocket(&self, request: Request<Incoming>, open: Arc<Open>) -> HttpResponse {
        self.library(request, Some(open)).await
    }

    /// Hands a request to the JSON-RPC library.
    async fn library<B>(&self, request: Request<B>, session: Option<Arc<Open>>) -> HttpResponse
    where
        B: hyper::body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<jsonrpsee::core::BoxError>,
    {
        let (names, metrics) = (self.names.clone(), self.metrics.clone());
        let response_bytes_max = usize::try_from(self.settings.response_bytes_max);
        let response_bytes_max = response_bytes_max.unwrap_or(usize::MAX);
        let layer = RpcServiceBuilder::new().layer_fn(move |inner| Around {
            inner,
            names: names.clone(),
            metrics: metrics.clone(),
            response_bytes_max,
        });
        let mut service = ServerBuilder::new()
            .set_config(library_config(&self.settings))
            .set_rpc_middleware(layer)
            .to_service_builder()
            .connection_id(self.sessions.fetch_add(1, Ordering::Relaxed))
            .build(self.methods.clone(), self.stop.clone());
        if let Some(open) = session {
            // The connection is counted until the session ends, which is after this answer.
            let closed = service.on_session_closed();
            tokio::spawn(async move {
                closed.await;
                drop(open);
            });
        }
        match service.call(request).await {
            Ok(response) => response,
            Err(error) => {
                tracing::debug!(%error, "a request failed");
                refusal(StatusCode::BAD_REQUEST, "the request could not be served")
            }
        }
    }
}

fn library_config(settings: &Settings) -> ServerConfig {
    ServerConfig::builder()
        .max_request_body_size(settings.request_bytes_max)
        .max_response_body_size(settings.response_bytes_max)
        .max_subscriptions_per_connection(settings.subscriptions_max)
        .set_batch_request_config(BatchRequestConfig::Limit(settings.batch_max))
        .set_message_buffer_capacity(settings.messages_waiting_max)
        .set_id_provider(RandomStringIdProvider::new(16))
        .enable_ws_ping(
            PingConfig::new()
                .ping_interval(Duration::from_secs(30))
                .inactive_limit(Duration::from_secs(90)),
        )
        .build()
}

fn is_json(headers: &http::HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/json")
        || essence.eq_ignore_ascii_case("application/json-rpc")
}

fn plain(status: StatusCode, kind: &'static str, body: impl Into<Bytes>) -> HttpResponse {
    let mut response = Response::new(HttpBody::new(Full::new(body.into())));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

fn refusal(status: StatusCode, text: &str) -> HttpResponse {
    plain(status, "text/plain", format!("{text}\n"))
}

mod envelope;
mod explorer;

#[cfg(test)]
pub(super) mod tests;
