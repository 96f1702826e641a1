"""``python -m tests.benchmarks NAME [options]``: runs the module of that name in this folder (``main(argv) -> int``).

Benchmarks are apart from the timed test suite: they measure, and some take minutes. Without a name they are listed.
"""

from __future__ import annotations

import argparse
import ast
import importlib
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent


def benchmarks() -> dict[str, str]:
    """Name and first line of the docstring of every module here that has a ``main``; none is imported for it."""
    found: dict[str, str] = {}
    for path in sorted(FOLDER.glob("[!_]*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if any(isinstance(node, ast.FunctionDef) and node.name == "main" for node in tree.body):
            found[path.stem] = (ast.get_docstring(tree) or "").partition("\n")[0]
    return found


def main(argv: list[str]) -> int:
    known = benchmarks()
    listing = "\n".join(f"  {name:12s} {line}" for name, line in known.items())
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks",
        epilog=f"benchmarks:\n{listing}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("name", choices=sorted(known), metavar="NAME", nargs="?", help="which one to run")
    parser.add_argument("options", nargs=argparse.REMAINDER, help="passed on to it; NAME --help tells them")
    chosen = parser.parse_args(argv)
    if chosen.name is None:
        parser.print_help()
        return 2
    return importlib.import_module(f"tests.benchmarks.{chosen.name}").main(chosen.options)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
