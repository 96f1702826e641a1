"""Cases for research: without names and numbers, with dates shifted and the oldest grouped.

The same patient has the same pseudonym and the same shift each time, as long as the clinic keeps its key; without the
key neither can be undone. Intervals between visits stay exact.

Not promised: anonymity in the sense of the law. Free text is cleaned by rules (see ``app.domain.scrubbing``) and may
still hold what names a person; a rare disease, an unusual course or outside knowledge may do so without any name. Who
receives such data should be bound not to look for persons in it.
"""

from __future__ import annotations

import base64
import dataclasses
import datetime as dt
import hashlib
import hmac
from collections.abc import Iterable

from app.domain.ages import completed_years
from app.domain.records import (
    Case,
    Diagnosis,
    Observation,
    Patient,
    Prescription,
    PrescriptionItem,
    PulseReading,
    Visit,
)
from app.domain.scrubbing import OLDEST, Scrubber, given_name

KEY_BYTES = 32
MAX_SHIFT = 364  # days, always back, so that no visit comes to lie in the future
KEPT_ATTRIBUTES = frozenset(("arm", "group", "treatment", "stage", "book", "chapter"))


class Deidentifier:
    """Case -> case.

    key: of the clinic, KEY_BYTES; names, codes: of all its patients, to be taken out of everyone's texts
    attributes: names of those that are kept (their values cleaned); None keeps all of them, cleaned
    """

    def __init__(
        self,
        key: bytes,
        names: Iterable[str] = (),
        codes: Iterable[str] = (),
        attributes: frozenset[str] | None = KEPT_ATTRIBUTES,
    ) -> None:
        self._key = key
        self._scrubber = Scrubber(names, codes)
        self._attributes = attributes

    def case(self, case: Case) -> Case:
        person = case.patient
        texts = _Texts(self._scrubber, self.shift(person.code), (person.name, given_name(person.name), person.code))
        attributes = {
            texts.clean(name): texts.clean(value)
            for name, value in case.attributes.items()
            if self._attributes is None or name in self._attributes
        }
        return Case(self._patient(case, texts), tuple(texts.visit(visit) for visit in case.visits), attributes)

    def pseudonym(self, code: str) -> str:
        """16 letters and digits; 80 bits, so that no two patients of a clinic share one."""
        return base64.b32encode(self._keyed("code", code)[:10]).decode()

    def shift(self, code: str) -> int:
        """Days to add to every date of the patient: -364 to -1."""
        return -1 - int.from_bytes(self._keyed("shift", code)[:8], "big") % MAX_SHIFT

    def _keyed(self, purpose: str, code: str) -> bytes:
        return hmac.new(self._key, f"{purpose}|{code}".encode(), hashlib.sha256).digest()

    def _patient(self, case: Case, texts: _Texts) -> Patient:
        person = case.patient
        first = min((visit.date for visit in case.visits if visit.date is not None), default=None)
        age = person.age if person.age is not None else completed_years(person.birth_date, first)
        return Patient(
            code=self.pseudonym(person.code),
            sex=person.sex,
            age=None if age is None else min(age, float(OLDEST)),
            chief=texts.clean(person.chief),
            note=texts.clean(person.note),
        )


@dataclasses.dataclass(frozen=True, slots=True)
class _Texts:
    """Cleans what belongs to one patient."""

    scrubber: Scrubber
    shift: int
    own: tuple[str, ...]

    def clean(self, text: str) -> str:
        return self.scrubber.scrub(text, self.shift, self.own)

    def visit(self, visit: Visit) -> Visit:
        return dataclasses.replace(
            visit,
            date=self.date(visit.date),
            label=self.clean(visit.label),
            text=self.clean(visit.text),
            outcome=self.clean(visit.outcome),
            observations=tuple(map(self.observation, visit.observations)),
            pulses=tuple(map(self.pulse, visit.pulses)),
            diagnoses=tuple(Diagnosis(*map(self.clean, (d.kind, d.text, d.code))) for d in visit.diagnoses),
            prescriptions=tuple(map(self.prescription, visit.prescriptions)),
        )

    def date(self, date: dt.date | None) -> dt.date | None:
        """None where the calendar does not reach so far back."""
        try:
            return None if date is None else date + dt.timedelta(days=self.shift)
        except OverflowError:
            return None

    def observation(self, seen: Observation) -> Observation:
        clean = self.clean
        return dataclasses.replace(
            seen,
            concept=clean(seen.concept),
            unit=clean(seen.unit),
            code=clean(seen.code),
            text=clean(seen.text),
            raw=clean(seen.raw),
        )

    def pulse(self, felt: PulseReading) -> PulseReading:
        return dataclasses.replace(felt, terms=tuple(map(self.clean, felt.terms)), raw=self.clean(felt.raw))

    def prescription(self, given: Prescription) -> Prescription:
        clean = self.clean
        return dataclasses.replace(
            given,
            items=tuple(map(self.item, given.items)),
            formula=clean(given.formula),
            mode=clean(given.mode),
            raw=clean(given.raw),
        )

    def item(self, item: PrescriptionItem) -> PrescriptionItem:
        clean = self.clean
        return dataclasses.replace(
            item,
            raw_name=clean(item.raw_name),
            herb=clean(item.herb),
            processing=clean(item.processing),
            note=clean(item.note),
            raw_dose=clean(item.raw_dose),
        )
