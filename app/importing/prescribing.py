"""The prescription of one row: a list of herbs with doses, or a change of the formula before it (于前方去X加Y)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.domain.modification import parse_modification
from app.domain.prescription import modify, parse_formula_text
from app.domain.records import Prescription, PrescriptionItem
from app.domain.units import UnitConvention, chinese_number
from app.i18n import t
from app.importing import values
from app.importing.people import Place
from app.importing.report import ImportReport
from app.importing.roles import Role

MAX_DAYS = 366.0
_DOSE_WORDS = "剂付帖贴副服天日包"


@dataclass(frozen=True, slots=True)
class Prescriber:
    """Reads the cells of one row; what it cannot read it lists under ``place``."""

    report: ImportReport
    place: Place
    convention: UnitConvention

    def prescribe(
        self, text: str, formula: str, doses: str, headers: dict[Role, str], before: Sequence[Prescription]
    ) -> Prescription | None:
        """text: the herbs; formula: its name; doses: how many, one a day; headers: the columns these come from.

        before: prescriptions of the visit before, which a modification starts from. None where nothing was prescribed.
        """
        if not (text or formula):
            return None
        days = self._days(doses, headers.get(Role.DOSES, ""))
        if not text:
            return Prescription((), formula=formula, days=days, raw=formula)
        header = headers[Role.PRESCRIPTION]
        change = parse_modification(text, self.convention)
        if change.base_reference and not change.named:
            base = next((p for p in reversed(before) if p.items), None)
            if base is not None:
                changed = modify(
                    base,
                    change.removed,
                    change.added,
                    replaced=change.replaced,
                    reduced=change.reduced,
                    convention=self.convention,
                    raw=text,
                )
                self._count(change.added, header)
                self.report.normalise(text, f"{len(changed.items)}", t("rebuilt from the formula before it (herbs)"))
                return replace(changed, formula=formula or base.formula, days=days)
            self._refuse(header, text, t("changes an earlier formula, and there is none"))
            return Prescription(change.added, formula=formula, days=days, raw=text)
        items = tuple(parse_formula_text(text, self.convention))
        if not items:
            self._refuse(header, text, t("no herb was recognised"))
        self._count(items, header)
        return Prescription(items, formula=formula, days=days, raw=text)

    def _count(self, items: Sequence[PrescriptionItem], header: str) -> None:
        self.report.herb_items_total += len(items)
        for item in items:
            if item.herb:
                self.report.herb_items_mapped += 1
            else:
                self._refuse(header, item.raw_name, t("not in the list of herbs; kept under its own name"))
                self.report.unknown("herb", item.raw_name, self.place.file, self.place.row, header)

    def _days(self, text: str, header: str) -> float | None:
        if not text:
            return None
        word = text.rstrip(_DOSE_WORDS).strip()
        number = values.number(word).value
        days = number if isinstance(number, float) else chinese_number(word)
        if days is None or not 0 < days <= MAX_DAYS:
            self._refuse(header, text, t("expected a number of doses up to {n}", n=int(MAX_DAYS)))
            return None
        return float(days)

    def _refuse(self, header: str, value: str, reason: str) -> None:
        self.report.refuse(self.place.file, self.place.row, header, value, reason)
