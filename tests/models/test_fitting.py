"""The steps of a fit: who does what in it, and that nobody's own answers reach what he is asked with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from models import batching, evaluation, fitting, grounds, hazard, looking, trees
from models import network as network_module
from models.course import Course, Event, Treatment, Variable
from models.encoding import Encoder
from models.fitting import Prepared, Split
from models.forecaster import LiquidForecaster
from models.grounds import SIMPLE, Asked
from models.hazard import NOT_ASKED
from models.looking import TABLE
from tests.models.kinds import cohort

QUICK: dict[str, Any] = {"units": 8, "epochs": 2, "hidden": 8, "unfolds": 2, "members": 2}
SETTINGS = LiquidForecaster(**QUICK).get_params()


@pytest.fixture(scope="module", autouse=True)
def few_trees(one_thread: None):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trees, "TREES", 6)
        patch.setattr(trees, "_MORE_TREES", 6)  # so few rows have those
        yield


@pytest.fixture(scope="module")
def courses() -> list[Course]:
    return cohort(40)


@pytest.fixture(scope="module")
def parts(courses: list[Course]) -> Split:
    return fitting.split(courses, None, 0, (0.2, 0.15))


@pytest.fixture(scope="module")
def ready(parts: Split) -> Prepared:
    return fitting.prepare(parts, SETTINGS)


@pytest.mark.parametrize(("patients", "share", "folds"), [(40, 0.2, 5), (40, 0.5, 2), (12, 0.2, 5), (13, 0.1, 6)])
def test_nobody_both_teaches_a_member_and_stops_it(patients: int, share: float, folds: int, courses: list[Course]):
    parts = fitting.split(courses[:patients], None, 3, (share, 0.15))
    assert parts.folds == folds
    stopping: list[int] = []
    for member in range(folds):
        learn, stop = parts.roles(member)
        assert not set(learn) & set(stop)
        assert sorted(learn + stop) == list(range(len(parts.courses)))
        assert abs(len(stop) - len(parts.courses) / folds) < 1
        stopping += stop
    assert sorted(stopping) == list(range(len(parts.courses)))  # everyone is forecast once by members he did not teach
    assert parts.roles(folds) == parts.roles(0)


def test_patients_of_the_score_have_no_other_part(courses: list[Course]):
    parts = fitting.split(courses, None, 0, (0.2, 0.15))
    assert len(parts.holdout) == 6
    names = [c.patient for c in parts.courses + parts.holdout]
    assert sorted(names) == sorted(c.patient for c in courses)
    assert [c.patient for c in fitting.split(courses, None, 0, (0.2, 0.15)).holdout] == names[-6:]
    assert [c.patient for c in fitting.split(courses, None, 1, (0.2, 0.15)).holdout] != names[-6:]
    assert not fitting.split(courses[: fitting.ROOMY - 1], None, 0, (0.2, 0.15)).holdout


@pytest.mark.parametrize(("patients", "share"), [(fitting.SMALL - 1, 0.2), (40, 0.0)])
def test_where_nobody_is_held_back_all_teach_and_stop(patients: int, share: float, courses: list[Course]):
    parts = fitting.split(courses[:patients], None, 0, (share, 0.0))
    assert parts.folds == 1
    assert parts.roles(0) == parts.roles(4) == (list(range(patients)), list(range(patients)))


def test_given_validation_patients_stop_every_member_and_teach_none(courses: list[Course]):
    parts = fitting.split(courses[:30], [*courses[30:], courses[0].until(-1.0)], 0, (0.2, 0.0))
    assert [c.patient for c in parts.validation] == [c.patient for c in courses[30:]]
    ready = fitting.prepare(parts, {**SETTINGS, "trees": False})
    learn, stop = ready.parts(parts, 1)
    assert learn is ready.cohort
    assert stop is ready.validation
    assert (len(learn), len(stop)) == (30, 10)


def test_a_members_patients_are_those_of_its_roles(parts: Split, ready: Prepared):
    for member in (0, 3):
        for patients, places in zip(ready.parts(parts, member), parts.roles(member), strict=True):
            assert len(patients) == len(places)
            for i, place in enumerate(places):
                assert torch.equal(patients.sequences[i].x, ready.cohort.sequences[place].x)
            owners = patients.next.owner
            np.testing.assert_array_equal(
                np.bincount(owners, minlength=len(places)),
                np.bincount(ready.cohort.next.owner, minlength=len(parts.courses))[places],
            )


def _changed(courses: list[Course], who: int) -> list[Course]:
    """All that this patient shows after his first visit is otherwise, as often as before."""
    course = courses[who]
    later = np.arange(len(course))[:, None] > 0
    shift = np.array([30.0, 0.0, 0.0, 0.0, 9.0])
    flipped = course.values * [1, -1, -1, -1, 1] + [0, 3, 1, 2, 0] + shift
    return [*courses[:who], replace(course, values=np.where(later, flipped, course.values)), *courses[who + 1 :]]


def _answers(encoder: Encoder, courses: list[Course], fold: np.ndarray) -> list[Asked]:
    plan = fitting.plan_of(encoder, SETTINGS)
    _, _, _, answers = grounds.cross_fit(encoder, courses, fold, plan, 0, joint=True)
    return [asked for asked, _ in answers]


def _of_the_first_visit(asked: Asked, encoder: Encoder) -> tuple[np.ndarray, np.ndarray]:
    """What is told from the first visit alone: the simple forecasts of values, and the risks of events."""
    early = asked.looks.prefix <= 1
    values = early & (asked.cause == NOT_ASKED)
    return asked.simple[values], asked.risk[early & ~values]


@pytest.fixture(scope="module")
def who(courses: list[Course]) -> int:
    return next(i for i, c in enumerate(courses[:20]) if len(c) >= 6)


@pytest.fixture(scope="module")
def fold() -> np.ndarray:
    return np.arange(20) % 4


@pytest.fixture(scope="module")
def encoder(courses: list[Course]) -> Encoder:
    """Scales are those of everyone: only what is fitted by fold is asked about here."""
    return Encoder.fit(courses[:20])


def test_what_a_patient_shows_later_does_not_change_what_the_mixed_model_told_of_him_before(
    courses: list[Course], encoder: Encoder, fold: np.ndarray, who: int
):
    before, after = (_answers(encoder, c, fold) for c in (courses[:20], _changed(courses[:20], who)))
    first, second = (_of_the_first_visit(a[who], encoder)[0] for a in (before, after))
    assert len(first) > 1
    honest = [SIMPLE.index(n) for n in SIMPLE if n not in ("ridge", "trees")]
    np.testing.assert_array_equal(first[..., honest], second[..., honest])
    other = next(i for i in range(20) if fold[i] != fold[who] and len(courses[i]) > 3)
    mixed = SIMPLE.index("mixed")
    assert not np.array_equal(before[other].simple[..., mixed], after[other].simple[..., mixed])


def test_neither_do_the_trees_nor_the_hazards_learn_from_his_own_rows(
    courses: list[Course], encoder: Encoder, fold: np.ndarray, who: int, monkeypatch: pytest.MonkeyPatch
):
    """With the mixed models held: those of other folds, through which the trees see the others, have him in them."""
    held = grounds.cross_fit_base(encoder, courses[:20], fold, (0, 1), joint=True)
    monkeypatch.setattr(grounds, "cross_fit_base", lambda *_, **__: held)
    before, after = (_answers(encoder, c, fold) for c in (courses[:20], _changed(courses[:20], who)))
    for first, second in zip(*(_of_the_first_visit(a[who], encoder) for a in (before, after)), strict=True):
        assert len(first)
        np.testing.assert_array_equal(first, second)
    others = [i for i in range(20) if fold[i] != fold[who] and len(courses[i]) > 3]
    told = SIMPLE.index("trees")
    assert any(not np.array_equal(before[i].simple[..., told], after[i].simple[..., told]) for i in others)
    beside = [i for i in range(20) if fold[i] == fold[who] and i != who]
    for i in beside:  # of his own fold nobody's answers have him in them
        np.testing.assert_array_equal(before[i].simple, after[i].simple)
        np.testing.assert_array_equal(before[i].risk, after[i].risk)


def test_with_one_fold_everyone_is_in_his_own_grounds(courses: list[Course], encoder: Encoder, who: int):
    none = np.zeros(20, dtype=np.int64)
    before, after = (_answers(encoder, c, none) for c in (courses[:20], _changed(courses[:20], who)))
    first, second = (_of_the_first_visit(a[who], encoder)[0][..., SIMPLE.index("mixed")] for a in (before, after))
    assert not np.array_equal(first, second)


def test_the_score_is_the_same_however_many_patients_are_asked_at_a_time(
    parts: Split, ready: Prepared, monkeypatch: pytest.MonkeyPatch
):
    networks = [fitting.build(ready.encoder, ready.plan, ready.grid, SETTINGS, m).eval() for m in range(2)]
    for network in networks:
        network.warm_start(ready.cohort.next, ready.log_rate)
        torch.nn.init.normal_(network.outer.weight, std=0.1)

    def told(size: int, far: bool) -> evaluation.Answered:
        monkeypatch.setattr(batching, "TOGETHER", size)
        cpu = torch.device("cpu")
        return evaluation.answered(networks, ready.encoder, ready.plan.targets, ready.cohort, cpu, far=far)

    for far in (False, True):
        whole, pieces = told(256, far), told(7, far)
        order, again = (np.lexsort((*f.target.T, f.horizon, f.owner)) for f in (whole, pieces))
        np.testing.assert_array_equal(whole.owner[order], pieces.owner[again])
        for name in ("target", "centre", "start", "low", "high"):
            np.testing.assert_allclose(
                getattr(whole, name)[order], getattr(pieces, name)[again], rtol=1e-4, atol=1e-4, err_msg=name
            )
        first, second = (evaluation.score(f, ready.encoder, ready.plan.targets) for f in (whole, pieces))
        assert second["model"] == pytest.approx(first["model"], rel=1e-5)
        assert second["values"] == first["values"]
        assert second["patients"] == first["patients"] == len(parts.courses)
        assert evaluation.coverage(pieces, None) == pytest.approx(evaluation.coverage(whole, None), abs=1e-3)


def test_patients_are_evaluated_beside_others_as_long_as_they_are(ready: Prepared, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(batching, "TOGETHER", 7)
    groups = ready.cohort.groups()
    lengths = [len(ready.cohort.sequences[owner].dt) for group in groups for owner in group]
    assert sorted(owner for group in groups for owner in group) == list(range(len(ready.cohort)))
    assert {len(group) for group in groups[:-1]} == {7}
    assert lengths == sorted(lengths)


def test_boosted_trees_about_a_column_read_all_of_it_and_the_levels_of_the_others(ready: Prepared):
    encoder = ready.encoder
    count = len(encoder.columns)
    read = looking.table_near(encoder, 2)
    inside = read[read < len(TABLE) * count]
    assert {TABLE[i // count] for i in inside if i % count == 2} == set(TABLE)
    assert {TABLE[i // count] for i in inside if i % count != 2} == {"last", "mean", "recent"}
    assert {i % count for i in inside} == set(range(count))
    assert set(range(len(TABLE) * count, looking.table_count(encoder))) <= set(read.tolist())


def test_a_network_alone_starts_from_the_spread_of_the_changes_it_has_to_tell(parts: Split):
    settings = {**SETTINGS, "plain": True, "components": 3}
    ready = fitting.prepare(parts, settings)
    network = fitting.build(ready.encoder, ready.plan, ready.grid, settings, 0)
    network.warm_start(ready.cohort.next, ready.log_rate)
    asked = ready.cohort.next
    change = (asked.target - asked.simple[..., 0])[:, 0][asked.known[:, 0]].double()
    assert len(set(network.log_scale.detach()[:, 0].tolist())) == 3  # or they would learn alike for ever
    assert float(network.log_scale.detach()[0, 0].exp()) == pytest.approx(
        0.55 * float((change**2).mean().sqrt()), rel=1e-4
    )


def test_of_many_rare_signs_each_is_forecast_better_by_what_all_of_them_show(monkeypatch: pytest.MonkeyPatch):
    rng = np.random.default_rng(5)
    signs = tuple(Variable(f"s{i}", kind="binary", lower=0.0, upper=1.0) for i in range(40))
    courses = []
    for number in range(60):
        values = (rng.random((5, len(signs))) < 0.06).astype(np.float64)
        for row in range(1, 5):  # half of what was there stays
            values[row] = np.where(rng.random(len(signs)) < 0.5, np.maximum(values[row], values[row - 1]), values[row])
        courses.append(Course(f"R{number}", np.arange(5.0) * 7, values, signs))
    parts = fitting.split(courses, None, 0, (0.5, 0.0))
    settings = {**SETTINGS, "validation_share": 0.5}
    ready = fitting.prepare(parts, settings)
    learn, unseen = ready.parts(parts, 0)

    def lost(sharing: int) -> float:
        monkeypatch.setattr(network_module, "_MANY_CHANCES", sharing)
        network = fitting.build(ready.encoder, ready.plan, ready.grid, settings, 0).eval()
        network.warm_start(learn.next, ready.log_rate)
        with torch.no_grad():
            found = network.likelihood(unseen.batch(range(len(unseen))))
        return float(found.values) / found.known

    assert lost(100) < 0.98 * lost(1)


def test_everything_a_network_reads_moves_with_it_to_another_device(ready: Prepared, monkeypatch: pytest.MonkeyPatch):
    network = fitting.build(ready.encoder, ready.plan, ready.grid, SETTINGS, 0).to("meta")
    batch = ready.cohort.batch(range(4), torch.arange(len(ready.cohort.far))).to(torch.device("meta"))
    monkeypatch.setattr(torch.Tensor, "__bool__", lambda _: True)  # it computes shapes only: checks cannot look
    answers = network(batch)
    for told in (*answers.mixture, answers.start, answers.log_hazard):
        assert told.device.type == "meta"
    asked = batch.questions
    nll = network.heads.nll(answers.mixture, asked.target, asked.known)
    waits = hazard.nll(answers.log_hazard, asked.spent, asked.place, asked.cause)
    assert nll.device.type == waits.device.type == "meta"
    assert nll.shape == asked.target.shape


def test_the_width_of_a_yes_or_no_sign_never_pulls_at_anything(ready: Prepared):
    network = fitting.build(ready.encoder, ready.plan, ready.grid, SETTINGS, 0)
    network.loss(ready.cohort.batch(range(len(ready.cohort))), squared=0.0).backward()
    gradient = network.outer.bias.grad
    assert gradient is not None
    columns = len(ready.plan.targets)
    location, width, _ = gradient[: 3 * columns * network.components].view(3, columns, network.components).abs().sum(-1)
    chance = torch.tensor([ready.encoder.columns[t].is_chance for t in ready.plan.targets])
    assert (location > 0).all()
    assert (width[~chance] > 0).all()
    assert not width[chance].any()


CHANGES: dict[str, Callable[[Course], Course]] = {
    "a value": lambda c: replace(c, values=np.where(c.values == c.values[0, 0], 1.0, c.values)),
    "a day": lambda c: replace(c, times=c.times + 0.5),
    "a herb": lambda c: replace(c, treatments=(*c.treatments, Treatment("甘草", 0.0, 3.0))),
    "an event": lambda c: replace(c, events=(Event("death", 1e3),)),
    "the end of follow-up": lambda c: replace(c, followed=2e3),
    "a fact": lambda c: replace(c, static={"age": -1.0}),
    "a level": lambda c: replace(
        c, variables=(*c.variables[:3], replace(c.variables[3], levels=("a", "b", "c")), c.variables[4])
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_no_change_of_the_data_goes_unnoticed_by_a_training_to_be_resumed(change: str, courses: list[Course]):
    parts = fitting.split(courses, None, 0, (0.2, 0.15))
    place = next(i for i, c in enumerate(parts.courses) if not np.isnan(c.values[0, 0]))
    other = replace(parts, courses=[*parts.courses])
    other.courses[place] = CHANGES[change](parts.courses[place])
    assert fitting.fingerprint(SETTINGS, other) != fitting.fingerprint(SETTINGS, parts)
    assert fitting.fingerprint(SETTINGS, replace(parts, courses=[*parts.courses])) == fitting.fingerprint(
        SETTINGS, parts
    )


def test_the_same_seed_and_member_build_the_same_network_and_others_another(ready: Prepared):
    def built(seed: int, member: int) -> torch.Tensor:
        network = fitting.build(ready.encoder, ready.plan, ready.grid, {**SETTINGS, "seed": seed}, member)
        return network.inner.weight.detach()

    assert torch.equal(built(0, 0), built(0, 0))
    assert not torch.equal(built(0, 0), built(0, 1))
    assert not torch.equal(built(0, 0), built(1, 0))
