"""Memory of one training step, measured in a process of its own per library and size.

The process imports, builds the layer and the data, and takes one tiny step (two time steps of the same batch), so that
libraries, thread stacks and compilers are paid for. It then drops the gradients, gives free memory back to the system,
notes its resident memory, resets the kernel's high-water mark and runs one forward and backward pass: the figure is
the high-water mark over what was resident before.
"""

from __future__ import annotations

import ctypes
import gc
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from tests.benchmarks.core_problem import Size, data, ours, published, step, use_threads
from tests.benchmarks.core_report import Options

ROOT = Path(__file__).resolve().parents[2]
MB = 1e6
MOST = 16e9  # a child that grows past it is stopped
FLOOR_MB = 1.0  # the kernel counts resident pages per core and sums them lazily: less than this cannot be told apart


def of_step(library: str, size: Size, options: Options) -> float:
    """MB of one forward and backward pass of "ncps" or "ours": median of three processes (quick: of one)."""
    order = {"library": library, "size": list(size), "backend": options.backend, "threads": options.threads}
    return statistics.median(_in_a_process(order) for _ in range(1 if options.quick else 3))


def _in_a_process(order: dict[str, Any]) -> float:
    done = watched("tests.benchmarks.core_memory", order, MOST)
    if "mb" not in done:
        raise RuntimeError(f"the memory of a step could not be measured: {done}")
    return float(done["mb"])


def resident(pid: int | str = "self", what: str = "VmRSS") -> float:
    """Bytes resident now (VmRSS) or at most so far (VmHWM)."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(what + ":"):
            return float(line.split()[1]) * 1024
    return 0.0


def give_back() -> None:
    """Free what nobody holds any more, and to the system."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)


def watched(module: str, order: dict[str, Any], limit: float) -> dict[str, Any]:
    """Run a child that prints one JSON line; it is killed where its resident memory passes ``limit`` bytes.

    Returns what it printed, or {"killed_above": limit} or {"failed": its last words}.
    """
    child = subprocess.Popen(
        [sys.executable, "-m", module, json.dumps(order)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    while child.poll() is None:
        try:
            if resident(child.pid) > limit:
                child.kill()
                child.communicate()
                return {"killed_above": limit}
        except OSError:  # it ended between the two lines
            break
        time.sleep(0.01)
    out, err = child.communicate()
    if child.returncode:
        return {"failed": (err.strip().splitlines() or [f"exit code {child.returncode}"])[-1]}
    return json.loads(out.strip().splitlines()[-1])


def _measure(order: dict[str, Any]) -> float:
    use_threads(order["threads"])
    size = Size(*order["size"])
    if order["library"] == "ncps":
        layer = published(size)
        call = lambda x: layer(x)[0]
    else:
        layer = ours(size, order["backend"])
        call = lambda x: layer(x).output
    x, weights = data(size)
    step(call, layer, x[:, :2], weights[:, :2])
    layer.zero_grad(set_to_none=True)
    give_back()
    before = resident()
    Path("/proc/self/clear_refs").write_text("5")
    step(call, layer, x, weights)
    return (resident(what="VmHWM") - before) / MB


if __name__ == "__main__":
    print(json.dumps({"mb": _measure(json.loads(sys.argv[1]))}))
