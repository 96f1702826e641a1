"""One call of the command line: the verbs put together, the words read, every error told, the exit code."""

from __future__ import annotations

import contextlib
import io
import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from app import i18n, paths
from app.cli import comparing, importing, modelling, patients, records, safety, users, vocabulary
from app.cli.console import AsJson, ConsoleListener, complain, open_clinic, say, say_json
from app.domain.errors import KnownError
from app.i18n import t
from app.jobs.worker import StoppedEarly
from app.usage import in_words

app = typer.Typer(
    add_completion=False,
    no_args_is_help=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help=t("Mailiu: TCM case records over time. Without a verb, opens the window."),
)
OptionalDatabase = Annotated[str | None, typer.Option("--db", help=t("Clinic file; the last one where not given"))]


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


def show_window(db: Path | str | None = None) -> int:
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


@app.command(help=t("Versions, devices, paths and the counts of a clinic file."))
def info(
    db: Annotated[str | None, typer.Option("--db", help=t("Clinic file, or address of a clinic on a server"))] = None,
    as_json: AsJson = False,
) -> None:
    from app.info import gather

    with open_clinic(db) if db is not None else contextlib.nullcontext() as clinic:
        facts = gather(clinic)
    if as_json:
        say_json(facts)
        return
    sections = {"versions": t("Versions"), "devices": t("Devices"), "paths": t("Paths"), "counts": t("Counts")}
    for section, values in facts.items():
        say(sections[section])
        for key, value in values.items():
            say(f"  {key}: {value}")


for verbs in (importing, modelling, patients, records, comparing, vocabulary, users, safety):
    verbs.register(app)

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
        if not words or (len(words) == 2 and words[0] == "--db"):  # nothing for typer, whose start takes a while
            result = show_window(*words[1:])
        else:
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
