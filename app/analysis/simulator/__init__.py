"""A clinic with known truth: patients whose hidden state, herb effects and time constants are given.

For patient p with state x(t), one entry an element (证素), set point m (constitution), herb levels e(t) and response r:

    tau_i dx_i = (m_i + r sum_h B_hi e_h(t) + sum_j C_ij x_j + sum_k g_k tanh(x_a+) tanh(x_b+) - x_i) dt
                 + sigma_i sqrt(2 tau_i) dW_i
    de_h/dt    = (d_h(t) - e_h) / onset_h    while herb h is taken and its dose d_h is at least e_h
               = (d_h(t) - e_h) / offset_h   otherwise

tau runs from 4 days (心神) over weeks (湿 16, 痰 24) to 3 months (阴虚 90); B is given at each herb's reference dose:
B_hi is the lasting shift of element i; sigma is the stationary standard deviation that the noise alone would cause.
Integration is exponential Euler with step 1/4 day: exact in damping, noise and kernels, first order in C and g.
Constants stand in ``world.py``.

Read-outs (``readout.py``): severity of symptom s is W_s . x+ plus the patient's own bias plus the day's noise, cut into
0/2/4/6 (main) or 0-3 (secondary); tongue and six-position pulse are thresholds of the noisy state.
Prescribing (``prescribing.py``): the clinician sees x + N(0, 0.3^2) and chooses formula, 加减 and grams with log-odds
proportional to ``gamma`` times how well each answers that state. gamma = 0 is a randomised trial; the larger, the
more a naive comparison of treated with untreated is confounded.
Visits: the next gap is log-normal around 9 days, shortened by severity and drawn to 7 and 14, within 3-21 days;
courses have 4-16 visits and end with recovery or drop-out. Doses cover the planned gap; herbs stop when doses run out.

Every patient has a random stream of their own (SeedSequence child), so a cohort of N is a prefix of a cohort of N + 1.
"""

from __future__ import annotations

import datetime as dt

import numpy as np

from app.analysis.simulator.clinic_file import write_long, write_wide
from app.analysis.simulator.people import Person, invent
from app.analysis.simulator.records import Cohort, PatientTruth, SimulatedPatient, SimulatedVisit, Truth
from app.analysis.simulator.visiting import follow

__all__ = [
    "Cohort",
    "PatientTruth",
    "Person",
    "SimulatedPatient",
    "SimulatedVisit",
    "Truth",
    "simulate",
    "write_long",
    "write_wide",
]

ENROLMENT = 540  # days over which first visits are spread


def simulate(
    patients: int = 160,
    seed: int = 7,
    gamma: float = 1.0,
    start: dt.date = dt.date(2023, 3, 1),
    missing: float = 0.08,
) -> Cohort:
    """Simulate a clinic.

    patients: at least 1; gamma: dependence of prescriptions on the state, 0 blind, 1 an ordinary clinic, 3 strong
    start: first day of enrolment; missing: chance that one cell of a visit was not written down, 0 to below 1
    Raises ValueError for arguments outside these ranges.
    """
    if patients < 1 or gamma < 0 or not 0 <= missing < 1:
        raise ValueError(f"patients >= 1, gamma >= 0, 0 <= missing < 1 expected; got {patients}, {gamma}, {missing}")
    people, truths = [], []
    for index in range(patients):
        rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(index,)))
        person = invent(index, rng)
        first = start + dt.timedelta(days=int(rng.integers(ENROLMENT)))
        patient, truth = follow(person, first, gamma, missing, rng)
        people.append(patient)
        truths.append(truth)
    return Cohort(tuple(people), Truth(gamma=gamma, seed=seed, patients=tuple(truths)))
