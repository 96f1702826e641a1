"""Files in, one commit out: every accepted row of every file given, or nothing."""

from __future__ import annotations

import contextlib
import dataclasses
import gc
import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence, Sized
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.domain import local_terms
from app.domain.errors import KnownError
from app.domain.records import Case, Visit
from app.domain.units import UnitConvention
from app.exporting.columns import MANIFEST
from app.files import keep_apart
from app.i18n import explain, t
from app.importing.exported import read_exported, recognises
from app.importing.fhir import holds_fhir, read_bundle
from app.importing.free_text.document import read_document
from app.importing.free_text.reading import is_free_text
from app.importing.limits import check_size
from app.importing.long_table import LongReader
from app.importing.mapping import Mapping, suggest
from app.importing.people import People
from app.importing.profiles import apply_profile, header_signature
from app.importing.readers import holds_visits, read_table
from app.importing.report import ImportReport
from app.importing.tables import ROWS_BETWEEN_LOOKS, Table
from app.importing.wide_table import WideReader
from app.store.content import check_case
from app.store.imports import FileInfo, ImportCancelledError
from app.store.names import code_key
from app.store.pace import Pace, Progress

if TYPE_CHECKING:
    from app.store.clinic import Clinic

__all__ = ["KINDS", "ImportCancelledError", "import_files"]

KINDS = ("auto", "long", "wide", "cases", "fhir", "text", "export")


def import_files(
    files: Sequence[Path],
    clinic: Clinic | Callable[[], Clinic] | None,
    *,
    kind: str = "auto",
    mapping: Mapping | None = None,
    overruled: dict[str, Any] | None = None,
    encoding: str | None = None,
    convention: UnitConvention = UnitConvention.MODERN,
    near: int | None = None,
    dry_run: bool = False,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> ImportReport:
    """Reads all files, then commits all accepted rows in one transaction; ``dry_run`` stops before that.

    mapping: for tables; None takes the one the clinic last used for such headers, else suggests one
    overruled: fields of Mapping that hold whatever the mapping says
    clinic: its own vocabulary holds while the files are read; may be None for a dry run; a function is asked for one
    when there is something to store, so that a refused import leaves no new clinic file
    near: a year near which dates lie that name their year by the cycle of sixty alone
    progress: (rows done, rows in all or 0, words); it and ``cancelled`` are called several times a second. Raises
    KnownError for a file that cannot be read at all, ImportCancelledError where ``cancelled`` said so; in either case
    nothing was changed.
    """
    if kind not in KINDS:
        raise KnownError("Unknown kind {kind}; there are {known}.", kind=kind, known=", ".join(KINDS))
    if not files:
        raise KnownError("No file was given to import.")
    if clinic is None and not dry_run:
        raise KnownError("No clinic file is open to import into.")
    known = None if callable(clinic) else clinic
    work = _Import(mapping, overruled or {}, encoding, convention, near, progress or _quiet, cancelled or _never, known)
    local = known.terms.local() if known is not None else local_terms.NOTHING
    with local_terms.using(local), _collecting_seldom():
        return _read_and_store(work, [Path(file) for file in files], kind, None if dry_run else clinic)


def _read_and_store(
    work: _Import, paths: list[Path], kind: str, clinic: Clinic | Callable[[], Clinic] | None
) -> ImportReport:
    work.check_files(paths)
    for at, path in enumerate(paths):
        work.read(at, path, kind)
    cases = work.finish()
    report = work.report
    if clinic is None or not len(cases):
        for done, _case in enumerate(cases, start=1):  # put together for the sake of the report
            work.pace(done, len(cases), t("Putting patients together"))
        return report
    report.committed = True  # as the store keeps it: the report is stored in the same transaction as its rows
    store = clinic() if callable(clinic) else clinic
    try:
        result = store.imports.commit(
            cases,
            files=work.file_infos(),
            report_json=report.to_json,
            progress=work.progress,
            cancelled=work.cancelled,
        )
    except BaseException:
        report.committed = False
        raise
    report.result = dataclasses.asdict(result)
    for signature, used in work.used.items():
        store.profiles.remember(signature, used.model_dump(mode="json", exclude_defaults=True))
    return report


@contextlib.contextmanager
def _collecting_seldom() -> Iterator[None]:
    """Of a million rows hardly anything refers in a circle; to look for that costs a fifth of the time."""
    before = gc.get_threshold()
    gc.set_threshold(100_000, 50, 1000)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _quiet(_done: int, _total: int, _text: str) -> None:
    """No one is listening."""


def _never() -> bool:
    return False


@dataclass(slots=True)
class _Import:
    """One call of import_files: what is read so far."""

    mapping: Mapping | None
    overruled: dict[str, Any]
    encoding: str | None
    convention: UnitConvention
    near: int | None
    progress: Progress
    cancelled: Callable[[], bool]
    clinic: Clinic | None  # whose saved mappings are looked at
    used: dict[str, Mapping] = field(default_factory=dict)  # by signature of the headers
    report: ImportReport = field(default_factory=ImportReport)
    people: People = field(init=False)
    pace: Pace = field(init=False)
    readers: list[LongReader | WideReader] = field(default_factory=list)
    cases: dict[str, Case] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.people = People(self.report)
        self.pace = Pace(self.stop_if_cancelled, self.progress)

    def stop_if_cancelled(self) -> None:
        if self.cancelled():
            raise ImportCancelledError("The import was stopped; nothing of it was stored.")

    def check_files(self, paths: list[Path]) -> None:
        """Sizes and hashes of all files before the first is read, so that a missing one costs no time."""
        by_hash: dict[str, str] = {}
        for path in paths:
            if self.clinic is not None and self.clinic.is_file:
                keep_apart(self.clinic.path, [path])  # its own file: looking into it would drop the locks on it
            told = path / MANIFEST if path.is_dir() else path  # an exported folder says in it what it holds
            check_size(told)
            info = FileInfo.of(told)
            if info.sha256 in by_hash:
                first = by_hash[info.sha256]
                raise KnownError("Files {first} and {second} are the same.", first=first, second=path.name)
            by_hash[info.sha256] = path.name
            self.report.files.append(dataclasses.asdict(info))

    def file_infos(self) -> list[FileInfo]:
        return [FileInfo(entry["name"], entry["size"], entry["sha256"]) for entry in self.report.files]

    def read(self, at: int, path: Path, kind: str) -> None:
        self.stop_if_cancelled()
        told = self.report.files[at]
        self.progress(0, 0, t("Reading {file}", file=path.name))
        if kind == "auto" and self.mapping is not None:
            kind = self.mapping.kind
        if (whole := self._whole_cases(path, kind)) is not None:
            told["kind"], read = whole
            self._keep(path, read, told)
            return
        words = t("Looking at the columns of {file}", file=path.name)
        looked = partial(self.pace, 0, 0, words)
        told_how = self.mapping.model_copy(update=self.overruled) if self.mapping else None
        reading: dict[str, Any] = told_how.reading(self.encoding) if told_how else {"encoding": self.encoding}
        reading |= {name: self.overruled[name] for name in ("header_row", "delimiter") if name in self.overruled}
        table = read_table(path, **reading, between=looked)
        told.update(format=table.format, encoding=table.encoding, encoding_guessed=table.guessed, sheet=table.sheet)
        mapping = (
            told_how
            or saved_mapping(self.clinic, table, kind)
            or suggest(table, None if kind == "auto" else kind, looked)
        )
        mapping = Mapping.of(mapping.model_dump(mode="json") | self.overruled)
        self.used[header_signature(table.headers, mapping.kind)] = mapping
        if kind not in ("auto", mapping.kind):
            raise KnownError(
                "The mapping is for a {mapped} table, not for a {kind} one.", mapped=mapping.kind, kind=kind
            )
        told["kind"] = mapping.kind
        self.report.mapping = mapping
        self._read_table(table, mapping)

    def _whole_cases(self, path: Path, kind: str) -> tuple[str, Callable[..., Iterable[Case]]] | None:
        """The kind of a file that holds whole cases, and what reads it; None for a table."""
        from app.importing.casebook import read_cases

        readers = {"export": self._read_export, "fhir": read_bundle, "cases": read_cases, "text": self._read_text}
        found = whole_kind(path, self.encoding) if kind == "auto" else kind
        return (found, readers[found]) if found in readers else None

    def _read_export(self, path: Path, _: UnitConvention, report: ImportReport, **__: Any) -> Iterator[Case]:
        for case in read_exported(path):
            report.rows_read += 1
            report.rows_accepted += 1
            yield case

    def _read_text(
        self, path: Path, convention: UnitConvention, report: ImportReport, *, encoding: str | None, **_: Any
    ) -> list[Case]:
        draft = read_document(path, convention, report, encoding=encoding, near=self.near)
        return draft.accept(report=report)

    def _keep(self, path: Path, read: Callable[..., Iterable[Case]], told: dict[str, Any]) -> None:
        """Whole cases; each patient number once in all files."""

        def asked() -> bool:
            self.stop_if_cancelled()
            return False

        for case in read(
            path,
            self.convention,
            self.report,
            encoding=self.encoding,
            told=told,
            progress=self.progress,
            cancelled=asked,
        ):
            key = code_key(case.patient.code)
            reason = ""
            if key in self.cases:
                reason = t("the same case number was read before; only the first was kept")
            try:
                check_case(case)
            except KnownError as error:  # what cannot be stored costs this case alone
                reason = explain(error)
            if reason:
                self.report.refuse(path.name, 0, "case_id", case.patient.code, reason)
                self.report.rows_accepted -= 1
                self.report.rows_refused += 1
            else:
                self.cases[key] = case
        self.stop_if_cancelled()

    def _read_table(self, table: Table, mapping: Mapping) -> None:
        for note in table.notes:
            self.report.normalise(*note)
        reader: LongReader | WideReader
        if mapping.kind == "long":
            reader = LongReader(mapping, self.people, self.report)
        else:
            reader = WideReader(mapping, self.people, self.report, self.convention)
        self.readers.append(reader)
        words = t("Reading {file}", file=table.file)
        for count in reader.read(table):
            if count % ROWS_BETWEEN_LOOKS == 0:
                self.pace(count, max(count, table.length), words)

    def finish(self) -> _Cases:
        """All cases, once; the figures of the report are whole after the last of them."""
        for reader in self.readers:
            reader.finish()
        codes = self.people.codes()
        for code in codes if self.cases else ():  # which visit of the one is which of the other, nobody can tell
            if code_key(code) in self.cases:
                raise KnownError(
                    "Patient {code} stands in a case book and in a table of this import. Nothing was imported; "
                    "import the files one after the other.",
                    code=code,
                )
        self.report.patients = len(self.cases) + len(codes)
        self.report.visits = self.report.visits_with_symptom = 0
        return _Cases(self, len(self.cases) + len(codes))


@dataclass(slots=True)
class _Cases(Sized):
    """Case books first, then the patients of the tables, each put together when its turn comes."""

    work: _Import
    count: int

    def __len__(self) -> int:
        return self.count

    def __iter__(self) -> Iterator[Case]:
        report, looked = self.work.report, self.work.stop_if_cancelled
        for case in itertools.chain(self.work.cases.values(), self.work.people.cases()):
            looked()
            report.visits += len(case.visits)
            report.visits_with_symptom += sum(map(_tells_a_symptom, case.visits))
            yield case


def whole_kind(path: Path, encoding: str | None) -> str | None:
    """ "export", "fhir", "cases" or "text" for whole cases, None for a table. Raises KnownError as the readers do."""
    if recognises(path):
        return "export"
    if holds_fhir(path):
        return "fhir"
    if holds_visits(path, encoding):
        return "cases"
    return "text" if is_free_text(path) and not _is_table(path, encoding) else None


def _is_table(path: Path, encoding: str | None) -> bool:
    """Is a text file without a telling name a table after all?"""
    try:
        suggest(read_table(path, encoding))
    except KnownError:
        return False
    return True


def saved_mapping(clinic: Clinic | None, table: Table, kind: str) -> Mapping | None:
    """The mapping the clinic last used for such headers, where it still fits."""
    for one in ("long", "wide") if kind == "auto" else (kind,):
        found = clinic.profiles.find(header_signature(table.headers, one)) if clinic is not None else None
        if found is not None and (mapping := apply_profile(table, Mapping.of(found))) is not None:
            return mapping
    return None


def _tells_a_symptom(visit: Visit) -> bool:
    return any(seen.concept.startswith("sym.") and not seen.negated for seen in visit.observations)
