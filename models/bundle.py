"""One file that carries a model to another machine: a ZIP of its card and its weights, told apart by its SHA-256.

The same model gives the same bytes wherever it is packed. Nothing of a patient is in it but what a card holds: counts,
errors, and marks that tell nothing to whom has not the records (``models.course.mark``).
"""

from __future__ import annotations

import hashlib
import io
import tempfile
import zipfile
import zlib
from pathlib import Path
from typing import Any

from models import artifact
from models.errors import ArtifactError
from models.forecaster import LiquidForecaster

SUFFIX = ".mailiu-model"
CARD, WEIGHTS = "card.json", "weights.safetensors"
_MOST = 1 << 30  # bytes of a part
_EPOCH = (1980, 1, 1, 0, 0, 0)
_PARCEL = "parcel"  # the name under which a file is looked at before it is let in


def pack(folder: Path, name: str) -> tuple[bytes, str]:
    """The file's bytes and their SHA-256. Raises ArtifactError for a model that is missing or damaged, OSError."""
    card, _ = artifact.load(Path(folder), name)
    parts = {CARD: (folder / f"{name}.json").read_bytes(), WEIGHTS: (folder / str(card["weights"])).read_bytes()}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, data in parts.items():
            archive.writestr(zipfile.ZipInfo(part, _EPOCH), data, zipfile.ZIP_DEFLATED)
    whole = out.getvalue()
    return whole, hashlib.sha256(whole).hexdigest()


def unpack(file: Path, folder: Path, name: str | None = None, sha256: str | None = None) -> tuple[Path, dict[str, Any]]:
    """Write the model in ``file`` to ``folder`` as ``name``, None: as it was called; returns its card's path, and it.

    sha256: what the file's must be. The model is loaded once before anything is written: what arrives can be used.
    Raises ArtifactError for a file that is not such a one, damaged, or not the one expected, and for a name that is
    taken; OSError.
    """
    data = Path(file).read_bytes()
    found = hashlib.sha256(data).hexdigest()
    if sha256 is not None and found != sha256.strip().lower():
        raise ArtifactError(f"{file.name} is not the file expected: its SHA-256 is {found}")
    parts = _parts(file.name, data)
    with tempfile.TemporaryDirectory() as place:
        inner = Path(place)
        forecaster, called = _tried(inner, parts, file.name)
        chosen = artifact.check_name(called if name is None else name)
        if (Path(folder) / f"{chosen}.json").exists():
            raise ArtifactError(f"there is a model {chosen!r} already; give another name")
        Path(folder).mkdir(parents=True, exist_ok=True)
        path = forecaster.save(Path(folder), chosen)
        return path, forecaster.card


def _tried(inner: Path, parts: dict[str, bytes], source: str) -> tuple[LiquidForecaster, str]:
    """Loaded from a place of its own, and what it was called."""
    card = artifact.read_card(parts[CARD], source)
    digest = hashlib.sha256(parts[WEIGHTS]).hexdigest()
    weights = f"{_PARCEL}-{digest[:8]}.safetensors"
    (inner / weights).write_bytes(parts[WEIGHTS])
    artifact.write_card(inner / f"{_PARCEL}.json", {**card, "weights": weights})
    return LiquidForecaster.load(inner, _PARCEL), str(card.get("name") or "")


def _parts(source: str, data: bytes) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            inside = {info.filename: info.file_size for info in archive.infolist()}
            if set(inside) != {CARD, WEIGHTS} or max(inside.values()) > _MOST:
                raise ArtifactError(f"{source} is not a model that was exported")
            return {part: archive.read(part) for part in inside}
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise ArtifactError(f"{source} is not a model that was exported: {error}") from error
