"""What an import did: every refusal with its place and reason, every value that was changed on the way in.

The list of refusals is complete: nothing is dropped from it, however many there are, because a row that silently
vanishes is the worst thing an importer can do. Only the *values* shown are cut (200 characters).
"""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.domain.vocabulary import normal_term
from app.files import write_json
from app.i18n import t

if TYPE_CHECKING:
    from app.importing.mapping import Mapping

VALUE_SHOWN = 200  # characters of a value kept in the report
REFUSALS_SHOWN = 10  # lines of the summary
UNKNOWN_SHOWN = 5  # terms in the summary
UNKNOWN_KINDS = ("herb", "syndrome", "pulse", "tongue", "formula", "unit")


@dataclass(frozen=True, slots=True)
class Refusal:
    """row: the user's own row number, header = row 1 (0: the file as a whole); column "" means the whole row.

    reason: text in the user's language
    """

    file: str
    row: int
    column: str
    value: str
    reason: str


@dataclass(slots=True)
class Unknown:
    """A term no vocabulary knows, for the review after the import. file, row, column: where it was first met."""

    kind: str
    term: str
    count: int
    file: str
    row: int
    column: str


@dataclass(slots=True)
class ImportReport:
    """rows_read = rows_accepted + rows_refused. A refused *cell* leaves its row accepted, and is listed in ``refused``.

    For case books a row is a case. ``pulse_terms_*`` and ``herb_items_*`` count what the source gives and how much of
    it found a code.
    """

    rows_read: int = 0
    rows_accepted: int = 0
    rows_refused: int = 0
    patients: int = 0
    visits: int = 0
    visits_with_symptom: int = 0
    pulse_terms_total: int = 0
    pulse_terms_coded: int = 0
    herb_items_total: int = 0
    herb_items_mapped: int = 0
    files: list[dict[str, Any]] = field(default_factory=list)  # name, sha256, size, kind, encoding, sheet
    committed: bool = False
    result: dict[str, Any] = field(default_factory=dict)  # what the store did: patients_added, visits_added ...
    mapping: Mapping | None = None  # of the last table read
    refused: list[Refusal] = field(default_factory=list)
    _normalised: dict[tuple[str, str, str], int] = field(default_factory=dict)
    _unknown: dict[tuple[str, str], Unknown] = field(default_factory=dict)

    def refuse(self, file: str, row: int, column: str, value: object, reason: str) -> None:
        """Lists a refused row (column "") or cell. Counting rows is the caller's: it knows which rows survive."""
        self.refused.append(Refusal(shown(file), int(row), shown(column), shown(value), reason))

    def normalise(self, from_: object, to: object, rule: str, count: int = 1) -> None:
        """Counts one more value that was read as another; equal (from, to, rule) are one line of the report."""
        key = (shown(from_), shown(to), rule)
        self._normalised[key] = self._normalised.get(key, 0) + count

    def unknown(self, kind: str, term: str, file: str, row: int, column: str) -> None:
        """Counts one more occurrence of a term that found no code. kind: one of UNKNOWN_KINDS."""
        key = (kind, normal_term(term))
        if (known := self._unknown.get(key)) is not None:
            known.count += 1
        else:
            self._unknown[key] = Unknown(kind, shown(term.strip()), 1, shown(file), int(row), shown(column))

    @property
    def unknown_terms(self) -> list[Unknown]:
        """The commonest first."""
        return sorted(self._unknown.values(), key=lambda one: (-one.count, one.kind, one.term))

    @property
    def normalised(self) -> list[dict[str, Any]]:
        """[{from, to, rule, count}], the commonest first."""
        ordered = sorted(self._normalised.items(), key=lambda entry: (-entry[1], entry[0]))
        return [{"from": f, "to": to, "rule": rule, "count": n} for (f, to, rule), n in ordered]

    def to_dict(self) -> dict[str, Any]:
        return {
            "rows_read": self.rows_read,
            "rows_accepted": self.rows_accepted,
            "rows_refused": self.rows_refused,
            "patients": self.patients,
            "visits": self.visits,
            "visits_with_symptom": self.visits_with_symptom,
            "pulse_terms_total": self.pulse_terms_total,
            "pulse_terms_coded": self.pulse_terms_coded,
            "herb_items_total": self.herb_items_total,
            "herb_items_mapped": self.herb_items_mapped,
            "committed": self.committed,
            "files": list(self.files),
            "result": dict(self.result),
            "mapping": self.mapping.model_dump(mode="json", exclude_defaults=True) if self.mapping else None,
            "refused": [
                {"file": r.file, "row": r.row, "column": r.column, "value": r.value, "reason": r.reason}
                for r in self.refused
            ],
            "normalised": self.normalised,
            "unknown": [dataclasses.asdict(one) for one in self.unknown_terms],
        }

    def summary(self) -> list[str]:
        """A few lines for the user: what came in, what did not and why."""
        lines = [
            t(
                "{accepted} of {read} rows accepted, {refused} refused.",
                accepted=self.rows_accepted,
                read=self.rows_read,
                refused=self.rows_refused,
            ),
            t("{patients} patients, {visits} visits.", patients=self.patients, visits=self.visits),
        ]
        if self.pulse_terms_total or self.herb_items_total:
            lines.append(
                t(
                    "Coded: symptoms in {symptoms} visits, {pulse} of {pulses} pulse terms, {herb} of {herbs} herbs.",
                    symptoms=self.visits_with_symptom,
                    pulse=self.pulse_terms_coded,
                    pulses=self.pulse_terms_total,
                    herb=self.herb_items_mapped,
                    herbs=self.herb_items_total,
                )
            )
        if self._unknown:
            terms = "、".join(_on_one_line(one.term) for one in self.unknown_terms[:UNKNOWN_SHOWN])
            lines.append(t("{n} terms are in no vocabulary, most often {terms}.", n=len(self._unknown), terms=terms))
        for file in self.files:
            if file.get("encoding_guessed"):
                lines.append(t("{file} was read as {encoding}.", file=file["name"], encoding=file["encoding"]))
        for r in self.refused[:REFUSALS_SHOWN]:
            lines.append(
                t(
                    "{file}, row {row}, {column}: {value}: {reason}",
                    file=r.file,
                    row=r.row,
                    column=r.column or "-",
                    value=_on_one_line(r.value) or "-",
                    reason=r.reason,
                )
            )
        if len(self.refused) > REFUSALS_SHOWN:
            lines.append(t("... and {n} more; the report lists all.", n=len(self.refused) - REFUSALS_SHOWN))
        lines.append(t("Committed.") if self.committed else t("Nothing was changed."))
        return lines

    def to_json(self) -> str:
        return json.dumps(self.to_dict(), ensure_ascii=False, indent=1)

    def save(self, path: Path) -> None:
        """Writes the report whole or not at all. Raises KnownError where the folder cannot be written."""
        write_json(path, self.to_dict())


def _on_one_line(text: str) -> str:
    """Without line ends and without the control characters by which a terminal is steered."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text.strip())


def shown(value: object) -> str:
    """A value as the report shows it: text, cut, with what no file can hold (lone surrogates, NUL) made visible."""
    text = "" if value is None else str(value)
    text = text.replace("\x00", "\\0").encode("utf-8", "backslashreplace").decode("utf-8")
    return text if len(text) <= VALUE_SHOWN else text[: VALUE_SHOWN - 1] + "…"
