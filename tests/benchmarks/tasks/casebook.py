"""T10, courses of Chinese medicine: the next visit's herbs and pulse. See ``casebook_data``.

Herbs and pulse terms that occur at ``LEAST`` visits are variables of the models; the truth has all of them. A set is
chosen by ``best_set`` of the chances, from every model alike.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from models.forecast import Array
from tests.benchmarks.tasks import casebook_data, protocol
from tests.benchmarks.tasks.casebook_data import BOOKS, FOLDS, GOALS, HERB, PULSE, Book, Names, best_set, evaluate
from tests.benchmarks.tasks.protocol import LIQUID, NETWORKS, Figures, Task

LEAST = 4
SETTINGS: dict[str, Any] = {"members": 2, "validation_share": 0.5, "epochs": 20, "patience": 5}
COPY = "copy of the last"


@cache
def _books(name: str) -> tuple[Book, Book]:
    """The variables of the models, and the whole truth."""
    return casebook_data.load_book(name, least=LEAST), casebook_data.load_book(name)


def load() -> None:
    """The books are read where they are asked for. Raises FileNotFoundError where they are not there."""
    _books(BOOKS[0])


def run(data: None, seed: int, fold: int) -> dict[str, dict[str, Any]]:
    """By model, by book and group: before, truth, forecast of every evaluated pair of the fold."""
    found: dict[str, dict[str, Any]] = {}
    for name in BOOKS:
        book, whole = _books(name)
        inside = set(casebook_data.folds(book, seed)[fold].tolist())
        train = [c for i, c in enumerate(book.courses) if i not in inside]
        models: dict[str, Any] = {LIQUID: protocol.liquid(seed, fold, **SETTINGS)}
        models |= {n: protocol.network(n, seed, fold, **{**SETTINGS, "members": 1}) for n in NETWORKS}
        asked = {HERB: [p for p in whole.pairs if p[0] in inside]}
        asked[PULSE] = [p for p in casebook_data.pulse_pairs(whole) if p[0] in inside]
        last = {HERB: casebook_data.sets_of(whole, asked[HERB], HERB, back=1)}
        last[PULSE] = casebook_data.last_pulse(whole, asked[PULSE])
        truth = {g: casebook_data.sets_of(whole, asked[g], g) for g in asked}
        for group, before in last.items():
            found.setdefault(COPY, {})[f"{name} {group}"] = (before, truth[group], before)
        for model_name, model in models.items():
            model.fit(train)
            chances = _chances(model, book, asked[HERB])
            row = found.setdefault(model_name, {})
            for group in asked:
                said = [best_set(*chances[p, group]) for p in asked[group]]
                row[f"{name} {group}"] = (last[group], truth[group], said)
    return found


def _chances(model: Any, book: Book, pairs: list[tuple[int, int]]) -> dict[Any, tuple[Array, list[str]]]:
    courses = [book.courses[i].until_row(k) for i, k in pairs]
    days = [[max(float(book.courses[i].times[k]), float(book.courses[i].times[k - 1]))] for i, k in pairs]
    found: dict[Any, tuple[Array, list[str]]] = {}
    for pair, forecast in zip(pairs, model.predict_many(courses, days), strict=True):
        chance = forecast.chance
        for group in (HERB, PULSE):
            names = book.names(group)
            found[pair, group] = np.array([chance[n][0] for n in names]), names
    return found


def score(data: None, seed: int, folds: list[dict[str, dict[str, Any]]]) -> Figures:
    figures: Figures = {}
    for model in folds[0]:
        row: dict[str, float] = {}
        for key in folds[0][model]:
            columns: list[list[Names]] = [[], [], []]
            for fold in folds:
                for column, sets in zip(columns, fold[model][key], strict=True):
                    column.extend(sets)
            name, group = key.split()
            measured = evaluate(*columns)
            row[f"{name[:2]} {group}"] = measured["jaccard"]
            if group == HERB:
                row |= {f"{name[:2]} {k}": v for k, v in measured.items() if k != "jaccard"}
        figures[model] = row
    return figures


TASKS = (
    Task(
        "T10",
        "case books, next formula and pulse (herbs of the vocabulary: copying alone passes the goal)",
        "jaccard > .36 (Wu), > .26 (Zhang)",
        load,
        FOLDS,
        run,
        score,
        lambda figures: all(figures[LIQUID][f"{n[:2]} {HERB}"] > GOALS[n] for n in BOOKS),
        ("wu herb", "zh herb", "wu pulse", "zh pulse", "wu added_precision", "wu added_recall"),
    ),
)
