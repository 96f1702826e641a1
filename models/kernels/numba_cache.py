"""How kernels are compiled and kept on disk."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numba

_FOLDER = Path(__file__).parent
_IMPORT = re.compile(r"^from models\.kernels\.(\w+) import", re.MULTILINE)


def compiled(function: Callable[..., Any]) -> Any:
    """A kernel, compiled at its first call and kept; compiled again when any source it is built of has changed."""
    dispatcher: Any = numba.njit(nogil=True, cache=True, boundscheck=False, error_model="numpy")(function)
    # numba looks at the kernel's own file only, whose callees may have changed: an old kernel would go on unnoticed
    file: Any = getattr(getattr(dispatcher, "_cache", None), "_cache_file", None)
    if hasattr(file, "_source_stamp"):
        file._source_stamp = _stamp(function.__module__.rpartition(".")[2])
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
    """Of the text of a module of this folder and of all of this folder that it imports."""
    parts = (f"{name} {hashlib.sha256(_source(name)).hexdigest()}" for name in sorted(_built_of(module)))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _built_of(module: str) -> set[str]:
    found, waiting = set(), {module}
    while waiting:
        name = waiting.pop()
        found.add(name)
        waiting |= set(_IMPORT.findall(_source(name).decode())) - found
    return found


@cache
def _source(module: str) -> bytes:
    path = _FOLDER / f"{module}.py"
    return path.read_bytes() if path.exists() else b""
