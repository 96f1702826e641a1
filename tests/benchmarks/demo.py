"""The demo from installed to pictures: wall seconds by stage, and as a multiple of one bare ``import torch``.

Bar: under 3 minutes on two cores. Each stage runs in a process of its own, as a user would start it.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

BAR_SECONDS = 180.0


def seconds(*command: str) -> float:
    started = time.perf_counter()
    subprocess.run([sys.executable, *command], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - started


def main(argv: list[str]) -> int:
    """Exit code 1 where the demo misses its bar."""
    parser = argparse.ArgumentParser(prog="demo", description=__doc__)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--patients", type=int, default=160)
    options = parser.parse_args(argv)
    unit = min(seconds("-c", "import torch") for _ in range(3))
    with tempfile.TemporaryDirectory() as folder:
        first = seconds("-m", "app", "demo", "--headless", folder, "--patients", str(options.patients))
        again = seconds("-m", "app", "demo", "--headless", folder, "--patients", str(options.patients))
        summary = json.loads((Path(folder) / "summary.json").read_text(encoding="utf-8"))
    figures = {
        "import_torch_seconds": unit,
        "demo_seconds": first,
        "pictures_only_seconds": again,
        "demo_over_import_torch": first / unit,
        "bar_seconds": BAR_SECONDS,
        "counts": summary["counts"],
        "score": summary["model"]["score"],
    }
    sys.stdout.write(json.dumps(figures, ensure_ascii=False, indent=2) + "\n")
    if options.json:
        options.json.write_text(json.dumps(figures, ensure_ascii=False, indent=2), encoding="utf-8")
    return int(first > BAR_SECONDS)
