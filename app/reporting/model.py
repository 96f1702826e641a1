"""What a report says, as plain words and pictures in one language; how it looks is html.py's and pdf.py's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

RowKind = Literal["score", "total", "text"]
Trend = Literal["", "up", "down"]


@dataclass(frozen=True, slots=True)
class Cell:
    """trend: against the score recorded before it; up is worse."""

    text: str
    trend: Trend = ""


@dataclass(frozen=True, slots=True)
class Row:
    label: str
    cells: tuple[Cell, ...]
    kind: RowKind = "text"


@dataclass(frozen=True, slots=True)
class Column:
    """One visit's head: 第3诊, its date, its day."""

    title: str
    date: str
    day: str


@dataclass(frozen=True, slots=True)
class CourseTable:
    """Rows items, columns visits. slots: columns that every table of this report is laid out for."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    slots: int


@dataclass(frozen=True, slots=True)
class Formula:
    """One prescription in full. head: formula, doses, visit; herbs: name, note and dose of each, in order."""

    head: str
    herbs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Effect:
    """Effect index of the course: lines to read, the class for emphasis."""

    summary: str
    effect_class: str
    rows: tuple[tuple[str, str, str, str], ...]  # symptom, first, last, index: shown as columns
    heads: tuple[str, str, str, str]
    note: str


@dataclass(frozen=True, slots=True)
class Picture:
    """png: the bytes as the caller drew them."""

    key: str
    title: str
    png: bytes


@dataclass(frozen=True, slots=True)
class ForecastBlock:
    """heads and rows of the forecast table; basis: (label, value) figures behind it; warning where it does not win."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    basis: tuple[tuple[str, str], ...]
    note: str
    warning: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """Everything the pages hold, in ``language``, in reading order."""

    language: str
    title: str
    clinic: str
    code: str
    printed: str
    patient: tuple[tuple[str, str], ...]
    headings: dict[str, str]  # course, prescription, effect, forecast, basis
    tables: tuple[CourseTable, ...] = ()
    table_note: str = ""
    prescription: tuple[Formula, ...] = ()  # of the latest visit that has one
    effect: Effect | None = None
    pictures: tuple[Picture, ...] = ()
    forecast: ForecastBlock | None = None
    disclaimer: str = ""
    signature: tuple[str, ...] = ()
    page: str = ""  # "第 {page} 页，共 {pages} 页"
