//! `weighhouse account`: what stands at an address.

use super::remote::Remote;
use super::{Context, report};
use crate::output::Failure;
use weighhouse_rpc::api::state::StateAccount;
use weighhouse_rpc::types::{AccountKind, At};

/// Verbs of `weighhouse account`.
#[derive(Clone, Debug, clap::Subcommand)]
pub enum Args {
    /// Show an account or contract
    Show {
        /// Address or name
        #[arg(value_name = "WHO")]
        who: String,
        /// At this height [default: the latest]
        #[arg(long, value_name = "HEIGHT")]
        at: Option<At>,
    },
}

impl Args {
    /// Runs the verb.
    ///
    /// # Errors
    /// An unknown name, or the node's answer.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let Self::Show { who, at } = self;
        let remote = Remote::connect(context)?;
        let address = remote.names.address(&who)?;
        let params = StateAccount {
            address: remote.text(&address),
            at,
        };
        let account = remote.run(remote.client.state_account(&params))?;
        let kind = match account.kind {
            AccountKind::Account => "account",
            AccountKind::Contract => "contract",
        };
        let mut lines = vec![
            format!("address  {}", remote.names.show(&address)),
            format!("kind     {kind}"),
        ];
        if let Some(code) = &account.code_hash {
            lines.push(format!("code     {code}"));
        }
        match &account.quota {
            Some(quota) => lines.push(format!(
                "quota    {} of {} gas used in this window of {} s",
                report::thousands(quota.used.0),
                report::thousands(quota.limit.0),
                quota.window_seconds
            )),
            None => lines.push("quota    unlimited".into()),
        }
        lines.push(format!("height   {}", account.height));
        context.output.answer(lines.join("\n"), &account);
        Ok(())
    }
}
