"""How kernels are compiled and kept on disk."""

from __future__ import annotations

from typing import Any

import numba

compiled = numba.njit(nogil=True, cache=True, boundscheck=False, error_model="numpy")


def on_disk(dispatcher: Any, dtype: str, width: int) -> bool:
    """Whether a kernel whose first argument is a width lies compiled, for this processor and these versions."""
    # numba has no public way to ask; without these names the answer is no, and compiling takes the slow road
    cache: Any = getattr(dispatcher, "_cache", None)
    index = getattr(getattr(cache, "_cache_file", None), "_load_index", dict)()
    lanes = numba.types.UniTuple(numba.types.int64, width)
    for key in index:
        types = key[0]
        known = types[0] == lanes and any(getattr(getattr(t, "dtype", None), "name", "") == dtype for t in types)
        if known and key == cache._index_key(types, dispatcher.targetctx.codegen()):
            return True
    return False
