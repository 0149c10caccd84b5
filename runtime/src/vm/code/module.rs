//! Walks a module section by section: counts, imports, exports, segments.

use super::body;
use super::description::Sections;
use super::error::{CodeError, Counted, at_most};
use super::{Figures, features, imports};
use crate::limits;
use std::collections::BTreeSet;
use std::ops::Range;
use wasmparser::{
    ConstExpr, DataKind, DataSectionReader, ElementItems, ElementKind, ElementSectionReader,
    ExportSectionReader, ExternalKind, FuncType, FuncValidatorAllocations, FunctionBody,
    FunctionSectionReader, GlobalSectionReader, ImportSectionReader, MemorySectionReader, Operator,
    Parser, Payload, TableSectionReader, TypeSectionReader, ValType, ValidPayload, Validator,
};
use weighhouse_primitives::abi::{EXPORT_CALL, EXPORT_IO, EXPORT_MEMORY, IO_WINDOW_BYTES};

/// Bytes of a Wasm page.
const PAGE_BYTES: u64 = 64 * 1024;

/// Start of the names of injected exports.
pub(crate) const RESERVED_PREFIX: &str = "__wh_";

/// What has been seen of the module.
#[derive(Default)]
pub(super) struct Walk<'a> {
    pub(super) sections: Sections<'a>,
    pub(super) figures: Figures,
    types: Vec<FuncType>,
    /// Type of each function, imports first.
    functions: Vec<u32>,
    /// Constant of each global, `None` unless an immutable `i32`.
    globals: Vec<Option<u32>>,
    memory_pages: Option<u64>,
    table_elements: u64,
    has_memory: bool,
    window: Option<u32>,
    has_call: bool,
    allocations: FuncValidatorAllocations,
}

/// Validates the whole module against the protocol.
pub(super) fn walk(bytes: &[u8]) -> Result<Walk<'_>, CodeError> {
    let limit = limits::CODE_BYTES_MAX as u64;
    at_most(Counted::CodeBytes, bytes.len() as u64, limit, 0)?;
    let mut walk = Walk::default();
    let mut validator = Validator::new_with_features(features());
    let mut parser = Parser::new(0);
    parser.set_features(features());
    for payload in parser.parse_all(bytes) {
        let payload = payload?;
        walk.before(&payload)?;
        if let ValidPayload::Func(function, body) = validator.payload(&payload)? {
            walk.body(function, &body)?;
        }
        walk.after(payload)?;
    }
    walk.finish()?;
    Ok(walk)
}

impl<'a> Walk<'a> {
    /// Bounds that hold before the validator spends time on a section.
    fn before(&mut self, payload: &Payload<'_>) -> Result<(), CodeError> {
        let (what, found, limit, range): (_, _, _, Range<usize>) = match payload {
            Payload::TypeSection(s) => (Counted::Types, s.count(), limits::TYPES_MAX, s.range()),
            Payload::FunctionSection(s) => (
                Counted::Functions,
                s.count(),
                limits::FUNCTIONS_MAX,
                s.range(),
            ),
            Payload::TableSection(s) => (Counted::Tables, s.count(), 1, s.range()),
            Payload::GlobalSection(s) => {
                (Counted::Globals, s.count(), limits::GLOBALS_MAX, s.range())
            }
            Payload::ExportSection(s) => {
                (Counted::Exports, s.count(), limits::EXPORTS_MAX, s.range())
            }
            Payload::ElementSection(s) => (
                Counted::ElementSegments,
                s.count(),
                limits::ELEMENT_SEGMENTS_MAX,
                s.range(),
            ),
            Payload::DataSection(s) => (
                Counted::DataSegments,
                s.count(),
                limits::DATA_SEGMENTS_MAX,
                s.range(),
            ),
            // Invariant DET-3: no start function.
            Payload::StartSection { range, .. } => {
                return Err(CodeError::StartFunction {
                    offset: range.start,
                });
            }
            _ => return Ok(()),
        };
        at_most(what, found.into(), limit as u64, range.start)
    }

    /// Our own demands on a section that is valid.
    fn after(&mut self, payload: Payload<'a>) -> Result<(), CodeError> {
        match payload {
            Payload::TypeSection(section) => self.types(section),
            Payload::ImportSection(section) => self.imports(section),
            Payload::FunctionSection(section) => self.functions(section),
            Payload::TableSection(section) => self.table(section),
            Payload::MemorySection(section) => self.memory(section),
            Payload::GlobalSection(section) => self.globals(section),
            Payload::ExportSection(section) => self.exports(section),
            Payload::ElementSection(section) => self.elements(section),
            Payload::DataSection(section) => self.data(section),
            Payload::CustomSection(section) => {
                Ok(self.sections.add(section.name(), section.data())?)
            }
            _ => Ok(()),
        }
    }

    fn types(&mut self, section: TypeSectionReader<'_>) -> Result<(), CodeError> {
        let offset = section.range().start;
        for ty in section.into_iter_err_on_gc_types() {
            let ty = ty?;
            let params = ty.params().len() as u64;
            at_most(Counted::Params, params, limits::PARAMS_MAX as u64, offset)?;
            let results = ty.results().len() as u64;
            at_most(
                Counted::Results,
                results,
                limits::RESULTS_MAX as u64,
                offset,
            )?;
            self.types.push(ty);
        }
        Ok(())
    }

    fn imports(&mut self, section: ImportSectionReader<'_>) -> Result<(), CodeError> {
        let mut names = BTreeSet::new();
        for import in section.into_imports_with_offsets() {
            let (offset, import) = import?;
            for name in [import.module, import.name] {
                name_bytes(name, offset)?;
            }
            imports::check(&import, &self.types)?;
            if !names.insert(import.name) {
                return Err(CodeError::DuplicateImport {
                    name: import.name.to_owned(),
                });
            }
            if let wasmparser::TypeRef::Func(ty) = import.ty {
                self.functions.push(ty);
            }
        }
        Ok(())
    }

    fn functions(&mut self, section: FunctionSectionReader<'_>) -> Result<(), CodeError> {
        self.figures.functions = section.count();
        for ty in section {
            self.functions.push(ty?);
        }
        Ok(())
    }

    fn table(&mut self, section: TableSectionReader<'_>) -> Result<(), CodeError> {
        for table in section.into_iter_with_offsets() {
            let (offset, table) = table?;
            self.table_elements = table.ty.initial;
            let limit = limits::TABLE_ELEMENTS_MAX;
            at_most(Counted::TableElements, table.ty.initial, limit, offset)?;
        }
        Ok(())
    }

    fn memory(&mut self, section: MemorySectionReader<'_>) -> Result<(), CodeError> {
        for memory in section.into_iter_with_offsets() {
            let (offset, memory) = memory?;
            let limit = limits::MEMORY_INITIAL_PAGES_MAX;
            at_most(Counted::InitialPages, memory.initial, limit, offset)?;
            self.memory_pages = Some(memory.initial);
            self.figures.initial_pages = memory.initial;
        }
        Ok(())
    }

    fn globals(&mut self, section: GlobalSectionReader<'_>) -> Result<(), CodeError> {
        for global in section {
            let global = global?;
            let fixed = !global.ty.mutable && global.ty.content_type == ValType::I32;
            let value = constant(&global.init_expr)?;
            self.globals.push(value.filter(|_| fixed));
        }
        Ok(())
    }

    fn exports(&mut self, section: ExportSectionReader<'_>) -> Result<(), CodeError> {
        for export in section.into_iter_with_offsets() {
            let (offset, export) = export?;
            name_bytes(export.name, offset)?;
            if export.name.starts_with(RESERVED_PREFIX) {
                return Err(CodeError::ReservedName {
                    name: export.name.to_owned(),
                });
            }
            let index = usize::try_from(export.index).unwrap_or(usize::MAX);
            match export.name {
                EXPORT_MEMORY => self.has_memory = export.kind == ExternalKind::Memory,
                EXPORT_IO if export.kind == ExternalKind::Global => {
                    self.window = self.globals.get(index).copied().flatten();
                }
                EXPORT_CALL if export.kind == ExternalKind::Func => {
                    let ty = self.functions.get(index).copied().unwrap_or(u32::MAX);
                    let ty = usize::try_from(ty).ok().and_then(|ty| self.types.get(ty));
                    self.has_call = ty.is_some_and(|ty| {
                        ty.params() == [ValType::I32] && ty.results() == [ValType::I64]
                    });
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// A segment that would not fit makes instantiation fail, so it is refused here.
    fn elements(&mut self, section: ElementSectionReader<'_>) -> Result<(), CodeError> {
        for element in section.into_iter_with_offsets() {
            let (offset, element) = element?;
            let count = match &element.items {
                ElementItems::Functions(items) => items.count(),
                ElementItems::Expressions(_, items) => items.count(),
            };
            let ElementKind::Active { offset_expr, .. } = &element.kind else {
                return Err(CodeError::PassiveSegment { offset });
            };
            segment(offset_expr, count.into(), self.table_elements, offset)?;
        }
        Ok(())
    }

    fn data(&mut self, section: DataSectionReader<'_>) -> Result<(), CodeError> {
        let memory = self.memory_bytes();
        for data in section.into_iter_with_offsets() {
            let (offset, data) = data?;
            let DataKind::Active { offset_expr, .. } = &data.kind else {
                return Err(CodeError::PassiveSegment { offset });
            };
            segment(offset_expr, data.data.len() as u64, memory, offset)?;
        }
        Ok(())
    }

    fn body(
        &mut self,
        function: wasmparser::FuncToValidate<wasmparser::ValidatorResources>,
        body: &FunctionBody<'_>,
    ) -> Result<(), CodeError> {
        let allocations = std::mem::take(&mut self.allocations);
        let (facts, allocations) = body::inspect(function, body, allocations)?;
        self.allocations = allocations;
        let sum = self.figures.locals_control;
        self.figures.locals_control = sum.saturating_add(facts.locals_control());
        let control = u64::from(facts.control);
        self.figures.control = self.figures.control.saturating_add(control);
        self.figures.control_in_function = self.figures.control_in_function.max(facts.control);
        at_most(
            Counted::Control,
            self.figures.control,
            limits::CONTROL_MAX as u64,
            body.range().start,
        )?;
        self.figures.calls = self.figures.calls.saturating_add(facts.direct_calls.into());
        self.figures.targets = self.figures.targets.saturating_add(facts.targets.into());
        at_most(
            Counted::AllBranchTargets,
            self.figures.targets,
            limits::BR_TABLE_TARGETS_ALL_MAX as u64,
            body.range().start,
        )?;
        at_most(
            Counted::Calls,
            self.figures.calls,
            limits::CALLS_MAX as u64,
            body.range().start,
        )?;
        at_most(
            Counted::LocalsControl,
            self.figures.locals_control,
            limits::LOCALS_CONTROL_PRODUCT_MAX,
            body.range().start,
        )
    }

    fn memory_bytes(&self) -> u64 {
        self.memory_pages.unwrap_or(0).saturating_mul(PAGE_BYTES)
    }

    fn finish(&self) -> Result<(), CodeError> {
        if self.memory_pages.is_none() {
            return Err(CodeError::NoMemory);
        }
        let export = |name, expected| CodeError::Export { name, expected };
        if !self.has_memory {
            return Err(export(EXPORT_MEMORY, "the memory"));
        }
        if !self.has_call {
            return Err(export(EXPORT_CALL, "a function (i32) -> i64"));
        }
        let address = self.window.ok_or(export(
            EXPORT_IO,
            "an immutable i32 global with a constant value",
        ))?;
        let size = IO_WINDOW_BYTES as u64;
        if u64::from(address).saturating_add(size) > self.memory_bytes() {
            return Err(CodeError::WindowOutside {
                address,
                size,
                memory: self.memory_bytes(),
            });
        }
        Ok(())
    }
}

fn name_bytes(name: &str, offset: usize) -> Result<(), CodeError> {
    let limit = limits::NAME_BYTES_MAX as u64;
    at_most(Counted::NameBytes, name.len() as u64, limit, offset)
}

fn segment(start: &ConstExpr<'_>, len: u64, limit: u64, offset: usize) -> Result<(), CodeError> {
    let start = constant(start)?.ok_or(CodeError::PassiveSegment { offset })?;
    let end = u64::from(start).saturating_add(len);
    if end > limit {
        return Err(CodeError::SegmentOutside { offset, end, limit });
    }
    Ok(())
}

/// The value of an expression that is one `i32.const`.
fn constant(expression: &ConstExpr<'_>) -> Result<Option<u32>, CodeError> {
    let mut operators = expression.get_operators_reader();
    let value = match operators.read()? {
        Operator::I32Const { value } => Some(value.cast_unsigned()),
        _ => None,
    };
    Ok(match operators.read()? {
        Operator::End => value,
        _ => None,
    })
}

/// The sections of a module that was accepted, without validating it again.
pub(super) fn sections(bytes: &[u8]) -> Result<Sections<'_>, CodeError> {
    let mut sections = Sections::default();
    for payload in Parser::new(0).parse_all(bytes) {
        if let Payload::CustomSection(section) = payload? {
            sections.add(section.name(), section.data())?;
        }
    }
    Ok(sections)
}
