//! Group `contract_`.

use super::interface::schema_view;
use super::interfaces;
use crate::api::contract::{
    ByCode, CodeOf, CodecKind, ContractApi, ContractAt, ContractDecode, ContractEncode,
    ContractList, ContractQuery, ContractQueryMany, DecodedValue, EncodedValue, QUERIES_MAX,
    QueryItem,
};
use crate::codec::{Named, StrictValue, check_returns};
use crate::error::{ErrorBody, code};
use crate::nearest::nearest;
use crate::server::page;
use crate::server::service::{Service, height};
use crate::server::view::Views;
use crate::types::{
    CodeView, ContractInfo, ContractState, HaltView, Hex, Json, ManyAnswer, ManyAnswers,
    OutcomeView, Page, QueryAnswer, SchemaAnswer, U64,
};
use parity_scale_codec::Encode;
use serde_json::Value;
use std::sync::Arc;
use weighhouse_primitives::schema::{EntryKind, Field, Type};
use weighhouse_primitives::{Address, CodeHash, Gas, HaltReason, Height, Outcome};
use weighhouse_runtime::limits::QUERY_GAS_MAX;
use weighhouse_runtime::reader::{Answer, CodeInfo, Query};
use weighhouse_runtime::state::key;
use weighhouse_runtime::state::record::ContractRecord;

/// Gas of a query that runs where it arrives: about a millisecond at the worst prices found.
const BRIEF: Gas = Gas(300_000);

impl ContractApi for Service {
    async fn contract_info(&self, params: ContractAt) -> Result<ContractInfo, ErrorBody> {
        self.look(move |this| {
            let address = this.address("address", &params.address)?;
            let (_, record) = this.reader().contract(&address, height(params.at))?;
            this.contract_view(&address, &record)
        })
        .await
    }

    async fn contract_list(&self, params: ContractList) -> Result<Page<ContractInfo>, ErrorBody> {
        self.look(move |this| this.contracts(&params)).await
    }

    async fn contract_schema(&self, params: CodeOf) -> Result<SchemaAnswer, ErrorBody> {
        self.look(move |this| {
            let code = params.code_hash.map(CodeHash::from);
            let (code, info) = this.code_of(params.address.as_ref(), code)?;
            Ok(SchemaAnswer {
                code_hash: code.into(),
                schema_hash: this.reader().code(&code)?.schema.into(),
                schema: schema_view(&info),
                raw: Hex(info.schema.encode()),
                raw_cells: Hex(info.cells.encode()),
            })
        })
        .await
    }

    async fn contract_code(&self, params: ByCode) -> Result<CodeView, ErrorBody> {
        self.look(move |this| {
            let code = CodeHash::from(params.code_hash);
            let record = this.reader().code(&code)?;
            Ok(CodeView {
                code_hash: params.code_hash,
                wasm: Hex(this.reader().code_bytes(&code)?),
                bytes: record.bytes,
                uploader: Views::new(this).address(&record.uploader),
                uploaded_at: record.uploaded_at.into(),
            })
        })
        .await
    }

    async fn contract_query(&self, params: ContractQuery) -> Result<QueryAnswer, ErrorBody> {
        let item = QueryItem {
            address: params.address,
            entry_point: params.entry_point,
            args: params.args,
            caller: params.caller,
        };
        let at = height(params.at);
        let mut known = None;
        if at.is_none() {
            let at_once = self.at_once(|this| {
                let asked = known.insert(this.asked(&item, at)?);
                let answer = this.reader().query_briefly(&asked.query, BRIEF)?;
                answer
                    .map(|answer| this.answered(asked, answer))
                    .transpose()
            });
            if let Some(answer) = at_once? {
                return Ok(answer);
            }
        }
        self.execute(move |this| {
            let asked = match known {
                Some(asked) => asked,
                None => this.asked(&item, at)?,
            };
            let answer = this.reader().query(&asked.query)?;
            this.answered(&asked, answer)
        })
        .await
    }

    async fn contract_query_many(
        &self,
        params: ContractQueryMany,
    ) -> Result<ManyAnswers, ErrorBody> {
        page::too_many("queries", params.queries.len(), QUERIES_MAX)?;
        self.execute(move |this| this.query_many(&params)).await
    }

    async fn contract_encode(&self, params: ContractEncode) -> Result<EncodedValue, ErrorBody> {
        self.look(move |this| {
            let code = params.code_hash.map(CodeHash::from);
            let (_, info) = this.code_of(params.address.as_ref(), code)?;
            let (codec, value) = (this.codec(), &params.value.0);
            let bytes = match part(&info, params.kind, &params.name)? {
                Part::Call => codec.encode_call(&info.schema, &params.name, value)?,
                Part::Fields(fields) => codec.encode_fields(fields, value, "value")?,
                Part::Value(ty) => codec.encode(ty, value, "value")?,
            };
            Ok(EncodedValue { bytes: Hex(bytes) })
        })
        .await
    }

    async fn contract_decode(&self, params: ContractDecode) -> Result<DecodedValue, ErrorBody> {
        self.look(move |this| {
            let code = params.code_hash.map(CodeHash::from);
            let (_, info) = this.code_of(params.address.as_ref(), code)?;
            let (codec, bytes) = (this.codec(), &params.bytes.0);
            let value = match part(&info, params.kind, &params.name)? {
                Part::Call => match codec.decode_call(&info.schema, bytes) {
                    Some(Named { name, value }) if name == params.name => value,
                    _ => {
                        let expected = format!("the input of {}", params.name);
                        let got = format!("{} other bytes", bytes.len());
                        return Err(ErrorBody::bad_argument("bytes", &expected, &got));
                    }
                },
                Part::Fields(fields) => codec.decode_fields(fields, bytes, "bytes")?,
                Part::Value(ty) => codec.decode(ty, bytes, "bytes")?,
            };
            Ok(DecodedValue {
                value: value.into(),
            })
        })
        .await
    }
}

/// A query with what is needed to read its answer.
struct Asked {
    query: Query,
    info: Arc<CodeInfo>,
    entry_point: String,
}

enum Part<'i> {
    Call,
    Fields(&'i [Field]),
    Value(&'i Type),
}

fn part<'i>(info: &'i CodeInfo, kind: CodecKind, name: &str) -> Result<Part<'i>, ErrorBody> {
    let schema = &info.schema;
    let entry = || schema.entry_point(name);
    let found = match kind {
        CodecKind::Args => entry().map(|_| Part::Call),
        CodecKind::Return => entry().map(|entry| Part::Value(check_returns(entry))),
        CodecKind::Event => {
            let mut events = schema.events.iter();
            events
                .find(|event| event.name == name)
                .map(|event| Part::Fields(&event.fields))
        }
        CodecKind::Error => {
            let mut errors = schema.errors.iter();
            errors
                .find(|error| error.name == name)
                .map(|error| Part::Fields(&error.fields))
        }
        CodecKind::Storage => {
            let mut cells = info.cells.iter();
            cells
                .find(|cell| cell.name == name)
                .map(|cell| Part::Value(&cell.value))
        }
    };
    let names: Vec<&str> = match kind {
        CodecKind::Args | CodecKind::Return => schema
            .entry_points
            .iter()
            .map(|entry| entry.name.as_str())
            .collect(),
        CodecKind::Event => schema
            .events
            .iter()
            .map(|event| event.name.as_str())
            .collect(),
        CodecKind::Error => schema
            .errors
            .iter()
            .map(|error| error.name.as_str())
            .collect(),
        CodecKind::Storage => info.cells.iter().map(|cell| cell.name.as_str()).collect(),
    };
    found.ok_or_else(|| unknown_name("name", name, names))
}

pub(super) fn unknown_name(path: &str, name: &str, known: Vec<&str>) -> ErrorBody {
    let near = nearest(name, known);
    let hint = if near.is_empty() {
        String::new()
    } else {
        format!("; did you mean {}?", near.join(", "))
    };
    ErrorBody::new(
        code::UNKNOWN_NAME,
        format!("{path}: no {name:?} in the schema{hint}"),
    )
    .with("path", path)
    .with("unknown", name)
    .with("nearest", near)
}

impl Service {
    fn asked(&self, item: &QueryItem, at: Option<Height>) -> Result<Asked, ErrorBody> {
        let contract = self.address("address", &item.address)?;
        let caller = self.address_option("caller", item.caller.as_ref())?;
        let (_, info) = self.info(&contract, at)?;
        let entry = self.codec().entry_point(&info.schema, &item.entry_point)?;
        if !matches!(entry.kind, EntryKind::Query | EntryKind::Check) {
            let got = format!("{}, which may write: simulate it", entry.name);
            return Err(ErrorBody::bad_argument(
                "entry_point",
                "a query or a check",
                &got,
            ));
        }
        let args = item.args.as_ref().map_or(&Value::Null, |args| &args.0);
        let input = self
            .codec()
            .encode_call(&info.schema, &item.entry_point, args)?;
        let query = Query {
            contract,
            input,
            caller: caller.unwrap_or(Address::ZERO),
            at,
            gas_limit: Gas(QUERY_GAS_MAX),
        };
        let entry_point = item.entry_point.clone();
        Ok(Asked {
            query,
            info,
            entry_point,
        })
    }

    fn answered(&self, asked: &Asked, answer: Answer) -> Result<QueryAnswer, ErrorBody> {
        match &answer.outcome {
            Outcome::Succeeded { data } => {
                let codec = self.codec();
                let value = codec.decode_return(&asked.info.schema, &asked.entry_point, data)?;
                Ok(QueryAnswer {
                    result: value.into(),
                    gas_used: answer.gas_used.into(),
                    height: answer.height.into(),
                    debug: answer.debug,
                })
            }
            Outcome::Halted(HaltReason::OutOfGas) => {
                let message = format!("{} used up {} gas", asked.entry_point, answer.gas_used.0);
                let gas_used = U64::from(answer.gas_used);
                Err(ErrorBody::new(code::QUERY_GAS, message).with("gas_used", gas_used))
            }
            outcome => {
                let view = Views::new(self).outcome(outcome, None);
                Err(refused(
                    &asked.entry_point,
                    &view,
                    answer.gas_used,
                    &answer.debug,
                ))
            }
        }
    }

    fn query_many(&self, params: &ContractQueryMany) -> Result<ManyAnswers, ErrorBody> {
        let at = height(params.at).unwrap_or_else(|| self.reader().head().height);
        let asked: Vec<Result<Asked, ErrorBody>> = params
            .queries
            .iter()
            .map(|item| self.asked(item, Some(at)))
            .collect();
        let queries: Vec<Query> = asked
            .iter()
            .flatten()
            .map(|asked| asked.query.clone())
            .collect();
        let mut answers = self.reader().query_many(&queries)?.into_iter();
        let result = |asked: Result<Asked, ErrorBody>| {
            let asked = asked?;
            let answer = answers
                .next()
                .ok_or_else(|| ErrorBody::not_found("answer"))?;
            self.answered(&asked, answer)
        };
        let results = asked.into_iter().map(result).map(|result| match result {
            Ok(answer) => ManyAnswer::Ok(answer),
            Err(error) => ManyAnswer::Error(error),
        });
        Ok(ManyAnswers {
            results: results.collect(),
            height: at.into(),
        })
    }

    fn contract_view(
        &self,
        address: &Address,
        record: &ContractRecord,
    ) -> Result<ContractInfo, ErrorBody> {
        let info = self.reader().code_info(&record.code)?;
        let views = Views::new(self);
        Ok(ContractInfo {
            address: views.address(address),
            name: info.schema.name.clone(),
            version: info.schema.version.clone(),
            code_hash: record.code.into(),
            schema_hash: self.reader().code(&record.code)?.schema.into(),
            deployer: views.address(&record.deployer),
            deployed_at: record.deployed_at.into(),
            admin: record.admin.as_ref().map(|admin| views.address(admin)),
            upgrades: record.upgrades,
            state: self.contract_state(address, &info)?,
            interfaces: interfaces::of(&info.schema).map(str::to_owned).collect(),
        })
    }

    /// Contracts say by convention, in cells of these names, that they are switched off.
    fn contract_state(
        &self,
        address: &Address,
        info: &CodeInfo,
    ) -> Result<ContractState, ErrorBody> {
        let is_set = |name: &str| {
            let mut cells = info.cells.iter();
            let cell = cells.find(|cell| cell.name == name && cell.value == Type::Bool);
            let Some(cell) = cell else {
                return Ok(false);
            };
            let (_, value) = self
                .reader()
                .state(&key::storage(address, &cell.prefix), None)?;
            Ok::<_, ErrorBody>(value.is_some_and(|value| *value == [1]))
        };
        Ok(if is_set("deactivated")? {
            ContractState::Deactivated
        } else if is_set("paused")? {
            ContractState::Paused
        } else {
            ContractState::Active
        })
    }

    fn contracts(&self, params: &ContractList) -> Result<Page<ContractInfo>, ErrorBody> {
        let limit = page::limit(params.limit)?;
        let code = params.code_hash.map(CodeHash::from);
        let deployer = self.address_option("deployer", params.deployer.as_ref())?;
        let interface = params.interface.as_deref().map(interfaces::entry_points);
        let interface = interface.transpose()?;
        let cursor = params.cursor.as_deref();
        let parsed = cursor.map(|text| {
            let parsed = self.codec().prefix().parse(text);
            parsed.map_err(|_| page::invalid_cursor("cursor", text))
        });
        let mut after = parsed.transpose()?;
        let (mut items, mut scanned, mut more) = (Vec::new(), 0, true);
        while more && items.len() < limit && scanned < page::SCAN_MAX {
            let found = self.reader().contracts(after.as_ref(), limit)?;
            more = found.len() == limit;
            for (address, record) in found {
                if items.len() == limit {
                    more = true;
                    break;
                }
                scanned += 1;
                after = Some(address);
                let wanted = code.is_none_or(|code| code == record.code)
                    && deployer.is_none_or(|deployer| deployer == record.deployer);
                if !wanted {
                    continue;
                }
                if let Some(entry_points) = interface {
                    let info = self.reader().code_info(&record.code)?;
                    if !interfaces::serves(&info.schema, entry_points) {
                        continue;
                    }
                }
                let view = self.contract_view(&address, &record)?;
                if params.name.as_ref().is_none_or(|name| *name == view.name) {
                    items.push(view);
                }
            }
        }
        let next = after
            .filter(|_| more)
            .map(|address| self.codec().prefix().format(&address));
        let head = self.reader().head().height;
        self.page(items, next, (head, head))
    }
}

/// 1101 or 1102.
fn refused(entry_point: &str, outcome: &OutcomeView, gas_used: Gas, debug: &[String]) -> ErrorBody {
    let gas_used = U64::from(gas_used);
    let body = match outcome {
        OutcomeView::Reverted {
            contract,
            code: number,
            name,
            fields,
            text,
            ..
        } => {
            let (name, text) = (
                name.as_deref().unwrap_or("?"),
                text.as_deref().unwrap_or(""),
            );
            let detail = fields
                .as_ref()
                .map_or_else(String::new, |StrictValue(v)| v.to_string());
            let message = format!("{entry_point} was reverted: {number} {name} {detail}");
            ErrorBody::new(code::REVERTED, message.trim())
                .with("contract", contract)
                .with("code", number)
                .with("error", name)
                .with("fields", fields.clone().unwrap_or(Json::default()))
                .with("text", text)
        }
        OutcomeView::Halted(HaltView { reason, text, .. }) => {
            let message = format!("{entry_point} was halted: {reason}, {text}");
            ErrorBody::new(code::HALTED, message).with("reason", reason)
        }
        OutcomeView::Succeeded { .. } => ErrorBody::new(code::INTERNAL, "succeeded"),
    };
    let body = body
        .with("entry_point", entry_point)
        .with("gas_used", gas_used);
    if debug.is_empty() {
        body
    } else {
        body.with("debug", debug)
    }
}
