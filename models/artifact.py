"""Model files: tensors in safetensors, everything else in a JSON card. Nothing is ever unpickled.

A model NAME in a folder is ``NAME.json`` (the card, which names the weights and their SHA-256) and
``NAME-<hash8>.safetensors``. The weights are written first and the card is replaced last, so a reader finds either
the old model or the new one, never a mixture.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tempfile
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import save as serialise
from torch import Tensor

from models.errors import ArtifactError

FORMAT = "mailiu.model"
VERSION = 3
_PARTIAL = ".partial"
_HEADER_KEY = "mailiu"
_NAME = re.compile(r"[^\\/:*?\"<>|\x00-\x1f\x7f\ud800-\udfff]{1,80}")
_MAX_NAME_BYTES = 200  # a file name holds 255; the temporary name of the weights adds 43
_DEVICES = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)  # no file can bear these on Windows


def write_bytes(path: Path, data: bytes) -> None:
    """Replace ``path`` as a whole: written beside it, flushed to disk, then renamed. Raises OSError."""
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", suffix=_PARTIAL, dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    _flush_folder(path.parent)
    sweep(path)


def sweep(path: Path) -> None:
    """Remove what a killed process left half-written beside ``path``."""
    for left in path.parent.iterdir():
        if left.name.startswith(f".{path.name}.") and left.name.endswith(_PARTIAL):
            left.unlink(missing_ok=True)


def _flush_folder(folder: Path) -> None:
    if os.name == "posix":  # elsewhere a folder cannot be opened, and the rename itself is journalled
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _bytes(tensors: dict[str, Tensor], header: dict[str, Any]) -> bytes:
    plain = {k: v.detach().cpu().contiguous() for k, v in tensors.items()}
    return serialise(plain, metadata={_HEADER_KEY: json.dumps(header, allow_nan=True)})


def digest(tensors: dict[str, Tensor]) -> str:
    """The SHA-256 that the card of a saved model with these tensors bears."""
    return hashlib.sha256(_bytes(tensors, {"format": FORMAT, "version": VERSION})).hexdigest()


def write_tensors(path: Path, tensors: dict[str, Tensor], header: dict[str, Any]) -> None:
    """One self-contained file (a checkpoint), replaced atomically."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_bytes(path, _bytes(tensors, header))


def read_tensors(path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Tensors and header of such a file. Raises ArtifactError where it is missing, damaged or foreign."""
    try:
        with safe_open(path, framework="pt") as file:
            header = json.loads((file.metadata() or {})[_HEADER_KEY])
            tensors = {k: file.get_tensor(k) for k in file.keys()}  # noqa: SIM118
    except (SafetensorError, OSError, KeyError, ValueError) as error:
        raise ArtifactError(f"{path.name} is not a readable model file: {error}") from error
    if not isinstance(header, dict):
        raise ArtifactError(f"{path.name} is not a readable model file: its header is no object")
    return tensors, header


def check_name(name: str) -> str:
    """The name, fit for a file on any system.

    Raises ArtifactError for separators, control characters, a dot at either end, a device's name, or length.
    """
    fits = _NAME.fullmatch(name) and len(name.encode()) <= _MAX_NAME_BYTES and not _DEVICES.fullmatch(name)
    if not fits or name != name.strip() or name.startswith(".") or name.endswith("."):
        raise ArtifactError(
            f'{name!r} cannot name a model: use 1 to 80 characters (66 Chinese ones) without \\ / : * ? " < > |, '
            "not starting with a dot, not the name of a device"
        )
    return name


def save(folder: Path, name: str, card: dict[str, Any], tensors: dict[str, Tensor]) -> Path:
    """Write a model; older weights of that name are removed. Returns the card's path. Raises ArtifactError, OSError."""
    check_name(name)
    folder.mkdir(parents=True, exist_ok=True)
    data = _bytes(tensors, {"format": FORMAT, "version": VERSION})
    digest = hashlib.sha256(data).hexdigest()
    weights = folder / f"{name}-{digest[:8]}.safetensors"
    write_bytes(weights, data)
    content = {**card, "format": FORMAT, "version": VERSION, "weights": weights.name, "sha256": digest}
    path = folder / f"{name}.json"
    write_card(path, content)
    old_weights = re.compile(_weights_of(name))
    half_weights = re.compile(rf"\.{old_weights.pattern}\..*\{_PARTIAL}")
    for old in folder.iterdir():
        if (old_weights.fullmatch(old.name) and old != weights) or half_weights.fullmatch(old.name):
            old.unlink(missing_ok=True)
    return path


def write_card(path: Path, card: dict[str, Any]) -> None:
    """Replaced atomically. Raises OSError."""
    write_bytes(path, json.dumps(card, ensure_ascii=False, indent=1, allow_nan=False).encode())


def read_card(data: bytes, source: str) -> dict[str, Any]:
    """Raises ArtifactError for what is no card of a model."""
    try:
        card = json.loads(data, parse_constant=_not_plain)
        json.dumps(card, ensure_ascii=False).encode()  # half a character can be read and not be written
    except (ValueError, RecursionError) as error:
        raise ArtifactError(f"the card of model {source!r} is damaged: {error}") from error
    if not isinstance(card, dict) or card.get("format") != FORMAT:
        raise ArtifactError(f"{source} is not a model card")
    return card


def _not_plain(word: str) -> float:
    raise ValueError(f"{word} is no JSON")


def taken(folder: Path, name: str) -> bool:
    """Whether anything of a model of that name lies there, a checkpoint or earlier generations too."""
    left = (f"{check_name(name)}.json", f"{name}.checkpoint", f"{name}.generations")
    return any((folder / one).exists() for one in left)


def remove(folder: Path, name: str) -> None:
    """The model's files, those of its earlier generations and its checkpoint; what is not there is passed over.

    The card goes first: weights without a card are no model. Raises ArtifactError for an impossible name, OSError.
    """
    (folder / f"{check_name(name)}.json").unlink(missing_ok=True)
    (folder / f"{name}.checkpoint").unlink(missing_ok=True)
    for left in folder.glob("*.safetensors"):
        if re.fullmatch(_weights_of(name), left.name):
            left.unlink(missing_ok=True)
    shutil.rmtree(folder / f"{name}.generations", ignore_errors=True)


def _weights_of(name: str) -> str:
    return re.escape(name) + r"-[0-9a-f]{8}\.safetensors"


def load(folder: Path, name: str) -> tuple[dict[str, Any], dict[str, Tensor]]:
    """Card and tensors. Raises ArtifactError where anything is missing, damaged, foreign or of another version."""
    path = folder / f"{check_name(name)}.json"
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ArtifactError(f"there is no readable model {name!r} in {folder.name}: {error.strerror}") from error
    card = read_card(data, name)
    if card.get("version") != VERSION:
        raise ArtifactError(f"model {name!r} has format version {card.get('version')!r}; this program reads {VERSION}")
    weights = card.get("weights")
    if not isinstance(weights, str) or not re.fullmatch(_weights_of(name), weights):
        raise ArtifactError(f"the card of model {name!r} does not name its weights")
    file = folder / weights
    try:
        data = file.read_bytes()
    except OSError as error:
        raise ArtifactError(f"the weights of model {name!r} are missing: {error.strerror}") from error
    if hashlib.sha256(data).hexdigest() != card.get("sha256"):
        raise ArtifactError(f"the weights of model {name!r} are damaged or were exchanged: their checksum differs")
    tensors, _ = read_tensors(file)
    return card, tensors
