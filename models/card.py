"""The card of a forecaster: what it is, learnt from and is worth, as JSON can carry it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from models.course import mark
from models.fitting import Split
from models.packing import Fitted
from models.worth import Worth


def describe(
    settings: dict[str, Any], parts: Split, fitted: Fitted, found: Worth, *, cancelled: bool
) -> dict[str, Any]:
    """settings: of the forecaster; without a name as long as it is not saved."""
    encoder, factors = fitted.encoder, fitted.factors
    wiring = getattr(fitted.networks[0].layer, "wiring", None)
    names = [encoder.names[encoder.columns[t].variable] for t in fitted.plan.targets]
    return {
        "name": "",
        "created": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "cell": settings["cell"],
        "units": settings["units"],
        "variables": list(encoder.names),
        "targets": list(dict.fromkeys(names)),
        "events": list(encoder.events),
        "treatments": list(encoder.treatments),
        "static": list(encoder.statics),
        "time_scale": encoder.time_scale,
        "wiring": None if wiring is None else wiring.config(),
        "training": {
            "patients": len(parts.courses),
            "visits": sum(len(c) for c in parts.courses),
            "validation_patients": len(parts.validation),
            "folds": parts.folds,
            "holdout_patients": len(parts.holdout),
            "held_out": sorted(mark(encoder.align(c)) for c in parts.holdout),
            "rows": {mark(encoder.align(c)): len(c) for c in (*parts.courses, *parts.validation, *parts.holdout)},
            "span_days": max(c.span for c in parts.courses),
            "epochs": settings["epochs"],
            "seed": settings["seed"],
            "cancelled": cancelled,
        },
        "score": found.score,
        "coverage90": found.coverage,
        "interval_factors": {
            "days": factors.days.tolist(),
            "factor": {n: f.tolist() for n, f in zip(names, factors.factor.T, strict=True)},
        },
        "settings": settings,
    }


def rows_known(card: dict[str, Any]) -> dict[str, int]:
    """By mark (``models.course.mark``) how many rows of a patient the model has learnt from or was judged by.

    Empty for a model of before this was told.
    """
    return {str(k): int(v) for k, v in card["training"].get("rows", {}).items()}


def never_seen(card: dict[str, Any]) -> set[str]:
    """Marks (``models.course.mark``) of the patients no learning has seen, neither of the training nor since."""
    lineage = card.get("lineage")
    if lineage is None:
        return set(card["training"]["held_out"])
    return set(lineage["held_out"]) if lineage["held_out_unseen"] else set()
