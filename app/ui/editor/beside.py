"""What is read beside a visit while it is entered: pictures, reasons, the version somebody else made of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.domain.records import Case
from app.domain.visit_form import numbered, own_script, script_before
from app.domain.visit_making import caution_key, digest

if TYPE_CHECKING:
    from app.store.clinic import Clinic
    from app.store.signatures import Signed


@dataclass(frozen=True, slots=True)
class Beside:
    """What is stored beside a visit: pictures as (id, name, bytes), reasons by caution."""

    pictures: list[tuple[int, str, bytes]]
    reasons: dict[str, str]


def base_of(case: Case, number: int) -> list[object]:
    """What a draft builds on: the last visit and the prescription before; another one means another formula."""
    script, last = script_before(case, number), case.visits[-1].number if case.visits else 0
    return [number or last, None if script is None else digest(script)]


def theirs(clinic: Clinic, code: str, number: int) -> tuple[Case, int]:
    """The course as it is now, and the version of the visit in it."""
    record = clinic.patients.open(code)
    numbered(record.case, number)
    return record.case, record.visits[number]


def beside(clinic: Clinic, case: Case, number: int) -> Beside:
    code, script = case.patient.code, own_script(case, number)
    pictures = [one for one in clinic.photos.list(code) if one.visit == number]
    mark = "" if script is None else digest(script)
    signed: list[Signed] = [one for one in clinic.signatures.list(code) if one.visit == number and one.digest == mark]
    return Beside(
        [(one.id, one.name, clinic.photos.content(one.id)) for one in pictures],
        {caution_key(one): one.reason for one in signed},
    )
