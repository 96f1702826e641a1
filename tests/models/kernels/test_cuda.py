"""The GPU kernels: right in Triton's interpreter, and on a GPU where there is one; compilable; refused in words."""

from __future__ import annotations

import logging
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from models.cells.ltc import LTCCell
from models.errors import ModelError
from models.kernels import cuda, triton_rows
from models.wiring import AutoNCP, FullyConnected

CHECKS = Path(__file__).with_name("cuda_checks.py")
ROOT = Path(__file__).resolve().parents[3]
INTERPRETING = cuda.interpreting()


def _check(interpret: bool) -> None:
    environment = {k: v for k, v in os.environ.items() if k != "TRITON_INTERPRET" and not k.startswith("PYTEST")}
    environment |= {"TRITON_INTERPRET": "1", "OMP_NUM_THREADS": "1"} if interpret else {}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:randomly", str(CHECKS)],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]


def _cell(**options: Any) -> LTCCell:
    return LTCCell(AutoNCP(8, 2).circuit(3), **options)


def test_path_and_gradients_are_the_reference_s_in_triton_s_interpreter():
    pytest.importorskip("triton", reason="Triton is not installed")
    _check(interpret=True)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU at hand")
def test_path_and_gradients_are_the_reference_s_on_the_gpu():
    pytest.importorskip("triton", reason="Triton is not installed")
    _check(interpret=False)


@pytest.mark.skipif(INTERPRETING, reason="Triton interprets in this process")
def test_the_kernels_compile_for_a_gpu_that_is_not_here_and_use_no_atomics():
    triton = pytest.importorskip("triton", reason="Triton is not installed")
    from triton.backends import backends
    from triton.backends.compiler import GPUTarget

    if "nvidia" not in backends:
        pytest.skip("this Triton has no compiler for CUDA")
    from models.kernels import triton_drive, triton_ltc

    layout = triton_rows.layout(AutoNCP(64, 8).circuit(16), torch.device("cpu"))
    recipe = triton_ltc.Recipe("exponential", 6, layout, differentiable=True)
    for kernel, constants in (
        (triton_ltc.forward, triton_ltc.constants(recipe, layout.hears, torch.float32)),
        (triton_ltc.backward, triton_ltc.constants(recipe, layout.tells, torch.float32)),
        (triton_drive.forward, triton_drive.tile(triton_drive.ROWS_FORWARD, 64)),
        (triton_drive.backward, triton_drive.tile(triton_drive.ROWS_BACKWARD, 16)),
    ):
        options = {k: constants.pop(k) for k in list(constants) if k not in kernel.arg_names}
        types = {p.name: _type(p) for p in kernel.params}
        aligned = {(p.num,): [["tt.divisibility", 16]] for p in kernel.params if types[p.name] == "*i32"}
        values = {(kernel.arg_names.index(k),): v for k, v in constants.items()}
        source = triton.compiler.ASTSource(kernel, types, values, aligned)
        compiled = triton.compile(source, target=GPUTarget("cuda", 80, 32), options=options)
        assert len(compiled.asm["cubin"]) > 0
        assert not re.search(r"\b(atom|red)\.", compiled.asm["ptx"])
        assert compiled.metadata.shared < 48 * 1024


def _type(parameter: Any) -> str:
    if parameter.is_constexpr:
        return "constexpr"
    if parameter.do_not_specialize:
        return "i32"
    names = {"synapse": "*i32", "far": "*i32", "near": "*i32", "owned": "*i32", "inside": "*u8", "seen": "*u8"}
    return names.get(parameter.name, "*fp32")


@pytest.mark.parametrize(
    ("cell", "dtype", "words"),
    [
        (_cell(solver="rk4"), torch.float32, "exponential_midpoint, not rk4"),
        (_cell(), torch.float16, "not torch.float16"),
        (_cell(), torch.float32, "wants CUDA tensors, not cpu"),
        (torch.nn.GRUCell(3, 8), torch.float32, "GRUCell has no GPU kernel"),
    ],
)
def test_what_it_cannot_run_is_refused_with_the_reason(
    cell: Any, dtype: torch.dtype, words: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.delenv("TRITON_INTERPRET", raising=False)
    monkeypatch.setattr(cuda, "find_spec", lambda name: name)
    assert words in (cuda.refusal(cell, torch.zeros(2, 3, 3, dtype=dtype)) or "")


def test_without_triton_it_says_so(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(cuda, "find_spec", lambda _name: None)
    assert cuda.refusal(_cell(), torch.zeros(2, 3, 3)) == "Triton is not installed"


def test_more_synapses_than_a_program_holds_are_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TRITON_INTERPRET", "1")
    monkeypatch.setattr(cuda, "find_spec", lambda name: name)
    x = torch.zeros(1, 1, 1)
    assert cuda.refusal(LTCCell(FullyConnected(128, 1).circuit(1)), x) is None
    assert "16641 synapses take 65536 places" in (cuda.refusal(LTCCell(FullyConnected(129, 1).circuit(1)), x) or "")


def test_a_kernel_that_does_not_compile_is_refused_from_then_on(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    """Here it cannot compile: the tensors are on the CPU and nobody interprets."""
    monkeypatch.delenv("TRITON_INTERPRET", raising=False)
    monkeypatch.setattr(cuda, "find_spec", lambda name: name)
    monkeypatch.setattr(cuda, "_failed", {})
    monkeypatch.setattr(cuda, "_compiling", {})
    cell, x = _cell(), torch.zeros(2, 3, 3)
    with caplog.at_level(logging.ERROR), pytest.raises(ModelError, match="does not compile here"):
        cuda.ready(cell, x, wait=True)
    assert not cuda.ready(cell, x, wait=False)
    monkeypatch.setenv("TRITON_INTERPRET", "1")
    assert "does not compile here" in (cuda.refusal(cell, x) or "")


def test_tables_hold_every_synapse_once_by_both_ends():
    circuit = AutoNCP(21, 4, 0.3).circuit(5)
    layout = triton_rows.layout(circuit, torch.device("cpu"))
    for rows, near_axis in ((layout.hears, 1), (layout.tells, 0)):
        ends = torch.tensor(circuit.adjacency).nonzero()
        synapse, far = rows.synapse.reshape(rows.rows, rows.width), rows.far.reshape(rows.rows, rows.width)
        row, place = (synapse >= 0).nonzero(as_tuple=True)
        number = synapse[row, place].long()
        assert sorted(number.tolist()) == list(range(circuit.synapses))
        assert torch.equal(rows.near[row].long(), ends[number, near_axis])
        assert torch.equal(far[row, place].long(), ends[number, 1 - near_axis])
        assert torch.equal(rows.owned[rows.near[row].long()].long(), row)
    assert layout is triton_rows.layout(circuit, torch.device("cpu"))
