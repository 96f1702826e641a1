"""What the window remembers between starts: one small JSON file in the user's configuration folder.

A key that is unknown or of the wrong type is dropped (the default serves); a file that is no JSON is kept aside as
``settings.json.bad`` so that nothing the user wrote is lost.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

import platformdirs

from app.ui.plots.layout import LaneLayout

AXES = ("calendar", "days", "visits")
NEVER = "never"
SCHEMES = ("system", "light", "dark", "contrast_light", "contrast_dark")
TEXT_SIZES = ("80", "90", "100", "110", "125", "150", "175", "200")
RECENT_COMMANDS, RECENT_CLINICS = 12, 8  # as many are remembered
LOCK_AFTER = ("1", "2", "5", "10", "15", "30", "60", NEVER)


@dataclass(slots=True)
class Settings:
    """language: "zh" or "en"; scheme: one of SCHEMES; geometry: Qt's window geometry in base64.

    last_file: path of a clinic file, or address of a clinic on a server without its password
    text_size: per cent, one of TEXT_SIZES
    lock_after: minutes without a touch until the clinic is locked, one of LOCK_AFTER
    axis: what the timeline counts, one of AXES
    lanes: how the timeline's lanes are arranged, {} as they come; layouts: such arrangements by the names they got
    last_page: id of its command; which patient was on it stands in the clinic, not here
    recent_clinics: as last_file, the latest first
    recent_commands: ids, the latest used first
    shortcuts: keys in Qt's portable text by id of a command, "" for none; commands not in it keep the table's
    """

    language: str = "zh"
    scheme: str = "system"
    last_file: str = ""
    last_folder: str = ""
    geometry: str = ""
    text_size: str = "100"
    lock_after: str = "10"
    axis: str = "calendar"
    lanes: dict[str, list[str]] = field(default_factory=dict)
    layouts: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    last_page: str = ""
    recent_clinics: list[str] = field(default_factory=list)
    tour_seen: bool = False
    recent_commands: list[str] = field(default_factory=list)
    shortcuts: dict[str, str] = field(default_factory=dict)

    @property
    def percent(self) -> int:
        return int(self.text_size)

    @property
    def lock_seconds(self) -> float | None:
        """None: never."""
        return None if self.lock_after == NEVER else 60.0 * int(self.lock_after)


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_layout(value: Any) -> bool:
    return LaneLayout.of_json(value) is not None


def _are_layouts(value: Any) -> bool:
    return isinstance(value, dict) and all(_is_layout(one) for one in value.values())


def _is_choice(value: Any) -> bool:
    return isinstance(value, bool)


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _are_named_texts(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(one, str) for one in value.values())


# by the type a field is declared with
_FITS: dict[str, Callable[[Any], bool]] = {
    "str": _is_text,
    "dict[str, list[str]]": _is_layout,
    "dict[str, dict[str, list[str]]]": _are_layouts,
    "bool": _is_choice,
    "list[str]": _are_texts,
    "dict[str, str]": _are_named_texts,
}


def location() -> Path:
    return Path(platformdirs.user_config_dir("Mailiu", appauthor=False)) / "settings.json"


def load(path: Path | None = None) -> Settings:
    path = path or location()
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Settings()
    except (OSError, ValueError):
        _put_aside(path)
        return Settings()
    out = Settings()
    if not isinstance(found, dict):
        _put_aside(path)
        return out
    for one in fields(Settings):
        value = found.get(one.name)
        if _FITS[str(one.type)](value):
            setattr(out, one.name, value)
    if out.language not in ("zh", "en"):
        out.language = "zh"
    if out.scheme not in SCHEMES:
        out.scheme = "system"
    if out.axis not in AXES:
        out.axis = "calendar"
    if out.text_size not in TEXT_SIZES:
        out.text_size = Settings().text_size
    if out.lock_after not in LOCK_AFTER:
        out.lock_after = Settings().lock_after
    del out.recent_clinics[RECENT_CLINICS:], out.recent_commands[RECENT_COMMANDS:]
    return out


def save(settings: Settings, path: Path | None = None) -> None:
    """The old file or the new one, never half. Raises OSError where the folder cannot be written."""
    path = path or location()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    new = path.with_suffix(".json.new")
    handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        json.dump(asdict(settings), stream, ensure_ascii=False, indent=1)
        stream.flush()
        os.fsync(stream.fileno())
    new.replace(path)


def _put_aside(path: Path) -> None:
    if path.is_file() and os.access(path.parent, os.W_OK):
        path.replace(path.with_suffix(".json.bad"))
