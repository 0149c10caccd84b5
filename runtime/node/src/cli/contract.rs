//! `weighhouse contract`: write, build, upload, deploy, call and query contracts.

use super::{
    Context, contract_bindings as bindings, contract_build as build, contract_call as call,
    contract_deploy as deploy, contract_look as look, contract_template as template,
    contract_test as test, contract_verify as verify,
};
use crate::output::Failure;

/// Verbs of `weighhouse contract`.
#[derive(Clone, Debug, clap::Subcommand)]
pub enum Args {
    /// Start a contract of your own from a template
    New(template::NewArgs),
    /// Build a contract and check it as a node would
    Build(build::BuildArgs),
    /// Check a module as a node would at upload
    Check(build::CheckArgs),
    /// Run a contract's tests on the engine of a node
    Test(test::TestArgs),
    /// Store code on the chain
    Upload(deploy::UploadArgs),
    /// Create a contract: uploads its code first if the chain has it not yet
    Deploy(deploy::DeployArgs),
    /// Replace a contract's code; only its admin may
    Upgrade(deploy::UpgradeArgs),
    /// Show a contract
    Info(look::InfoArgs),
    /// List contracts
    List(look::ListArgs),
    /// Call an entry point:  call WHERE -- ENTRY --arg value
    Call(call::CallArgs),
    /// Ask a contract:  query WHERE -- ENTRY --arg value
    Query(call::QueryArgs),
    /// Show a contract's interface
    Schema(look::SchemaArgs),
    /// Compare what runs on the chain with what a source gives
    Verify(verify::VerifyArgs),
    /// Typed client code from a contract's interface
    Bindings(bindings::BindingsArgs),
    /// List a contract's events
    Events(look::EventsArgs),
}

impl Args {
    /// Runs the verb.
    ///
    /// # Errors
    /// Usage, the node's answer, or an execution that did not succeed.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        match self {
            Self::New(args) => args.run(context),
            Self::Build(args) => args.run(context),
            Self::Check(args) => args.run(context),
            Self::Upload(args) => args.run(context),
            Self::Deploy(args) => args.run(context),
            Self::Upgrade(args) => args.run(context),
            Self::Info(args) => args.run(context),
            Self::List(args) => args.run(context),
            Self::Call(args) => args.run(context),
            Self::Query(args) => args.run(context),
            Self::Schema(args) => args.run(context),
            Self::Test(args) => args.run(context),
            Self::Verify(args) => args.run(context),
            Self::Bindings(args) => args.run(context),
            Self::Events(args) => args.run(context),
        }
    }
}
