"""Classical floors of T4 (in-hospital death) and T5 (the second day's values) on PhysioNet-2012 set-a.

T4 reads a stay's 48 hours as summaries; T5 the first 24 h, and is asked for what is observed in (24, 48] h, each hourly
mean a target at its own time. Which twelve variables T5 has was not written down. With ``TARGETS``, skewed ones as
log(1 + x), errors over the standard deviation of the training targets and the plain mean over the variables, the
floors are close to the printed ones; they were chosen for that among some sixteen sets, so this is a likely reading,
not a known one:

    T5 macro RMSE    last value  ridge  trees  their mean
    printed                .777   .653   .651
    here, seed 0           .777   .654   .646        .643
    T4 AUC / AUPRC       SAPS-I      logistic         trees   their mean
    printed         .671 / .257                               .87  / .57
    here, seed 0    .650 / .226   .855 / .518   .864 / .526   .866 / .536

The trees of T5 learnt from 12,000 targets a variable (``--most 12000``; on the first fold all of them gained .0005).
The printed SAPS-I does not come out of set-a.

``python -m tests.benchmarks.tasks.icu_floors t4`` or ``t5``.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray
from scipy.special import logit
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import average_precision_score, roc_auc_score
from sklearn.preprocessing import StandardScaler

from models.course import Course
from tests.benchmarks.tasks.icu_data import NAMES, UNITS, folds, load_icu, outcomes, saps

Array = NDArray[np.float64]
Index = NDArray[np.int64]
TARGETS = ("HR", "MAP", "Temp", "GCS", "Urine", "Creatinine", "BUN", "K", "Na", "Glucose", "HCT", "Platelets")
STATICS = ("age", "male", "height", "weight", *UNITS)
SUMMARIES = ("last", "mean", "lowest", "highest", "first", "slope", "deviation", "count", "since", "recent")
WINDOWS = ((0.0, 1.0), (1.0, 2.0), (1.5, 2.0))  # days; T4 also sees what was lowest, highest, mean and counted in each
RECENT = 0.25  # days over which the weight of a value in ``recent`` falls to 1/e
CLIP, MISSING = 4.0, 0.5  # standard deviations; weight of the missing flags beside z-scores
SPLIT = 1.0  # days: T5 asks from here


def summaries(times: Array, values: Array, end: float) -> Array:
    """What is left of a history when time is forgotten: (len(SUMMARIES), V), NaN where nothing was seen.

    times (n,) days; values (n, V), NaN where missing; end: the day of the question. slope per day; since in days.
    """
    seen = np.isfinite(values)
    count = seen.sum(0).astype(np.float64)
    some, twice = count > 0, count > 1
    x = np.where(seen, values, 0.0)
    n = np.where(some, count, 1.0)
    mean = x.sum(0) / n
    place = np.arange(len(times))[:, None]
    newest = np.where(seen, place, -1).max(0, initial=-1)
    oldest = np.where(seen, place, len(times)).min(0, initial=len(times))
    columns, rows = np.arange(values.shape[1]), max(len(times), 1)
    padded = x if len(times) else np.zeros((1, values.shape[1]))
    days = times if len(times) else np.zeros(1)
    away = np.where(seen, times[:, None] - np.where(seen, times[:, None], 0.0).sum(0) / n, 0.0)
    weight = np.where(seen, np.exp((times[:, None] - end) / RECENT), 0.0)
    by_name = {
        "last": padded[np.maximum(newest, 0), columns],
        "mean": mean,
        "lowest": np.where(seen, values, np.inf).min(0, initial=np.inf),
        "highest": np.where(seen, values, -np.inf).max(0, initial=-np.inf),
        "first": padded[np.minimum(oldest, rows - 1), columns],
        "slope": np.where(twice, (away * x).sum(0) / np.maximum((away**2).sum(0), 1e-9), np.nan),
        "deviation": np.where(twice, np.sqrt(np.maximum((x**2).sum(0) / n - mean**2, 0.0)), np.nan),
        "since": end - days[np.maximum(newest, 0)],
        "recent": (weight * x).sum(0) / np.where(some, weight.sum(0), 1.0),
    }
    out = {name: np.where(some, column, np.nan) for name, column in by_name.items()} | {"count": count}
    return np.stack([out[name] for name in SUMMARIES])


def features(courses: Sequence[Course], end: float, windows: Sequence[tuple[float, float]] = ()) -> Array:
    """(stays, statics + summaries by variable + four of them again in each window), from what lies up to ``end``."""
    some = [SUMMARIES.index(n) for n in ("mean", "lowest", "highest", "count")]
    rows = []
    for course in courses:
        times, values = course.times, course.values[:, : len(NAMES)]
        parts = [np.array([course.static.get(k, np.nan) for k in STATICS])]
        for start, stop in ((-1.0, end), *windows):
            here = (times > start) & (times <= stop)
            table = summaries(times[here], values[here], stop)
            parts.append((table if start < 0 else table[some]).ravel())
        rows.append(np.concatenate(parts))
    return np.stack(rows)


def scaled(train: Array, other: Array, *, flags: bool = True) -> Array:
    """``other`` z-scored by ``train``, 0 where missing, and flags that say so."""
    z = np.clip(StandardScaler().fit(train).transform(other), -CLIP, CLIP)
    filled = np.nan_to_num(z)
    return np.concatenate([filled, MISSING * np.isnan(z)], 1) if flags else filled


def logistic(x: Array, y: Array, asked: Array) -> Array:
    """Log odds by a ridge-penalised logistic regression."""
    model = LogisticRegression(C=0.003, max_iter=1000).fit(scaled(x, x), y)
    return _log_odds(model.predict_proba(scaled(x, asked))[:, 1])


def boosted(x: Array, y: Array, asked: Array) -> Array:
    """Log odds by gradient boosted trees."""
    model = HistGradientBoostingClassifier(
        learning_rate=0.05,
        max_iter=150,
        max_leaf_nodes=8,
        l2_regularization=5.0,
        max_features=0.1,
        random_state=0,
    )
    return _log_odds(model.fit(x, y).predict_proba(asked)[:, 1])


def _log_odds(p: Array) -> Array:
    return logit(np.clip(p, 1e-4, 1 - 1e-4))


def ranks(truth: Array, score: Array) -> tuple[float, float]:
    """Area under the ROC curve, average precision."""
    return float(roc_auc_score(truth, score)), float(average_precision_score(truth, score))


def mortality(courses: Sequence[Course], seed: int = 0) -> dict[str, tuple[float, float]]:
    """T4 by method: AUC and AUPRC, means over five folds. SAPS-I on the stays that have one, without any fold."""
    truth, points = outcomes(courses), saps(courses)
    known = points >= 0
    x = features(courses, 2.0, WINDOWS)
    by_fold: dict[str, list[tuple[float, float]]] = {"logistic": [], "trees": [], "mean": []}
    for train, test in folds(len(courses), seed):
        line = logistic(x[train], truth[train], x[test])
        trees = boosted(x[train], truth[train], x[test])
        for name, score in (("logistic", line), ("trees", trees), ("mean", (line + trees) / 2)):
            by_fold[name].append(ranks(truth[test], score))
    out = {"saps": ranks(truth[known], points[known])}
    for name, scores in by_fold.items():
        auc, precision = np.mean(scores, 0)
        out[name] = (float(auc), float(precision))
    return out


@dataclass(frozen=True)
class Questions:
    """T5's: owner (Q,) place of the stay; ahead (Q,) days after the split; truth (Q, 12), NaN where not observed."""

    owner: Index
    ahead: Array
    truth: Array


def questions(courses: Sequence[Course]) -> Questions:
    """Every row after the split in which one of the twelve was seen."""
    columns = [NAMES.index(n) for n in TARGETS]
    owner, ahead, truth = [], [], []
    for place, course in enumerate(courses):
        values = course.values[:, columns]
        asked = (course.times > SPLIT) & np.isfinite(values).any(1)
        owner.append(np.full(int(asked.sum()), place))
        ahead.append(course.times[asked] - SPLIT)
        truth.append(values[asked])
    return Questions(np.concatenate(owner), np.concatenate(ahead), np.concatenate(truth))


def forecasts(
    x: Array, asked: Questions, train: Index, *, trees: bool = True, most: int | None = None
) -> tuple[dict[str, Array], Array]:
    """z-scored forecasts (q, 12) by method of the questions about all others, and their z-scored truth; all learnt from
    ``train``.

    x: ``features`` at the split. most: targets a variable that the trees learn from, None: all
    """
    own = np.isin(asked.owner, train)
    mean, scale = np.nanmean(asked.truth[own], 0), np.nanstd(asked.truth[own], 0)
    truth = (asked.truth - mean) / scale
    z = scaled(x[train], x, flags=False)
    ahead = asked.ahead[:, None]
    methods = ("last_value", "ridge") + (("trees", "mean") if trees else ())
    out = {name: np.zeros_like(truth[~own]) for name in methods}
    for place, name in enumerate(TARGETS):
        v, known = NAMES.index(name), own & np.isfinite(truth[:, place])
        mine = _columns(SUMMARIES, v)
        last = (x[:, _columns(("last",), v)[0]] - mean[place]) / scale[place]
        out["last_value"][:, place] = np.nan_to_num(last)[asked.owner[~own]]
        wide = np.union1d(mine, np.r_[: len(STATICS), _columns(("last", "mean", "recent", "slope", "since"))])
        line = np.concatenate(
            [z[np.ix_(asked.owner, wide)], ahead, (ahead - 0.5) * z[np.ix_(asked.owner, mine)]], 1, dtype=np.float32
        )
        out["ridge"][:, place] = Ridge(300.0).fit(line[known], truth[known, place]).predict(line[~own])
        if not trees:
            continue
        narrow = np.union1d(mine, np.r_[: len(STATICS), _columns(("last", "mean", "recent"))])
        table = np.concatenate([x[np.ix_(asked.owner, narrow)], ahead], 1, dtype=np.float32)
        taught = np.random.RandomState(place).permutation(np.flatnonzero(known))[:most]
        model = HistGradientBoostingRegressor(
            learning_rate=0.06, max_iter=150, max_leaf_nodes=12, l2_regularization=5.0, max_features=0.3, random_state=0
        )
        out["trees"][:, place] = model.fit(table[taught], truth[taught, place]).predict(table[~own])
    if trees:
        out["mean"] = (out["ridge"] + out["trees"]) / 2
    return out, truth[~own]


def _columns(names: Sequence[str], variable: int | None = None) -> Index:
    """Where ``features`` has these summaries, of one variable or of all."""
    many = len(NAMES)
    starts = len(STATICS) + many * np.array([SUMMARIES.index(n) for n in names])
    variables = np.arange(many) if variable is None else np.array([variable])
    return (starts[:, None] + variables).ravel()


def macro_rmse(forecast: Array, truth: Array) -> float:
    """Mean over the variables of the root mean squared error; both (Q, 12) z-scored, truth NaN where not observed."""
    return float(np.sqrt(np.nanmean((forecast - truth) ** 2, 0)).mean())


def second_day(courses: Sequence[Course], seed: int = 0, most: int | None = None, first: int = 5) -> dict[str, float]:
    """T5 by method: macro RMSE in standard deviations, mean over the ``first`` of five folds."""
    x, asked = features(courses, SPLIT), questions(courses)
    errors: dict[str, list[float]] = {}
    for train, _ in islice(folds(len(courses), seed), first):
        out, truth = forecasts(x, asked, train, most=most)
        for name, forecast in out.items():
            errors.setdefault(name, []).append(macro_rmse(forecast, truth))
    return {name: float(np.mean(e)) for name, e in errors.items()}


def main(argv: Sequence[str] | None = None) -> int:
    """Print the floors; 0 when it ran."""
    parser = argparse.ArgumentParser(prog="icu_floors", description=__doc__)
    parser.add_argument("task", choices=("t4", "t5"))
    parser.add_argument("--seed", type=int, default=0, help="of the permutation into folds")
    parser.add_argument("--most", type=int, default=None, help="targets a variable that T5's trees learn from")
    parser.add_argument("--folds", type=int, default=5, help="T5: run only the first N of five")
    chosen = parser.parse_args(argv)
    courses = load_icu(logged=True)
    began = time.monotonic()
    if chosen.task == "t4":
        for name, (auc, precision) in mortality(courses, chosen.seed).items():
            print(f"{name:12} AUC {auc:.4f}  AUPRC {precision:.4f}")
    else:
        for name, error in second_day(courses, chosen.seed, chosen.most, chosen.folds).items():
            print(f"{name:12} macro RMSE {error:.4f}")
    print(f"{time.monotonic() - began:.0f} s")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
