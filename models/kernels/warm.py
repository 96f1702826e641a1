"""``python -m models.kernels.warm [CELL DTYPE WIDTH]``: compiles kernels and leaves them in the cache on disk.

CELL: a cell's whole name, as ``models.cells.ltc.LTCCell``
"""

from __future__ import annotations

import sys
from importlib import import_module

from models.kernels.cpu import ROOMS


def main(argv: list[str]) -> int:
    wanted = [argv] if argv else [[name, "float32", width] for name in ROOMS for width in ("8", "16")]
    for name, dtype, width in wanted:
        import_module(ROOMS[name]).warm(dtype, int(width))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
