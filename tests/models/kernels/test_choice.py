"""Which kernel runs: a broken one never stops a computation under "auto", and does where it is insisted on."""

from __future__ import annotations

import logging
import sys
from typing import Any

import pytest
import torch

from models import kernels
from models.errors import ModelError
from models.kernels import cpu
from models.layers import LTC
from models.ragged import held, kept
from models.wiring import AutoNCP

X = torch.zeros(2, 3, 4)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """The log of a process that has said nothing yet."""
    monkeypatch.setattr(kernels, "_told", set())
    caplog.set_level(logging.INFO, "models.kernels")
    return caplog


def _fail(*_: object, **__: object) -> Any:
    raise RuntimeError("no compiler here")


def test_a_kernel_that_does_not_compile_gives_way_to_the_reference_with_one_line(
    monkeypatch: pytest.MonkeyPatch, told: pytest.LogCaptureFixture
):
    monkeypatch.setattr(cpu, "ready", _fail)
    layer = LTC(4, AutoNCP(8, 2))
    assert kernels.prepare(layer.cell, "auto", X) == "reference"
    assert kernels.prepare(layer.cell, "auto", X) == "reference"
    assert layer(X).output.shape == (2, 3, 2)
    assert [record.getMessage() for record in told.records] == [
        "LTCCell runs on the reference: its cpu kernel failed, RuntimeError: no compiler here"
    ]


def test_after_prepare_said_reference_no_kernel_takes_over(monkeypatch: pytest.MonkeyPatch):
    layer = LTC(4, AutoNCP(8, 2))
    with monkeypatch.context() as patch:
        patch.setattr(cpu, "ready", _fail)
        assert kernels.prepare(layer.cell, "auto", X) == "reference"
    monkeypatch.setattr(cpu, "ready", lambda *_, **__: True)
    monkeypatch.setattr(cpu, "run", _fail)
    assert layer(X).output.shape == (2, 3, 2)
    with pytest.raises(RuntimeError, match="no compiler"):  # another cell asks for itself
        LTC(4, AutoNCP(8, 2))(X)


@pytest.mark.parametrize("broken", ["refusal", "ready"])
def test_a_call_survives_a_broken_kernel_too(broken: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(cpu, broken, _fail)
    layer = LTC(4, AutoNCP(8, 2))
    with torch.no_grad():
        expected = layer.cell.output(layer.cell.run(X, X[..., 0] + 1, torch.zeros(2, 8)).state)
        assert torch.equal(layer(X).output, expected)


def test_a_kernel_module_that_cannot_be_imported_gives_way_to_the_reference(
    monkeypatch: pytest.MonkeyPatch, told: pytest.LogCaptureFixture
):
    monkeypatch.setitem(sys.modules, "models.kernels.cpu", None)
    layer = LTC(4, AutoNCP(8, 2))
    assert layer(X).output.shape == (2, 3, 2)
    assert kernels.prepare(layer.cell, "auto", X) == "reference"
    assert len(told.records) == 1
    assert "cpu kernel failed" in told.records[0].getMessage()
    with pytest.raises(ModuleNotFoundError):
        LTC(4, AutoNCP(8, 2), backend="cpu")(X)


def test_a_kernel_that_is_insisted_on_says_why_it_cannot_run(monkeypatch: pytest.MonkeyPatch):
    layer = LTC(4, AutoNCP(8, 2), backend="cpu")
    with monkeypatch.context() as patch:
        patch.setattr(cpu, "ready", _fail)
        with pytest.raises(RuntimeError, match="no compiler"):
            layer(X)
    monkeypatch.setattr(cpu, "refusal", lambda *_: "it is Sunday")
    for call in (lambda: layer(X), lambda: kernels.prepare(layer.cell, "cpu", X)):
        with pytest.raises(ModelError, match="backend 'cpu': it is Sunday; use backend='auto'"):
            call()


def test_what_follows_the_end_is_made_on_the_device_of_the_values():
    """A device without numbers tells a tensor made elsewhere: mixing it in would raise."""
    values = torch.empty(2, 3, 4, device="meta")
    inside, lengths = torch.ones(2, 3, dtype=torch.bool, device="meta"), torch.ones(2, dtype=torch.long, device="meta")
    assert held(values, inside).device.type == "meta"
    assert kept(values, lengths).device.type == "meta"


def test_after_its_end_a_sequence_shows_its_last_value():
    values = torch.arange(9.0).view(3, 3, 1) + 1
    inside = torch.tensor([[1, 1, 0], [0, 0, 0], [1, 1, 1]]).bool()
    assert held(values, inside).squeeze(-1).tolist() == [[1, 2, 2], [0, 0, 0], [7, 8, 9]]
    assert kept(values, inside.sum(1)).squeeze(-1).tolist() == [[1, 2, 2], [4, 4, 4], [7, 8, 9]]
