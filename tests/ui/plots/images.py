"""Approved pictures: a drawing is compared with ``tests/ui/approved/NAME.png``, with tolerance.

A picture that differs is saved with its difference under ``tests/ui/failed``. To approve new drawings, look at them
and run the tests once with MAILIU_APPROVE=1.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

UI = Path(__file__).resolve().parent.parent
APPROVED, FAILED = UI / "approved", UI / "failed"
SLIGHT = 40  # of 255 a pixel: antialiasing and hinting differ from machine to machine
DIFFERENT_SHARE = 0.02  # of all pixels: a line of text a pixel off, not a lane that moved


def pixels(image: QImage) -> NDArray[np.uint8]:
    image = image.convertToFormat(QImage.Format.Format_RGB888)
    data = np.frombuffer(image.constBits(), dtype=np.uint8).reshape(image.height(), image.bytesPerLine())
    return data[:, : image.width() * 3].reshape(image.height(), image.width(), 3).copy()


def check_picture(png: bytes, name: str) -> None:
    """Raises AssertionError where the picture differs from the approved one by more than the tolerance."""
    approved = APPROVED / f"{name}.png"
    if os.environ.get("MAILIU_APPROVE"):
        approved.parent.mkdir(exist_ok=True)
        approved.write_bytes(png)
    assert approved.is_file(), f"no approved picture {approved.name}; look at it and approve with MAILIU_APPROVE=1"
    drawn, wanted = pixels(QImage.fromData(png)), pixels(QImage(str(approved)))
    if drawn.shape == wanted.shape:
        difference = np.abs(drawn.astype(np.int16) - wanted.astype(np.int16)).max(axis=2)
        share = float((difference > SLIGHT).mean())
        if share <= DIFFERENT_SHARE:
            return
        _save(np.repeat(difference[:, :, None], 3, axis=2).astype(np.uint8), f"{name}-difference")
    else:
        share = 1.0
    _save(drawn, name)
    raise AssertionError(f"{name}: {share:.1%} of the pixels differ (allowed {DIFFERENT_SHARE:.0%}); see {FAILED}")


def _save(array: NDArray[np.uint8], name: str) -> None:
    FAILED.mkdir(exist_ok=True)
    array = np.ascontiguousarray(array)
    height, width, _ = array.shape
    QImage(array.tobytes(), width, height, width * 3, QImage.Format.Format_RGB888).save(str(FAILED / f"{name}.png"))
