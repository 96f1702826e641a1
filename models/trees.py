"""Randomised trees as plain arrays: grown by scikit-learn, kept without a pickle, walked by a compiled loop.

Source: Geurts, Ernst and Wehenkel, *Extremely randomized trees*, Machine Learning 2006.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.errors import ArtifactError
from models.forecast import Array
from models.kernels.numba_cache import compiled

TREES = 80
_LEAF = 5  # rows in a leaf at least
_SHARE = 0.4  # of the features looked at for a split
_MOST_ROWS = 12_000  # learnt from; more cost time and teach little
_MOST_FEATURES = 80  # looked at for a split
_APART = 20_000  # rows times outputs; up to here every output has trees of its own, beyond it they share them


@dataclass(frozen=True)
class Forest:
    """Averages of trees, one average an output.

    feature (nodes,): -1 at a leaf; threshold (nodes,): <= goes left; left, right (nodes,): nodes; root (trees,);
    output (trees,): which output a tree speaks for, -1: all of them; value (nodes, 1 or outputs): at a leaf, already
    divided by the number of trees; outputs, features: what comes out, and the width of the rows read
    """

    feature: NDArray[np.int32]
    threshold: Array
    left: NDArray[np.int32]
    right: NDArray[np.int32]
    root: NDArray[np.int32]
    output: NDArray[np.int32]
    value: NDArray[np.float32]
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
        return {k: getattr(self, k) for k in _KINDS}

    @classmethod
    def from_arrays(cls, arrays: dict[str, NDArray[Any]], outputs: int, features: int) -> Forest:
        """Raises ArtifactError where they are no trees, or not of that size."""
        if {k: v.dtype for k, v in arrays.items()} != _KINDS:
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
        return cls(**found, outputs=outputs, features=features)


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


def fit_forest(rows: NDArray[np.float32], target: Array, known: NDArray[np.bool_], seed: int) -> Forest:
    """Trees for every column of ``target`` (k, outputs); where it is not known it counts as 0. rows (k, features).

    Where rows are many the outputs share their trees, and only a random part of the rows is learnt from.
    """
    from sklearn.ensemble import ExtraTreesRegressor

    target = np.where(known, target, 0.0)
    outputs = target.shape[1]
    settings: dict[str, Any] = {
        "n_estimators": TREES,
        "min_samples_leaf": _LEAF,
        "max_features": min(_SHARE, _MOST_FEATURES / rows.shape[1]),
    }
    parts: list[dict[str, NDArray[Any]]] = []
    together = int(known.any(1).sum()) * outputs > _APART
    for columns in [range(outputs)] if together else [range(v, v + 1) for v in range(outputs)]:
        here = np.flatnonzero(known[:, list(columns)].any(1))
        if len(here) > _MOST_ROWS:
            here = np.sort(np.random.default_rng([seed, 3]).choice(here, _MOST_ROWS, replace=False))
        if len(here) < 4 * _LEAF:
            continue
        y = target[here][:, list(columns)]
        grown = ExtraTreesRegressor(**settings, random_state=seed).fit(rows[here], y if together else y[:, 0])
        parts += [_nodes(tree.tree_, -1 if together else columns[0]) for tree in grown.estimators_]
    return _joined(parts, outputs if together and parts else 1, outputs, rows.shape[1])


def _nodes(tree: Any, output: int) -> dict[str, NDArray[Any]]:
    leaf = tree.children_left < 0
    return {
        "feature": np.where(leaf, -1, tree.feature),
        "threshold": np.where(leaf, 0.0, tree.threshold),
        "left": np.where(leaf, 0, tree.children_left),
        "right": np.where(leaf, 0, tree.children_right),
        "value": np.where(leaf[:, None], tree.value[:, :, 0], 0.0) / TREES,
        "output": np.array([output]),
    }


def _joined(parts: list[dict[str, NDArray[Any]]], width: int, outputs: int, features: int) -> Forest:
    root = np.cumsum([0, *(len(p["feature"]) for p in parts)])
    for part, start in zip(parts, root, strict=False):
        inner = part["feature"] >= 0
        for side in ("left", "right"):
            part[side] = np.where(inner, part[side] + start, 0)
    empty = {k: np.zeros((0, width) if k == "value" else 0) for k in _KINDS}
    found: dict[str, Any] = {
        k: np.concatenate([p[k] for p in parts] or [empty[k]]).astype(kind) for k, kind in _KINDS.items() if k != "root"
    }
    return Forest(**found, root=root[:-1].astype(np.int32), outputs=outputs, features=features)


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
