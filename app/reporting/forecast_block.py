"""The forecast of a report: its figures, and the data and scores that stand behind them."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from app.domain.records import Case
from app.i18n import t
from app.reporting import words
from app.reporting.model import ForecastBlock
from app.wording import best_simple, chance_text, event_label, interval_text, variable_label

if TYPE_CHECKING:
    from models.course import Variable
    from models.forecast import Forecast

MOST_VARIABLES = 16
MOST_HORIZONS = 4
MINUS = "−"


def forecast_block(case: Case, forecast: Forecast, card: Mapping[str, Any]) -> ForecastBlock:
    """Median and 90 % interval per variable and horizon beside the last value; evenly chosen horizons where many."""
    now = case.visits[-1].day if case.visits else 0.0
    picked = _pick(len(forecast.at))
    heads = [t("Item"), t("Last value"), *(_horizon(case, float(forecast.at[k]) - now) for k in picked)]
    low, middle, high = (forecast.quantile(level) for level in (0.05, 0.5, 0.95))
    rows: list[tuple[str, ...]] = []
    lasts = {name: forecast.last_value.get(name, math.nan) for name in forecast.names}
    # what was recorded in this patient comes first; signs without a figure of their own are told as a chance
    for variable in sorted(forecast.variables, key=lambda v: math.isnan(lasts[v.name]))[:MOST_VARIABLES]:
        name = variable.name
        if variable.kind == "binary":
            cells = [chance_text(float(forecast.chance[name][k])) for k in picked]
        else:
            ends = [interval_text(_figure(low[name][k]), _figure(high[name][k])) for k in picked]
            cells = [f"{_figure(middle[name][k])} ({end})" for k, end in zip(picked, ends, strict=True)]
        rows.append((_label(variable), _last(variable, lasts[name]), *cells))
    for event, living in forecast.survival.items():
        cells = [chance_text(1.0 - float(living[k])) for k in picked]
        rows.append((t("come by then: {event}", event=event_label(event)), words.NONE, *cells))
    score = card.get("score") or {}
    return ForecastBlock(
        heads=tuple(heads),
        rows=tuple(rows),
        basis=_basis(forecast, card, score),
        note=t("Median and 90 % interval; %: chance that the sign is there. The latest prescription continued."),
        warning=_warning(score),
    )


def _pick(horizons: int) -> list[int]:
    """Indices of at most MOST_HORIZONS horizons, evenly spread, the last one always among them."""
    if horizons <= MOST_HORIZONS:
        return list(range(horizons))
    return [round((k + 1) * horizons / MOST_HORIZONS) - 1 for k in range(MOST_HORIZONS)]


def _horizon(case: Case, ahead: float) -> str:
    text = t("in {days} days", days=words.number(round(ahead, 1)))
    last = case.visits[-1].date if case.visits else None
    return f"{text} ({last + dt.timedelta(days=round(ahead)):%m-%d})" if last else text


def _label(variable: Variable) -> str:
    text = words.clean(variable_label(variable))
    return f"{text} ({words.clean(variable.unit)})" if variable.unit else text


def _figure(value: float) -> str:
    """One decimal for scores and small values, three digits for larger ones."""
    if not math.isfinite(value):
        return words.NONE
    text = f"{round(value, 1) + 0.0:.1f}" if abs(value) < 100 else f"{value:.4g}"
    return text.replace("-", MINUS)


def _last(variable: Variable, value: float) -> str:
    if not math.isfinite(value):
        return words.NONE
    if variable.kind == "binary":
        return t("present") if value >= 0.5 else t("absent")
    return words.number(round(value, 2) + 0.0).replace("-", MINUS)


def _real(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and math.isfinite(value) else None


def _basis(forecast: Forecast, card: Mapping[str, Any], score: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    training = card.get("training") or {}
    facts = forecast.basis | dict(training)
    rows: list[tuple[str, str]] = [(t("Model"), words.clean(str(card.get("name", ""))))]
    patients, visits, span = (_real(facts.get(key)) for key in ("patients", "visits", "span_days"))
    rows.append((t("Cases"), words.number(patients) if patients is not None else ""))
    rows.append((t("Visits"), words.number(visits) if visits is not None else ""))
    rows.append((t("Span"), t("{days} days", days=words.number(span)) if span is not None else ""))
    model, last = (_real(score.get(key)) for key in ("model", "last_value"))
    simple = best_simple(score)
    held = _real(score.get("patients"))
    if model is not None:
        where = t("held-out patients: {count}", count=words.number(held)) if held is not None else ""
        rows.append((t("Error of the forecast"), _joined(f"{model:.3f}", where)))
    if last is not None:
        rows.append((t("Error of the last value"), _joined(f"{last:.3f}", _against(model, last))))
    if simple is not None:
        remark = words.listed([simple.label, _against(model, simple.error)])
        rows.append((t("Error of the best simple forecast"), _joined(f"{simple.error:.3f}", remark)))
    coverage = _real(card.get("coverage90"))
    if coverage is not None:
        rows.append((t("Measured coverage of the 90 % interval"), f"{coverage:.1%}"))
    return tuple((label, value) for label, value in rows if value)


def _joined(figure: str, remark: str) -> str:
    return figure + words.bracketed(remark) if remark else figure


def _against(model: float | None, other: float) -> str:
    if model is None or other <= 0:
        return ""
    gain = 1 - model / other
    if gain >= 0:
        return t("forecast better by {share}", share=f"{gain:.1%}")
    return t("forecast worse by {share}", share=f"{-gain:.1%}")


def _warning(score: Mapping[str, Any]) -> str:
    if score.get("beats_last_value") is False:
        return t("This model does not beat the last value on held-out patients: do not rely on it.")
    if not score:
        return t("This model's score on held-out patients is unknown: do not rely on it.")
    return ""
