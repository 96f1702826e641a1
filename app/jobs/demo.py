"""Make the demo clinic: simulate, import through the real importer, train. A job for the window, a call for others."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.domain.errors import KnownError
from app.i18n import t
from app.store.clinic import Clinic

if TYPE_CHECKING:
    from app.jobs.listening import Listener

MODEL = "demo"
PATIENTS, SEED = 160, 7


def prepare(listener: Listener, *, folder: str, seed: int = SEED, patients: int = PATIENTS) -> dict[str, Any]:
    """The demo clinic file in ``folder``, made where it is not there yet. Returns {"db": its path}.

    Seed and size are part of its name, so that one demo never overwrites another. An interrupted one is completed.
    Raises StoppedEarly where the listener asked to stop.
    """
    from app.analysis.simulator import simulate, write_wide
    from app.importing.run import import_files
    from app.jobs.training import train
    from app.jobs.worker import StoppedEarly
    from app.store.imports import ImportCancelledError

    where = Path(folder)
    if where.exists() and not where.is_dir():
        raise KnownError("{path} is a file; give the name of a folder.", path=where)
    where.mkdir(parents=True, exist_ok=True)
    clinic_file = where / f"demo-{patients}-{seed}.db"
    with Clinic.open(clinic_file, plain=True) as clinic:  # simulated people: nothing to hide
        if clinic.queries.counts()["patients"] == 0:
            listener.progress(0, 1, t("Simulating {count} patients", count=patients))
            table = where / f"demo-{patients}-{seed}.xlsx"
            write_wide(simulate(patients=patients, seed=seed), table)
            try:
                report = import_files([table], clinic, progress=listener.progress, cancelled=listener.cancelled)
            except ImportCancelledError as stopped:
                raise StoppedEarly from stopped
            report.save(where / "import.json")
        # a training that was stopped is begun again: its half-learnt network is no demonstration
        trained = {m.name for m in clinic.models.list() if not m.card.get("training", {}).get("cancelled")}
    if listener.cancelled():
        raise StoppedEarly
    if MODEL not in trained:
        train(listener, db=str(clinic_file), name=MODEL, seed=seed)
    return {"db": str(clinic_file)}
