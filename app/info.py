"""What this installation is: versions, devices, paths and, with a clinic file, what it holds."""

from __future__ import annotations

import platform
import sys
from importlib import metadata
from typing import Any

from app import __version__, paths
from app.store.clinic import Clinic

PACKAGES = ("PySide6-Essentials", "pyqtgraph", "torch", "numpy", "pandas", "SQLAlchemy", "alembic", "safetensors")


def gather(clinic: Clinic | None = None) -> dict[str, dict[str, Any]]:
    """Sections versions, devices, paths and, with a clinic, counts."""
    facts: dict[str, dict[str, Any]] = {
        "versions": {"mailiu": __version__, "python": platform.python_version(), **_packages()},
        "devices": devices(),
        "paths": {
            "python": sys.executable,
            "resources": str(paths.RESOURCES),
            "data": str(paths.data_place()),
            "default_clinic": str(paths.data_place() / paths.CLINIC),
        },
    }
    if clinic is not None:
        facts["counts"] = dict(clinic.queries.counts())
        facts["paths"]["clinic"] = clinic.label
        facts["paths"]["models"] = str(clinic.models_place)
    return facts


def devices() -> dict[str, Any]:
    import torch

    found: dict[str, Any] = {"cpu_threads": torch.get_num_threads(), "cuda": torch.cuda.is_available()}
    if torch.cuda.is_available():
        found["cuda_devices"] = [torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count())]
    return found


def _packages() -> dict[str, str]:
    return {name: metadata.version(name) for name in PACKAGES}
