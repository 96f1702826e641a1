"""Vocabulary packs: a table of codes and terms a clinic loads (GB/T 15657, GB/T 16751, ICD-11 TM1, its own lists).

A pack is a CSV file with the columns code, term and aliases; kind, en, pinyin, unit, scale, valid_from, valid_to and
replaces may be there, headings may be Chinese, further columns are kept. Aliases are divided by | ; or 、. Where no
kind is given it is read off the code, if it is of a standard. ``pack_diff.diff`` says what a pack would change.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from app.domain.concept import ALL_KINDS, Concept, normal_term
from app.domain.errors import KnownError
from app.domain.pinyin import toned

LARGEST_FILE = 64 * 2**20  # bytes; GB/T 15657 with its aliases is under one MiB
MOST_ROWS = 500_000
MOST_FAULTS = 50  # told at once
LONGEST_CODE, LONGEST_TERM = 64, 200
REQUIRED = ("code", "term", "aliases")
OPTIONAL = ("kind", "en", "pinyin", "unit", "scale", "valid_from", "valid_to", "replaces")

# fmt: off
_HEADINGS = {
    "code": "code", "代码": "code", "编码": "code", "分类代码": "code",
    "term": "term", "zh": "term", "name": "term", "名称": "term", "术语": "term", "中文名": "term", "中文名称": "term",
    "aliases": "aliases", "alias": "aliases", "synonyms": "aliases", "别名": "aliases", "同义词": "aliases",
    "kind": "kind", "类别": "kind", "类型": "kind", "en": "en", "英文": "en", "英文名": "en", "英文名称": "en",
    "pinyin": "pinyin", "拼音": "pinyin", "unit": "unit", "单位": "unit", "scale": "scale", "量表": "scale",
    "valid_from": "valid_from", "生效日期": "valid_from", "valid_to": "valid_to", "失效日期": "valid_to",
    "replaces": "replaces", "替代": "replaces", "原代码": "replaces",
}
_KINDS = {
    "症状": "symptom", "舌象": "tongue", "脉象": "pulse", "证候": "syndrome", "证": "syndrome", "证素": "element",
    "疾病": "disease", "病": "disease", "中医病名": "disease", "治法": "method", "西医诊断": "western",
    "西医": "western", "方剂": "formula", "方": "formula", "中药": "herb", "药": "herb",
} | {kind: kind for kind in ALL_KINDS}
# fmt: on
_STANDARDS = (
    (re.compile(r"A\d\d(\.\d\d)*\."), "disease"),  # GB/T 15657-2021, 16751.1
    (re.compile(r"B\d\d(\.\d\d)*\."), "syndrome"),
    (re.compile(r"C\d\d(\.\d\d)*\."), "method"),
    (re.compile(r"B[A-Z]{2}\d{3}"), "disease"),  # GB/T 15657-1995
    (re.compile(r"Z[A-Z]{2,4}\d{2,3}"), "syndrome"),
    (re.compile(r"S[A-D][0-9A-Z]{2}(\.[0-9A-Z]+)?|SE[0-5][0-9A-Z](\.[0-9A-Z]+)?"), "disease"),  # ICD-11 TM1
    (re.compile(r"SE[6-9][0-9A-Z](\.[0-9A-Z]+)?|S[F-J][0-9A-Z]{2}(\.[0-9A-Z]+)?"), "syndrome"),
    *(
        (re.compile(re.escape(prefix) + r".+"), kind)
        for prefix, kind in (
            ("sym.", "symptom"),
            ("ton.", "tongue"),
            ("pul.", "pulse"),
            ("syn.", "syndrome"),
            ("ele.", "element"),
            ("herb.", "herb"),
            ("form.", "formula"),
        )
    ),
)  # fmt: skip
_DIVIDER = re.compile(r"[|;；、]")
_DATE = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_LIVE = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")  # a spreadsheet would take the cell for a formula


class PackError(KnownError):
    """A pack that cannot be taken; the message is that of the first fault. faults: up to ``MOST_FAULTS`` of them."""

    faults: tuple[KnownError, ...] = ()


@dataclass(frozen=True, slots=True)
class PackRow:
    """row: line of the file; replaces: code of the concept this one takes the place of, "" for none."""

    row: int
    concept: Concept
    replaces: str = ""


@dataclass(frozen=True, slots=True)
class Pack:
    """name: what later versions of the same pack are called too; it becomes the ``source`` of the concepts."""

    name: str
    rows: tuple[PackRow, ...]
    encoding: str = "utf-8"

    @property
    def concepts(self) -> tuple[Concept, ...]:
        """One a code: the first row that has it."""
        table: dict[str, Concept] = {}
        for row in self.rows:
            table.setdefault(row.concept.code, row.concept)
        return tuple(table.values())


def read(path: Path, *, name: str = "", kind: str = "") -> Pack:
    """A pack from a file. name: the file's own where none is given; kind: of rows that say none.

    Raises PackError (a KnownError with all faults), each with file, row and column.
    """
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise KnownError("{file} is larger than {limit} MB; a pack is a short table.", file=path.name, limit=64)
        data = path.read_bytes()
    except OSError as error:
        reason = error.strerror or str(error)
        raise KnownError("The pack {file} cannot be read: {reason}.", file=path.name, reason=reason) from error
    return parse(data, file=path.name, name=name or path.stem, kind=kind)


def parse(data: bytes, *, file: str = "pack.csv", name: str = "", kind: str = "") -> Pack:
    """A pack from the bytes of a CSV file (UTF-8, with or without mark, or GB 18030). Raises as ``read``."""
    text, encoding = _decoded(data, file)
    lines = _lines(text, file)
    _, heading = next(lines, (1, []))
    columns = _columns(heading, file)
    rows: list[PackRow] = []
    faults: list[KnownError] = []
    for number, cells in lines:
        if not any(cell.strip() for cell in cells):
            continue
        if len(rows) >= MOST_ROWS:
            raise KnownError("{file} has more than {limit} rows.", file=file, limit=MOST_ROWS)
        try:
            rows.append(_row(_named(cells, columns, file, number), file, number, name or file, kind))
        except KnownError as fault:
            faults.append(fault)
            if len(faults) == MOST_FAULTS:
                break
    if faults:
        refusal = PackError(faults[0].template, **faults[0].params)
        refusal.faults = tuple(faults)
        raise refusal
    return Pack(name or file, tuple(rows), encoding)


def to_csv(pack: Pack) -> bytes:
    """The pack as a CSV file (UTF-8 with mark) that ``parse`` reads back; cells a spreadsheet would run are quoted."""
    further = list(dict.fromkeys(key for row in pack.rows for key in row.concept.extra))
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([*REQUIRED, *OPTIONAL, *map(_quoted, further)])
    for row in pack.rows:
        c = row.concept
        cells = [c.code, c.zh, "|".join(c.synonyms), c.kind, c.en, c.pinyin, c.unit, c.scale, c.valid_from, c.valid_to]
        cells += [row.replaces, *(c.extra.get(key, "") for key in further)]
        writer.writerow(map(_quoted, cells))
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _decoded(data: bytes, file: str) -> tuple[str, str]:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in data:
        raise KnownError("{file} is no CSV text; save it as “CSV UTF-8”.", file=file)
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding), encoding.removesuffix("-sig")
        except UnicodeDecodeError:
            continue
    raise KnownError("{file} is neither UTF-8 nor GB 18030 text; save it as “CSV UTF-8”.", file=file)


def _lines(text: str, file: str) -> Iterator[tuple[int, list[str]]]:
    """(line, cells), divided by whichever of comma, tab and semicolon the heading uses most."""
    heading = text.split("\n", 1)[0]
    delimiter = max((",", "\t", ";"), key=heading.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    while True:
        number = reader.line_num + 1
        try:
            yield number, next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise KnownError(
                "{file}, row {row}: the line cannot be read ({reason}); a quotation mark may be unclosed.",
                file=file,
                row=number,
                reason=str(error),
            ) from error


def _columns(heading: list[str], file: str) -> list[str]:
    """The name of each column: one of ours, or its own."""
    columns = [_HEADINGS.get(normal_term(cell), _bare(cell)) for cell in heading]
    for column in REQUIRED:
        if column not in columns:
            raise KnownError(
                "{file}: the column {column} is missing; a pack has the columns code, term and aliases.",
                file=file,
                column=column,
            )
    for column in columns:
        if column and columns.count(column) > 1:
            raise KnownError("{file}: the column {column} stands there twice.", file=file, column=column)
    return columns


def _named(cells: list[str], columns: list[str], file: str, row: int) -> dict[str, str]:
    if len(cells) > len(columns) and any(cell.strip() for cell in cells[len(columns) :]):
        raise KnownError("{file}, row {row}: there are more cells than columns.", file=file, row=row)
    filled = [*cells, *[""] * (len(columns) - len(cells))]
    return {column: _bare(cell) for column, cell in zip(columns, filled, strict=False) if column}


def _quoted(cell: str) -> str:
    return f"'{cell}" if cell.startswith((*_LIVE, "'")) else cell


def _bare(cell: str) -> str:
    cell = " ".join(cell.split())
    return cell[1:] if cell.startswith("'") and cell[1:].startswith((*_LIVE, "'")) else cell


def _row(cells: Mapping[str, str], file: str, row: int, source: str, default_kind: str) -> PackRow:
    code, zh = cells["code"], cells["term"]
    if not code or len(code) > LONGEST_CODE or re.search(r"\s", code) or not code.isprintable():
        raise KnownError(
            "{file}, row {row}, column {column}: a code of up to {limit} characters without blanks is needed.",
            file=file,
            row=row,
            column="code",
            limit=LONGEST_CODE,
        )
    aliases = tuple(dict.fromkeys(part.strip() for part in _DIVIDER.split(cells["aliases"]) if part.strip()))
    for column, term in (("term", zh), *(("aliases", alias) for alias in aliases)):
        if not normal_term(term) or len(term) > LONGEST_TERM:
            raise KnownError(
                "{file}, row {row}, column {column}: a term of 1 to {limit} characters is needed.",
                file=file,
                row=row,
                column=column,
                limit=LONGEST_TERM,
            )
    valid_from, valid_to = (_date(cells.get(column, ""), file, row, column) for column in ("valid_from", "valid_to"))
    if valid_from and valid_to and valid_to < valid_from:
        raise KnownError(
            "{file}, row {row}, column {column}: the end of validity lies before its beginning.",
            file=file,
            row=row,
            column="valid_to",
        )
    concept = Concept(
        code=code,
        zh=zh,
        en=cells.get("en", ""),
        pinyin=cells.get("pinyin", "") or toned(zh),
        kind=_kind(cells.get("kind", ""), code, default_kind, file, row),
        synonyms=tuple(alias for alias in aliases if alias != zh),
        extra={key: value for key, value in cells.items() if key not in REQUIRED and key not in OPTIONAL},
        unit=cells.get("unit", ""),
        scale=cells.get("scale", ""),
        source=source,
        valid_from=valid_from,
        valid_to=valid_to,
    )
    return PackRow(row, concept, cells.get("replaces", ""))


def kind_of_code(code: str) -> str:
    """The kind a code of a standard says by itself (A02.12. is a disease); "" where it says none."""
    return next((kind for pattern, kind in _STANDARDS if pattern.fullmatch(code)), "")


def _kind(written: str, code: str, default: str, file: str, row: int) -> str:
    kind = _KINDS.get(normal_term(written), "") if written else default or kind_of_code(code)
    if kind not in ALL_KINDS:
        raise KnownError(
            "{file}, row {row}, column {column}: the kind is not known; possible are {kinds}.",
            file=file,
            row=row,
            column="kind",
            kinds=", ".join(ALL_KINDS),
        )
    return kind


def _date(written: str, file: str, row: int, column: str) -> str:
    if not written:
        return ""
    found = _DATE.fullmatch(written)
    try:
        return dt.date(*map(int, found.groups())).isoformat() if found else dt.date.fromisoformat(written).isoformat()
    except ValueError as error:
        raise KnownError(
            "{file}, row {row}, column {column}: {value} is no date; write 2021-10-01.",
            file=file,
            row=row,
            column=column,
            value=written,
        ) from error
