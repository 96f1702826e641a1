"""Verbs that make and ask models: train, tune, update, evaluate, forecast, explain, a patient's report."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli import shelf
from app.cli.console import ConsoleListener, Database, clinic_file, open_clinic, say, tell
from app.files import keep_apart
from app.i18n import t
from app.jobs.worker import StoppedEarly

InUse = Annotated[str | None, typer.Option("--model", help=t("Name of the model; the one in use where not given"))]


class Device(StrEnum):
    AUTO = "auto"
    CPU = "cpu"
    CUDA = "cuda"


class Beside(StrEnum):
    """What a training ends with, see ``app.jobs.comparison``."""

    SIMPLE = "simple"
    ALL = "all"
    NONE = "none"


class Cell(StrEnum):
    """``models.backbone.CELLS``, which is not read here: torch would come with it."""

    LTC = "ltc"
    CFC = "cfc"
    CTRNN = "ctrnn"
    ODE_RNN = "ode_rnn"
    GRU_D = "gru_d"
    GRU = "gru"
    LSTM = "lstm"


def register(app: typer.Typer) -> None:
    """Add the verbs to the command line."""
    app.command(help=t("Train a forecaster on a clinic file."))(train)
    app.command(help=t("Look for better settings by trying; the study can be gone on with."))(tune)
    app.command(help=t("Learn on from visits that have come since; kept only where forecasts do not worsen."))(update)
    app.command(help=t("What a forecast rests on, and past patients like this one."))(explain)
    app.add_typer(shelf.models, name="models")
    compared = t("Compare a model with simple forecasts and other networks on patients it never saw.")
    app.command(help=compared)(evaluate)
    app.command(help=t("Forecast how a patient's course goes on."))(forecast)
    app.command(help=t("Write a patient's report as PDF or HTML."))(report)


def days_ahead(text: str) -> list[float]:
    """ "+7d,+30d" or "+2w" to days after the last visit. Raises BadParameter (exit code 2)."""
    found = []
    for part in text.split(","):
        match = re.fullmatch(r"\+?(\d+(?:\.\d+)?)([dw]?)", part.strip())
        if not match:
            raise typer.BadParameter(t("{part} is not a time ahead; write +7d or +2w.", part=repr(part)))
        days = float(match[1]) * (7 if match[2] == "w" else 1)
        if days > 3650:
            raise typer.BadParameter(t("{part} is more than ten years ahead.", part=repr(part)))
        found.append(days)
    return sorted(set(found))


def train(
    db: Database,
    name: Annotated[str, typer.Option(help=t("Name of the model"))],
    cell: Annotated[Cell, typer.Option(help=t("Cell of the network"))] = Cell.LTC,
    epochs: Annotated[int | None, typer.Option(min=1, max=100_000)] = None,
    device: Annotated[Device, typer.Option()] = Device.AUTO,
    seed: Annotated[int, typer.Option(min=0)] = 0,
    resume: Annotated[bool, typer.Option("--resume", help=t("Go on from the last checkpoint"))] = False,
    compare: Annotated[
        Beside, typer.Option(help=t("What it is compared with at the end: simple forecasters, networks too, nothing"))
    ] = Beside.SIMPLE,
) -> None:
    options = {"cell": cell.value, "epochs": epochs, "resume": resume, "compare": compare.value}
    _train(db, name=name, device=device.value, seed=seed, **options)


def _train(db: str, access: dict[str, Any] | None = None, **options: Any) -> None:
    """access: of a clinic that was opened before, None: ask for it."""
    from app.access import handed
    from app.jobs.training import describe
    from app.jobs.training import train as run_training

    if access is None:
        with open_clinic(db) as clinic:
            access = handed(clinic)
    with ConsoleListener(t("Stopping; the best so far is kept.")).listening() as listener:
        try:
            card = run_training(listener, db=db, access=access, **options)
        except StoppedEarly as stopped:
            card = stopped.result
    for line in describe(card):
        say(line)
    if listener.cancelled() and not card["training"].get("cancelled"):
        say(t("It was not compared to the end; mailiu evaluate does that."))


def tune(
    db: Database,
    trials: Annotated[int, typer.Option(min=1, max=100_000, help=t("Of the whole study, on all machines"))] = 30,
    name: Annotated[str | None, typer.Option(help=t("Train a model of this name with what was found"))] = None,
    study: Annotated[str, typer.Option(help=t("Name of the study; an old one is gone on with"))] = "mailiu",
    storage: Annotated[
        str | None, typer.Option(help=t("postgresql://user@host/database, to share it; else a file beside the models"))
    ] = None,
    minutes: Annotated[float | None, typer.Option(min=0, help=t("Begin no trial after so long"))] = None,
    epochs: Annotated[int | None, typer.Option(min=1, max=100_000)] = None,
    device: Annotated[Device, typer.Option()] = Device.AUTO,
    seed: Annotated[int, typer.Option(min=0)] = 0,
    output: Annotated[Path | None, typer.Option("--json", help=t("Write the study (JSON)"))] = None,
) -> None:
    from app.access import handed
    from app.jobs import keeping, tuning

    keep_apart(output, clinic_file(db))
    if name is not None:
        keeping.check_name(name)  # before the search, not after it
    shared = {"trials": trials, "study": study, "storage": storage, "minutes": minutes}
    same: dict[str, Any] = {"epochs": epochs, "device": device.value, "seed": seed}
    with (
        open_clinic(db) as clinic,
        ConsoleListener(t("Stopping; finished trials count.")).listening() as listener,
    ):
        access = handed(clinic)
        document = tuning.tune(listener, clinic, **shared, **same)
        stopped = listener.cancelled()
    tell(document, tuning.describe(document), output)
    if name is not None and stopped:
        say(t("Model {name} was not trained; the same line goes on with the study.", name=name))
    elif name is not None:
        _train(db, access, name=name, settings=tuning.settings_of(document), **same)


def update(
    db: Database,
    model: InUse = None,
    seed: Annotated[int, typer.Option(min=0)] = 0,
    output: Annotated[Path | None, typer.Option("--json", help=t("Write what came of it (JSON)"))] = None,
) -> None:
    from app.jobs import keeping, updating

    keep_apart(output, clinic_file(db))
    with open_clinic(db) as clinic, ConsoleListener(t("Stopping; nothing is changed.")).listening() as listener:
        document = updating.update(listener, clinic, shelf.named(clinic, model), seed=seed)
        used = keeping.used_now(clinic)
    tell(document, [*updating.describe(document), *used], output)


def explain(
    db: Database,
    patient: Annotated[str, typer.Option(help=t("Patient number"))],
    model: InUse = None,
    variable: Annotated[
        str | None, typer.Option(help=t("Code or name; the one that changes most where not given"))
    ] = None,
    at: Annotated[str, typer.Option(help=t("Days after the last visit, e.g. +30d"))] = "+30d",
    alike: Annotated[int, typer.Option(min=1, max=100, help=t("How many patients like this one"))] = 5,
    output: Annotated[Path | None, typer.Option("--json", help=t("Write it (JSON)"))] = None,
) -> None:
    from app.jobs import explaining

    found = days_ahead(at)
    if len(found) != 1 or found[0] <= 0:
        raise typer.BadParameter(t("Give one time after the last visit, such as +30d."))
    ahead = found[0]
    keep_apart(output, clinic_file(db))
    with open_clinic(db) as clinic:
        name = shelf.named(clinic, model)
        document = explaining.explain(clinic, name, patient, variable, ahead, alike)
    tell(document, explaining.describe(document), output)


def forecast(
    db: Database,
    patient: Annotated[str, typer.Option(help=t("Patient number"))],
    model: InUse = None,
    at: Annotated[str, typer.Option(help=t("Days after the last visit, e.g. +7d,+30d"))] = "+7d,+30d",
    output: Annotated[Path | None, typer.Option("--json", help=t("Write the forecast (JSON)"))] = None,
) -> None:
    from app.jobs import forecasting

    ahead = days_ahead(at)
    keep_apart(output, clinic_file(db))
    with open_clinic(db) as clinic:
        forecaster = forecasting.load(clinic, shelf.named(clinic, model))
        document = forecasting.document(forecasting.predict(clinic, forecaster, patient, ahead), forecaster.card)
    tell(document, forecasting.describe(document), output)


def evaluate(
    db: Database,
    model: InUse = None,
    output: Annotated[Path | None, typer.Option("--json", help=t("Write the table (JSON)"))] = None,
) -> None:
    from app.jobs import evaluating

    keep_apart(output, clinic_file(db))
    with open_clinic(db) as clinic, ConsoleListener(t("Stopping; what is done is told.")).listening() as listener:
        document = evaluating.evaluate(listener, clinic, shelf.named(clinic, model))
    tell(document, evaluating.describe(document), output)


def report(
    db: Database,
    patient: Annotated[str, typer.Option(help=t("Patient number"))],
    out: Annotated[Path, typer.Option(help=t("FILE.pdf or FILE.html"))],
    model: InUse = None,
) -> None:
    from app.patient_report import write_report

    keep_apart(out, clinic_file(db))
    with open_clinic(db) as clinic:
        write_report(clinic, patient, out, model)
    say(t("Written: {path}", path=out))
