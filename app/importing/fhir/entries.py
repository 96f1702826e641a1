"""A bundle, a list or lines of FHIR resources, one by one: what cannot be used comes with its reason.

Each resource is checked against the definition of R4 on its own, so that a broken one costs no other.
"""

from __future__ import annotations

import importlib
import json
import math
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import BaseModel, ValidationError

from app.domain.errors import KnownError
from app.i18n import t
from app.importing.encoding import Decoded
from app.importing.fhir import terms
from app.importing.json_rows import parse

SUFFIXES = (".json", ".ndjson", ".jsonl")
_LOOK_BYTES = 1 << 16
_MARK = re.compile(rb'"resourceType"\s*:\s*"(?:Bundle|' + b"|".join(kind.encode() for kind in terms.KINDS) + rb')"')

Resource = dict[str, Any]


class Entry(NamedTuple):
    """number: of the entry, or the line, from 1; url: fullUrl; problem: (path, value, reason) why it cannot be used"""

    number: int
    url: str
    resource: Resource
    problem: tuple[str, object, str] | None = None


def holds_fhir(path: Path) -> bool:
    """Do the first 64 KB of a JSON file name a FHIR resource?"""
    path = Path(path)
    if path.suffix.lower() not in SUFFIXES or not path.is_file():
        return False
    with path.open("rb") as stream:
        return _MARK.search(stream.read(_LOOK_BYTES)) is not None


def entries(decoded: Decoded, path: Path) -> Iterator[Entry]:
    """Raises KnownError where the file as a whole is no JSON."""
    if path.suffix.lower() == ".json":
        try:
            whole = parse(decoded.text)
        except ValueError as error:
            raise KnownError("File {file} is not valid JSON: {why}.", file=path.name, why=str(error)) from error
        yield from _unpacked(whole, None)
        return
    for number, line in enumerate(decoded.text.split("\n"), start=1):
        if line.strip():
            try:
                value = parse(line)
            except ValueError as error:
                yield Entry(number, "", {}, ("", line[:80], str(error)))
                continue
            yield from _unpacked(value, number)


def _unpacked(value: object, line: int | None) -> Iterator[Entry]:
    """The resources of a bundle, of a list, or the one resource; numbered by the line where there is one."""
    if isinstance(value, list):
        parts = [("", part) for part in value]
    elif isinstance(value, dict) and value.get("resourceType") == "Bundle":
        listed = value.get("entry")
        parts = []
        for entry in listed if isinstance(listed, list) else []:
            held = entry if isinstance(entry, dict) else {}
            url = held.get("fullUrl")
            parts.append((url if isinstance(url, str) else "", held.get("resource")))
    else:
        parts = [("", value)]
    for number, (url, resource) in enumerate(parts, start=1):
        yield _checked(line or number, url, resource)


def _checked(number: int, url: str, resource: object) -> Entry:
    if not isinstance(resource, dict) or not isinstance(resource.get("resourceType"), str):
        return Entry(number, url, {}, ("resourceType", resource, t("no FHIR resource")))
    kind = resource["resourceType"]
    if kind == "Bundle":
        return Entry(number, url, {}, ("resourceType", kind, t("a bundle within a bundle")))
    if not _is_sound(resource) and (found := unsound(resource, kind)):
        return Entry(number, url, resource, found)
    return Entry(number, url, _said(resource), _invalid(kind, resource) if kind in terms.KINDS else None)


def _said(value: Any) -> Any:
    """Without null, which says nothing: whoever reads a field then finds a value or none."""
    if isinstance(value, dict):
        return {name: _said(part) for name, part in value.items() if part is not None}
    return [_said(part) for part in value if part is not None] if isinstance(value, list) else value


def _is_sound(resource: Resource) -> bool:
    """``unsound`` at the speed of C, without the place."""
    try:
        json.dumps(resource, ensure_ascii=False, allow_nan=False).encode("utf-8")
    except ValueError:  # UnicodeEncodeError is one
        return False
    return True


def unsound(value: object, path: str) -> tuple[str, object, str] | None:
    """Where something stands that JSON lets through and no record can hold: infinity, half a character."""
    if isinstance(value, float) and not math.isfinite(value):
        return path, value, t("not a finite number")
    if isinstance(value, str) and not value.isascii() and any("\ud800" <= c <= "\udfff" for c in value):
        return path, value, t("half a character")
    parts: list[tuple[str, object]] = []
    if isinstance(value, dict):
        parts = [(f"{path}.{key}", part) for key, part in value.items()]
        parts += [(path, key) for key in value]
    elif isinstance(value, list):
        parts = [(f"{path}[{at}]", part) for at, part in enumerate(value)]
    return next((found for where, part in parts if (found := unsound(part, where))), None)


@cache
def _model(kind: str) -> type[BaseModel]:
    return getattr(importlib.import_module(f"fhir.resources.R4B.{kind.lower()}"), kind)


def _invalid(kind: str, resource: Resource) -> tuple[str, object, str] | None:
    try:
        _model(kind).model_validate(resource)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        path = ".".join([kind, *(str(part) for part in first["loc"])])
        value = "" if isinstance(first.get("input"), dict) else first.get("input")
        return path, value, t("not valid FHIR R4: {why}", why=_why(first["type"], first["msg"]))
    except (ValueError, TypeError, ArithmeticError, AttributeError, RecursionError) as error:
        return kind, "", t("not valid FHIR R4: {why}", why=str(error)[:120])  # the definitions' own slips
    return None


def _why(kind: str, message: str) -> str:
    if kind == "missing":
        return t("it is missing")
    if kind == "extra_forbidden":
        return t("there is no such field")
    return message.removeprefix("Value error, ")
