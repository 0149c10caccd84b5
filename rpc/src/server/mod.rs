//! The server: one port for JSON-RPC over HTTP and WebSocket, health and metrics.

pub mod params;
pub mod subscription;

pub use subscription::Stream;
