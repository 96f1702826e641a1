"""Which column is what, as settled: shown, changed, saved and loaded as JSON with a version."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from app.domain.errors import KnownError
from app.domain.records import ValueKind
from app.files import write_json
from app.i18n import t
from app.importing import roles
from app.importing.dates import YEARS, DateStyle, Order
from app.importing.encoding import decode
from app.importing.limits import check_size
from app.importing.report import shown
from app.importing.roles import SHARED, Role
from app.importing.tables import Table

VERSION = 2  # of a saved mapping; 1 had date_format for date_style, and no overrules of reading

M = TypeVar("M")
TreatmentOrNot = Literal["observation", "static", "treatment"]
Scale = Literal["", "main", "secondary", "vas10", "vas100"]


class Variable(BaseModel):
    """One measured thing: a column of a wide table, or a value of the variable column of a long one.

    concept: code of the vocabulary; "" gives "x." + name. lower, upper: values outside are refused
    unit: values in another are converted where that is exact, else refused
    """

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    name: str = Field(min_length=1)
    label: str = ""
    concept: str = ""
    kind: ValueKind = ValueKind.NUMBER
    unit: str = ""
    lower: float | None = None
    upper: float | None = None
    scale: Scale = ""
    role: TreatmentOrNot = "observation"

    @property
    def code(self) -> str:
        return self.concept or f"x.{self.name}"


class Mapping(BaseModel):
    """kind "cases" (case books) needs no columns."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    kind: Literal["long", "wide", "cases"]
    columns: dict[str, Role] = Field(default_factory=dict)  # header -> role
    variables: dict[str, Variable] = Field(
        default_factory=dict
    )  # header, or value of the variable column -> what it is
    date_style: Order = "auto"
    century: int | None = Field(default=None, ge=YEARS.start, lt=YEARS.stop)  # of two-digit years, see DateStyle
    lunar_epoch: int | None = Field(default=None, ge=YEARS.start, lt=YEARS.stop)
    time_unit: Literal["minute", "hour", "day", "week", "month", "year"] = "day"
    sheet: str | None = None
    encoding: str | None = None  # these three: None finds out
    header_row: int | None = Field(default=None, ge=1)
    delimiter: str | None = Field(default=None, min_length=1, max_length=1)

    @model_validator(mode="before")
    @classmethod
    def _of_any_version(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        data = dict(data)
        version = data.pop("version", VERSION)
        if not isinstance(version, int) or version > VERSION:
            raise ValueError(t("it was made by a newer version of Mailiu ({version})", version=shown(version)))
        if "date_format" in data:
            data.setdefault("date_style", data.pop("date_format"))
        return data

    @model_validator(mode="after")
    def _has_what_its_kind_needs(self) -> Self:
        taken = Counter(role for role in self.columns.values() if role not in SHARED)
        twice = [role for role, n in taken.items() if n > 1]
        if twice:
            raise ValueError(t("two columns are given as {role}", role=roles.label(twice[0])))
        needed = {"long": (Role.PATIENT, Role.VARIABLE, Role.VALUE), "wide": (Role.PATIENT,), "cases": ()}[self.kind]
        for role in needed:
            if role not in taken:
                raise ValueError(t("no column is given as {role}", role=roles.label(role)))
        if self.kind == "long" and not (Role.TIME in taken or Role.DATE in taken):
            raise ValueError(t("no column is given as {role}", role=roles.label(Role.TIME)))
        return self

    def column(self, role: Role) -> str | None:
        """The header in that role, the first where several share it."""
        return next(iter(self.headers(role)), None)

    def headers(self, role: Role) -> list[str]:
        return [header for header, given in self.columns.items() if given == role]

    @property
    def dates(self) -> DateStyle:
        return DateStyle(self.date_style, self.century, self.lunar_epoch)

    def reading(self, encoding: str | None = None) -> dict[str, Any]:
        """What ``read_table`` must be told besides the path. encoding: goes before the mapping's own."""
        return {
            "encoding": encoding or self.encoding,
            "sheet": self.sheet,
            "header_row": self.header_row,
            "delimiter": self.delimiter,
        }

    def check(self, table: Table) -> None:
        """Raises KnownError naming the columns the table lacks."""
        missing = [
            header for header, role in self.columns.items() if role != Role.IGNORE and header not in table.headers
        ]
        if missing:
            raise KnownError(
                "File {file} lacks the columns {missing} of the mapping; it has {known}.",
                file=table.file,
                missing=", ".join(missing[:10]),
                known=", ".join(table.headers[:40]),
            )

    def describe(self) -> list[str]:
        """Lines to show the user: each column and what it is taken for."""
        if self.kind == "cases":
            return [t("Case book: one case a line, with its visits")]
        kind = t("Long table: one measurement a row") if self.kind == "long" else t("Wide table: one visit a row")
        lines = [kind]
        for header, role in self.columns.items():
            line = f"{header} → {roles.label(role)}"
            if role == Role.OBSERVATION and (variable := self.variables.get(header)):
                line += f" ({_described(variable)})"
            lines.append(line)
        if self.kind == "long":
            lines += [f"  {name}: {_described(variable)}" for name, variable in self.variables.items()]
        return lines

    def save(self, path: Path) -> None:
        """Raises KnownError where the folder cannot be written."""
        write_json(path, self._told())

    @classmethod
    def load(cls, path: Path) -> Self:
        """Raises KnownError naming the field that is wrong."""
        path = Path(path)
        check_size(path)
        return cls.from_json(decode(path.read_bytes(), path.name).text, path.name)

    def to_json(self) -> str:
        """One line, with the version it is of."""
        return json.dumps(self._told(), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str, name: str = "-") -> Self:
        """From ``to_json`` of this or an older version. Raises KnownError (with ``name``) naming what is wrong."""
        return _validated(lambda: cls.model_validate_json(text), name)

    def _told(self) -> dict[str, Any]:
        return {"version": VERSION, **self.model_dump(mode="json", exclude_defaults=True)}

    @classmethod
    def of(cls, data: dict[str, Any]) -> Self:
        """From what ``model_dump`` gave. Raises KnownError naming the field that is wrong."""
        return _validated(lambda: cls.model_validate(data), "-")


def _validated(read: Callable[[], M], file: str) -> M:
    try:
        return read()
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise KnownError(
            "Mapping {file}, field {field}: {why}.",
            file=file,
            field=".".join(str(part) for part in first["loc"]) or "-",
            why=_why(first["type"], first["msg"], first.get("input")),
        ) from error


def _why(kind: str, message: str, given: object) -> str:
    """The library's reason, which is English, in the user's language where it is one a person can mend."""
    if kind == "missing":
        return t("it is missing")
    if kind == "json_invalid":
        return t("the file is not valid JSON")
    if kind == "extra_forbidden":
        return t("there is no such field")
    if kind in ("enum", "literal_error"):
        return t("{value} is none of the words allowed", value=shown(given))
    if kind.endswith("_type"):
        return t("{value} is of the wrong kind", value=shown(given))
    return message.removeprefix("Value error, ")


def _described(variable: Variable) -> str:
    scales = {"main": "0/2/4/6", "secondary": "0/1/2/3", "vas10": "0-10", "vas100": "0-100"}
    parts = [variable.code, scales.get(variable.scale, ""), variable.unit]
    if variable.role != "observation":
        parts.append(t("treatment") if variable.role == "treatment" else roles.label(Role.STATIC))
    elif variable.kind == ValueKind.TEXT:
        parts.append(t("text"))
    return ", ".join(part for part in parts if part)
