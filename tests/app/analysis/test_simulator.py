"""The simulated clinic: reproducible, inside the scales, learnable, and its truth recoverable."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from openpyxl import load_workbook
from scipy.linalg import logm

from app.analysis.simulator import Cohort, simulate, write_long, write_wide
from app.analysis.simulator.clinic_file import WIDE_HEADERS, wide_rows
from app.analysis.simulator.dynamics import STEP, advance, exposure, interaction
from app.analysis.simulator.readout import SYMPTOMS
from app.analysis.simulator.world import COUPLING, EFFECTS, FORMULAS, HERBS, OFFSET, ONSET, REMEDIES, TAU
from app.importing.run import import_files
from app.store.clinic import Clinic

PULSES = set("浮沉迟数疾缓滑涩虚实长短洪微紧弦芤革牢濡弱散细伏动促结代")


@pytest.fixture(scope="module")
def clinic() -> Cohort:
    return simulate(120, seed=7)


@pytest.fixture(scope="module")
def trial() -> Cohort:
    """Blind prescriptions, enough patients to see every herb."""
    return simulate(200, seed=3, gamma=0.0)


@pytest.fixture(scope="module")
def confounded() -> Cohort:
    return simulate(200, seed=3, gamma=4.0)


def test_the_same_seed_writes_the_same_bytes(tmp_path):
    first = write_wide(simulate(6, seed=11), tmp_path / "a.csv").read_bytes()
    again = write_wide(simulate(6, seed=11), tmp_path / "b.csv").read_bytes()
    other = write_wide(simulate(6, seed=12), tmp_path / "c.csv").read_bytes()
    assert first == again != other


def test_more_patients_do_not_alter_the_ones_before():
    few, more = simulate(3, seed=5), simulate(5, seed=5)
    assert few.patients == more.patients[:3]
    for a, b in zip(few.truth.patients, more.truth.patients, strict=False):
        np.testing.assert_array_equal(a.latent, b.latent)


def test_arguments_out_of_range_are_refused():
    for patients, gamma, missing in ((0, 1.0, 0.1), (3, -1.0, 0.1), (3, 1.0, 1.0)):
        with pytest.raises(ValueError, match="expected"):
            simulate(patients, gamma=gamma, missing=missing)


def test_scores_lie_on_their_scales_and_some_are_missing(clinic):
    values = {s.name: [v.scores[s.name] for p in clinic.patients for v in p.visits] for s in SYMPTOMS}
    for symptom in SYMPTOMS:
        assert {x for x in values[symptom.name] if x is not None} == set(symptom.scale)
    missing = np.mean([x is None for column in values.values() for x in column])
    assert 0.05 < missing < 0.15


def test_visits_are_irregular_and_sicker_patients_come_sooner(clinic):
    gaps, burden = [], []
    for p in clinic.patients:
        assert 4 <= len(p.visits) <= 16
        assert [v.number for v in p.visits] == list(range(1, len(p.visits) + 1))
        for a, b in zip(p.visits, p.visits[1:], strict=False):
            assert 3 <= b.day - a.day <= 21
            assert b.date - p.visits[0].date == dt.timedelta(days=b.day)
            gaps.append(b.day - a.day)
            burden.append(sum(x or 0 for x in a.scores.values()))
    assert len(set(gaps)) > 10
    assert np.corrcoef(burden, gaps)[0, 1] < -0.1


def test_pulse_tongue_and_formula_are_words_a_clinic_writes(clinic):
    pulses = {x for p in clinic.patients for v in p.visits for x in v.pulses.values() if x}
    assert set("".join(pulses)) <= PULSES
    assert any(len(x) > 1 for x in pulses)
    for p in clinic.patients:
        for v in p.visits:
            assert v.formula.removesuffix("加减") in FORMULAS
            assert len(v.herbs) >= 2
            assert all(grams > 0 and herb in HERBS for herb, grams, _ in v.herbs)
            base = set(FORMULAS[v.formula.removesuffix("加减")])
            assert v.formula.endswith("加减") == ({h for h, _, _ in v.herbs} != base)


def test_names_include_characters_that_trip_fonts_and_pinyin(clinic):
    names = [p.name for p in clinic.patients]
    assert any("喆" in n for n in names)
    assert any(n.startswith("单") for n in names)


def test_the_wide_table_reads_back_from_xlsx_and_csv(clinic, tmp_path):
    rows = list(wide_rows(clinic))
    sheet = load_workbook(write_wide(clinic, tmp_path / "clinic.xlsx"))["病历"]
    read = list(sheet.iter_rows(values_only=True))
    assert read[0] == WIDE_HEADERS
    assert len(read) == clinic.visits + 1
    when = WIDE_HEADERS.index("就诊日期")
    assert isinstance(read[1][when], dt.datetime)
    assert [x for i, x in enumerate(read[1]) if i != when] == [x for i, x in enumerate(rows[0]) if i != when]
    text = write_wide(clinic, tmp_path / "clinic.csv").read_bytes()
    assert text.startswith(b"\xef\xbb\xbf")
    assert len(text.decode("utf-8-sig").splitlines()) == clinic.visits + 1
    assert not list(tmp_path.glob("*.part"))


def test_the_importer_refuses_nothing_and_codes_every_word(clinic, tmp_path):
    table = write_wide(clinic, tmp_path / "clinic.xlsx")
    with Clinic.open(tmp_path / "clinic.db", plain=True) as target:
        report = import_files([table], target, dry_run=True)
    assert report.rows_accepted == report.visits == clinic.visits
    assert report.rows_refused == 0
    assert report.pulse_terms_coded == report.pulse_terms_total > 0
    assert report.herb_items_mapped == report.herb_items_total > 0


def test_another_ending_is_refused(clinic, tmp_path):
    with pytest.raises(ValueError, match=r"\.xlsx or \.csv"):
        write_wide(clinic, tmp_path / "clinic.txt")


def test_the_long_table_holds_every_observed_score(clinic, tmp_path):
    lines = write_long(clinic, tmp_path / "long.csv").read_text("utf-8-sig").splitlines()
    observed = sum(x is not None for p in clinic.patients for v in p.visits for x in v.scores.values())
    assert lines[0] == "patient,time,variable,value,unit"
    assert len(lines) == observed + 1


def test_herb_levels_follow_the_exact_first_order_kernel():
    k = HERBS.index("熟地黄")
    doses = np.zeros(len(HERBS))
    doses[k] = 1.2
    level = exposure(np.zeros(len(HERBS)), doses, taken=7.0, days=14.0)[:, k]
    at = lambda day: level[round(day / STEP) - 1]
    assert at(ONSET[k]) == pytest.approx(1.2 * (1 - np.exp(-1)))
    assert at(14.0) == pytest.approx(at(7.0) * np.exp(-7.0 / OFFSET[k]))
    halves = exposure(np.zeros(len(HERBS)), doses, 3.0, 3.0)[-1]
    np.testing.assert_allclose(exposure(halves, doses, 4.0, 11.0)[-1, k], at(14.0))


def test_courses_carry_scores_with_gaps_and_treatments(clinic):
    course = clinic.courses()[0]
    patient = clinic.patients[0]
    assert course.times.tolist() == [v.day for v in patient.visits]
    assert {t.name for t in course.treatments} <= set(HERBS)
    for t in course.treatments:  # a new prescription ends the one before
        assert not ((course.times > t.start) & (course.times < t.end)).any()


def test_time_constants_show_in_the_autocorrelation_of_the_untreated_state():
    days, step = 6000, 1.0
    path = advance(
        np.zeros(len(TAU)), np.zeros(len(TAU)), np.zeros((days, len(HERBS))), 1.0, np.random.default_rng(1), step
    )
    before, after = path[:-1], path[1:]
    goal = interaction(before)  # known; what remains is linear
    design = np.column_stack([before, (1 - np.exp(-step / TAU)) * goal])
    transition = np.linalg.lstsq(design, after, rcond=None)[0][: len(TAU)].T
    estimate = -1.0 / np.diag(np.real(logm(transition))) * step
    assert (np.abs(estimate / TAU - 1) < 0.25).all(), dict(zip(TAU, estimate.round(1), strict=True))
    alone = np.corrcoef(path[:-4, 1], path[4:, 1])[0, 1]  # 气滞 is driven by nothing else: plain lag suffices
    assert -4 / np.log(alone) == pytest.approx(TAU[1], rel=0.25)


def _adjusted(cohort: Cohort) -> np.ndarray:
    """Herb effects from the known state and known herb levels: (herbs, elements)."""
    keep = np.exp(-STEP / TAU)
    levels, drive = [], []
    for p in cohort.truth.patients:
        x = p.latent[:-1]
        goal = (p.latent[1:] - keep * x) / (1 - keep)
        drive.append(goal - p.set_point - x @ COUPLING.T - interaction(x))
        levels.append(p.response * p.levels[1:])
    return np.linalg.lstsq(np.concatenate(levels), np.concatenate(drive), rcond=None)[0]


def _naive(cohort: Cohort) -> np.ndarray:
    """Next visit's element loads on the herbs given now, blind to why they were given: (herbs, elements)."""
    doses, later = [], []
    for person, truth in zip(cohort.patients, cohort.truth.patients, strict=True):
        for a, b in zip(person.visits, person.visits[1:], strict=False):
            row = np.zeros(len(HERBS))
            for herb, grams, _ in a.herbs:
                row[HERBS.index(herb)] = grams / REMEDIES[HERBS.index(herb)].grams
            doses.append(row)
            later.append(truth.latent[round(b.day / STEP)])
    design = np.column_stack([doses, np.ones(len(doses))])
    return np.linalg.lstsq(design, np.array(later), rcond=None)[0][: len(HERBS)]


def test_the_sign_of_every_herb_effect_is_recovered_from_the_known_state(trial):
    estimate, given = _adjusted(trial), EFFECTS != 0
    assert (np.sign(estimate[given]) == np.sign(EFFECTS[given])).all()
    assert np.corrcoef(estimate[given], EFFECTS[given])[0, 1] > 0.9


def test_naive_comparison_is_biased_where_the_sicker_get_the_herb(trial, confounded):
    relief = EFFECTS < -0.2
    blind, biased = _naive(trial)[relief], _naive(confounded)[relief]
    assert blind.mean() < 0
    assert biased.mean() > blind.mean() + 0.1
    assert (biased > 0).mean() > (blind > 0).mean() + 0.2


def test_a_ridge_regression_beats_the_last_value(clinic):
    """Next visit's scores from the last, the first and the mean score, a fifth of the patients held out."""
    rows, targets, lasts, held = [], [], [], []
    for index, course in enumerate(clinic.courses()):
        for k in range(1, len(course)):
            last = np.nan_to_num(course.until(course.times[k - 1]).last_values())
            seen = np.vstack([course.values[:k], last])
            rows.append([*last, *np.nanmean(seen, axis=0), *np.nan_to_num(course.values[0]), course.times[k], k])
            targets.append(course.values[k])
            lasts.append(last)
            held.append(index % 5 == 0)
    x, y, last, test = np.array(rows), np.array(targets), np.array(lasts), np.array(held)
    x = (x - x[~test].mean(0)) / x[~test].std(0)
    model = naive = 0.0
    for j in range(y.shape[1]):
        known = ~np.isnan(y[:, j])
        a, b = x[known & ~test], y[known & ~test, j]
        w = np.linalg.solve(a.T @ a + 30 * np.eye(x.shape[1]), a.T @ (b - b.mean()))
        sd, at = b.std(), known & test
        model += float((((x[at] @ w + b.mean() - y[at, j]) / sd) ** 2).mean())
        naive += float((((last[at, j] - y[at, j]) / sd) ** 2).mean())
    assert np.sqrt(model) < 0.9 * np.sqrt(naive)
