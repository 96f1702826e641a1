"""Layers of ncps carry over: held against ncps itself, on irregular sequences that it can only run one at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from models.cells.cfc import CfCCell
from models.cells.mixed_memory import MixedMemoryCell
from models.cells.wired_cfc import WiredCfCCell
from models.errors import ModelError
from models.layers import LTC, CfC
from models.migrate import from_ncps
from models.wiring import from_config

theirs = pytest.importorskip("ncps.torch")
wirings = pytest.importorskip("ncps.wirings")

INPUTS = 5
MODES = ("default", "no_gate", "pure")
WIRINGS: dict[str, Callable[[], Any]] = {
    "auto": lambda: wirings.AutoNCP(12, 3, 0.5, seed=3),
    "ncp": lambda: wirings.NCP(6, 5, 3, 3, 3, 4, 3, seed=1),
    "full": lambda: wirings.FullyConnected(6),
    "random": lambda: wirings.Random(9, None, 0.4),
}


def _batch(units: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """x, dt, h, c: three irregular sequences, the states in ncps's order."""
    generator = torch.Generator().manual_seed(5)

    def normal(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=generator, dtype=torch.float64)

    dt = torch.rand(3, 6, generator=generator, dtype=torch.float64) * 2 + 0.05
    return normal(3, 6, INPUTS), dt, normal(3, units) * 0.3, normal(3, units) * 0.3


def _published(model: Any, x: Tensor, dt: Tensor, h: Tensor, c: Tensor | None) -> tuple[Tensor, Tensor]:
    """Output and final state [h, c], sample by sample."""
    outputs, states = [], []
    with torch.no_grad():
        for b in range(len(x)):
            one = slice(b, b + 1)
            output, state = model(x[one], h[one] if c is None else (h[one], c[one]), dt[one])
            outputs.append(output)
            states.append(state if c is None else torch.cat(state, -1))
    return torch.cat(outputs), torch.cat(states)


def _agree(model: Any, layer: LTC | CfC, order: Tensor, mixed: bool, atol: float = 1e-6) -> None:
    """order: (units,) which of their neurons each of ours is."""
    x, dt, h, c = (t.to(next(layer.parameters()).dtype) for t in _batch(len(order)))
    output, state = _published(model.eval(), x, dt, h, c if mixed else None)
    both = torch.cat([order, order + len(order)]) if mixed else order
    start = torch.cat([h, c], -1)[:, both]
    result = layer.eval()(x, dt, start)
    torch.testing.assert_close(result.output, output, atol=atol, rtol=0)
    torch.testing.assert_close(result.state, state[:, both], atol=atol, rtol=0)
    assert output.std() > 0.01


def _model(kind: str, wiring: Any, seed: int = 0, **options: Any) -> Any:
    """A layer of ncps away from its initial values, in float64."""
    torch.manual_seed(seed)
    model = getattr(theirs, kind)(INPUTS, wiring, **options)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "mask" not in name:
                parameter.add_(torch.randn_like(parameter) * 0.05)
    if kind == "LTC" and not options.get("implicit_param_constraints", True):
        model.rnn_cell.apply_weight_constraints()
    return model.double()


@pytest.mark.parametrize("mixed", [False, True], ids=["plain", "mixed"])
@pytest.mark.parametrize("implicit", [False, True])
@pytest.mark.parametrize("wiring", WIRINGS)
def test_an_ltc_computes_what_it_did_in_ncps(wiring: str, implicit: bool, mixed: bool):
    model = _model("LTC", WIRINGS[wiring](), mixed_memory=mixed, implicit_param_constraints=implicit)
    layer = from_ncps(model.state_dict(), implicit_param_constraints=implicit)
    assert isinstance(layer, LTC)
    assert isinstance(layer.cell, MixedMemoryCell) == mixed
    assert (layer.liquid.solver.name, layer.liquid.unfolds) == ("fused", 6)
    _agree(model, layer, torch.arange(model.state_size), mixed)


@pytest.mark.parametrize("mixed", [False, True], ids=["plain", "mixed"])
@pytest.mark.parametrize("backbone", [0, 1, 3])
@pytest.mark.parametrize("mode", MODES)
def test_a_cfc_computes_what_it_did_in_ncps(mode: Any, backbone: int, mixed: bool):
    model = _model("CfC", 7, mode=mode, backbone_layers=backbone, backbone_units=9, mixed_memory=mixed)
    layer = from_ncps(model.state_dict(), mode=mode)
    assert isinstance(layer, CfC)
    assert isinstance(layer.liquid, CfCCell)
    _agree(model, layer, torch.arange(7), mixed)


@pytest.mark.parametrize("mixed", [False, True], ids=["plain", "mixed"])
@pytest.mark.parametrize("wiring", WIRINGS)
@pytest.mark.parametrize("mode", MODES)
def test_a_wired_cfc_computes_what_it_did_in_ncps(mode: Any, wiring: str, mixed: bool):
    model = _model("CfC", WIRINGS[wiring](), mode=mode, mixed_memory=mixed)
    layer = from_ncps(model.state_dict(), mode=mode)
    assert isinstance(layer.liquid, WiredCfCCell)
    _agree(model, layer, layer.liquid.place, mixed)


@pytest.mark.parametrize("wiring", ["units", "auto"])
def test_a_projection_becomes_the_read_out(wiring: str):
    model = _model("CfC", 7 if wiring == "units" else WIRINGS[wiring](), proj_size=2)
    layer = from_ncps(model.state_dict())
    cell = layer.liquid
    assert layer.output_size == 2
    _agree(model, layer, cell.place if isinstance(cell, WiredCfCCell) else torch.arange(7), False)


def test_what_a_state_dict_does_not_say_can_be_said():
    model = _model("LTC", WIRINGS["auto"](), ode_unfolds=3, input_mapping=None, output_mapping=None)
    layer = from_ncps(model.state_dict(), unfolds=3, outputs=3)
    _agree(model, layer, torch.arange(12), False)
    model = _model("CfC", 7, activation="silu", backbone_units=9, backbone_layers=3, backbone_dropout=0.2)
    _agree(model, from_ncps(model.state_dict(), activation="silu"), torch.arange(7), False)


def test_gradients_agree_too():
    model = _model("LTC", WIRINGS["auto"]())
    layer = from_ncps(model.state_dict())
    assert isinstance(layer, LTC)
    x, dt, h, _ = _batch(12)
    model(x[:1], h[:1], dt[:1])[0].square().sum().backward()
    layer(x[:1], dt[:1], h[:1]).output.square().sum().backward()
    cell, published = layer.liquid, model.rnn_cell
    for name in ("gleak", "vleak", "cm", "input_w", "input_b", "output_w", "output_b"):
        torch.testing.assert_close(getattr(cell, name).grad, getattr(published, name).grad)
    for prefix, group in (("", cell.recurrent), ("sensory_", cell.sensory)):
        for name in ("sigma", "mu", "w", "erev"):
            grad = getattr(published, prefix + name).grad
            torch.testing.assert_close(getattr(group, name).grad, grad[group.source, group.target])


@pytest.mark.parametrize(("kind", "wiring"), [("LTC", "ncp"), ("CfC", "ncp")])
def test_the_wiring_is_read_from_the_masks(kind: str, wiring: str):
    published = WIRINGS[wiring]()
    layer = from_ncps(_model(kind, published).state_dict())
    assert layer.wiring is not None
    assert from_config(layer.wiring.config()) == layer.wiring
    circuit = layer.wiring.circuit(INPUTS)
    assert [n.kind for n in circuit.neurons] == [published.get_type_of_neuron(i) for i in range(14)]
    assert [len(neurons) for neurons in circuit.layers] == [6, 5, 3]
    if kind == "LTC":
        np.testing.assert_array_equal(circuit.adjacency, published.adjacency_matrix)
        np.testing.assert_array_equal(circuit.sensory, published.sensory_adjacency_matrix)
        assert circuit.layers == tuple(tuple(published.get_neurons_of_layer(number)) for number in range(3))
    else:  # the polarity is lost, and within a layer ncps knows no synapses
        onward = np.ones((14, 14), bool)
        for first, last in ((0, 3), (3, 8), (8, 14)):
            onward[first:last, first:last] = False
            assert circuit.adjacency[first:last, first:last].all()
        np.testing.assert_array_equal(circuit.adjacency[onward], np.abs(published.adjacency_matrix)[onward])
        np.testing.assert_array_equal(circuit.sensory, np.abs(published.sensory_adjacency_matrix))


def test_the_type_of_the_numbers_stays_unless_another_is_asked_for():
    model = _model("LTC", WIRINGS["auto"]()).float()
    layer = from_ncps(model.state_dict())
    assert {p.dtype for p in layer.parameters()} == {torch.float32}
    _agree(model, layer, torch.arange(12), False, atol=1e-5)
    wide = from_ncps(model.state_dict(), dtype=torch.float64)
    assert {p.dtype for p in wide.parameters()} == {torch.float64}
    _agree(model.double(), wide, torch.arange(12), False)


def test_a_migrated_layer_learns_on_without_touching_the_state_dict():
    model = _model("LTC", WIRINGS["auto"](), implicit_param_constraints=False)
    given = model.state_dict()
    before = {key: value.clone() for key, value in given.items()}
    layer = from_ncps(given, implicit_param_constraints=False)
    x, dt, _, _ = _batch(12)
    optimizer = torch.optim.SGD(layer.parameters(), lr=10.0)
    layer(x, dt).output.sum().backward()
    optimizer.step()
    assert isinstance(layer, LTC)
    assert (layer.liquid.recurrent.w >= 0).all()
    assert (layer.liquid.cm > 0).all()
    assert all(torch.equal(given[key], value) for key, value in before.items())


def _changed(kind: str, wiring: Any, change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    state = dict(_model(kind, wiring, mixed_memory=True).state_dict())
    change(state)
    return state


def _put(key: str, value: Any) -> Callable[[dict[str, Any]], object]:
    return lambda state: state.update({f"rnn_cell.{key}": value})


def _drop(key: str) -> Callable[[dict[str, Any]], object]:
    return lambda state: state.pop(key)


@pytest.mark.parametrize(
    ("kind", "wiring", "change", "words"),
    [
        ("LTC", "auto", _put("legs", torch.zeros(6).double()), "unknown entries: rnn_cell.legs"),
        ("LTC", "auto", _put("w", torch.zeros(12, 11).double()), r"rnn_cell.w is \(12, 11\), expected \(12, 12\)"),
        ("LTC", "auto", _put("cm", torch.zeros(3).double()), r"rnn_cell.cm is \(3,\), expected \(12,\)"),
        ("LTC", "auto", _put("mu", torch.full((12, 12), torch.nan).double()), "rnn_cell.mu holds NaN"),
        ("LTC", "auto", _put("cm", torch.ones(12)), "rnn_cell.cm is torch.float32, the entries before it torch.flo"),
        ("LTC", "auto", _put("cm", torch.ones(12, dtype=torch.int64)), "rnn_cell.cm is torch.int64, expected real"),
        ("LTC", "auto", _put("cm", [0.5] * 12), "rnn_cell.cm is list"),
        ("LTC", "auto", _put("sparsity_mask", torch.full((12, 12), 0.5).double()), "sparsity_mask holds other"),
        ("LTC", "auto", _drop("rnn_cell.output_w"), "pass outputs="),
        ("LTC", "auto", _drop("rnn_cell.input_w"), "rnn_cell.input_w is missing beside rnn_cell.input_b"),
        ("LTC", "auto", _put("output_w", torch.ones(13).double()), "12 units cannot have 13 outputs"),
        ("LTC", "auto", _drop("rnn_cell.sensory_mu"), "rnn_cell.sensory_mu is missing"),
        ("LTC", "auto", _drop("rnn_cell.sensory_sparsity_mask"), "rnn_cell.sensory_sparsity_mask is missing"),
        ("LTC", "auto", _drop("lstm.recurrent_map.weight"), "lstm.recurrent_map.weight is missing"),
        ("LTC", "auto", _drop("lstm.input_map.weight"), "unknown entries: lstm.input_map.bias, lstm.recurrent_map"),
        ("CfC", 4, _put("ff2.weight", torch.zeros(4, 3).double()), r"rnn_cell.ff2.weight is \(4, 3\)"),
        ("CfC", 4, _put("backbone.0.weight", torch.zeros(8, 4).double()), "has 4 columns, expected more than 4"),
        ("CfC", 4, _drop("rnn_cell.time_b.bias"), "rnn_cell.time_b.bias is missing"),
        ("CfC", 4, _drop("rnn_cell.ff1.weight"), "no LTC or CfC of ncps"),
        ("CfC", "auto", _drop("rnn_cell.layer_1.ff1.weight"), "rnn_cell.layer_1.ff1.weight is missing"),
        ("CfC", "auto", _put("layer_7.A", torch.zeros(1, 2).double()), r"layers are \[0, 1, 2, 7\]"),
        ("CfC", "auto", _put("layer_0.sparsity_mask", torch.zeros(6, 11).double()), "leaves out synapses within"),
        ("CfC", "auto", lambda state: state.clear(), "got nothing"),
    ],
)
def test_a_wrong_state_dict_is_refused_with_the_key(kind: str, wiring: Any, change: Any, words: str):
    state = _changed(kind, WIRINGS[wiring]() if isinstance(wiring, str) else wiring, change)
    with pytest.raises(ModelError, match=words):
        from_ncps(state)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"mode": "pure"}, "rnn_cell.w_tau is missing"),
        ({"mode": "gated"}, "unknown mode 'gated'"),
        ({"activation": "step"}, "unknown activation 'step'"),
        ({"dtype": torch.int32}, "dtype is torch.int32"),
    ],
)
def test_wrong_options_are_refused_with_the_reason(options: dict[str, Any], words: str):
    with pytest.raises(ModelError, match=words):
        from_ncps(_model("CfC", 4).state_dict(), **options)
    with pytest.raises(ModelError, match="3 entries, outputs says 2"):
        from_ncps(_model("LTC", WIRINGS["auto"]()).state_dict(), outputs=2)
