//! Group `state_`.

use super::contract::unknown_name;
use crate::api::state::{StateAccount, StateApi, StateEntries, StateEntry, StateRaw, StateRootAt};
use crate::error::ErrorBody;
use crate::server::page;
use crate::server::service::{Service, height};
use crate::server::view::Views;
use crate::types::{
    AccountKind, AccountView, At, EntryItem, EntryView, Hex, Json, Page, ProofView, QuotaUse,
    RawView, RootView,
};
use parity_scale_codec::Encode;
use weighhouse_primitives::proof::StateProof;
use weighhouse_primitives::schema::{CellKind, CellSchema};
use weighhouse_primitives::{Address, Gas, Header, Height};
use weighhouse_runtime::reader::{CodeInfo, ReadError};
use weighhouse_runtime::state::{Value, key};

impl StateApi for Service {
    async fn state_account(&self, params: StateAccount) -> Result<AccountView, ErrorBody> {
        self.look(move |this| this.account_view(&params)).await
    }

    async fn state_entry(&self, params: StateEntry) -> Result<EntryView, ErrorBody> {
        match params.proof {
            // A proof at an earlier height is work: it waits among the queries.
            Some(true) => self.execute(move |this| this.entry(&params)).await,
            _ => self.look(move |this| this.entry(&params)).await,
        }
    }

    async fn state_entries(&self, params: StateEntries) -> Result<Page<EntryItem>, ErrorBody> {
        self.look(move |this| this.entries(&params)).await
    }

    async fn state_raw(&self, params: StateRaw) -> Result<RawView, ErrorBody> {
        let raw = move |this: &Self| {
            let (height, value, proof) = this.read(&params.key.0, params.at, params.proof)?;
            Ok(RawView {
                value: value.map(|value| Hex::from(&value[..])),
                height: height.into(),
                proof,
            })
        };
        match params.proof {
            Some(true) => self.execute(raw).await,
            _ => self.look(raw).await,
        }
    }

    async fn state_root(&self, params: StateRootAt) -> Result<RootView, ErrorBody> {
        self.look(move |this| {
            let place = height(params.at).unwrap_or_else(|| this.reader().head().height);
            let header = this.reader().header(place)?;
            let header = header.ok_or_else(|| this.no_height(place))?;
            Ok(RootView {
                root: header.state_root.into(),
                height: place.into(),
            })
        })
        .await
    }
}

fn cell<'i>(info: &'i CodeInfo, name: &str) -> Result<&'i CellSchema, ErrorBody> {
    let mut cells = info.cells.iter();
    cells.find(|cell| cell.name == name).ok_or_else(|| {
        let names = info.cells.iter().map(|cell| cell.name.as_str());
        unknown_name("cell", name, names.collect())
    })
}

impl Service {
    fn no_height(&self, asked: Height) -> ErrorBody {
        let latest = self.reader().head().height;
        ReadError::Height {
            asked,
            oldest: Height::GENESIS,
            latest,
        }
        .into()
    }

    fn account_view(&self, params: &StateAccount) -> Result<AccountView, ErrorBody> {
        let address = self.address("address", &params.address)?;
        let at = height(params.at);
        let (height, record) = self.reader().account(&address, at)?;
        let contract = match self.reader().contract(&address, at) {
            Ok((_, contract)) => Some(contract),
            Err(ReadError::NotFound { .. }) => None,
            Err(other) => return Err(other.into()),
        };
        let time = match self.reader().header(height)? {
            Some(header) => header.time,
            None => self.reader().head().time,
        };
        let quota = self.reader().policy(at)?.quota.map(|quota| {
            let window = time.0.checked_div(quota.window_seconds.into());
            let used = if window == Some(record.window) {
                record.used
            } else {
                Gas::ZERO
            };
            QuotaUse {
                window_seconds: quota.window_seconds,
                used: used.into(),
                limit: quota.gas.into(),
                left: quota.gas.saturating_sub(used).into(),
            }
        });
        Ok(AccountView {
            address: Views::new(self).address(&address),
            kind: if contract.is_some() {
                AccountKind::Contract
            } else {
                AccountKind::Account
            },
            quota,
            code_hash: contract.map(|contract| contract.code.into()),
            height: height.into(),
        })
    }

    /// A value, and its proof if asked for.
    fn read(
        &self,
        state_key: &[u8],
        at: Option<At>,
        proof: Option<bool>,
    ) -> Result<(Height, Option<Value>, Option<ProofView>), ErrorBody> {
        if proof != Some(true) {
            let (height, value) = self.reader().state(state_key, height(at))?;
            return Ok((height, value, None));
        }
        let latest = self.reader().head().height;
        let (header, value, proof) = self.proven(state_key, height(at), latest)?;
        let view = ProofView {
            height: header.height.into(),
            state_root: header.state_root.into(),
            header: Hex(header.encode()),
            proof: Hex(proof.encode()),
        };
        Ok((header.height, value, Some(view)))
    }

    /// A value with its proof at `asked`, or at the newest height if none is.
    ///
    /// `latest` is what the caller took for the newest height: there a proof costs little. A block that
    /// was committed since makes it one of an earlier height, which costs more and answers the same.
    fn proven(
        &self,
        state_key: &[u8],
        asked: Option<Height>,
        latest: Height,
    ) -> Result<(Header, Option<Value>, StateProof), ErrorBody> {
        if asked.is_none_or(|asked| asked == latest) {
            let (header, value, proof) = self.reader().prove(state_key)?;
            if asked.is_none_or(|asked| asked == header.height) {
                return Ok((Header::clone(&header), value, proof));
            }
        }
        Ok(self.reader().prove_at(state_key, asked.unwrap_or(latest))?)
    }

    fn entry(&self, params: &StateEntry) -> Result<EntryView, ErrorBody> {
        let address = self.address("address", &params.address)?;
        let (_, info) = self.info(&address, height(params.at))?;
        let cell = cell(&info, &params.cell)?;
        let mut storage_key = cell.prefix.to_vec();
        match (&params.key, cell.kind) {
            (Some(given), CellKind::Map) => {
                storage_key.extend(self.codec().encode_key(&cell.key, &given.0, "key")?);
            }
            (None, CellKind::Map) => {
                return Err(ErrorBody::params("key", "a key of the map", "nothing"));
            }
            (Some(_), _) => return Err(ErrorBody::params("key", "nothing: no map", "a key")),
            (None, _) => {}
        }
        let state_key = key::storage(&address, &storage_key);
        let (height, value, proof) = self.read(&state_key, params.at, params.proof)?;
        let decoded = value
            .as_ref()
            .map(|value| self.codec().decode(&cell.value, value, "value"));
        Ok(EntryView {
            key: Hex(state_key),
            value: decoded.transpose()?.map(Json::from),
            raw: value.map(|value| Hex::from(&value[..])),
            height: height.into(),
            proof,
        })
    }

    fn entries(&self, params: &StateEntries) -> Result<Page<EntryItem>, ErrorBody> {
        let address: Address = self.address("address", &params.address)?;
        let (_, info) = self.info(&address, height(params.at))?;
        let cell = cell(&info, &params.cell)?;
        let limit = page::limit(params.limit)?;
        let mut prefix = cell.prefix.to_vec();
        prefix.extend(params.prefix.iter().flat_map(|prefix| &prefix.0));
        let prefix = key::storage(&address, &prefix);
        let after = page::bytes_cursor(params.cursor.as_deref())?.unwrap_or_default();
        if !after.is_empty() && !after.starts_with(&prefix) {
            let text = params.cursor.as_deref().unwrap_or_default();
            return Err(page::invalid_cursor("cursor", text));
        }
        let (height, found) =
            self.reader()
                .state_page(&prefix, &after, limit, height(params.at))?;
        let last = found.last().map(|(key, _)| Hex::from(&key[..]).to_string());
        let next = last.filter(|_| found.len() == limit);
        let items = found.iter().map(|(state_key, value)| {
            let storage_key = key::split_storage(state_key).map_or(&[][..], |(_, key)| key);
            let cell_key = storage_key.get(cell.prefix.len()..).unwrap_or_default();
            let decoded = self.codec().decode(&cell.value, value, "value").ok();
            EntryItem {
                key: self.codec().decode_key(&cell.key, cell_key).map(Json::from),
                value: decoded.map(Json::from),
                raw_key: Hex::from(storage_key),
                raw: Hex::from(&value[..]),
            }
        });
        self.page(items.collect(), next, (height, height))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::tests::{development_chain, service_over};
    use weighhouse_primitives::Timestamp;

    /// Goal: a proof is of the height asked for, even when a block is committed after the newest height
    /// was looked up.
    #[test]
    fn a_proof_is_of_the_height_asked_for() {
        let mut chain = development_chain();
        let service = service_over(&chain);
        let (start, key) = (chain.reader().head(), key::policy());
        let later = Timestamp(start.time.0.checked_add(1).unwrap());
        chain.propose(later, Vec::new()).unwrap();
        chain.commit().unwrap();
        let head = chain.reader().head();
        assert!(head.height > start.height);
        for (asked, proved) in [
            (Some(start.height), &start),
            (Some(head.height), &head),
            (None, &head),
        ] {
            let (header, value, proof) = service.proven(&key, asked, start.height).unwrap();
            assert_eq!(&header, &**proved, "asked for {asked:?}");
            assert!(proof.verify(&header.state_root, &key, value.as_deref()));
        }
    }
}
