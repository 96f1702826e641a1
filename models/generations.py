"""The generations of a model: a promoted candidate takes its name, and each promotion can be taken back.

Model NAME is ``NAME.json`` and its weights, as ever; what stood there before lies in the folder ``NAME.generations``,
each generation a whole model of its own, named after its number. A promotion first keeps the model in force there and
then replaces it as ``artifact.save`` does, so a killed process leaves the old generation in force or the new one, never
a mixture and never fewer than there were.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from models import artifact, packing
from models.errors import ArtifactError
from models.forecaster import LiquidForecaster

_KEPT = re.compile(r"g(\d{6})\.json")
_MOST = 999_999


@dataclass(frozen=True)
class Generation:
    """number: 0 for a model that was trained, one more with each promotion; current: the one in force

    intact: whether its card can be read; created, lineage: of the card, see ``models.continual``
    """

    number: int
    current: bool
    intact: bool
    created: str | None
    lineage: dict[str, Any] | None = field(default=None, compare=False)


def promote(folder: Path, name: str, candidate: LiquidForecaster) -> int:
    """Put the candidate in force under the name, keeping what was. Returns its number. Raises ArtifactError, OSError.

    A model in force that is damaged is not replaced: nothing could be taken back.
    """
    folder, number = Path(folder), 0
    if (folder / f"{artifact.check_name(name)}.json").exists():
        card, tensors = artifact.load(folder, name)
        now = _number(folder, name, card)
        artifact.save(_history(folder, name), _file(now), {**card, "generation": now}, tensors)
        number = now + 1
    card = {**candidate.card, "name": name, "generation": number}
    artifact.save(folder, name, *packing.pack(card, candidate.fitted_))
    return number


def take_back(folder: Path, name: str) -> int:
    """Put the generation before in force again and drop the one that was. Returns its number.

    Raises ArtifactError where there is none, or where it is damaged; what is in force then stays. A damaged model in
    force can be taken back as long as its card tells its number.
    """
    folder = Path(folder)
    card = _card(folder / f"{artifact.check_name(name)}.json")
    if "generation" not in card and _numbers(folder, name):
        raise ArtifactError(f"model {name!r} was trained anew since its last update: nothing to take back")
    now = _number(folder, name, card)
    before = [n for n in _numbers(folder, name) if n < now]
    if not before:
        raise ArtifactError(f"there is no generation of model {name!r} before number {now}: nothing to take back")
    number = max(before)
    history = _history(folder, name)
    artifact.save(folder, name, *artifact.load(history, _file(number)))
    for late in [n for n in _numbers(folder, name) if n >= number]:  # in force now, or left by a killed promotion
        _drop(history, _file(late))
    return number


def generations(folder: Path, name: str) -> list[Generation]:
    """The newest, which is in force, first. Raises ArtifactError where there is no such model."""
    folder = Path(folder)
    card = _card(folder / f"{artifact.check_name(name)}.json")
    now, history = _number(folder, name, card), _history(folder, name)
    found = [Generation(now, True, True, card.get("created"), card.get("lineage"))]
    for number in sorted((n for n in _numbers(folder, name) if n < now), reverse=True):
        try:
            kept = _card(history / f"{_file(number)}.json")
        except ArtifactError:
            found.append(Generation(number, False, False, None))
        else:
            found.append(Generation(number, False, True, kept.get("created"), kept.get("lineage")))
    return found


def _history(folder: Path, name: str) -> Path:
    return folder / f"{name}.generations"


def _file(number: int) -> str:
    return f"g{number:06d}"


def _numbers(folder: Path, name: str) -> list[int]:
    history = _history(folder, name)
    names = [p.name for p in history.iterdir()] if history.is_dir() else []
    return sorted(int(found[1]) for found in map(_KEPT.fullmatch, names) if found)


def _number(folder: Path, name: str, card: dict[str, Any]) -> int:
    """Of the model in force. One saved over others without a number, after a new training, comes after all of them."""
    kept = _numbers(folder, name)
    if "generation" not in card and kept:
        last = _card(_history(folder, name) / f"{_file(kept[-1])}.json")
        return kept[-1] + (last.get("sha256") != card.get("sha256"))  # alike: left by a killed promotion
    number = card.get("generation", 0)
    if not isinstance(number, int) or not 0 <= number < _MOST:
        raise ArtifactError(f"the model card's generation is {number!r}, not a number from 0 to {_MOST}")
    return number


def _card(path: Path) -> dict[str, Any]:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ArtifactError(f"there is no readable model card {path.name}: {error.strerror}") from error
    return artifact.read_card(data, path.name)


def _drop(history: Path, file: str) -> None:
    """The card first: weights without a card are no generation."""
    (history / f"{file}.json").unlink(missing_ok=True)
    for left in history.glob(f"{file}-*.safetensors"):
        left.unlink(missing_ok=True)
