"""Randomised and boosted trees as plain arrays: grown by scikit-learn, kept without a pickle, walked by compiled code.

Source: Geurts, Ernst and Wehenkel, *Extremely randomized trees*, Machine Learning 2006; Friedman, *Greedy function
approximation*, Annals of Statistics 2001.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from models.errors import ArtifactError
from models.forecast import Array
from models.kernels.numba_cache import compiled
from models.rows import some

TREES = 80
_MORE_TREES, _FEW_ROWS = 200, 1_000  # of outputs with trees of their own, where so few rows make them quick to grow
_LEAF = 5  # rows in a leaf at least
_BOOSTINGS, _RATE = 4, 0.05  # of a chance; how much of each boosted tree is added
_WIDE = 200  # features; of so many a chance is told better by boosting that bins them, and sooner
_BINNED: dict[str, Any] = {"max_iter": 150, "l2_regularization": 5.0, "early_stopping": False}
_OF_ODDS: dict[str, Any] = {**_BINNED, "learning_rate": _RATE, "max_leaf_nodes": 8, "max_features": 0.1}
_OF_NUMBERS: dict[str, Any] = {**_BINNED, "learning_rate": 0.06, "max_leaf_nodes": 12, "max_features": 0.3}
_GROWTH = {"n_estimators": 150, "max_depth": None, "min_samples_leaf": 20}
_SHARE = 0.4  # of the features looked at for a split
_MOST_ROWS = 12_000  # learnt from; more cost time and teach little
_MOST_FEATURES = 80  # looked at for a split
_MOST_CELLS = 1_500_000  # rows times features; where very many outputs share trees, each sees so much of a table
_APART = 4_000  # rows times outputs; up to here each output has its own trees, beyond it they share them: quicker
_APART_OUTPUTS = 12  # and so do more outputs than these
_ROOMY, _ROOMY_OUTPUTS = 10_000, 20  # rows; from here on boosted trees tell more, one sum an output; of more, for time
_TOLD = 2_000  # rows in which such an output is known at least


@dataclass(frozen=True)
class Forest:
    """Sums of trees, one sum an output.

    feature (nodes,): -1 at a leaf; threshold (nodes,): <= goes left; left, right (nodes,): nodes; root (trees,);
    output (trees,): which output a tree speaks for, -1: all of them; value (nodes, 1 or outputs): what a leaf
    adds; outright (outputs,): which tell a number itself, the others what the mixed model misses of it; outputs,
    features: what comes out, and the width of the rows read
    """

    feature: NDArray[np.int32]
    threshold: Array
    left: NDArray[np.int32]
    right: NDArray[np.int32]
    root: NDArray[np.int32]
    output: NDArray[np.int32]
    value: NDArray[np.float32]
    outright: NDArray[np.bool_]
    outputs: int
    features: int

    def __call__(self, rows: NDArray[np.float32]) -> Array:
        """rows (k, features) -> (k, outputs)."""
        if rows.shape[1] != self.features:
            raise ValueError(f"rows have {rows.shape[1]} features, the trees read {self.features}")
        out = np.zeros((len(rows), self.outputs))
        rows = np.ascontiguousarray(rows, dtype=np.float32)
        _walk(rows, self.feature, self.threshold, self.left, self.right, self.root, self.output, self.value, out)
        return out

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        return {**{k: getattr(self, k) for k in _KINDS}, _OUTRIGHT: self.outright}

    @classmethod
    def from_arrays(cls, arrays: dict[str, NDArray[Any]], outputs: int, features: int) -> Forest:
        """Raises ArtifactError where they are no trees, or not of that size."""
        arrays = {_OUTRIGHT: np.zeros(outputs, dtype=np.bool_), **arrays}  # older forests had none
        outright = arrays.pop(_OUTRIGHT)
        if {k: v.dtype for k, v in arrays.items()} != _KINDS or (outright.dtype, outright.shape) != (bool, (outputs,)):
            raise ArtifactError("the weights do not hold the trees of the card")
        found: dict[str, Any] = {k: np.ascontiguousarray(arrays[k]) for k in _KINDS}
        nodes, trees = len(found["feature"]), len(found["root"])
        shapes = {"value": (nodes, outputs if (found["output"] < 0).any() else 1), "root": (trees,), "output": (trees,)}
        inner = found["feature"] >= 0
        here = np.flatnonzero(inner)
        if not (
            all(found[k].shape == shapes.get(k, (nodes,)) for k in _KINDS)
            and all(np.isfinite(found[k]).all() for k in ("value", "threshold"))
            and _inside(found["feature"], -1, features)
            and _inside(found["root"], 0, nodes)
            and _inside(found["output"], -1, outputs)
            # children come after their parents, so that a walk always ends
            and all(_inside(found[k][inner] - here, 1, nodes) for k in ("left", "right"))
            and all(_inside(found[k][inner], 0, nodes) for k in ("left", "right"))
        ):
            raise ArtifactError("the trees of the weights are damaged")
        return cls(**found, outright=outright, outputs=outputs, features=features)


_OUTRIGHT = "outright"
_KINDS: dict[str, type] = {
    "feature": np.int32,
    "threshold": np.float64,
    "left": np.int32,
    "right": np.int32,
    "root": np.int32,
    "output": np.int32,
    "value": np.float32,
}


def _inside(values: NDArray[Any], lowest: int, end: int) -> bool:
    return not len(values) or bool(values.min() >= lowest and values.max() < end)


def roomy(known: NDArray[np.bool_], odds: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Of several numbers with very many rows those that are known often: (outputs,); to be boosted each by itself.

    known (k, outputs); odds (outputs,): which are no numbers
    """
    numbers = ~odds
    many = 1 < numbers.sum() <= _ROOMY_OUTPUTS and int(known[:, numbers].any(1).sum()) >= _ROOMY
    return numbers & (known.sum(0) >= _TOLD) if many else np.zeros_like(numbers)


def fit_forest(
    rows: NDArray[np.float32],
    target: Array,
    known: NDArray[np.bool_],
    seed: int,
    odds: NDArray[np.bool_] | None = None,
    guess: Array | None = None,
    boosted: Mapping[int, NDArray[np.int64]] | None = None,
) -> Forest:
    """Trees for every column of ``target`` (k, outputs). rows (k, features).

    odds (outputs,): those whose target is 0 or 1 and whose log odds are wanted: boosted trees, each by itself.
    The others have trees of their own where they and the rows are few; else they share theirs, and what is not known
    counts as ``guess`` (k, outputs), None: 0. boosted: by output that is to have boosted trees of its own the features
    they read; of these ``target`` is the number itself, see ``Forest.outright``. Of many rows only a random part is
    learnt from, by each shared tree another where outputs are very many.
    """
    from sklearn.ensemble import ExtraTreesRegressor

    outputs = target.shape[1]
    settings: dict[str, Any] = {
        "n_estimators": TREES,
        "min_samples_leaf": _LEAF,
        "max_features": min(_SHARE, _MOST_FEATURES / rows.shape[1]),
        "n_jobs": torch.get_num_threads(),  # each tree has a seed of its own: the same however many grow at a time
    }
    parts: list[dict[str, NDArray[Any]]] = []
    chances = [] if odds is None else np.flatnonzero(odds).tolist()
    apart = {} if boosted is None else boosted
    outright = np.zeros(outputs, dtype=bool)
    for v, columns in apart.items():
        here = some(known[:, v], _MOST_ROWS, [seed, 3])
        if len(here) >= 4 * _LEAF:
            parts += _boosted(rows[here], target[here, v], v, columns, seed)
            outright[v] = True
    numbers = [v for v in range(outputs) if v not in chances and v not in apart]
    size = int(known[:, numbers].any(1).sum()) * len(numbers)
    together = len(numbers) > 1 and (size > _APART or len(numbers) > _APART_OUTPUTS)
    filled = np.where(known, target, 0.0 if guess is None else guess)
    for columns in [numbers] if together else [[v] for v in numbers]:
        here = some(np.asarray(known[:, columns].any(1)), _MOST_ROWS, [seed, 3])
        if len(here) < 4 * _LEAF:
            continue
        y, wanted = filled[here][:, columns], dict(settings)
        share = _MOST_CELLS / (len(here) * rows.shape[1])
        if share < 1 and len(columns) > _ROOMY_OUTPUTS:
            wanted |= {"bootstrap": True, "max_samples": share}
        if not together and len(here) <= _FEW_ROWS:
            wanted["n_estimators"] = _MORE_TREES
        grown = ExtraTreesRegressor(**wanted, random_state=seed).fit(rows[here], y if together else y[:, 0])
        parts += [_nodes(tree.tree_, columns, 1.0 / len(grown.estimators_)) for tree in grown.estimators_]
    for column in chances:
        here = some(known[:, column], _MOST_ROWS, [seed, 3])
        parts += _boosted_odds(rows[here], target[here, column], column, seed)
    return _joined(parts, outputs, rows.shape[1], outright)


def _boosted(
    rows: NDArray[np.float32], y: Array, output: int, columns: NDArray[np.int64], seed: int
) -> list[dict[str, NDArray[Any]]]:
    """Trees whose sum is the number."""
    from sklearn.ensemble import HistGradientBoostingRegressor

    model = HistGradientBoostingRegressor(**_OF_NUMBERS, random_state=seed).fit(rows[:, columns], y)
    return _unpacked(model, columns, output, 1.0)


def _binned_odds(rows: NDArray[np.float32], y: Array, output: int, seed: int) -> list[dict[str, NDArray[Any]]]:
    """Trees whose sum is the log odds, the mean of several boostings."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    parts, every = [], np.arange(rows.shape[1])
    for number in range(_BOOSTINGS):
        model = HistGradientBoostingClassifier(**_OF_ODDS, random_state=seed + number)
        parts += _unpacked(model.fit(rows, y), every, output, 1.0 / _BOOSTINGS)
    return parts


def _unpacked(model: Any, columns: NDArray[np.int64], output: int, share: float) -> list[dict[str, NDArray[Any]]]:
    """The trees of scikit-learn's histogram boosting, the first a leaf alone, what it says before any.

    It shows them nowhere else; tests hold them against its own forecasts.
    """
    trees = [tree.nodes for (tree,) in model._predictors]
    first = _leaf(share * float(model._baseline_prediction.item()), output)
    return [first, *(_flat(t, columns, output, share) for t in trees)]


def _flat(nodes: Any, columns: NDArray[np.int64], output: int, share: float) -> dict[str, NDArray[Any]]:
    """nodes: scikit-learn's table of one tree."""
    leaf = nodes["is_leaf"].astype(bool)
    return {
        "feature": np.where(leaf, -1, columns[np.where(leaf, 0, nodes["feature_idx"])]),
        "threshold": np.where(leaf, 0.0, nodes["num_threshold"]),
        "left": np.where(leaf, 0, nodes["left"]),
        "right": np.where(leaf, 0, nodes["right"]),
        "value": np.where(leaf, nodes["value"] * share, 0.0)[:, None],
        "speaks": np.array([output]),
    }


def _boosted_odds(rows: NDArray[np.float32], y: Array, output: int, seed: int) -> list[dict[str, NDArray[Any]]]:
    """Trees whose sum is the log odds, the first a leaf alone, the share of 1. The mean of several boostings."""
    from sklearn.ensemble import GradientBoostingClassifier

    rate = float((y.sum() + 0.5) / (len(y) + 1.0))
    parts = [_leaf(np.log(rate / (1 - rate)), output)]
    if min(y.sum(), len(y) - y.sum()) < 4 * _LEAF:
        return parts
    if rows.shape[1] >= _WIDE:
        return _binned_odds(rows, y, output, seed)
    share = max(0.05, min(1.0, 4.0 / rows.shape[1]))
    for number in range(_BOOSTINGS):
        settings = {"max_leaf_nodes": 8, "subsample": 0.5, "max_features": share, "random_state": seed + number}
        grown = GradientBoostingClassifier(learning_rate=_RATE, **_GROWTH, **settings).fit(rows, y)
        parts += [_nodes(tree.tree_, [output], _RATE / _BOOSTINGS) for tree in grown.estimators_[:, 0]]
    return parts


def _leaf(value: float, output: int) -> dict[str, NDArray[Any]]:
    """A tree that always says the same."""
    none = np.zeros(1)
    alone = {"feature": np.array([-1]), "threshold": none, "left": none, "right": none}
    return {**alone, "value": np.full((1, 1), value), "speaks": np.array([output])}


def _nodes(tree: Any, speaks: Sequence[int], share: float) -> dict[str, NDArray[Any]]:
    """speaks: the outputs that its values are of."""
    leaf = tree.children_left < 0
    return {
        "feature": np.where(leaf, -1, tree.feature),
        "threshold": np.where(leaf, 0.0, tree.threshold),
        "left": np.where(leaf, 0, tree.children_left),
        "right": np.where(leaf, 0, tree.children_right),
        "value": np.where(leaf[:, None], tree.value[:, :, 0], 0.0) * share,
        "speaks": np.array(speaks),
    }


def _joined(
    parts: Sequence[dict[str, NDArray[Any]]], outputs: int, features: int, outright: NDArray[np.bool_]
) -> Forest:
    root = np.cumsum([0, *(len(p["feature"]) for p in parts)])
    shared = any(len(p["speaks"]) > 1 for p in parts)
    found: dict[str, list[NDArray[Any]]] = {k: [np.zeros(0)] for k in _KINDS if k not in ("value", "root")}
    found["value"] = [np.zeros((0, outputs if shared else 1))]
    for part, start in zip(parts, root, strict=False):
        inner = part["feature"] >= 0
        found["feature"].append(part["feature"])
        found["threshold"].append(part["threshold"])
        found["left"].append(np.where(inner, part["left"] + start, 0))
        found["right"].append(np.where(inner, part["right"] + start, 0))
        value = part["value"]
        if shared:  # of the outputs it does not speak for it says nothing
            value = np.zeros((len(inner), outputs))
            value[:, part["speaks"]] = part["value"]
        found["value"].append(value)
        found["output"].append(np.full(1, -1) if shared else part["speaks"])
    arrays: dict[str, Any] = {k: np.concatenate(v).astype(_KINDS[k]) for k, v in found.items()}
    return Forest(**arrays, root=root[:-1].astype(np.int32), outright=outright, outputs=outputs, features=features)


@compiled
def _walk(rows, feature, threshold, left, right, root, output, value, out):
    for k in range(rows.shape[0]):
        for t in range(root.shape[0]):
            node = root[t]
            while feature[node] >= 0:
                node = left[node] if rows[k, feature[node]] <= threshold[node] else right[node]
            if output[t] >= 0:
                out[k, output[t]] += value[node, 0]
            else:
                for v in range(out.shape[1]):
                    out[k, v] += value[node, v]
