"""What a training was worth: how far its corrections are trusted, its intervals, its score, from patients left out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import torch

from models import evaluation, fitting
from models.batching import Cohort
from models.calibration import Factors
from models.evaluation import Answered
from models.forecast import Array
from models.network import LiquidNetwork


class Worth(NamedTuple):
    """factors: of the intervals; trust (K,): see ``evaluation.trusted``; score: see ``evaluation.score``, with the
    patients it is of; coverage: of the 90 % intervals, None where nobody was left out."""

    factors: Factors
    trust: Array
    score: dict[str, Any]
    coverage: float | None


def worth(
    parts: fitting.Split, ready: fitting.Prepared, networks: Sequence[LiquidNetwork], device: torch.device
) -> Worth:
    """Asks every network about those it has not learnt from: a given validation, else each member's own fold.

    The score is that of the hold-out where there is one.
    """
    encoder, targets = ready.encoder, ready.plan.targets
    trust = np.ones(len(targets))

    def ask(members: Sequence[LiquidNetwork], patients: Cohort, far: bool = False) -> Answered:
        return evaluation.answered(members, encoder, targets, patients, device, far=far, trust=trust)

    def out_of_fold(far: bool = False) -> Answered:
        found = []
        for fold in range(min(parts.folds, len(networks))):
            patients = ready.cohort.part(np.flatnonzero(parts.fold == fold).tolist())
            answers = ask(networks[fold :: parts.folds], patients, far)
            found.append(evaluation.renumbered(answers, fold, parts.folds))
        return evaluation.joined(found)

    factors, apart, source = Factors.none(len(targets)), None, "none"
    if ready.validation is not None:
        apart, source = ask(networks, ready.validation), "validation"
        factors = evaluation.calibrate(apart)
    elif parts.folds > 1:
        trust = evaluation.trusted(out_of_fold())
        apart, source = out_of_fold(), "folds"
        factors = evaluation.calibrate(apart, out_of_fold(far=True))
    held = None
    if parts.holdout:
        left_out = fitting.scoring_cohort(encoder, ready.ground, ready.plan, ready.grid, parts.holdout)
        held, source = ask(networks, left_out), "holdout"
    found = apart if held is None else held
    score = evaluation.score(found, encoder, targets, trees=ready.plan.trees)
    covered = None if found is None else evaluation.coverage(found, None if held is None else factors)
    return Worth(factors, trust, {**score, "scored_on": source}, covered)
