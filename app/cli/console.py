"""What the verbs share: options, lines on the terminal, the progress bar, the clinic of a call, passphrases asked."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from app.domain.errors import KnownError
from app.files import write_json
from app.i18n import t

if TYPE_CHECKING:
    from app.store.clinic import Clinic
    from app.store.opening import Credentials

Result = TypeVar("Result")
NEW_PASSPHRASE = "MAILIU_NEW_PASSPHRASE"
Database = Annotated[str, typer.Option("--db", help=t("Clinic file, or address of a clinic on a server"))]
AsJson = Annotated[bool, typer.Option("--json", help=t("As JSON"))]


def say(text: str) -> None:
    typer.echo(text)


def complain(text: str) -> None:
    typer.echo(text, err=True)


def say_json(value: object) -> None:
    say(json.dumps(value, ensure_ascii=False, indent=2, default=str))


def tell(document: object, lines: Sequence[str], output: Path | None) -> None:
    """The lines on the terminal; the document written first, where a file is given."""
    if output is not None:
        write_json(output, document)
    for line in lines:
        say(line)


def tell_either(document: object, lines: Sequence[str], as_json: bool) -> None:
    """The document on the terminal, or its lines."""
    if as_json:
        say_json(document)
    else:
        tell(document, lines, None)


def show(rows: Sequence[dict[str, Any]], as_json: bool) -> None:
    """Rows as JSON, or as lines with the values apart."""
    if as_json:
        say_json(rows)
        return
    for row in rows:
        say("  ".join(str(value) for value in row.values() if value not in ("", None)))


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


def open_clinic(db: str, *, create: bool = False, plain: bool = False) -> Clinic:
    """As ``app.access.open_clinic``, which takes its time to load."""
    from app.access import open_clinic as opened

    return opened(db, create=create, plain=plain)


def clinic_file(db: str) -> list[Path]:
    """The file a clinic lies in, its key file and the folders of its models and backups, which nothing may be written
    over; none for a clinic on a server."""
    from app.store.keys import header_path
    from app.store.postgres import is_url
    from app.store.sqlite import backups_beside, models_beside

    if is_url(db):
        return []
    path = Path(db)
    return [path, header_path(path), models_beside(path), backups_beside(path)]


def asking(act: Callable[[Credentials], Result]) -> Result:
    """What ``act`` gives with what is at hand, else with what the person answers at the terminal."""
    from app.access import ask, at_hand
    from app.store.opening import PassphraseNeededError

    try:
        return act(at_hand())
    except PassphraseNeededError:
        if sys.stdin is None or not sys.stdin.isatty():
            raise
        return act(ask(at_hand().user))


def new_passphrase() -> str:
    """From the environment, or asked twice. Raises KnownError where neither is possible."""
    from app.access import ask

    if given := os.environ.get(NEW_PASSPHRASE):
        return given
    if sys.stdin is None or not sys.stdin.isatty():
        raise KnownError("There is no terminal to ask for the new passphrase at. Set MAILIU_NEW_PASSPHRASE.")
    return ask(new=True).passphrase
