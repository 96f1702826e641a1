"""What the palette offers: commands that can be given now, and patients a search found; ranked together."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from app.domain import pinyin
from app.ui.action_table import ActionTable
from app.ui.commands import COMMANDS, CONTEXT, MENUS, plain
from app.ui.dialogs import key_text
from app.ui.pages.patient_model import PatientLike
from app.ui.palette import ranking
from app.ui.palette.ranking import Match, Rank, Signs
from app.ui.translation import in_chinese, translate

COMMAND, PATIENT = "command", "patient"
MOST_PATIENTS = 8
Sounds = Callable[[str], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Entry:
    """key: id of a command, or number of a patient. title is shown and marked, path and shortcut stand beside it.

    texts: other ways it may be written, besides the title
    """

    kind: str
    key: str
    title: str
    path: str
    shortcut: str = ""
    texts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """marks: places in the title that the query found; none where it was found by another text."""

    entry: Entry
    marks: tuple[int, ...] = ()


def commands(table: ActionTable) -> list[Entry]:
    """Those that can be given now, in the order of the menus."""
    out = []
    for menu, name in MENUS.items():
        for command in (c for c in COMMANDS if c.menu == menu):
            action = table[command.id]
            if action.isEnabled() and action.isVisible():
                texts = (translate(CONTEXT, command.text), command.text, in_chinese(CONTEXT, command.text))
                path = plain(translate(CONTEXT, name))
                keys = key_text(table.shortcut(command.id))
                out.append(Entry(COMMAND, command.id, action.text(), path, keys, texts))
    return out


def patients(rows: Iterable[PatientLike], about: Callable[[PatientLike], str]) -> list[Entry]:
    """about: who it is, beside the name."""
    return [Entry(PATIENT, row.code, " ".join((row.name or row.code).split()), about(row), row.code) for row in rows]


def ranked(
    query: str, offered: Sequence[Entry], sounds: Sounds | None = None, recent: Collection[str] = ()
) -> list[Found]:
    """What the query finds, the best first; among equals what was used lately, then the shorter title.

    A patient counts from a word's beginning on, however the search found them. An empty query finds every command, the
    latest used first. recent: ids of commands, the latest first. sounds: None where pinyin is not to be had yet.
    """
    lately = {key: number for number, key in enumerate(recent)}
    if not query.strip():
        return [
            Found(entry)
            for entry in sorted(offered, key=lambda e: lately.get(e.key, len(lately)))
            if entry.kind == COMMAND
        ]
    out: list[tuple[tuple[int, int, int, int, int], Found]] = []
    for place, entry in enumerate(offered):
        hit = ranking.best(query, (_signs(text, sounds) for text in (entry.title, *entry.texts)))
        if hit is None and entry.kind == COMMAND:
            continue
        number, how = hit or (1, Match(Rank.WORD, len(query), ()))
        if entry.kind == PATIENT:
            how = Match(min(how.rank, Rank.WORD), how.spread, how.marks)
        order = (how.rank, lately.get(entry.key, len(lately)), how.spread, len(entry.title), place)
        out.append((order, Found(entry, how.marks if number == 0 else ())))
    return [found for _, found in sorted(out, key=lambda pair: pair[0])]


def spoken(text: str) -> tuple[str, ...]:
    """Plain pinyin of each character that is not a blank, as ``ranking.signs`` wants it. Loads the dictionary."""
    return tuple(pinyin.plain(syllable) for syllable in pinyin.toned(text).split())


@lru_cache(maxsize=4096)
def _signs(text: str, sounds: Sounds | None) -> Signs:
    return ranking.signs(text, sounds)
