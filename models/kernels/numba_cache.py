"""How kernels are compiled and kept on disk."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numba

_ROOT = Path(__file__).parents[2]
_PACKAGE = __name__.partition(".")[0]


def compiled(function: Callable[..., Any]) -> Any:
    """A kernel, compiled at its first call and kept; compiled again when any source it is built of has changed."""
    dispatcher: Any = numba.njit(nogil=True, cache=True, boundscheck=False, error_model="numpy")(function)
    # numba looks at the kernel's own file only, whose callees may have changed: an old kernel would go on unnoticed
    file: Any = getattr(getattr(dispatcher, "_cache", None), "_cache_file", None)
    if hasattr(file, "_source_stamp"):
        file._source_stamp = _stamp(function.__module__)
    return dispatcher


def on_disk(dispatcher: Any, dtype: str, width: int) -> bool:
    """Whether a kernel whose first argument is a width lies compiled, for this processor and these versions."""
    # numba has no public way to ask; without these names the answer is no, and compiling takes the slow road
    kept: Any = getattr(dispatcher, "_cache", None)
    index = getattr(getattr(kept, "_cache_file", None), "_load_index", dict)()
    lanes = numba.types.UniTuple(numba.types.int64, width)
    for key in index:
        types = key[0]
        known = types[0] == lanes and any(getattr(getattr(t, "dtype", None), "name", "") == dtype for t in types)
        if known and key == kept._index_key(types, dispatcher.targetctx.codegen()):
            return True
    return False


@cache
def _stamp(module: str) -> str:
    """Of the text of a module and of all of this library that it imports, however far off."""
    parts = (f"{name} {hashlib.sha256(_source(name)).hexdigest()}" for name in sorted(_built_of(module)))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _built_of(module: str) -> set[str]:
    found, waiting = set(), {module}
    while waiting:
        name = waiting.pop()
        found.add(name)
        waiting |= _imported(ast.parse(_source(name))) - found
    return found


def _imported(tree: ast.Module) -> set[str]:
    """The modules of this library that a source names; a package itself only where it is asked for its own names."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            below = (f"{node.module}.{alias.name}" for alias in node.names)
            names |= {name if _path(name) else node.module for name in below}
    return {name for name in names if name.partition(".")[0] == _PACKAGE}


@cache
def _source(module: str) -> bytes:
    path = _path(module)
    return path.read_bytes() if path else b""


def _path(module: str) -> Path | None:
    stem = _ROOT.joinpath(*module.split("."))
    return next((path for path in (stem.with_suffix(".py"), stem / "__init__.py") if path.exists()), None)
