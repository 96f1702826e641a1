"""Verbs on models: train, forecast, a patient's report."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from app.cli.console import ConsoleListener, Database, clinic_file, open_clinic, say
from app.files import keep_apart, write_json
from app.i18n import t
from app.jobs.worker import StoppedEarly


class Device(StrEnum):
    AUTO = "auto"
    CPU = "cpu"
    CUDA = "cuda"


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
) -> None:
    from app.access import handed
    from app.jobs.training import describe
    from app.jobs.training import train as run_training

    with open_clinic(db) as clinic:
        access = handed(clinic)
    with ConsoleListener(t("Stopping; the best so far is kept.")).listening() as listener:
        try:
            card = run_training(
                listener,
                db=db,
                access=access,
                name=name,
                cell=cell.value,
                epochs=epochs,
                device=device.value,
                seed=seed,
                resume=resume,
            )
        except StoppedEarly as stopped:
            card = stopped.result
    for line in describe(card):
        say(line)


def forecast(
    db: Database,
    model: Annotated[str, typer.Option(help=t("Name of the model"))],
    patient: Annotated[str, typer.Option(help=t("Patient number"))],
    at: Annotated[str, typer.Option(help=t("Days after the last visit, e.g. +7d,+30d"))] = "+7d,+30d",
    output: Annotated[Path | None, typer.Option("--json", help=t("Write the forecast (JSON)"))] = None,
) -> None:
    from app.jobs import forecasting

    ahead = days_ahead(at)
    keep_apart(output, clinic_file(db))
    with open_clinic(db) as clinic:
        forecaster = forecasting.load(clinic, model)
        document = forecasting.document(forecasting.predict(clinic, forecaster, patient, ahead), forecaster.card)
    if output is not None:
        write_json(output, document)
    for line in forecasting.describe(document):
        say(line)


def evaluate(
    db: Database,
    model: Annotated[str, typer.Option(help=t("Name of the model"))],
    output: Annotated[Path | None, typer.Option("--json", help=t("Write the table (JSON)"))] = None,
) -> None:
    from app.jobs import evaluating

    keep_apart(output, clinic_file(db))
    with open_clinic(db) as clinic, ConsoleListener(t("Stopping; what is done is told.")).listening() as listener:
        document = evaluating.evaluate(listener, clinic, model)
    if output is not None:
        write_json(output, document)
    for line in evaluating.describe(document):
        say(line)


def report(
    db: Database,
    patient: Annotated[str, typer.Option(help=t("Patient number"))],
    out: Annotated[Path, typer.Option(help=t("FILE.pdf or FILE.html"))],
    model: Annotated[str | None, typer.Option(help=t("Name of the model; the newest where not given"))] = None,
) -> None:
    from app.patient_report import write_report

    keep_apart(out, clinic_file(db))
    with open_clinic(db) as clinic:
        write_report(clinic, patient, out, model)
    say(t("Written: {path}", path=out))
