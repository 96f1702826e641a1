"""Tumours under chemo- and radiotherapy with known counterfactuals: a benchmark of treatment-effect forecasters.

Volume V (cm3), chemotherapy concentration C (mg/m3) and radiation dose d (Gy) of one patient, day by day:

    V_t = V_{t-1} (1 + rho ln(K / V_{t-1}) - beta_c C_{t-1} - alpha d_{t-1} - beta d_{t-1}^2 + e_t),  e ~ N(0, .01^2)
    C_t = C_{t-1} / 2 + 5 a_t,   d_t = 2 b_t,   K the volume of a sphere of 30 cm
    P(a_t = 1) = P(b_t = 1) = logistic(gamma / 13 (D_t - 6.5)),   D_t mean diameter (cm) of the 15 days before t

    (alpha, rho) ~ N2 truncated to both > 0: means (.0398, 7e-5), sds (.168, 7.23e-3), correlation .87
    beta = alpha / 10,   beta_c ~ N(.028, .0007^2) truncated to > 0
    type 1 has alpha + .1 * .0398, type 3 has beta_c + .1 * .028; a third of the patients is of each of three types

V starts from a log-normal diameter by stage, truncated to its bounds. Above the volume of 13 cm (1150.35 cm3) the
patient dies and V stays there; with probability exp(-5.8e8 V), so surely once V <= 0, they recover and V stays 0.
gamma = 0 is a randomised trial; the larger, the more it is the big tumours that are treated.

Sources: Geng, Paganetti, Grassberger 2017 (Sci Rep 7, 13542) for the equation and its parameters; Lim, Alaa, van der
Schaar 2018 (RMSN), Bica et al. 2020 (CRN) and Melnychuk et al. 2022 (Causal Transformer, CT) for types, policy and
counterfactuals; Seedat et al. 2022 (TE-CDE) for irregular visits; Detterbeck and Gibson 2008 for the stages. As in the
published training cohorts day 0 is without treatment; unlike there a counterfactual volume stays in 0..1150.35 cm3.

Every patient has random streams of their own (SeedSequence child), so a cohort of N is a prefix of a cohort of N + 1,
and the same seed at another gamma has the same patients with the same luck.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from models.course import Course, Treatment, Variable

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Booleans = NDArray[np.bool_]

DAYS = 60
FIRST_DAY = 1  # of treatment, and of the questions of the benchmark: a day and its growth are known by then
WINDOW = 15  # days of diameters a clinician looks back on
NOISE_SD = 0.01
CHEMO_DOSE, RADIO_DOSE = 5.0, 2.0  # mg/m3, Gy
_DOSES: Floats = np.array([CHEMO_DOSE, RADIO_DOSE])
HALF_LIFE = 1.0  # days, of the chemotherapy
CELLS = 5.8e8  # per cm3
DEATH_DIAMETER, CAPACITY_DIAMETER = 13.0, 30.0  # cm
ALPHA, ALPHA_SD, RHO, RHO_SD, CORRELATION = 0.0398, 0.168, 7e-5, 7.23e-3, 0.87
BETA_C, BETA_C_SD, ALPHA_OVER_BETA, ADJUSTMENT = 0.028, 0.0007, 10.0, 0.1
TYPES = 3
HAWKES_BASE, HAWKES_DECAY, HAWKES_TREATED = 0.01, 2.0, 10.0  # TE-CDE: mu of small tumours and beta a day; kappa
HAWKES_CUTS = np.array([3.0, 4.0, 5.0])  # cm: where the next visiting stage begins
HAWKES_BRANCHING = (0.01, 0.1, 0.5, 1.0)  # alpha by visiting stage: visits that one visit begets
TINY = 1e-300  # cm3: a volume of 0 has no logarithm and does not grow
ARMS: Booleans = np.array([[0, 0], [1, 0], [0, 1], [1, 1]], dtype=bool)  # none, chemo, radio, both
ARM_NAMES = ("none", "chemo", "radio", "both")
VARIABLE = Variable("volume", "tumour volume", "continuous", "cm3", lower=0.0)

# stage: patients seen with it, mean and sd of log diameter (cm), smallest and largest diameter
STAGES: dict[str, tuple[int, float, float, float, float]] = {
    "I": (1432, 1.72, 4.70, 0.3, 5.0),
    "II": (128, 1.96, 1.63, 0.3, 13.0),
    "IIIA": (1306, 1.91, 9.40, 0.3, 13.0),
    "IIIB": (7248, 2.76, 6.87, 0.3, 13.0),
    "IV": (12840, 3.86, 8.82, 0.3, 13.0),
}
STAGE_NAMES = tuple(STAGES)


def volume_of(diameter: Floats | float) -> Floats:
    """Of a sphere: cm -> cm3."""
    return np.pi / 6.0 * np.asarray(diameter, dtype=np.float64) ** 3


def diameter_of(volume: Floats | float) -> Floats:
    """Of a sphere: cm3 -> cm."""
    return np.cbrt(np.asarray(volume, dtype=np.float64) * 6.0 / np.pi)


CAPACITY = float(volume_of(CAPACITY_DIAMETER))
DEATH_VOLUME = float(volume_of(DEATH_DIAMETER))  # 1150.35 cm3


@dataclass(frozen=True)
class Patients:
    """Who comes, n of them: stage (n,) place in ``STAGE_NAMES``; kind (n,) type 1..3; start (n,) cm3 on day 0.

    rho a day, alpha 1/Gy, beta 1/Gy2, beta_c m3/mg: (n,) each
    """

    stage: Integers
    kind: Integers
    start: Floats
    rho: Floats
    alpha: Floats
    beta: Floats
    beta_c: Floats

    def __len__(self) -> int:
        return len(self.kind)

    def take(self, index: Integers | slice) -> Patients:
        return Patients(*(getattr(self, f.name)[index] for f in fields(self)))


@dataclass(frozen=True)
class Cohort:
    """What happened to n patients over T days.

    volume (n, T) cm3, NaN after the end; chemo, radio (n, T): given that day; concentration (n, T) mg/m3 after that
    day's chemotherapy; noise (n, T): e_t; days (n,): rows observed, the last included; died, recovered (n,)
    first: number of the first patient in the seed's endless row of patients
    """

    gamma: float
    seed: int
    first: int
    patients: Patients
    volume: Floats
    chemo: Booleans
    radio: Booleans
    concentration: Floats
    noise: Floats
    days: Integers
    died: Booleans
    recovered: Booleans

    def __len__(self) -> int:
        return len(self.days)

    def part(self, start: int, stop: int) -> Cohort:
        """Patients start..stop - 1."""
        kept = {f.name: getattr(self, f.name) for f in fields(self)}
        cut = {k: v[start:stop] for k, v in kept.items() if isinstance(v, np.ndarray)}
        patients = self.patients.take(slice(start, stop))
        return Cohort(**{**kept, **cut, "patients": patients, "first": self.first + start})


@dataclass(frozen=True)
class Counterfactuals:
    """q plans of tau days each, asked at a patient's day.

    patient (q,): place in the cohort; day (q,): the last day known, its volume included; plan (q, tau, 2): chemo and
    radio on days day .. day + tau - 1; volume (q, tau) cm3: truth on days day + 1 .. day + tau
    """

    patient: Integers
    day: Integers
    plan: Booleans
    volume: Floats

    def __len__(self) -> int:
        return len(self.patient)


def step(
    patients: Patients, volume: Floats, concentration: Floats, dose: Floats, noise: Floats | float = 0.0
) -> Floats:
    """Tomorrow's volume by the equation, may be negative; all (n,), concentration and dose those in force today."""
    growth = patients.rho * np.log(CAPACITY / np.maximum(volume, TINY))
    rate = growth - patients.beta_c * concentration - patients.alpha * dose - patients.beta * dose**2 + noise
    return volume * (1.0 + rate)


def simulate(patients: int, seed: int = 0, gamma: float = 0.0, *, first: int = 0, days: int = DAYS) -> Cohort:
    """Simulate a cohort under the policy of ``gamma``.

    patients: at least 1, numbers first .. first + patients - 1 of the seed; days: at least 2
    Raises ValueError for arguments outside these ranges.
    """
    if patients < 1 or gamma < 0 or first < 0 or days < 2:
        raise ValueError(
            f"patients >= 1, gamma >= 0, first >= 0, days >= 2 expected; got {patients}, {gamma}, {first}, {days}"
        )
    numbers = range(first, first + patients)
    who = _invent([_stream(seed, k, 0) for k in numbers])
    luck = np.stack([_stream(seed, k, 1).random((days, 3)) for k in numbers])  # chemo, radio, recovery
    noise = NOISE_SD * np.stack([_stream(seed, k, 2).standard_normal(days) for k in numbers])
    volume = np.full((patients, days), np.nan)
    chemo, radio = np.zeros((2, patients, days), dtype=bool)
    concentration = np.zeros((patients, days))
    died, recovered = np.zeros((2, patients), dtype=bool)
    length = np.full(patients, days, dtype=np.int64)
    volume[:, 0] = who.start
    for t in range(FIRST_DAY, days):
        new = step(who, volume[:, t - 1], concentration[:, t - 1], RADIO_DOSE * radio[:, t - 1], noise[:, t])
        alive = length == days
        dies = alive & (new > DEATH_VOLUME)
        recovers = alive & ~dies & (luck[:, t, 2] < np.exp(-CELLS * np.maximum(new, 0.0)))
        volume[:, t] = np.where(dies, DEATH_VOLUME, np.where(recovers, 0.0, np.where(alive, new, np.nan)))
        length[dies | recovers] = t + 1
        died |= dies
        recovered |= recovers
        treated = (length == days) & (t < days - 1)  # nothing after the last day is seen: no treatment on it
        chance = policy(gamma, diameter_of(volume[:, max(t - WINDOW, 0) : t]).mean(axis=1))
        chemo[:, t] = treated & (luck[:, t, 0] < chance)
        radio[:, t] = treated & (luck[:, t, 1] < chance)
        concentration[:, t] = decay(concentration[:, t - 1]) + CHEMO_DOSE * chemo[:, t]
    return Cohort(gamma, seed, first, who, volume, chemo, radio, concentration, noise, length, died, recovered)


def policy(gamma: float, diameter: Floats) -> Floats:
    """Chance of each treatment that day from the mean diameter (cm) of the days before."""
    return 1.0 / (1.0 + np.exp(-gamma / DEATH_DIAMETER * (diameter - DEATH_DIAMETER / 2.0)))


def decay(concentration: Floats) -> Floats:
    """What a day leaves of it."""
    return concentration * 0.5 ** (1.0 / HALF_LIFE)


def _stream(seed: int, number: int, purpose: int) -> np.random.Generator:
    """purpose: 0 the person, 1 chances, 2 noise, 3 plans, 4 visits."""
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(number, purpose)))


def _invent(streams: list[np.random.Generator]) -> Patients:
    table = np.array(list(STAGES.values()))
    shares = np.cumsum(table[:, 0] / table[:, 0].sum())
    root = np.linalg.cholesky(np.array([[1.0, CORRELATION], [CORRELATION, 1.0]]))
    rows = []
    for rng in streams:
        stage = int(np.searchsorted(shares, rng.random(), side="right"))
        kind = int(rng.integers(1, TYPES + 1))
        mean, sd, low, high = table[stage, 1:]
        diameter = np.exp(_truncated(rng, mean, sd, float(np.log(low)), float(np.log(high))))
        while True:
            alpha, rho = np.array([ALPHA, RHO]) + np.array([ALPHA_SD, RHO_SD]) * (root @ rng.standard_normal(2))
            if alpha > 0 and rho > 0:
                break
        beta_c = _truncated(rng, BETA_C, BETA_C_SD, 0.0, np.inf) + ADJUSTMENT * BETA_C * (kind == 3)
        rows.append((stage, kind, volume_of(diameter), rho, alpha + ADJUSTMENT * ALPHA * (kind == 1), beta_c))
    stage, kind, start, rho, alpha, beta_c = np.array(rows, dtype=np.float64).T
    return Patients(stage.astype(np.int64), kind.astype(np.int64), start, rho, alpha, alpha / ALPHA_OVER_BETA, beta_c)


def _truncated(rng: np.random.Generator, mean: float, sd: float, low: float, high: float) -> float:
    """A normal value between low and high, by the inverse of its distribution function."""
    ends = ndtr((np.array([low, high]) - mean) / sd)
    return float(np.clip(mean + sd * ndtri(ends[0] + rng.random() * (ends[1] - ends[0])), low, high))


def one_step(cohort: Cohort, *, noise: bool = True) -> Counterfactuals:
    """Tomorrow's volume under each of the four ``ARMS``, at every day of every patient but day 0 and their last.

    noise: with the e_t that the patient had in fact, so that the arm really taken ends in the volume really seen;
    False: without any
    """
    return _ask(cohort, ARMS[None, None, :, None, :], 1, noise)


def roll_out(
    cohort: Cohort, tau: int, plans: Literal["sliding", "random"] = "sliding", *, noise: bool = True
) -> Counterfactuals:
    """Volumes of the next ``tau`` days under 2 tau plans, at all days of ``one_step`` with tau days to come.

    plans: "sliding": one chemotherapy or one radiotherapy, on the first, second .. day; "random": either of them on
    any day with chance 1/2, other plans at every patient's day (both as CRN and CT evaluate); noise: as ``one_step``
    Raises ValueError for a tau beyond the simulated days or unknown plans.
    """
    days = cohort.volume.shape[1]
    if not 1 <= tau < days:
        raise ValueError(f"tau of 1..{days - 1} days expected, got {tau}")
    if plans == "sliding":
        given = np.zeros((2 * tau, tau, 2), dtype=bool)
        given[np.arange(2 * tau), np.arange(2 * tau) % tau, np.arange(2 * tau) // tau] = True
        return _ask(cohort, given[None, None], tau, noise)
    if plans == "random":
        numbers = range(cohort.first, cohort.first + len(cohort))
        draws = [_stream(cohort.seed, k, 3).integers(0, 2, (days, 2 * tau, tau, 2), dtype=np.int8) for k in numbers]
        return _ask(cohort, np.stack(draws).astype(bool), tau, noise)
    raise ValueError(f'plans "sliding" or "random" expected, got {plans!r}')


def _ask(cohort: Cohort, plans: Booleans, tau: int, noise: bool) -> Counterfactuals:
    """plans: (n or 1, days or 1, plans, tau, 2)."""
    count, days = cohort.volume.shape
    day = np.arange(days)
    asked = (day >= FIRST_DAY) & (day < cohort.days[:, None] - 1) & (day + tau < days)
    patient, day = (x.repeat(plans.shape[2]) for x in np.nonzero(asked))
    plan = np.broadcast_to(plans, (count, days, *plans.shape[2:]))[asked].reshape(-1, tau, 2)
    who = cohort.patients.take(patient)
    volume = cohort.volume[patient, day]
    left = decay(cohort.concentration[patient, day - 1])
    out: Floats = np.empty((len(day), tau))
    for k in range(tau):
        given: Floats = plan[:, k] * _DOSES
        concentration = left + given[:, 0]
        luck = cohort.noise[patient, day + k + 1] if noise else 0.0
        new: Floats = np.clip(step(who, volume, concentration, given[:, 1], luck), 0.0, DEATH_VOLUME)
        volume = out[:, k] = np.where(volume < DEATH_VOLUME, new, DEATH_VOLUME)
        left = decay(concentration)
    return Counterfactuals(patient, day, plan, out)


def visits(cohort: Cohort, *, runs: int = 5) -> Booleans:
    """Days with a visit, more of them for large and treated tumours: (n, T), day 0 always.

    Of each visiting stage (diameter < 3, 3-4, 4-5, >= 5 cm, numbered s = 0..3) a Hawkes process runs from its first to
    its last day with intensity mu + sum_j alpha_s beta exp(-beta (t - t_j)), beta = 2 a day, mu = .01 kappa^s, kappa 10
    for those treated on more than two days by either arm and else 1. runs: processes laid over one another, 5 in
    TE-CDE's code.
    """
    seen = np.zeros(cohort.volume.shape, dtype=bool)
    seen[:, 0] = True
    treated = (cohort.chemo.sum(1) > 2) | (cohort.radio.sum(1) > 2)
    for k in range(len(cohort)):
        rng = _stream(cohort.seed, cohort.first + k, 4)
        stage = np.searchsorted(HAWKES_CUTS, diameter_of(cohort.volume[k, : cohort.days[k]]), side="right")
        for s, branching in enumerate(HAWKES_BRANCHING):
            within = np.nonzero(stage == s)[0]
            if len(within) < 2:
                continue
            base = HAWKES_BASE * (HAWKES_TREATED if treated[k] else 1.0) ** s
            for _ in range(runs):
                span = seen[k, within[0] : within[-1]]
                span |= _hawkes(rng, base, branching, len(span))
    return seen


def _hawkes(rng: np.random.Generator, base: float, branching: float, days: int) -> Booleans:
    """Whether each of the days has an event: a day's own events, then generation by generation what they beget.

    It ends early where every day has one: later generations could add no further day.
    """
    events = rng.random(rng.poisson(base * days)) * days
    seen = np.zeros(days, dtype=bool)
    while len(events):
        seen[events.astype(np.int64)] = True
        if seen.all():
            break
        parents = events.repeat(rng.poisson(branching, len(events)))
        events = parents + rng.exponential(1.0 / HAWKES_DECAY, len(parents))
        events = events[events < days]
    return seen


def treatments(plan: Booleans, day: float = 0.0) -> tuple[Treatment, ...]:
    """A plan (tau, 2) that begins on ``day`` as intervals of a day: chemo 5 mg/m3, radio 2 Gy."""
    given = [("chemo", CHEMO_DOSE), ("radio", RADIO_DOSE)]
    return tuple(
        Treatment(given[arm][0], day + float(k), day + float(k + 1), given[arm][1]) for k, arm in np.argwhere(plan)
    )


def courses(cohort: Cohort, seen: Booleans | None = None) -> list[Course]:
    """Every patient's volumes (cm3) and daily treatments, as models learn from them.

    seen: (n, T) days with a visit, None: every day until the end. Static: the type, as RMSN and CT tell it to their
    models, by the indicators ``type 1`` and ``type 3``. Raises ValueError where ``seen`` has another shape.
    """
    seen = np.ones(cohort.volume.shape, dtype=bool) if seen is None else seen
    if seen.shape != cohort.volume.shape:
        raise ValueError(f"seen is {seen.shape}, expected {cohort.volume.shape}")
    seen = seen & ~np.isnan(cohort.volume)
    out = []
    for k, kind in enumerate(cohort.patients.kind):
        days = np.nonzero(seen[k])[0]
        out.append(
            Course(
                f"T{cohort.seed}-{cohort.first + k + 1:05d}",
                days.astype(np.float64),
                cohort.volume[k, days, None],
                (VARIABLE,),
                {"type 1": float(kind == 1), "type 3": float(kind == 3)},
                treatments(np.stack([cohort.chemo[k], cohort.radio[k]], axis=1)),
            )
        )
    return out
