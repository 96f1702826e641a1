"""The command line: every capability of the window, reachable without one. Each verb calls what the window calls."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import signal
import sys
import traceback
from collections.abc import Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from app import cli_records, cli_safety, i18n, paths
from app.domain.errors import KnownError
from app.domain.units import UnitConvention
from app.files import keep_apart, write_json
from app.i18n import t
from app.jobs.worker import StoppedEarly
from app.usage import in_words

if TYPE_CHECKING:
    from app.store.clinic import Clinic

app = typer.Typer(
    add_completion=False,
    no_args_is_help=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help=t("Mailiu: TCM case records over time. Without a verb, opens the window."),
)


class Kind(StrEnum):
    AUTO = "auto"
    LONG = "long"
    WIDE = "wide"
    CASES = "cases"
    EXPORT = "export"
    FHIR = "fhir"
    TEXT = "text"


class DateOrder(StrEnum):
    AUTO = "auto"
    YMD = "ymd"
    DMY = "dmy"
    MDY = "mdy"
    EXCEL1900 = "excel1900"
    EXCEL1904 = "excel1904"
    LUNAR = "lunar"


class Device(StrEnum):
    AUTO = "auto"
    CPU = "cpu"
    CUDA = "cuda"


class Cell(StrEnum):
    LTC = "ltc"


Database = Annotated[str, typer.Option("--db", help=t("Clinic file, or address of a clinic on a server"))]
OptionalDatabase = Annotated[str | None, typer.Option("--db", help=t("Clinic file; the last one where not given"))]


def say(text: str) -> None:
    typer.echo(text)


def complain(text: str) -> None:
    typer.echo(text, err=True)


class ConsoleListener:
    """Progress bar on the terminal; Ctrl-C asks to stop, a second one ends at once."""

    def __init__(self, stopping: str = "") -> None:
        """stopping: told at Ctrl-C, what becomes of the work so far."""
        self._stop = False
        self._stopping = stopping or t("Stopping.")
        console = Console(stderr=True)
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.completed:.0f}/{task.total:.0f} {task.fields[note]}", markup=False),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._bar.add_task("", total=1, note="")

    def progress(self, done: int, total: int, text: str = "", **data: Any) -> None:
        note = ""
        if "validation_loss" in data:
            note = t("loss {train:.3f}, held out {held:.3f}", train=data["train_loss"], held=data["validation_loss"])
        self._bar.update(self._task, completed=done, total=max(total, 1), description=text, note=note)

    def cancelled(self) -> bool:
        return self._stop

    @contextlib.contextmanager
    def listening(self) -> Iterator[ConsoleListener]:
        def stop(*_: object) -> None:
            self._stop = True
            signal.signal(signal.SIGINT, signal.default_int_handler)
            self._bar.console.print(self._stopping, markup=False)

        before = signal.signal(signal.SIGINT, stop)
        try:
            with self._bar:
                yield self
        finally:
            signal.signal(signal.SIGINT, before)


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


@app.callback(invoke_without_command=True)
def opening(
    context: typer.Context,
    db: OptionalDatabase = None,
    language: Annotated[str | None, typer.Option(help=t("zh or en"))] = None,
    user: Annotated[str | None, typer.Option(help=t("Name of the user; or MAILIU_USER"))] = None,
    passphrase_file: Annotated[
        Path | None, typer.Option(help=t("File whose first line is the passphrase; or MAILIU_PASSPHRASE"))
    ] = None,
    debug: Annotated[bool, typer.Option("--debug", help=t("Show the traceback of an error"))] = False,
) -> None:
    """Opens the window where no verb is given."""
    del debug, language, user, passphrase_file  # read in run(): they count at any place
    if context.invoked_subcommand is None:
        raise typer.Exit(show_window(db))


def show_window(db: Path | str | None) -> int:
    """Raises KnownError where there is no screen: Qt would end the program without a word of use."""
    screens = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    if sys.platform == "linux" and not any(os.environ.get(name) for name in screens):
        raise KnownError("There is no screen to open a window on. Use a command; mailiu --help lists them.")
    from app.ui.main import run as run_window

    return run_window(db)


@app.command(help=t("Simulate the demo clinic, import it, train, forecast and show it."))
def demo(
    headless: Annotated[
        Path | None, typer.Option(help=t("Write pictures and figures to this folder, no window"))
    ] = None,
    seed: Annotated[int, typer.Option(help=t("Seed of the simulation and the training"), min=0)] = 7,
    patients: Annotated[int, typer.Option(help=t("Number of patients"), min=20, max=5000)] = 160,
) -> None:
    from app.demo import write_pictures
    from app.jobs.demo import prepare

    folder = headless or paths.data_folder() / "demo"
    with ConsoleListener().listening() as listener:
        clinic_file = Path(prepare(listener, folder=str(folder), seed=seed, patients=patients)["db"])
        if headless is not None:
            for line in write_pictures(clinic_file, headless, listener):
                say(line)
    if headless is None:
        raise typer.Exit(show_window(clinic_file))


@app.command("import", help=t("Import case files into a clinic file: all accepted rows or none."))
def import_(
    files: Annotated[list[Path], typer.Argument(help=t("CSV, Excel, ODS, JSON, FHIR, Word or text"))],
    db: Database,
    kind: Annotated[Kind, typer.Option(help=t("Form of the files"))] = Kind.AUTO,
    mapping: Annotated[Path | None, typer.Option(help=t("Saved column mapping (JSON)"))] = None,
    save_mapping: Annotated[Path | None, typer.Option(help=t("Save the column mapping used"))] = None,
    encoding: Annotated[str | None, typer.Option(help=t("Text encoding; found out where not given"))] = None,
    unit_convention: Annotated[UnitConvention, typer.Option(help=t("Grams of one qian"))] = UnitConvention.MODERN,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=t("Read and report, change nothing"))] = False,
    report: Annotated[Path | None, typer.Option(help=t("Write the import report (JSON)"))] = None,
    near: Annotated[int | None, typer.Option(help=t("A year near which dates of the sixty-year cycle lie"))] = None,
    header_row: Annotated[int | None, typer.Option(help=t("Row of the column names"), min=1)] = None,
    delimiter: Annotated[str | None, typer.Option(help=t("What separates the columns"))] = None,
    date_style: Annotated[DateOrder | None, typer.Option(help=t("How dates are written"))] = None,
    century: Annotated[int | None, typer.Option(help=t("First of the hundred years two-digit years lie in"))] = None,
    plain: Annotated[bool, typer.Option("--plain", help=t("Do not encrypt a new clinic file"))] = False,
) -> None:
    from app.access import open_clinic
    from app.importing.mapping import Mapping
    from app.importing.run import import_files
    from app.store.opening import check_place

    for out in (report, save_mapping):
        keep_apart(out, [*files, *clinic_file(db), mapping])
    keep_apart(report, [save_mapping])
    chosen = Mapping.load(mapping) if mapping else None
    overruled = {
        "header_row": header_row,
        "delimiter": delimiter,
        "date_style": date_style.value if date_style else None,
        "century": century,
        "lunar_epoch": near,
    }
    overruled = {name: value for name, value in overruled.items() if value is not None}
    new = check_place(db)  # no clinic file? Told before a long reading

    def store() -> Clinic:
        if new and plain:
            complain(t("The new clinic file is not encrypted: whoever gets the file can read the records."))
        return stack.enter_context(open_clinic(db, create=True, plain=plain))

    with ConsoleListener().listening() as listener, contextlib.ExitStack() as stack:
        result = import_files(
            files,
            (None if dry_run else store) if new else stack.enter_context(open_clinic(db)),
            kind=kind.value,
            mapping=chosen,
            overruled=overruled,
            near=near,
            encoding=encoding,
            convention=unit_convention,
            dry_run=dry_run,
            progress=listener.progress,
            cancelled=listener.cancelled,
        )
    for line in result.summary():  # first: whatever becomes of the files below, what was stored is told
        say(line)
    if report is not None:
        result.save(report)
    if save_mapping is not None and result.mapping is not None:
        result.mapping.save(save_mapping)
    if result.rows_read and not result.rows_accepted:
        raise typer.Exit(1)  # nothing of the file was taken: refused, as the summary says


@app.command(help=t("Train a forecaster on a clinic file."))
def train(
    db: Database,
    name: Annotated[str, typer.Option(help=t("Name of the model"))],
    cell: Annotated[Cell, typer.Option(help=t("Cell of the network"))] = Cell.LTC,
    epochs: Annotated[int | None, typer.Option(min=1, max=100_000)] = None,
    device: Annotated[Device, typer.Option()] = Device.AUTO,
    seed: Annotated[int, typer.Option(min=0)] = 0,
    resume: Annotated[bool, typer.Option("--resume", help=t("Go on from the last checkpoint"))] = False,
) -> None:
    from app.access import handed, open_clinic
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


@app.command(help=t("Forecast how a patient's course goes on."))
def forecast(
    db: Database,
    model: Annotated[str, typer.Option(help=t("Name of the model"))],
    patient: Annotated[str, typer.Option(help=t("Patient number"))],
    at: Annotated[str, typer.Option(help=t("Days after the last visit, e.g. +7d,+30d"))] = "+7d,+30d",
    output: Annotated[Path | None, typer.Option("--json", help=t("Write the forecast (JSON)"))] = None,
) -> None:
    from app.access import open_clinic
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


@app.command(help=t("Write a patient's report as PDF or HTML."))
def report(
    db: Database,
    patient: Annotated[str, typer.Option(help=t("Patient number"))],
    out: Annotated[Path, typer.Option(help=t("FILE.pdf or FILE.html"))],
    model: Annotated[str | None, typer.Option(help=t("Name of the model; the newest where not given"))] = None,
) -> None:
    from app.access import open_clinic
    from app.patient_report import write_report

    keep_apart(out, clinic_file(db))
    with open_clinic(db) as clinic:
        write_report(clinic, patient, out, model)
    say(t("Written: {path}", path=out))


@app.command(help=t("Versions, devices, paths and the counts of a clinic file."))
def info(
    db: Annotated[str | None, typer.Option("--db", help=t("Clinic file, or address of a clinic on a server"))] = None,
    as_json: Annotated[bool, typer.Option("--json", help=t("As JSON"))] = False,
) -> None:
    from app.access import open_clinic
    from app.info import gather

    with open_clinic(db) if db is not None else contextlib.nullcontext() as clinic:
        facts = gather(clinic)
    if as_json:
        say(json.dumps(facts, ensure_ascii=False, indent=2))
        return
    sections = {"versions": t("Versions"), "devices": t("Devices"), "paths": t("Paths"), "counts": t("Counts")}
    for section, values in facts.items():
        say(sections[section])
        for key, value in values.items():
            say(f"  {key}: {value}")


cli_records.register(app)
cli_safety.register(app)

GLOBAL = ("--language", "--user", "--passphrase-file")  # with a value; they count at any place


def _parted(word: str) -> list[str]:
    return word.split("=", 1) if word.startswith(tuple(f"{name}=" for name in GLOBAL)) else [word]


def _taken(words: list[str], name: str) -> str | None:
    """The value of a global option, taken out of the words."""
    if name not in words[:-1]:
        return None
    place = words.index(name)
    value = words[place + 1]
    del words[place : place + 2]
    return value


def clinic_file(db: str) -> list[Path]:
    """The file a clinic lies in, which nothing may be written over; none for a clinic on a server."""
    from app.store.postgres import is_url

    return [] if is_url(db) else [Path(db)]


def run(arguments: Sequence[str]) -> int:
    """Exit code of one call: 0 fine, 1 refused with a message, 2 wrong usage. ``--debug`` lets tracebacks through."""
    # --debug and --language count at any place, before the verb or after it
    from app import access

    words = list(arguments)
    debug = "--debug" in words
    words = [part for w in words if w != "--debug" for part in _parted(w)]
    chosen = _taken(words, "--language")
    access.given.user = _taken(words, "--user") or ""
    file = _taken(words, "--passphrase-file")
    access.given.passphrase_file = Path(file) if file else None
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a name that is no text, or Chinese where the terminal has none
            stream.reconfigure(errors="backslashreplace")
    try:
        if chosen is not None:
            if chosen not in i18n.LANGUAGES:
                raise typer.BadParameter(t("--language is {known}.", known=" | ".join(i18n.LANGUAGES)))
            i18n.set_language(chosen)
        result = app(args=words, prog_name="mailiu", standalone_mode=False)
    except typer.TyperException as error:
        complain(t("Wrong usage: {text} See mailiu --help.", text=in_words(error.format_message())))
        return 2
    except (typer.Abort, KeyboardInterrupt, StoppedEarly):
        complain(t("Stopped."))
        return 1
    except KnownError as error:
        if debug:
            traceback.print_exc()
        complain(i18n.explain(error))
        return 1
    except UnicodeEncodeError as error:
        if debug:
            traceback.print_exc()
        complain(t("{text} holds bytes that are no text. Write it again.", text=ascii(error.object)[:80]))
        return 2
    except OSError as error:
        if debug:
            traceback.print_exc()
        reason = i18n.of_system(error.strerror or str(error))
        complain(t("{path}: {reason}", path=error.filename or t("Output"), reason=reason))
        return 1
    except Exception as error:  # noqa: BLE001 - the last gate: a bug is told as one
        if debug:
            traceback.print_exc()
        complain(
            t(
                "This is a bug ({kind}: {text}). Run again with --debug to see where.",
                kind=type(error).__name__,
                text=error,
            )
        )
        return 1
    if sys.stdout is not None:  # None where the caller closed it
        sys.stdout.flush()
    return result if isinstance(result, int) else 0
