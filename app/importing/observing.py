"""One cell as an observation of a variable: number, score, code or text, in the variable's unit and bounds."""

from __future__ import annotations

from app.domain.records import Observation, ValueKind
from app.i18n import t
from app.importing import measures, values
from app.importing.mapping import Variable
from app.importing.tables import Cell, as_text

MAX_TEXT = 10_000  # characters of a text value
_GRAMS = {"g": 1.0, "克": 1.0, "mg": 1e-3, "毫克": 1e-3, "kg": 1e3, "": 1.0}


def observe(variable: Variable, cell: Cell, unit: str) -> tuple[Observation, str]:
    """One cell as an observation of a variable, and the rule by which it was changed ("" where it was not).

    unit: as given beside the value; "" where it may stand in the cell. Raises ValueError with a reason for the user.
    """
    raw = as_text(cell)
    if len(raw) > MAX_TEXT:
        raise ValueError(t("more than {n} characters", n=MAX_TEXT))
    if variable.kind == ValueKind.TEXT:
        return Observation(variable.code, ValueKind.TEXT, text=raw, unit=variable.unit, raw=raw), ""
    if variable.kind == ValueKind.CODE:
        return Observation(variable.code, ValueKind.CODE, code=raw, raw=raw), ""
    if not unit:
        cell, unit = measures.split(cell)  # 61.5kg
    parsed = values.score(cell, variable.scale) if variable.scale else values.number(cell)
    if not isinstance(parsed.value, int | float):
        raise ValueError(parsed.reason)
    value, rule = float(parsed.value), parsed.rule
    target = "g" if variable.role == "treatment" else variable.unit
    if unit and target and unit != target:
        converted = _grams(value, unit) if variable.role == "treatment" else values.convert(value, unit, target)
        if converted is None:
            raise ValueError(t("unit {unit} cannot be converted exactly to {target}", unit=unit, target=target))
        rule = t("unit {unit} as {target}", unit=unit, target=target) if converted != value or not rule else rule
        value = converted
    if (variable.lower is not None and value < variable.lower) or (
        variable.upper is not None and value > variable.upper
    ):
        low, high = variable.lower, variable.upper
        raise ValueError(
            t(
                "outside {low} to {high}",
                low="-∞" if low is None else f"{low:g}",
                high="∞" if high is None else f"{high:g}",
            )
        )
    return Observation(variable.code, variable.kind, number=value, unit=target or unit, raw=raw), rule


def _grams(value: float, unit: str) -> float | None:
    factor = _GRAMS.get(unit.casefold())
    return None if factor is None else value * factor
