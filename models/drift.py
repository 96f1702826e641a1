"""Whether patients and errors are still those a forecaster was fitted for: told as data, nothing is printed.

Inputs: standardised mean difference (|d| from .1 is noticeable, from .25 large: Austin, Statistics in Medicine 2009;
Rubin, Health Services and Outcomes Research Methodology 2001, who also bounds the ratio of variances by 1/2 and 2) and
the population stability index (from .1 moderate, from .25 large: Siddiqi, *Credit risk scorecards*, 2006), against its
quantile where nothing has changed (Yurdakul and Naranjo, Journal of Risk Model Validation 2020). Each patient counts
once, and what may be noise is not told.
Errors: a one-sided CUSUM of groups of patients with winsorised scores, allowance 1/2, limit 5 standard deviations: a
false alarm in 930 groups of normal scores (Montgomery, *Introduction to statistical quality control*; Hawkins, Journal
of Quality Technology 1993).
Coverage: the latest patients' against the binomial band, with as many values as their likeness within a patient leaves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
from scipy.stats import binom, chi2

from models import rolling
from models.calibration import COVERAGE
from models.course import Course
from models.encoding import Encoder
from models.forecast import Array
from models.forecaster import LiquidForecaster
from models.rolling import Errors, Finding

NOTICEABLE, LARGE = 0.1, 0.25  # of the mean difference and of the stability index alike
RATIO = (0.5, 2.0)
NOISE = 3.0  # standard errors of a mean difference: many inputs are looked at
BINS = 10
FEWEST = 10  # patients
GROUP = 5  # patients behind one step of the CUSUM
ALLOWANCE, LIMIT, WINSOR = 0.5, 5.0, 3.0
WINDOW = 40  # patients behind the latest coverage and error
BAND = 0.99
DOUBT = 1.645  # standard errors by which the card's score may be too good


@dataclass(frozen=True)
class Shift:
    """Of one input, against training. difference: of the means, in training standard deviations, with its standard
    error; ratio: of the variances; stability: the index, None without a profile, and ``stable``: its 99 % quantile
    where nothing has changed
    """

    name: str
    kind: Literal["variable", "static"]
    patients: int
    difference: float
    error: float
    ratio: float
    stability: float | None = None
    stable: float | None = None

    @property
    def size(self) -> Literal["none", "noticeable", "large"]:
        """The larger of what difference and stability tell beyond noise."""
        found = [abs(self.difference)] if abs(self.difference) > NOISE * self.error else []
        if self.stability is not None and self.stable is not None and self.stability > self.stable:
            found.append(self.stability)
        most = max(found, default=0.0)
        return "large" if most >= LARGE else "noticeable" if most >= NOTICEABLE else "none"


@dataclass(frozen=True)
class ErrorChart:
    """Of the forecasts of visits by the visits before, patients in the order given.

    expected: RMSE of the card; latest: of the last ``WINDOW`` patients; cusum: after each group of patients; alarm:
    the number of patients after which it first passed ``LIMIT``, None: never
    """

    expected: float | None
    latest: float | None
    cusum: Array
    alarm: int | None


@dataclass(frozen=True)
class CoverageBand:
    """latest: share of the last ``WINDOW`` patients' values inside their 90 % interval; low, high: its band."""

    latest: float | None
    values: int
    low: float
    high: float


@dataclass(frozen=True)
class Drift:
    """What has changed. unknown: treatments never trained on, with the share of patients who have them"""

    patients: int
    shifts: tuple[Shift, ...]
    unknown: dict[str, float]
    errors: ErrorChart
    coverage: CoverageBand

    def told(self) -> list[Finding]:
        """What deserves attention, the largest shifts first; empty where nothing does.

        Codes: too_few (patients, needed), shift_large and shift_noticeable (name, kind, difference, stability), spread
        (name, kind, ratio), unknown_treatment (name, share), error_rising (after, latest, expected), coverage_low and
        coverage_high (latest, low, high)
        """
        if self.patients < FEWEST:
            return [Finding("too_few", {"patients": self.patients, "needed": FEWEST})]
        out: list[Finding] = []
        for shift in sorted(self.shifts, key=lambda s: -max(abs(s.difference), s.stability or 0.0)):
            named = {"name": shift.name, "kind": shift.kind}
            if shift.size != "none":
                sizes = {"difference": shift.difference, "stability": shift.stability}
                out.append(Finding(f"shift_{shift.size}", {**named, **sizes}))
            elif not RATIO[0] <= shift.ratio <= RATIO[1]:
                out.append(Finding("spread", {**named, "ratio": shift.ratio}))
        out += [Finding("unknown_treatment", {"name": n, "share": s}) for n, s in self.unknown.items() if s >= 0.1]
        if self.errors.alarm is not None:
            sizes = {"latest": self.errors.latest, "expected": self.errors.expected}
            out.append(Finding("error_rising", {"after": self.errors.alarm, **sizes}))
        latest, band = self.coverage.latest, self.coverage
        if latest is not None and not band.low <= latest <= band.high:
            code = "coverage_low" if latest < band.low else "coverage_high"
            out.append(Finding(code, {"latest": latest, "low": band.low, "high": band.high}))
        return out

    def to_dict(self) -> dict[str, Any]:
        """JSON-able."""
        out = asdict(self)
        out["errors"]["cusum"] = self.errors.cusum.tolist()
        return {**out, "told": [asdict(f) for f in self.told()]}


def profile(forecaster: LiquidForecaster, courses: Sequence[Course]) -> dict[str, Any]:
    """What ``watch`` compares with beyond the encoder's moments, from the courses trained on; JSON-able.

    Of each input the edges of its tenths and their shares; of the errors of patients not learnt from nothing.
    """
    encoder = forecaster.fitted_.encoder
    out: dict[str, Any] = {}
    for (name, _), by_patient in _inputs(encoder, courses).items():
        values = np.concatenate(by_patient) if by_patient else np.zeros(0)
        if len(by_patient) >= FEWEST:
            edges = np.unique(np.quantile(values, np.linspace(0, 1, BINS + 1)[1:-1]))
            shares = _shares(edges, by_patient)
            out[name] = {"edges": edges.tolist(), "shares": shares.tolist(), "patients": len(by_patient)}
    return out


def watch(forecaster: LiquidForecaster, courses: Sequence[Course], reference: dict[str, Any] | None = None) -> Drift:
    """Courses not learnt from, in the order they came, followed about as long as those of the training.

    reference: ``profile`` of the training courses; None: the card's, where it has one, else stability is not told
    Raises NotFittedError, ModelError for a course that lacks a variable.
    """
    card, fitted = forecaster.card, forecaster.fitted_
    kept = [fitted.encoder.align(c) for c in courses if len(c)]
    known = reference if reference is not None else card.get("profile") or {}
    shifts = [
        _shift(name, kind, by_patient, known.get(name), card["training"]["patients"])
        for (name, kind), by_patient in _inputs(fitted.encoder, kept).items()
        if len(by_patient) > 1
    ]
    names = [{t.name for t in c.treatments} - set(fitted.encoder.treatments) for c in kept]
    unknown = {n: float(np.mean([n in own for own in names])) for n in sorted(set().union(*names))}
    asked = rolling.asking(fitted, kept)
    found = rolling.errors(fitted, rolling.answers(fitted, asked), len(kept))
    score = card["score"]
    return Drift(
        len(kept),
        tuple(shifts),
        unknown,
        _chart(found, score["model"], score["patients"]),
        _band(found, card["coverage90"]),
    )


def _inputs(
    encoder: Encoder, courses: Sequence[Course]
) -> dict[tuple[str, Literal["variable", "static"]], list[Array]]:
    """By input the z-scored values of each patient who has any. Of a categorical variable each level is an input."""
    out: dict[tuple[str, Literal["variable", "static"]], list[Array]] = {}
    values = [encoder.values(c) for c in courses]
    for i, column in enumerate(encoder.columns):
        variable = encoder.variables[column.variable]
        name = variable.name if column.level < 0 else f"{variable.name}={variable.levels[column.level]}"
        seen = [v[np.isfinite(v[:, i]), i] for v in values]
        out[name, "variable"] = [s for s in seen if len(s)]
    for i, name in enumerate(encoder.statics):
        raw = np.array([c.static.get(name, np.nan) for c in courses], dtype=np.float64)
        z = (raw[np.isfinite(raw)] - encoder.static_mean[i]) / encoder.static_scale[i]
        out[name, "static"] = [np.array([v]) for v in z]
    return out


def _shift(
    name: str, kind: Literal["variable", "static"], by_patient: list[Array], known: dict[str, Any] | None, trained: int
) -> Shift:
    """Variables are compared over all visits, as the encoder's moments are; the error is that of patients' sums,
    and the training's mean, of so many patients ``trained``, has one too.
    """
    count = np.array([len(v) for v in by_patient])
    total = np.array([v.sum() for v in by_patient])
    values, patients = np.concatenate(by_patient), len(by_patient)
    mean = float(total.sum() / count.sum())
    error = float(np.sqrt(((total - mean * count) ** 2).sum() * patients / (patients - 1)) / count.sum())
    error *= float(np.sqrt(1 + patients / max(trained, 1)))
    stability = stable = None
    if known is not None:
        edges, then = np.array(known["edges"]), np.array(known["shares"])
        least = 0.5 / max(patients, 1)  # of a share: an empty bin would make the index infinite
        now = np.maximum(_shares(edges, by_patient), least)
        then = np.maximum(then, 0.5 / known["patients"])
        stability = float(((now - then) * np.log(now / then)).sum())
        freedom = max(len(then) - 1, 1)
        stable = float(chi2.ppf(0.99, freedom) * (1 / patients + 1 / known["patients"]))
    return Shift(name, kind, patients, mean, error, float(values.var()), stability, stable)


def _shares(edges: Array, by_patient: list[Array]) -> Array:
    """Share of each bin, every patient counting alike."""
    parts = [
        np.bincount(np.searchsorted(edges, v, side="right"), minlength=len(edges) + 1) / len(v) for v in by_patient
    ]
    return np.mean(parts, 0)


def _latest(found: Errors) -> np.ndarray:
    return np.flatnonzero(found.values > 0)[-WINDOW:]


def _chart(found: Errors, expected: float | None, scored: int) -> ErrorChart:
    """Scores of groups of patients: how far their mean square lies above the card's, in its standard errors.

    scored: patients behind the card's, whose own chance error widens the allowance
    """
    who = np.flatnonzero(found.values > 0)
    latest = _latest(found)
    now = float(np.sqrt(found.squares[latest].sum() / found.values[latest].sum())) if len(latest) else None
    groups = [who[i : i + GROUP] for i in range(0, len(who) - GROUP + 1, GROUP)]
    if expected is None or len(who) < FEWEST:
        return ErrorChart(expected, now, np.zeros(0), None)
    excess = found.squares - expected**2 * found.values
    middle = np.median((excess / np.maximum(found.values, 1))[who])
    centred = (excess - middle * found.values)[who]
    spread = float(np.sqrt(np.mean(centred**2) * GROUP))
    above = np.array([excess[g].sum() for g in groups]) / max(spread, 1e-12)
    cusum, level = np.zeros(len(groups)), 0.0
    allowance = ALLOWANCE + DOUBT * np.sqrt(GROUP / max(scored, 1))
    for i, score in enumerate(np.clip(above, -WINSOR, WINSOR)):
        level = max(0.0, level + score - allowance)
        cusum[i] = level
    passed = np.flatnonzero(cusum > LIMIT)
    return ErrorChart(expected, now, cusum, int(passed[0] + 1) * GROUP if len(passed) else None)


def _band(found: Errors, promised: float | None) -> CoverageBand:
    """promised: coverage on the card. A model whose intervals were wide from the start has not drifted."""
    latest = np.flatnonzero(found.judged > 0)[-WINDOW:]
    inside, values = found.inside[latest], found.judged[latest]
    count = int(values.sum())
    if not count:
        return CoverageBand(None, 0, 0.0, 1.0)
    share = float(inside.sum() / count)
    between = float(((inside - share * values) ** 2).sum())
    alike = max(between / max(count * share * (1 - share), 1e-9), 1.0) if 0 < share < 1 else 1.0
    free = max(int(count / alike), 1)
    ends = [COVERAGE if promised is None else f(COVERAGE, promised) for f in (min, max)]
    low, high = (binom.interval(BAND, free, p)[i] for i, p in enumerate(ends))
    return CoverageBand(share, count, float(low / free), float(high / free))
