"""Two processes under torchrun learn what one learns. This file is also the script that they run."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn.parallel import DistributedDataParallel

from models import artifact, distributed, fitting, kernels, training, trees
from models.cells.projection import NonNegativeParameter
from models.course import Course
from models.errors import TrainingError
from models.forecaster import LiquidForecaster
from models.layers import LTC
from models.training import TrainingProgress
from models.wiring import AutoNCP
from tests.models.cohorts import cohort, patient

ROOT = Path(__file__).resolve().parents[2]
QUICK: dict[str, Any] = {"units": 8, "hidden": 8, "unfolds": 2, "epochs": 4, "batch_size": 16, "members": 1}
SAME: dict[str, Any] = {**QUICK, "dropout": 0.0, "learning_rate": 1e-3}  # masks differ from process to process
WHOLE: dict[str, Any] = {**SAME, "members": 2}
STEPS, SEQUENCES = 6, 8


class InterruptError(Exception):
    pass


def _sparse() -> list[Course]:
    """Fewer patients than processes in every batch, and some whose only visit asks nothing."""
    rng = np.random.default_rng(5)
    return [patient(i, rng, visits=1 + 4 * (i % 3 > 0)) for i in range(9)]


def _uneven() -> list[Course]:
    """Long courses at even numbers, short ones at odd: the slices of a batch never hold equally many targets."""
    rng = np.random.default_rng(6)
    return [patient(i, rng, visits=9 if i % 2 else 2) for i in range(20)]


def _fit(courses: list[Course], settings: dict[str, Any], **more: Any) -> LiquidForecaster:
    """The patients validate themselves, so that late epochs are the best and not only the start is compared.

    Few trees stand for many: what has to come out alike is what is learnt together, and the trees it begins with.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trees, "_MORE_TREES", 6)
        return LiquidForecaster(**settings).fit(courses, validation=courses, **more)


def _tensors(model: LiquidForecaster) -> dict[str, Tensor]:
    return {f"{n}.{k}": v for n, network in enumerate(model.fitted_.networks) for k, v in network.state_dict().items()}


def _alike() -> dict[str, dict[str, Tensor]]:
    """What must come out alike in one process and in two."""
    return {
        "cohort": _tensors(_fit(cohort(40), WHOLE)),
        "sparse": _tensors(_fit(_sparse(), {**SAME, "batch_size": 1, "epochs": 2})),
        "uneven": _tensors(_fit(_uneven(), {**SAME, "batch_size": 5})),
        "layer": _train_layer(0, 1),
    }


def _train_layer(rank: int, size: int) -> dict[str, Tensor]:
    """A plain layer in a researcher's own loop; each process has its part of the sequences."""
    torch.manual_seed(0)
    layer = LTC(3, AutoNCP(10, 2), unfolds=2, nonnegative="projection", backend="reference").double()
    x, target = torch.randn(SEQUENCES, 7, 3).double(), torch.randn(SEQUENCES, 7, 2).double()
    dt, lengths = torch.rand(SEQUENCES, 7).double(), torch.arange(SEQUENCES) % 3 + 5
    x, dt, lengths, target = (t[rank::size] for t in (x, dt, lengths, target))
    model = layer if size == 1 else DistributedDataParallel(layer)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.1)
    for _ in range(STEPS):
        optimizer.zero_grad()
        (model(x, dt, lengths=lengths).output - target).square().mean().backward()
        optimizer.step()
    return layer.state_dict()


def _together(folder: Path) -> None:
    """The script: everything that two processes are asked to do, written down by each for itself."""
    torch.set_num_threads(1)
    rank = int(os.environ["RANK"])
    told: dict[str, Any] = {"left": [], "device": str(distributed.device("auto"))}
    with distributed.joined(torch.device("cpu")) as group:
        told["group"] = [group.rank, group.size, group.is_main, group.connected]
        told["total"] = group.total(group.rank + 0.5)
        told["shares"] = [list(group.share(range(k))) for k in (0, 1, 5)]
        results = {"layer": _train_layer(group.rank, group.size)}
        inner = _fit(cohort(12), {**SAME, "epochs": 1})  # in a group that the caller has opened
        told["left"].append(not torch.distributed.is_initialized())
        results["inner"] = _tensors(inner)
    told["left"].append(not torch.distributed.is_initialized())
    results = {**_alike(), **results}
    results |= _interrupted(folder / "kept", rank, told)
    results["dropout"] = _tensors(_fit(cohort(30), {**QUICK, "epochs": 2, "dropout": 0.5}))
    try:
        _fit(cohort(20 + rank), QUICK)
    except TrainingError as error:
        told["refused"] = str(error)
    told["left"].append(not torch.distributed.is_initialized())
    for name, tensors in results.items():
        artifact.write_tensors(folder / f"{name}{rank}", tensors, {})
    (folder / f"told{rank}").write_text(json.dumps(told))


def _interrupted(folder: Path, rank: int, told: dict[str, Any]) -> dict[str, dict[str, Tensor]]:
    """Cancelled by the second process, then failing in the first, then resumed to the end and saved by both."""
    asked: list[int] = []
    heard: list[TrainingProgress] = []

    def cancel() -> bool:
        asked.append(1)
        return rank == 1 and len(asked) > 4

    def fail(progress: TrainingProgress) -> None:
        heard.append(progress)
        if progress.epoch == 3:
            raise InterruptError

    keep: dict[str, Any] = {"checkpoint": folder / "checkpoint", "progress": heard.append}
    model = _fit(cohort(40), WHOLE, cancel=cancel, **keep)
    told["cancelled"] = [model.card["training"]["cancelled"], len(asked)]
    try:
        _fit(cohort(40), WHOLE, resume=True, **{**keep, "progress": fail})
    except (InterruptError, TrainingError) as error:
        told["failed"] = [type(error).__name__, str(error)]
    model = _fit(cohort(40), WHOLE, resume=True, **keep)
    told["heard"] = [[p.member, p.epoch] for p in heard]
    told["best"] = [p.best_epoch for p in heard]
    told["path"] = model.save(folder, "model").name
    return {"resumed": _tensors(model)}


def _launch(script: list[str], timeout: float = 200.0) -> subprocess.CompletedProcess[str]:
    """Two processes that see no network but this machine's own."""
    own = next((name for _, name in socket.if_nameindex() if name.startswith("lo")), None)
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("MASTER_", "TORCHELASTIC_"))}
    environment |= {"OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""} | ({"GLOO_SOCKET_IFNAME": own} if own else {})
    torchrun = ["-m", "torch.distributed.run", "--standalone", "--local-addr", "127.0.0.1", "--nproc-per-node", "2"]
    return subprocess.run(
        [sys.executable, *torchrun, *script],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(scope="module")
def alone() -> dict[str, dict[str, Tensor]]:
    return _alike()


@pytest.fixture(scope="module")
def pair(alone: dict[str, dict[str, Tensor]], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder where two processes wrote down what they learnt; ``alone`` has left them compiled kernels."""
    folder = tmp_path_factory.mktemp("pair")
    done = _launch(["-m", "tests.models.test_distributed", str(folder)])
    assert done.returncode == 0, done.stderr[-4000:]
    return folder


def _learnt(folder: Path, name: str, rank: int) -> dict[str, Tensor]:
    return artifact.read_tensors(folder / f"{name}{rank}")[0]


def _told(folder: Path, rank: int) -> dict[str, Any]:
    return json.loads((folder / f"told{rank}").read_text())


@pytest.mark.parametrize("name", ["cohort", "uneven", "sparse"])
def test_two_processes_give_the_parameters_of_one(name: str, pair: Path, alone: dict[str, dict[str, Tensor]]):
    for rank in (0, 1):
        learnt = _learnt(pair, name, rank)
        assert learnt.keys() == alone[name].keys()
        for key, expected in alone[name].items():
            torch.testing.assert_close(learnt[key], expected, rtol=0, atol=1e-5, msg=lambda m, k=key: f"{k}: {m}")


@pytest.mark.parametrize("name", ["cohort", "uneven", "sparse", "dropout", "resumed", "inner", "layer"])
def test_both_processes_end_with_the_same_network_to_the_last_bit(name: str, pair: Path):
    first, second = _learnt(pair, name, 0), _learnt(pair, name, 1)
    assert all(torch.equal(first[k], second[k]) for k in first)


def test_a_plain_layer_in_data_parallel_learns_as_alone_and_its_weights_stay_projected(
    pair: Path, alone: dict[str, dict[str, Tensor]]
):
    learnt = _learnt(pair, "layer", 1)
    torch.testing.assert_close(learnt, alone["layer"], rtol=0, atol=1e-9)
    layer = LTC(3, AutoNCP(10, 2), nonnegative="projection")
    bounded = {k: p.lowest for k, p in layer.named_parameters() if isinstance(p, NonNegativeParameter)}
    assert len(bounded) == 4
    assert all((learnt[k] >= lowest).all() for k, lowest in bounded.items())
    assert sum(int((learnt[k] == lowest).sum()) for k, lowest in bounded.items()) > 0  # some were pushed below


def test_the_first_process_reports_and_each_knows_its_place(pair: Path):
    first, second = _told(pair, 0), _told(pair, 1)
    assert (first["group"], second["group"]) == ([0, 2, True, True], [1, 2, False, True])
    assert first["total"] == second["total"] == 2.0
    assert (first["shares"], second["shares"]) == ([[], [0], [0, 2, 4]], [[], [], [1, 3]])
    assert first["heard"]
    assert not second["heard"]


def test_a_group_is_left_by_who_entered_it(pair: Path):
    assert _told(pair, 0)["left"] == _told(pair, 1)["left"] == [False, True, True]


def test_one_process_that_cancels_stops_both_at_the_same_batch(pair: Path):
    assert _told(pair, 0)["cancelled"] == _told(pair, 1)["cancelled"] == [True, 5]


def test_a_failure_in_one_process_stops_the_other(pair: Path):
    assert _told(pair, 0)["failed"] == ["InterruptError", ""]
    assert _told(pair, 1)["failed"][0] == "TrainingError"
    assert "another process" in _told(pair, 1)["failed"][1]


def test_an_interrupted_training_of_two_processes_resumes_to_the_same_bits(pair: Path):
    resumed, whole = _learnt(pair, "resumed", 0), _learnt(pair, "cohort", 0)
    assert all(torch.equal(resumed[k], whole[k]) for k in whole)
    heard = _told(pair, 0)["heard"]
    assert heard == [[member, epoch] for member in (0, 1) for epoch in (1, 2, 3, 4)]
    assert _told(pair, 0)["best"][3] == 4  # so the weights compared are those after the last interruption


def test_both_may_save_and_there_is_one_whole_model(pair: Path):
    assert _told(pair, 0)["path"] == _told(pair, 1)["path"] == "model.json"
    files = sorted(p.suffix for p in (pair / "kept").iterdir())
    assert files == [".json", ".safetensors"]  # and the spent checkpoint is gone
    loaded, learnt = _tensors(LiquidForecaster.load(pair / "kept", "model")), _learnt(pair, "resumed", 1)
    assert all(torch.equal(loaded[k], learnt[k]) for k in learnt)


def test_processes_with_other_patients_are_refused_in_each(pair: Path):
    assert "other data" in _told(pair, 0)["refused"]
    assert _told(pair, 0)["refused"] == _told(pair, 1)["refused"]


def test_a_process_on_its_own_is_the_main_one_and_shares_with_nobody(monkeypatch: pytest.MonkeyPatch):
    for name in ("RANK", "WORLD_SIZE"):
        monkeypatch.setenv(name, "2")  # a cluster's leftovers, without a place to meet
    assert distributed.is_main()
    with distributed.joined(torch.device("cpu")) as group:
        assert group == distributed.ALONE
        assert not torch.distributed.is_initialized()
        group.check_same("anything")
        assert group.share([1, 2, 3]) == [1, 2, 3]
        assert (group.total(0.1), group.any(True), group.any(False)) == (0.1, True, False)


@pytest.mark.parametrize(
    ("where", "local_rank", "others", "backend"),
    [
        ("cuda:1", 1, "yes", "nccl"),
        ("cuda:0", 1, "yes", "gloo"),  # both processes on the first of two cards
        ("cuda:1", 1, "no", "gloo"),  # the other process says it shares
        ("cuda", 1, "yes", "gloo"),
        ("cpu", 1, "yes", "gloo"),
    ],
)
def test_nccl_carries_only_where_every_process_has_the_gpu_of_its_local_rank(
    where: str, local_rank: int, others: str, backend: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("LOCAL_RANK", str(local_rank))
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.distributed, "is_nccl_available", lambda: True)
    store = torch.distributed.HashStore()  # type: ignore[attr-defined]
    store.set("apart0", others)
    assert distributed._backend(torch.device(where), store, rank=1, size=2) == backend
    assert store.get("apart1") == (b"yes" if (where, local_rank) == ("cuda:1", 1) else b"no")


def test_gradient_norms_are_told_before_clipping(monkeypatch: pytest.MonkeyPatch):
    norms: list[float] = []
    clip: Callable[..., Tensor] = torch.nn.utils.clip_grad_norm_

    def heard_clip(parameters: Any, limit: float) -> Tensor:
        parameters = list(parameters)
        squares = sum(p.grad.double().square().sum() for p in parameters if p.grad is not None)
        norms.append(float(squares) ** 0.5)
        return clip(parameters, limit)

    monkeypatch.setattr(torch.nn.utils, "clip_grad_norm_", heard_clip)
    heard: list[TrainingProgress] = []
    _fit(cohort(40), {**QUICK, "epochs": 1, "batch_size": 20, "squared": 20.0}, progress=heard.append)
    assert len(norms) == 2  # batches
    assert heard[0].gradient_norm == pytest.approx(np.mean(norms), rel=1e-5)
    assert heard[0].largest_gradient_norm == pytest.approx(max(norms), rel=1e-5)
    assert heard[0].largest_gradient_norm > 1.0  # where the training clips


def test_a_gradient_that_is_not_finite_is_a_divergence(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(torch.nn.utils, "clip_grad_norm_", lambda *_: torch.tensor(float("inf")))
    with pytest.raises(TrainingError, match="diverged at epoch 1"):
        _fit(cohort(12), QUICK)


def test_kernels_for_few_and_many_sequences_are_compiled_before_the_first_batch(monkeypatch: pytest.MonkeyPatch):
    order: list[tuple[str, int]] = []
    original: dict[str, Callable[..., Any]] = {"prepare": kernels.prepare, "run": kernels.run}
    for name in ("prepare", "run"):

        def noted(cell: Any, backend: str, x: Tensor, *rest: Any, name: str = name, **more: Any) -> Any:
            order.append((name, len(x)))
            return original[name](cell, backend, x, *rest, **more)

        monkeypatch.setattr(kernels, name, noted)
    parts = fitting.split(cohort(12), None, 0, (0.2, 0.0))
    chosen = LiquidForecaster(**QUICK).get_params()
    ready = fitting.prepare(parts, chosen)
    network = fitting.build(ready.encoder, ready.plan, ready.grid, chosen, 0)
    settings = training.Settings(1, 1, 1e-2, 0.0, 64, 1.0, 0.3, 1.0, 0)
    training.train_member(network, *ready.parts(parts, 0), settings, device=torch.device("cpu"), finished=[])
    begun = [name for name, _ in order].index("run")
    prepared, ran = ([rows for name, rows in order if name == wanted] for wanted in ("prepare", "run"))
    assert [name for name, _ in order[:begun]] == ["prepare"] * len(prepared)
    assert min(prepared) <= min(ran)
    assert max(prepared) >= max(ran)


if __name__ == "__main__":
    _together(Path(sys.argv[1]))
