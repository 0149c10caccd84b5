//! Group `index_`: read from declared rules, the state and the index of events; there is no index of its
//! own that could disagree with them.
//!
//! A token is a contract that declares `conserve(sum(MAP) == supply)` over one map by address: the host
//! keeps it true, so the map is the register of holders. Listings are bounded by what they look at; a page
//! may be shorter than asked for and still have a next one.

use crate::api::index::{IndexApi, IndexHolders, IndexTokens, IndexTransfers};
use crate::error::{ErrorBody, code};
use crate::server::page::{self, Scan};
use crate::server::service::{Service, height};
use crate::server::view::Views;
use crate::types::{
    AddressText, EventItem, HolderItem, IndexStatus, Page, TokenItem, TransferItem, U128,
};
use serde_json::Value;
use weighhouse_primitives::rule::{Place, RuleKind};
use weighhouse_primitives::schema::{CellKind, CellSchema, Type};
use weighhouse_primitives::{Address, abi};
use weighhouse_runtime::reader::{CodeInfo, EventFilter};
use weighhouse_runtime::state::key;

/// The cell that a token's units add up to.
const SUPPLY: &str = "supply";
/// Events that move units.
const MOVES: [&str; 3] = ["Transfer", "Mint", "Burn"];
/// Bytes of an amount.
const AMOUNT_BYTES: usize = 16;
/// Contracts looked at for one page of tokens.
const CONTRACTS_MAX: usize = 500;

impl IndexApi for Service {
    async fn index_status(&self) -> Result<IndexStatus, ErrorBody> {
        // The index is written with the block, so it is never behind.
        let latest = self.reader().head().height;
        Ok(IndexStatus {
            indexed_height: latest.into(),
            latest_height: latest.into(),
        })
    }

    async fn index_tokens(&self, params: IndexTokens) -> Result<Page<TokenItem>, ErrorBody> {
        self.look(move |this| this.tokens(&params)).await
    }

    async fn index_holders(&self, params: IndexHolders) -> Result<Page<HolderItem>, ErrorBody> {
        self.look(move |this| this.holders(&params)).await
    }

    async fn index_transfers(
        &self,
        params: IndexTransfers,
    ) -> Result<Page<TransferItem>, ErrorBody> {
        self.look(move |this| this.transfers(&params)).await
    }
}

/// Where a token keeps what its holders have.
struct Register<'i> {
    units: &'i CellSchema,
    /// Where the amount stands in the map's values.
    offset: usize,
    supply: &'i CellSchema,
    cap: Option<&'i CellSchema>,
}

impl<'i> Register<'i> {
    /// The register that the rules of a code speak of, if it is a token's.
    fn of(info: &'i CodeInfo) -> Option<Self> {
        let cell = |place: &Place| info.cells.get(usize::from(place.cell));
        let is_supply = |place: &Place| {
            place.offset.is_none() && cell(place).is_some_and(|cell| cell.name == SUPPLY)
        };
        let mut rules = info.rules.iter();
        let (units, offset, supply) = rules.find_map(|rule| {
            let RuleKind::Conserve { maps, total } = &rule.kind else {
                return None;
            };
            let [map] = maps.as_slice() else { return None };
            let units = cell(map)?;
            let by_address = units.kind == CellKind::Map && units.key == Type::Address;
            let offset = usize::from(map.offset.unwrap_or(0));
            (by_address && is_supply(total)).then_some((units, offset, cell(total)?))
        })?;
        let cap = info.rules.iter().find_map(|rule| match &rule.kind {
            RuleKind::AtMost { lower, upper } if is_supply(lower) && upper.offset.is_none() => {
                cell(upper)
            }
            _ => None,
        });
        Some(Self {
            units,
            offset,
            supply,
            cap,
        })
    }

    /// The units in a value of the map.
    fn amount(&self, value: &[u8]) -> Option<u128> {
        amount_at(value, self.offset)
    }
}

fn amount_at(value: &[u8], offset: usize) -> Option<u128> {
    let bytes = value.get(offset..)?.first_chunk::<AMOUNT_BYTES>()?;
    Some(u128::from_le_bytes(*bytes))
}

/// What a token says of itself, in cells.
#[derive(Default)]
struct Said {
    name: Option<String>,
    symbol: Option<String>,
    decimals: Option<u32>,
}

impl Service {
    fn tokens(&self, params: &IndexTokens) -> Result<Page<TokenItem>, ErrorBody> {
        let limit = page::limit(params.limit)?;
        let cursor = params.cursor.as_deref();
        let parsed = cursor.map(|text| {
            let parsed = self.codec().prefix().parse(text);
            parsed.map_err(|_| page::invalid_cursor("cursor", text))
        });
        let mut after = parsed.transpose()?;
        let (mut items, mut scanned) = (Vec::new(), 0);
        let next = loop {
            let Some((address, record)) = self.reader().contracts(after.as_ref(), 1)?.pop() else {
                break None;
            };
            if items.len() == limit || scanned == CONTRACTS_MAX {
                break after;
            }
            scanned += 1;
            after = Some(address);
            let info = self.reader().code_info(&record.code)?;
            if let Some(register) = Register::of(&info) {
                let item = self.token(&address, &info, &register)?;
                let wanted = params.symbol.is_none() || params.symbol == item.symbol;
                items.extend(wanted.then_some(item));
            }
        };
        let next = next.map(|address| self.codec().prefix().format(&address));
        let head = self.reader().head().height;
        self.page(items, next, (head, head))
    }

    fn token(
        &self,
        address: &Address,
        info: &CodeInfo,
        register: &Register<'_>,
    ) -> Result<TokenItem, ErrorBody> {
        let number = |cell: &CellSchema| {
            let place = key::storage(address, &cell.prefix);
            let (_, value) = self.reader().state(&place, None)?;
            // Absent is zero.
            let amount = value.and_then(|value| amount_at(&value, 0)).unwrap_or(0);
            Ok::<_, ErrorBody>(U128(amount))
        };
        let said = self.said(address, info)?;
        Ok(TokenItem {
            address: Views::new(self).address(address),
            contract: info.schema.name.clone(),
            name: said.name,
            symbol: said.symbol,
            decimals: said.decimals,
            supply: number(register.supply)?,
            cap: register.cap.map(number).transpose()?,
        })
    }

    /// Name, symbol and decimals by convention: cells of these names, or fields of a cell `meta`.
    fn said(&self, address: &Address, info: &CodeInfo) -> Result<Said, ErrorBody> {
        let value = |name: &str| {
            let mut cells = info.cells.iter();
            let cell = cells.find(|cell| cell.name == name && cell.kind != CellKind::Map);
            let Some(cell) = cell else {
                return Ok(None);
            };
            let place = key::storage(address, &cell.prefix);
            let (_, value) = self.reader().state(&place, None)?;
            let decoded = value.map(|value| self.codec().decode(&cell.value, &value, name));
            Ok::<_, ErrorBody>(decoded.and_then(Result::ok))
        };
        let meta = value("meta")?.unwrap_or_default();
        let part = |name: &str| -> Result<Option<Value>, ErrorBody> {
            Ok(value(name)?.or_else(|| meta.get(name).cloned()))
        };
        let text = |value: Option<Value>| value?.as_str().map(str::to_owned);
        let decimals = part("decimals")?.and_then(|value| value.as_u64());
        Ok(Said {
            name: text(part("name")?),
            symbol: text(part("symbol")?),
            decimals: decimals.and_then(|decimals| u32::try_from(decimals).ok()),
        })
    }

    fn holders(&self, params: &IndexHolders) -> Result<Page<HolderItem>, ErrorBody> {
        let token = self.address("token", &params.token)?;
        let limit = page::limit(params.limit)?;
        let (_, info) = self.info(&token, height(params.at))?;
        let register = Register::of(&info).ok_or_else(|| {
            let message = format!(
                "{} is no token: no rule says that a map by address adds up to {SUPPLY}",
                info.schema.name
            );
            ErrorBody::new(code::NO_SCHEMA, message).with("what", "holders")
        })?;
        let prefix = key::storage(&token, &register.units.prefix);
        let after = page::bytes_cursor(params.cursor.as_deref())?.unwrap_or_default();
        if !after.is_empty() && !after.starts_with(&prefix) {
            let text = params.cursor.as_deref().unwrap_or_default();
            return Err(page::invalid_cursor("cursor", text));
        }
        let (at, found) = self
            .reader()
            .state_page(&prefix, &after, limit, height(params.at))?;
        let last = found
            .last()
            .map(|(key, _)| crate::types::Hex::from(&key[..]).to_string());
        let next = last.filter(|_| found.len() == limit);
        let items = found.iter().filter_map(|(state_key, value)| {
            let (_, storage_key) = key::split_storage(state_key)?;
            let cell_key = storage_key.get(register.units.prefix.len()..)?;
            let holder = self.codec().decode_key(&register.units.key, cell_key)?;
            let amount = register.amount(value).filter(|amount| *amount > 0)?;
            Some(HolderItem {
                holder: AddressText::from(holder.as_str()?.to_owned()),
                amount: U128(amount),
            })
        });
        self.page(items.collect(), next, (at, at))
    }

    fn transfers(&self, params: &IndexTransfers) -> Result<Page<TransferItem>, ErrorBody> {
        let (cursor, heights) = (params.cursor.as_deref(), (params.from, params.to));
        let scan = Scan::new(params.limit, cursor, heights, params.order)?;
        let account = self.address_option("account", params.account.as_ref())?;
        let views = Views::new(self);
        let account = account.map(|account| views.address(&account));
        let filter = EventFilter {
            contract: self.address_option("token", params.token.as_ref())?,
            kind: None,
            from: scan.from,
            to: scan.to,
            descending: scan.descending,
        };
        let kinds = MOVES.map(abi::selector);
        let nobody = views.address(&Address::ZERO);
        let concerned =
            |item: &TransferItem| account.is_none() || item.from == account || item.to == account;
        let mut views = Views::new(self);
        self.scan(
            &scan,
            |after, limit| self.reader().events(&filter, after, limit),
            |located| {
                let is_move = kinds.contains(&located.event.kind);
                let event = is_move.then(|| views.located_event(located))?;
                transfer(event, &nobody).filter(concerned)
            },
        )
    }
}

/// An event as a move of units; `None` if it has not the fields of one.
fn transfer(event: EventItem, nobody: &AddressText) -> Option<TransferItem> {
    let data = event.data.as_ref()?.0.as_object()?;
    let wallet = |name: &str| {
        let text = data.get(name)?.as_str()?.to_owned();
        Some(AddressText::from(text)).filter(|wallet| wallet != nobody)
    };
    let (from, to) = (wallet("from"), wallet("to"));
    if from.is_none() && to.is_none() {
        return None;
    }
    let amount = data.get("amount")?.as_str()?.parse().ok()?;
    Some(TransferItem {
        height: event.height,
        tx: event.tx,
        token: event.contract,
        from,
        to,
        amount,
        cursor: event.cursor,
    })
}
