"""The demo clinic: simulated by the project, brought in through the real importer, trained, forecast, drawn."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app import i18n
from app.domain.errors import KnownError
from app.files import write_json
from app.i18n import t
from app.store.clinic import Clinic

if TYPE_CHECKING:
    from app.jobs.training import Listener
    from app.store.queries import PatientRow

MODEL = "demo"
SIZE = (1440, 900)


def prepare(folder: Path, listener: Listener, *, seed: int = 7, patients: int = 160) -> Path:
    """The demo clinic file in ``folder``, made where it is not there yet; returns its path.

    Seed and size are part of its name, so that one demo never overwrites another. An interrupted one is completed.
    """
    from app.analysis.simulator import simulate, write_wide
    from app.importing.run import import_files
    from app.jobs.training import train

    if folder.exists() and not folder.is_dir():
        raise KnownError("{path} is a file; give the name of a folder.", path=folder)
    folder.mkdir(parents=True, exist_ok=True)
    clinic_file = folder / f"demo-{patients}-{seed}.db"
    with Clinic.open(clinic_file) as clinic:
        if clinic.queries.counts()["patients"] == 0:
            listener.progress(0, 1, t("Simulating {count} patients", count=patients))
            table = folder / f"demo-{patients}-{seed}.xlsx"
            write_wide(simulate(patients=patients, seed=seed), table)
            report = import_files([table], clinic, progress=listener.progress, cancelled=listener.cancelled)
            report.save(folder / "import.json")
        trained = {model.name for model in clinic.models.list()}
    if MODEL not in trained:
        train(listener, db=str(clinic_file), name=MODEL, seed=seed)
    return clinic_file


def write_pictures(clinic_file: Path, out: Path, listener: Listener) -> list[str]:
    """timeline.png, trajectory.png, forecast.png, forecast.json and summary.json in ``out``; returns what to say."""
    from app.analysis import series
    from app.domain.vocabulary import core
    from app.info import gather
    from app.jobs import forecasting
    from app.ui import pictures
    from models.forecast import Forecast, Trajectory

    started = time.monotonic()
    listener.progress(0, 1, t("Drawing"))
    language = i18n.language()
    with Clinic.open(clinic_file, create=False) as clinic:
        forecaster = forecasting.load(clinic, MODEL)
        row = shown_patient(clinic.queries.search(limit=500))
        case = clinic.queries.case(row.code)
        counts = dict(clinic.queries.counts())
        result = forecasting.predict(clinic, forecaster, row.code)
    curve = Forecast.from_dict(result["curve"])
    course = series.course(case, series.SeriesPlan.from_dict(forecaster.card["series"]))
    pictures.timeline_png(out / "timeline.png", case, core(), curve, size=SIZE, language=language)
    pictures.trajectory_png(
        out / "trajectory.png", Trajectory.from_dict(result["trajectory"]), case, size=SIZE, language=language
    )
    pictures.forecast_png(out / "forecast.png", course, curve, size=SIZE, language=language)
    document = forecasting.document(result, forecaster.card)
    write_json(out / "forecast.json", document)
    summary: dict[str, Any] = {
        "clinic": clinic_file.name,
        "counts": counts,
        "patient": row.code,
        "model": forecasting.plain(forecaster.card),
        "drawing_seconds": round(time.monotonic() - started, 2),
        "versions": gather()["versions"],
    }
    write_json(out / "summary.json", summary)
    written = ("timeline.png", "trajectory.png", "forecast.png", "forecast.json", "summary.json")
    return [*forecasting.describe(document), t("Written to {folder}: {files}", folder=out, files=", ".join(written))]


def shown_patient(rows: list[PatientRow]) -> PatientRow:
    """A course worth a picture: about eleven visits, the nearest to that, by number where several are."""
    return min(rows, key=lambda row: (abs(row.visits - 11), row.code))
