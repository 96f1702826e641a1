"""One file that carries a model to another machine: a ZIP of its card and its weights, told apart by its SHA-256.

The same model gives the same bytes wherever it is packed. Nothing of a patient is in it but what a card holds: counts,
errors, and marks (``models.course.mark``), which are as secret as the names the courses were given.
"""

from __future__ import annotations

import hashlib
import io
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from models import artifact
from models.errors import ArtifactError
from models.forecaster import LiquidForecaster

SUFFIX = ".mailiu-model"
CARD, WEIGHTS = "card.json", "weights.safetensors"
_MOST = {CARD: 8 << 20, WEIGHTS: 1 << 30}  # bytes
_EPOCH = (1980, 1, 1, 0, 0, 0)
_PARCEL = "parcel"  # the name under which a file is looked at before it is let in


def pack(folder: Path, name: str) -> tuple[bytes, str]:
    """The file's bytes and their SHA-256. Raises ArtifactError for a model that is missing or damaged, OSError."""
    folder = Path(folder)
    card, _ = artifact.load(folder, name)
    parts = {CARD: (folder / f"{name}.json").read_bytes(), WEIGHTS: (folder / str(card["weights"])).read_bytes()}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for part, data in parts.items():
            entry = zipfile.ZipInfo(part, _EPOCH)
            entry.create_system = 3  # else it tells where it was packed
            archive.writestr(entry, data)
    whole = out.getvalue()
    return whole, hashlib.sha256(whole).hexdigest()


@contextmanager
def opened(file: Path, sha256: str | None = None) -> Iterator[LiquidForecaster]:
    """The forecaster in ``file``, loaded in a place of its own and written nowhere: ``save`` does that.

    sha256: what the file's must be. Raises ArtifactError for a file that is no exported model, damaged or not the one
    expected, OSError.
    """
    data = Path(file).read_bytes()
    found = hashlib.sha256(data).hexdigest()
    if sha256 is not None and found != sha256.strip().lower():
        raise ArtifactError(f"{file.name} is not the file expected: its SHA-256 is {found}")
    parts = _parts(file.name, data)
    weights = f"{_PARCEL}-{hashlib.sha256(parts[WEIGHTS]).hexdigest()[:8]}.safetensors"
    with tempfile.TemporaryDirectory() as place:
        inner = Path(place)
        try:
            card = artifact.read_card(parts[CARD], file.name)
            (inner / weights).write_bytes(parts[WEIGHTS])
            artifact.write_card(inner / f"{_PARCEL}.json", {**card, "weights": weights})
            forecaster = LiquidForecaster.load(inner, _PARCEL)
        except ArtifactError as error:
            raise ArtifactError(f"{file.name} is not a model that was exported: {error}") from error
        yield forecaster


def _parts(source: str, data: bytes) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            names = [entry.filename for entry in entries]
            if sorted(names) != sorted(_MOST) or any(entry.file_size > _MOST[entry.filename] for entry in entries):
                raise ArtifactError(f"{source} is not a model that was exported")
            return {part: archive.read(part) for part in names}
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise ArtifactError(f"{source} is not a model that was exported: {error}") from error
