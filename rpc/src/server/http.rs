//! The listener: one port for JSON-RPC, the explorer, health, metrics and the OpenRPC document.
//!
//! The loop is our own because the library's has no limits on heads, bodies and addresses:
//! here a slow or greedy client costs its own connection only.

use super::backend::Submit;
use super::clients::{Client, Clients, network_of};
use super::connections::{Connections, Open};
use super::cost;
use super::filter::Filter;
use super::flow::Flow;
use super::metrics::Metrics;
use super::middleware::{Around, Names, OverHttp};
use super::settings::Settings;
use super::wire::Wire;
use crate::api::WEBSOCKET_MESSAGE_BYTES_MAX;
use body::Unread;
use envelope::explained;
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::Full;
use hyper::body::{Body as _, Bytes, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use jsonrpsee::Methods;
use jsonrpsee::core::middleware::RpcServiceBuilder;
use jsonrpsee::server::{
    BatchRequestConfig, HttpBody, HttpResponse, PingConfig, RandomStringIdProvider, ServerBuilder,
    ServerConfig, StopHandle, stop_channel,
};
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tower::Service as _;

/// Pause after the system refuses a connection, for example for want of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// Bytes of a connection's buffer: the longest head.
const BUFFER_BYTES_MAX: usize = 64 * 1024;
/// Time in which TLS has to come about.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);

/// Everything a connection needs.
pub(crate) struct Listener {
    pub(crate) settings: Settings,
    pub(crate) filter: Filter,
    pub(crate) methods: Methods,
    pub(crate) names: Names,
    pub(crate) metrics: Metrics,
    pub(crate) submit: Arc<dyn Submit>,
    pub(crate) connections: Connections,
    pub(crate) clients: Clients,
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
                Ok((stream, peer)) => match self.connections.open(network_of(peer.ip())) {
                    Some(open) => {
                        let client = self.clients.at(peer.ip());
                        tokio::spawn(Arc::clone(&self).serve(stream, open, client));
                    }
                    None => tracing::debug!(%peer, "too many connections"),
                },
                Err(error) => {
                    // Whoever holds the most gives way, so that the next can be accepted.
                    let made_room = self.connections.make_room();
                    tracing::warn!(%error, made_room, "cannot accept a connection");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    }

    async fn serve(self: Arc<Self>, stream: TcpStream, open: Open, client: Arc<Client>) {
        // Small answers should not wait for each other; without it they are only slower.
        let _ = stream.set_nodelay(true);
        let open = Arc::new(open);
        let flow = Flow::new(&self.clients);
        let wire = tokio::select! {
            wire = self.wire(stream, Arc::clone(&flow)) => wire,
            () = open.leaves() => None,
        };
        let Some(wire) = wire else {
            return;
        };
        let answer = {
            let (this, open) = (Arc::clone(&self), Arc::clone(&open));
            move |request| {
                let asked = (Arc::clone(&open), Arc::clone(&client), Arc::clone(&flow));
                let this = Arc::clone(&this);
                async move { Ok::<_, Infallible>(this.answer(request, asked).await) }
            }
        };
        let connection = hyper::server::conn::http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(self.settings.head_timeout)
            .max_buf_size(BUFFER_BYTES_MAX)
            .serve_connection(TokioIo::new(wire), service_fn(answer))
            .with_upgrades();
        let stopped = self.stop.clone().shutdown();
        tokio::pin!(connection, stopped);
        let ended = tokio::select! {
            ended = connection.as_mut() => ended,
            () = open.leaves() => {
                tracing::debug!("a connection makes room for another");
                return;
            }
            () = stopped => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = ended {
            tracing::debug!(%error, "a connection ended");
        }
    }

    /// The connection, behind TLS where that is asked for.
    async fn wire(&self, stream: TcpStream, flow: Arc<Flow>) -> Option<Wire> {
        let patience = self.settings.write_timeout;
        let Some(tls) = &self.settings.tls else {
            return Some(Wire::plain(stream, patience, flow));
        };
        match tokio::time::timeout(HANDSHAKE_TIMEOUT, tls.accept(stream)).await {
            Ok(Ok(stream)) => Some(Wire::sealed(stream, patience, flow)),
            Ok(Err(error)) => {
                tracing::debug!(%error, "no TLS came about");
                None
            }
            Err(_) => None,
        }
    }

    async fn answer(
        &self,
        request: Request<Incoming>,
        (open, client, flow): (Arc<Open>, Arc<Client>, Arc<Flow>),
    ) -> HttpResponse {
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
        let authorization = request.headers().get(header::AUTHORIZATION);
        let presented = authorization.map(HeaderValue::as_bytes);
        let client = match self.clients.of(&client, presented) {
            Some(client) => client,
            // Who watches over the process has no key.
            None if request.uri().path() == "/health" => client,
            None => return unknown_key(),
        };
        let upgrade = request.headers().contains_key(header::UPGRADE);
        match (request.method(), request.uri().path()) {
            (&Method::POST, "/" | "/rpc") => self.rpc(request, &open, (client, &flow)).await,
            (&Method::GET, "/rpc") if upgrade => {
                self.websocket(request, open, (client, &flow)).await
            }
            (&Method::GET, "/health") => plain(StatusCode::OK, "text/plain", "ok\n"),
            (&Method::GET, "/ready") => self.ready(),
            (&Method::GET, "/metrics") => plain(
                StatusCode::OK,
                "text/plain; version=0.0.4",
                self.metrics.text() + &self.figures(),
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

    /// What the clients with keys have spent, and what was refused.
    fn figures(&self) -> String {
        let mut text = String::new();
        let (name, help) = (
            "weighhouse_rpc_key_units_total",
            "Units spent by each API key.",
        );
        let keyed = self.clients.keyed();
        let rows = keyed.iter().map(|(key, spent, _)| (key, spent));
        counter(&mut text, (name, help), rows);
        let (name, help) = (
            "weighhouse_rpc_key_refused_total",
            "Calls and batches refused to each API key for want of units.",
        );
        let rows = keyed.iter().map(|(key, _, refused)| (key, refused));
        counter(&mut text, (name, help), rows);
        text
    }

    fn ready(&self) -> HttpResponse {
        match self.submit.ready() {
            Ok(()) => plain(StatusCode::OK, "text/plain", "ready\n"),
            Err(error) => refusal(StatusCode::SERVICE_UNAVAILABLE, &error.to_string()),
        }
    }

    async fn rpc(
        &self,
        request: Request<Incoming>,
        open: &Open,
        (client, flow): (Arc<Client>, &Flow),
    ) -> HttpResponse {
        let (mut parts, body) = request.into_parts();
        let most = usize::try_from(self.settings.request_bytes_max).unwrap_or(usize::MAX);
        let whole = body::read(body, most, &self.clients, &client);
        let (body, _room) = match tokio::time::timeout(self.settings.body_timeout, whole).await {
            Ok(Ok(read)) => read,
            Ok(Err(Unread::TooLong)) => {
                let text = format!("a request has at most {most} bytes");
                return refusal(StatusCode::PAYLOAD_TOO_LARGE, &text);
            }
            Ok(Err(Unread::NoRoom)) => {
                return refusal(
                    StatusCode::TOO_MANY_REQUESTS,
                    "too many bytes of requests are under way; send fewer at once",
                );
            }
            Ok(Err(Unread::Broken)) => {
                return refusal(StatusCode::BAD_REQUEST, "the body broke off");
            }
            Err(_) => return refusal(StatusCode::REQUEST_TIMEOUT, "the body took too long"),
        };
        if !is_json(&parts.headers) {
            return refusal(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "send the header Content-Type: application/json",
            );
        }
        client.owe(cost::of_bytes(body.len()));
        parts.extensions.insert(OverHttp);
        let request = Request::from_parts(parts, Full::new(body.clone()));
        open.answers(true);
        let answered = self.library(request, Arc::clone(&client), None).await;
        let answered = explained(answered, &body).await;
        open.answers(false);
        // The library gives a body whose length it knows.
        let bytes = answered.body().size_hint().lower();
        if !flow.answers(&client, usize::try_from(bytes).unwrap_or(usize::MAX)) {
            return refusal(
                StatusCode::TOO_MANY_REQUESTS,
                "too many bytes of answers wait to be read; read them, or ask for less at once",
            );
        }
        answered
    }

    async fn websocket(
        &self,
        mut request: Request<Incoming>,
        open: Arc<Open>,
        (client, flow): (Arc<Client>, &Arc<Flow>),
    ) -> HttpResponse {
        if !open.becomes_websocket() {
            return refusal(
                StatusCode::TOO_MANY_REQUESTS,
                "there are too many WebSockets; use the ones that are open",
            );
        }
        let meter = flow.becomes_websocket(&client);
        request.extensions_mut().insert(meter);
        self.library(request, client, Some(open)).await
    }

    /// Hands a request to the JSON-RPC library.
    async fn library<B>(
        &self,
        request: Request<B>,
        client: Arc<Client>,
        session: Option<Arc<Open>>,
    ) -> HttpResponse
    where
        B: hyper::body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<jsonrpsee::core::BoxError>,
    {
        let (names, metrics) = (self.names.clone(), self.metrics.clone());
        let clients = self.clients.clone();
        let response_bytes_max = usize::try_from(self.settings.response_bytes_max);
        let response_bytes_max = response_bytes_max.unwrap_or(usize::MAX);
        let layer = RpcServiceBuilder::new().layer_fn(move |inner| Around {
            inner,
            names: names.clone(),
            metrics: metrics.clone(),
            clients: clients.clone(),
            client: Arc::clone(&client),
            response_bytes_max,
        });
        // A session has an end of its own, for when it has to make room.
        let (stop, end) = stop_channel();
        let stop = if session.is_some() {
            stop
        } else {
            self.stop.clone()
        };
        let mut service = ServerBuilder::new()
            .set_config(library_config(&self.settings, session.is_some()))
            .set_rpc_middleware(layer)
            .to_service_builder()
            .connection_id(self.sessions.fetch_add(1, Ordering::Relaxed))
            .build(self.methods.clone(), stop);
        if let Some(open) = session {
            // The connection is counted until the session ends, which is after this answer.
            let (closed, stopped) = (service.on_session_closed(), self.stop.clone().shutdown());
            tokio::spawn(async move {
                tokio::pin!(closed);
                tokio::select! {
                    () = &mut closed => return,
                    () = open.leaves() => {}
                    () = stopped => {}
                }
                // An error says that it has ended already.
                let _ = end.stop();
                closed.await;
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

fn library_config(settings: &Settings, websocket: bool) -> ServerConfig {
    // Over a WebSocket many may be under way at once.
    let (request_bytes_max, response_bytes_max) = match websocket {
        true => (
            settings.request_bytes_max.min(WEBSOCKET_MESSAGE_BYTES_MAX),
            settings.request_bytes_max,
        ),
        false => (settings.request_bytes_max, settings.response_bytes_max),
    };
    ServerConfig::builder()
        .max_request_body_size(request_bytes_max)
        .max_response_body_size(response_bytes_max)
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

/// A figure of each API key, in Prometheus text format; nothing if there are no keys.
fn counter<'k>(
    text: &mut String,
    (name, help): (&str, &str),
    rows: impl Iterator<Item = (&'k Arc<str>, &'k u64)>,
) {
    let mut rows = rows.peekable();
    if rows.peek().is_some() {
        text.push_str(&format!("# HELP {name} {help}\n# TYPE {name} counter\n"));
    }
    for (key, value) in rows {
        text.push_str(&format!("{name}{{key=\"{key}\"}} {value}\n"));
    }
}

fn unknown_key() -> HttpResponse {
    let mut response = refusal(
        StatusCode::UNAUTHORIZED,
        "this node asks for an API key: send the header Authorization: Bearer KEY",
    );
    let scheme = HeaderValue::from_static("Bearer");
    response
        .headers_mut()
        .insert(header::WWW_AUTHENTICATE, scheme);
    response
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

mod body;
mod envelope;
mod explorer;

#[cfg(test)]
pub(super) mod tests;
