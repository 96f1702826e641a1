"""What the simulated clinician writes: a formula, its 加减, doses. gamma ties every choice to the state seen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.analysis.simulator.world import EFFECTS, FORMULAS, GRAMS, HERBS, MEMBERS, Floats

LOYALTY = 2.6  # log-odds of staying with the formula of the visit before
REVIEW = 0.35  # share of herbs reconsidered at a visit that keeps its formula
MOST_ADDED = 5
_NAMES = tuple(FORMULAS)
_IN, _OUT = 2.2, -3.0  # log-odds that a herb of the base formula is kept, that another herb is added


@dataclass(frozen=True, slots=True)
class Written:
    """A prescription. grams: (herbs,) a day, 0 where absent; modified: it differs from its base formula's herbs."""

    formula: str
    grams: Floats
    modified: bool

    @property
    def doses(self) -> Floats:
        """Daily doses over the reference dose: (herbs,)."""
        return self.grams / GRAMS

    def items(self) -> tuple[tuple[str, int], ...]:
        """(herb, grams): the base formula's herbs in its own order first, then the added ones."""
        base = FORMULAS[self.formula]
        order = [*base, *(h for h in HERBS if h not in base)]
        return tuple((h, round(self.grams[HERBS.index(h)])) for h in order if self.grams[HERBS.index(h)] > 0)


def wish(seen: Floats) -> Floats:
    """How much each herb would relieve the load the clinician sees, standardised over the pharmacy: (herbs,)."""
    relief = -EFFECTS @ np.maximum(seen, 0.0)
    return (relief - relief.mean()) / (relief.std() + 1e-9)


def choose_formula(seen: Floats, gamma: float, current: Written | None, rng: np.random.Generator) -> str:
    fit = np.array([wish(seen)[members].mean() for members in MEMBERS])
    odds = 1.5 * gamma * (fit - fit.mean()) / (fit.std() + 1e-9)
    if current is not None:
        odds[_NAMES.index(current.formula)] += LOYALTY
    chance = np.exp(odds - odds.max())
    return _NAMES[int(rng.choice(len(_NAMES), p=chance / chance.sum()))]


def prescribe(seen: Floats, gamma: float, current: Written | None, rng: np.random.Generator) -> Written:
    """seen: (elements,) the state as the clinician perceives it; gamma 0 prescribes blindly."""
    formula = choose_formula(seen, gamma, current, rng)
    base = MEMBERS[_NAMES.index(formula)]
    desire = wish(seen)
    odds = np.where(base, _IN, _OUT) + 0.6 * gamma * desire
    drawn = rng.random(len(HERBS)) < 1.0 / (1.0 + np.exp(-odds))
    added = np.flatnonzero(drawn & ~base)
    if len(added) > MOST_ADDED:
        dropped = rng.permutation(added)[MOST_ADDED:] if gamma == 0 else added[np.argsort(-odds[added])][MOST_ADDED:]
        drawn[dropped] = False
    factor = 1.0 + 0.25 * np.tanh(0.5 * gamma * desire) + 0.12 * rng.standard_normal(len(HERBS))
    grams = np.round(GRAMS * np.clip(factor, 0.6, 1.5)) * drawn
    if current is not None and current.formula == formula:
        kept = rng.random(len(HERBS)) >= REVIEW
        grams = np.where(kept, current.grams, grams)
    return Written(formula, grams, bool(((grams > 0) != base).any()))
