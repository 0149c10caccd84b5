//! Every method: one file per group, one declaration per method.
//!
//! A group is declared once, with `group!`; from that one place come the trait that the server
//! implements, the registration with the JSON-RPC library, the method of the typed client and the
//! entry of the OpenRPC document, so that none of them can lag behind. Parameters are structs that
//! refuse unknown fields, and travel as objects by name.
//!
//! # Source
//! JSON-RPC 2.0; OpenRPC 1.4. The library's own attribute macro declares parameters as lists of arguments,
//! ignores misspelt optional ones and reports wrong types as bare text; a declaration of our own
//! names the path, what was expected and the nearest name in one place for all methods.

pub mod chain;
pub mod contract;
pub mod dev;
pub mod event;
pub mod index;
pub mod node;
pub mod state;
pub mod tx;

/// Bytes of a message over a `WebSocket`, at most: the longest input of a contract as hex, and its envelope. Uploads of
/// code go over HTTP, where a body is counted as it comes.
pub const WEBSOCKET_MESSAGE_BYTES_MAX: u32 = 320 * 1024;

/// A method as the document and the middleware know it.
#[derive(Clone, Copy, Debug)]
pub struct Method {
    /// Its name on the wire.
    pub name: &'static str,
    /// What it does, from its documentation.
    pub docs: &'static str,
    /// Own codes that it may answer with, beside the standard ones.
    pub errors: &'static [i32],
    /// For a subscription: names of its notification and of its end.
    pub subscription: Option<(&'static str, &'static str)>,
    /// JSON schema of its parameters.
    #[cfg(feature = "server")]
    pub params: fn(&mut schemars::SchemaGenerator) -> schemars::Schema,
    /// JSON schema of its result, or of a subscription's items.
    #[cfg(feature = "server")]
    pub result: fn(&mut schemars::SchemaGenerator) -> schemars::Schema,
}

/// Every method of every group; `dev_` methods exist on development networks only.
pub fn methods() -> impl Iterator<Item = &'static Method> {
    let groups = [
        chain::METHODS,
        tx::METHODS,
        contract::METHODS,
        state::METHODS,
        event::METHODS,
        index::METHODS,
        node::METHODS,
        dev::METHODS,
    ];
    groups.into_iter().flatten()
}

/// No parameters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NoParams {}

/// Declares a group of methods; see the module's documentation.
macro_rules! group {
    (
        $(#[$trait_doc:meta])*
        pub trait $api:ident {
            $(
                $(#[doc = $doc:expr])*
                fn $name:ident($($params:ty)?) -> $returns:ty, errors [$($code:literal),*];
            )*
        }
        subscriptions {
            $(
                $(#[doc = $stream_doc:expr])*
                fn $stream:ident($stream_params:ty) -> $item:ty, as $notification:literal, until $unsubscribe:literal, errors [$($stream_code:literal),*];
            )*
        }
    ) => {
        /// The methods of this group.
        pub const METHODS: &[crate::api::Method] = &[
            $(crate::api::Method {
                name: stringify!($name),
                docs: concat!($($doc, "\n"),*),
                errors: &[$($code),*],
                subscription: None,
                #[cfg(feature = "server")]
                params: |generator| {
                    generator.subschema_for::<crate::api::group!(@params $($params)?)>()
                },
                #[cfg(feature = "server")]
                result: |generator| generator.subschema_for::<$returns>(),
            },)*
            $(crate::api::Method {
                name: stringify!($stream),
                docs: concat!($($stream_doc, "\n"),*),
                errors: &[$($stream_code),*],
                subscription: Some(($notification, $unsubscribe)),
                #[cfg(feature = "server")]
                params: |generator| generator.subschema_for::<$stream_params>(),
                #[cfg(feature = "server")]
                result: |generator| generator.subschema_for::<$item>(),
            },)*
        ];

        #[cfg(feature = "server")]
        $(#[$trait_doc])*
        pub trait $api: Send + Sync + 'static {
            $(
                $(#[doc = $doc])*
                fn $name(
                    &self,
                    $(params: $params)?
                ) -> impl Future<Output = Result<$returns, crate::error::ErrorBody>> + Send;
            )*
            $(
                $(#[doc = $stream_doc])*
                fn $stream(
                    self: std::sync::Arc<Self>,
                    params: $stream_params,
                    asked: crate::server::Asked<$item>,
                ) -> impl Future<Output = ()> + Send;
            )*
        }

        /// Registers the methods of this group.
        ///
        /// # Errors
        /// If a name is registered already.
        #[cfg(feature = "server")]
        pub fn register<T: $api>(
            module: &mut jsonrpsee::RpcModule<T>,
        ) -> Result<(), jsonrpsee::core::RegisterMethodError> {
            $(
                module.register_async_method(stringify!($name), |params, context, _| async move {
                    let params = crate::server::params::parse(&params)?;
                    let answer = crate::api::group!(@call context $name params $($params)?);
                    answer.await.map_err(crate::server::params::to_object)
                })?;
            )*
            $(
                crate::server::subscription::register::<T, $stream_params, $item, _, _>(
                    module,
                    (stringify!($stream), $notification, $unsubscribe),
                    |context, params, asked| context.$stream(params, asked),
                )?;
            )*
            Ok(())
        }

        #[cfg(feature = "client")]
        impl crate::client::Client {
            $(
                $(#[doc = $doc])*
                /// # Errors
                /// The node's answer, or trouble on the way to it.
                pub async fn $name(
                    &self,
                    $(params: &$params)?
                ) -> Result<$returns, crate::client::CallError> {
                    crate::api::group!(@request self $name params $($params)?).await
                }
            )*
            $(
                $(#[doc = $stream_doc])*
                /// # Errors
                /// The node's refusal, or trouble on the way to it; a client over HTTP cannot.
                pub async fn $stream(
                    &self,
                    params: &$stream_params,
                ) -> Result<crate::client::Stream<$item>, crate::client::CallError> {
                    self.subscribe(stringify!($stream), params, $unsubscribe).await
                }
            )*
        }
    };
    (@params) => { crate::api::NoParams };
    (@params $params:ty) => { $params };
    (@call $context:ident $name:ident $params:ident) => {{
        let crate::api::NoParams {} = $params;
        $context.$name()
    }};
    (@call $context:ident $name:ident $params:ident $type:ty) => { $context.$name($params) };
    (@request $client:ident $name:ident $params:ident) => {
        $client.request(stringify!($name), &crate::api::NoParams {})
    };
    (@request $client:ident $name:ident $params:ident $type:ty) => {
        $client.request(stringify!($name), $params)
    };
}

pub(crate) use group;
