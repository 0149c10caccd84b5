//! From the chain's types to what travels, decoded with the schemas of the contracts involved.
//!
//! A contract is decoded with the schema of its present code; what an older code wrote and the present
//! schema does not know is shown as bytes only. Nothing here fails: decoding is a courtesy.

use super::service::Service;
use crate::codec::check_returns;
use crate::types::{
    ActionView, AddressText, BlockPlace, ChangeView, EventItem, EventView, FrameView, HaltView,
    HashHex, HeaderView, Hex, Json, OutcomeView, ReceiptView, TxSummary, TxView, U64,
};
use std::collections::BTreeMap;
use std::sync::Arc;
use weighhouse_primitives::schema::{CellKind, EntryPoint};
use weighhouse_primitives::{
    Action, Address, CodeHash, Event, HaltReason, Hash, Header, Outcome, Payload, PublicKey,
    Receipt, Transaction, transaction::Authorization,
};
use weighhouse_runtime::reader::{
    CodeInfo, Located, LocatedEvent, Position, StateChange, TraceFrame,
};
use weighhouse_runtime::state::key;

/// Makes views; remembers schemas for the length of one answer.
pub(crate) struct Views<'s> {
    service: &'s Service,
    known: BTreeMap<Address, Option<Arc<CodeInfo>>>,
}

impl<'s> Views<'s> {
    pub(crate) const fn new(service: &'s Service) -> Self {
        Self {
            service,
            known: BTreeMap::new(),
        }
    }

    pub(crate) fn address(&self, address: &Address) -> AddressText {
        AddressText(self.service.codec().prefix().format(address))
    }

    fn info(&mut self, contract: &Address) -> Option<Arc<CodeInfo>> {
        let reader = self.service.reader();
        let look = || {
            let (_, record) = reader.contract(contract, None).ok()?;
            reader.code_info(&record.code).ok()
        };
        self.known.entry(*contract).or_insert_with(look).clone()
    }

    fn info_of_code(&self, code: &CodeHash) -> Option<Arc<CodeInfo>> {
        self.service.reader().code_info(code).ok()
    }

    fn call(&self, info: Option<Arc<CodeInfo>>, input: &[u8]) -> (Option<String>, Option<Json>) {
        let named = info.and_then(|info| self.service.codec().decode_call(&info.schema, input));
        match named {
            Some(named) => (Some(named.name), Some(Json::from(named.value))),
            None => (None, None),
        }
    }

    pub(crate) fn header(header: &Header) -> HeaderView {
        HeaderView {
            height: header.height.into(),
            hash: header.hash().into(),
            chain: header.chain.into(),
            protocol: header.protocol,
            previous: header.previous.into(),
            time: header.time.into(),
            tx_count: header.tx_count,
            tx_root: header.tx_root.into(),
            receipts_root: header.receipts_root.into(),
            writes: header.writes.into(),
            state_root: header.state_root.into(),
            gas_used: header.gas_used.into(),
        }
    }

    pub(crate) fn action(&mut self, signer: &Address, action: &Action) -> ActionView {
        match action {
            Action::Upload { code } => ActionView::Upload {
                code: None,
                code_hash: Some(Hash::of(code).into()),
                bytes: u32::try_from(code.len()).ok(),
            },
            Action::Deploy {
                code,
                salt,
                admin,
                input,
            } => {
                let (entry_point, args) = self.call(self.info_of_code(code), input);
                ActionView::Deploy {
                    code_hash: (*code).into(),
                    salt: Some((*salt).into()),
                    admin: admin.as_ref().map(|admin| self.address(admin)),
                    input: unless(args.is_some(), input),
                    entry_point,
                    args,
                    contract: Some(self.address(&Address::of_contract(signer, code, salt))),
                }
            }
            Action::Call { contract, input } => {
                let info = self.info(contract);
                let (entry_point, args) = self.call(info, input);
                ActionView::Call {
                    contract: self.address(contract),
                    input: unless(args.is_some(), input),
                    entry_point,
                    args,
                }
            }
            Action::Upgrade {
                contract,
                code,
                input,
            } => {
                let (entry_point, args) = self.call(self.info_of_code(code), input);
                ActionView::Upgrade {
                    contract: self.address(contract),
                    code_hash: (*code).into(),
                    input: unless(args.is_some() || input.is_empty(), input),
                    entry_point,
                    args,
                }
            }
            Action::Govern { policy } => ActionView::Govern {
                policy: super::action::policy_view(self, policy),
            },
            Action::SetValidator { key, power } => ActionView::SetValidator {
                key: HashHex(Hash(*key)),
                power: U64(*power),
            },
        }
    }

    pub(crate) fn payload(&mut self, payload: &Payload) -> TxView {
        TxView {
            hash: payload.hash().into(),
            chain: payload.chain.into(),
            signer: self.address(&payload.signer),
            nonce: U64(payload.nonce),
            valid_until: payload.valid_until.into(),
            gas_limit: payload.gas_limit.into(),
            action: self.action(&payload.signer, &payload.action),
            authorization: None,
            threshold: None,
            signed_by: Vec::new(),
        }
    }

    pub(crate) fn transaction(&mut self, transaction: &Transaction) -> TxView {
        let mut view = self.payload(&transaction.payload);
        match &transaction.authorization {
            Authorization::Keys { policy, signatures } => {
                view.authorization = Some("keys".into());
                view.threshold = Some(policy.threshold);
                let keys = signatures
                    .iter()
                    .map(|signature| usize::from(signature.key));
                let keys = keys.filter_map(|key| policy.keys.get(key));
                view.signed_by = keys
                    .map(|PublicKey::Ed25519(key)| Hex::from(&key[..]))
                    .collect();
            }
            Authorization::Development => view.authorization = Some("development".into()),
        }
        view
    }

    /// The value that an action answered with.
    fn returned(&mut self, action: &Action, data: &[u8]) -> Option<Json> {
        let hex = || Some(Json::from(serde_json::json!(Hex::from(data))));
        match action {
            Action::Upload { .. } => hex(),
            Action::Deploy { .. } => {
                let address = Address(data.try_into().ok()?);
                Some(Json::from(serde_json::json!(self.address(&address))))
            }
            Action::Call { contract, input } => {
                let info = self.info(contract)?;
                self.return_value(&info, input, data)
            }
            Action::Upgrade { code, input, .. } => {
                let info = self.info_of_code(code)?;
                self.return_value(&info, input, data)
            }
            Action::Govern { .. } | Action::SetValidator { .. } => None,
        }
    }

    fn return_value(&self, info: &CodeInfo, input: &[u8], data: &[u8]) -> Option<Json> {
        let entry = entry_of(info, input)?;
        let value = self
            .service
            .codec()
            .decode(check_returns(entry), data, "return");
        value.ok().map(Json::from)
    }

    pub(crate) fn outcome(&mut self, outcome: &Outcome, action: Option<&Action>) -> OutcomeView {
        match outcome {
            Outcome::Succeeded { data } => OutcomeView::Succeeded {
                data: Hex::from(&data[..]),
                value: action.and_then(|action| self.returned(action, data)),
            },
            Outcome::Reverted {
                contract,
                code,
                data,
            } => self.reverted(contract, *code, data),
            Outcome::Halted(reason) => OutcomeView::Halted(self.halt(reason)),
        }
    }

    fn reverted(&mut self, contract: &Address, code: u16, data: &[u8]) -> OutcomeView {
        let info = self.info(contract);
        let known = info.as_ref().and_then(|info| info.schema.error(code));
        let codec = self.service.codec();
        let decoded = info
            .as_ref()
            .and_then(|info| codec.decode_error(&info.schema, code, data));
        OutcomeView::Reverted {
            contract: self.address(contract),
            code,
            name: known.map(|error| error.name.clone()),
            fields: decoded.map(|named| Json::from(named.value)),
            text: known.map(|error| error.text.clone()),
            data: Hex::from(data),
        }
    }

    pub(crate) fn halt(&self, reason: &HaltReason) -> HaltView {
        let (name, text) = halt_words(reason);
        let mut view = HaltView {
            reason: name.into(),
            text: text.into(),
            contract: None,
            rule: None,
            refusal: None,
        };
        match reason {
            HaltReason::RuleBroken { contract, rule } => {
                view.contract = Some(self.address(contract));
                view.rule = Some(rule.clone());
            }
            HaltReason::ActionRefused(refusal) => view.refusal = Some(format!("{refusal:?}")),
            _ => {}
        }
        view
    }

    pub(crate) fn event(&mut self, event: &Event) -> EventView {
        let info = self.info(&event.contract);
        let schema = info.as_ref().map(|info| &info.schema);
        let name = schema.and_then(|schema| schema.event(event.kind));
        let codec = self.service.codec();
        let decoded = schema.and_then(|schema| codec.decode_event(schema, event.kind, &event.data));
        EventView {
            contract: self.address(&event.contract),
            kind: event.kind,
            name: name.map(|event| event.name.clone()),
            data: decoded.map(|named| Json::from(named.value)),
            raw: Hex::from(&event.data[..]),
        }
    }

    pub(crate) fn located_event(&mut self, located: &LocatedEvent) -> EventItem {
        let view = self.event(&located.event);
        let position = Position {
            height: located.height,
            tx_index: located.tx_index,
            event_index: located.event_index,
        };
        EventItem {
            height: located.height.into(),
            tx: located.tx.into(),
            tx_index: located.tx_index,
            index: located.event_index,
            contract: view.contract,
            kind: view.kind,
            name: view.name,
            data: view.data,
            raw: view.raw,
            cursor: super::page::cursor_text(&position),
        }
    }

    pub(crate) fn receipt(
        &mut self,
        receipt: &Receipt,
        action: Option<&Action>,
        debug: Vec<String>,
    ) -> ReceiptView {
        ReceiptView {
            tx: receipt.tx.into(),
            outcome: self.outcome(&receipt.outcome, action),
            gas_used: receipt.gas_used.into(),
            events: receipt
                .events
                .iter()
                .map(|event| self.event(event))
                .collect(),
            effects: receipt.effects.into(),
            debug,
        }
    }

    pub(crate) fn summary(&mut self, transaction: &Transaction) -> TxSummary {
        let payload = &transaction.payload;
        let (action, contract, info, input): (_, _, _, &[u8]) = match &payload.action {
            Action::Upload { .. } => ("upload", None, None, &[]),
            Action::Deploy {
                code, salt, input, ..
            } => {
                let contract = Address::of_contract(&payload.signer, code, salt);
                ("deploy", Some(contract), self.info_of_code(code), input)
            }
            Action::Call { contract, input } => {
                ("call", Some(*contract), self.info(contract), input)
            }
            Action::Upgrade {
                contract,
                code,
                input,
            } => ("upgrade", Some(*contract), self.info_of_code(code), input),
            Action::Govern { .. } => ("govern", None, None, &[]),
            Action::SetValidator { .. } => ("set_validator", None, None, &[]),
        };
        let entry = info.as_ref().and_then(|info| entry_of(info, input));
        TxSummary {
            hash: transaction.hash().into(),
            signer: self.address(&payload.signer),
            action: action.into(),
            contract: contract.map(|contract| self.address(&contract)),
            entry_point: entry.map(|entry| entry.name.clone()),
            block: None,
            outcome: None,
            gas_used: None,
        }
    }

    pub(crate) fn located(&mut self, located: &Located) -> TxSummary {
        let outcome = match &located.receipt.outcome {
            Outcome::Succeeded { .. } => "Succeeded",
            Outcome::Reverted { .. } => "Reverted",
            Outcome::Halted(_) => "Halted",
        };
        TxSummary {
            block: Some(BlockPlace {
                height: located.height.into(),
                index: located.index,
            }),
            outcome: Some(outcome.into()),
            gas_used: Some(located.receipt.gas_used.into()),
            ..self.summary(&located.transaction)
        }
    }

    pub(crate) fn change(&mut self, change: &StateChange) -> ChangeView {
        let hex = |value: &Option<weighhouse_runtime::state::Value>| {
            value.as_ref().map(|value| Hex::from(&value[..]))
        };
        let mut view = ChangeView {
            key: Hex::from(&change.key[..]),
            contract: None,
            cell: None,
            cell_key: None,
            old: hex(&change.old),
            new: hex(&change.new),
            old_value: None,
            new_value: None,
        };
        let Some((contract, storage_key)) = key::split_storage(&change.key) else {
            return view;
        };
        view.contract = Some(self.address(&contract));
        let info = self.info(&contract);
        let Some((prefix, cell_key)) = storage_key.split_first_chunk::<4>() else {
            return view;
        };
        let cells = info.iter().flat_map(|info| &info.cells);
        let Some(cell) = cells.clone().find(|cell| cell.prefix == *prefix) else {
            return view;
        };
        let codec = self.service.codec();
        let decode = |value: &Option<weighhouse_runtime::state::Value>| {
            let bytes = value.as_ref()?;
            codec
                .decode(&cell.value, bytes, "value")
                .ok()
                .map(Json::from)
        };
        view.cell = Some(cell.name.clone());
        if cell.kind == CellKind::Map {
            view.cell_key = codec.decode_key(&cell.key, cell_key).map(Json::from);
        }
        (view.old_value, view.new_value) = (decode(&change.old), decode(&change.new));
        view
    }

    pub(crate) fn frame(&mut self, frame: &TraceFrame) -> FrameView {
        let info = self.info(&frame.contract);
        let (entry_point, args) = self.call(info, &frame.input);
        let call = Action::Call {
            contract: frame.contract,
            input: frame.input.clone(),
        };
        let counts = frame.host_calls.iter();
        FrameView {
            depth: frame.depth,
            contract: self.address(&frame.contract),
            caller: self.address(&frame.caller),
            entry_point,
            args,
            input: Hex::from(&frame.input[..]),
            outcome: self.outcome(&frame.outcome, Some(&call)),
            gas_used: frame.gas_used.into(),
            host_calls: counts
                .map(|(name, count)| ((*name).to_owned(), U64(*count)))
                .collect(),
        }
    }
}

fn unless(shown: bool, input: &[u8]) -> Option<Hex> {
    (!shown).then(|| Hex::from(input))
}

fn entry_of<'i>(info: &'i CodeInfo, input: &[u8]) -> Option<&'i EntryPoint> {
    let selector = u32::from_le_bytes(*input.first_chunk::<4>()?);
    let mut entries = info.schema.entry_points.iter();
    entries.find(|entry| entry.selector == selector)
}

/// Name and meaning of a halt.
pub(crate) const fn halt_words(reason: &HaltReason) -> (&'static str, &'static str) {
    match reason {
        HaltReason::OutOfGas => ("OutOfGas", "the gas limit was used up"),
        HaltReason::StackExhausted => {
            ("StackExhausted", "the counted stack of a frame was used up")
        }
        HaltReason::CallDepth => ("CallDepth", "more contracts on the call stack than allowed"),
        HaltReason::Unreachable => ("Unreachable", "the contract panicked"),
        HaltReason::MemoryOutOfBounds => (
            "MemoryOutOfBounds",
            "the contract touched memory outside its own",
        ),
        HaltReason::BadPointer => (
            "BadPointer",
            "a host function got a pointer outside guest memory",
        ),
        HaltReason::BadDivision => (
            "BadDivision",
            "division by zero, or an overflowing signed division",
        ),
        HaltReason::BadIndirectCall => (
            "BadIndirectCall",
            "an indirect call of nothing, or of another type",
        ),
        HaltReason::MemoryLimit => ("MemoryLimit", "more memory than allowed"),
        HaltReason::HostLimit => ("HostLimit", "a limit of a host function was exceeded"),
        HaltReason::ReadOnly => ("ReadOnly", "a write or an event in a read-only call"),
        HaltReason::BadAnswer => ("BadAnswer", "the contract's answer is malformed"),
        HaltReason::Reentry => (
            "Reentry",
            "the contract called itself, directly or through others",
        ),
        HaltReason::NoEntryPoint => (
            "NoEntryPoint",
            "no such contract, or no such entry point of the required kind",
        ),
        HaltReason::RuleBroken { .. } => {
            ("RuleBroken", "a declared rule does not hold on the writes")
        }
        HaltReason::ActionRefused(_) => ("ActionRefused", "the action itself was refused"),
    }
}
