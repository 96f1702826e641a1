"""Pictures of the tongue: dropped, pasted or chosen, shown small; they are stored with the visit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QGuiApplication,
    QImage,
    QImageReader,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
)
from PySide6.QtWidgets import QDialog, QFileDialog, QSizePolicy, QVBoxLayout, QWidget

from app.domain.errors import KnownError
from app.domain.photos import NewPhoto
from app.ui import theme
from app.ui.labels import SafeLabel
from app.ui.plots.ink import CENTRE, Ink
from app.ui.translation import Speaking

SIDE, GAP = 56, 8
LONGEST = 2048  # pixels of a stored picture's longer side
QUALITY = 90
MOST_PIXELS = 100_000_000  # a picture that claims more is none


def read_picture(path: Path) -> NewPhoto:
    """A picture file as it is stored: upright, of moderate size, without what a camera notes (place, device, time).

    Raises KnownError for a file that is no picture.
    """
    reader = QImageReader(str(path))
    reader.setAutoTransform(True)
    reader.setDecideFormatFromContent(True)
    size = reader.size()
    if size.isValid() and size.width() * size.height() > MOST_PIXELS:
        raise KnownError("{name} is no picture that can be stored; PNG and JPEG can.", name=path.name)
    image = reader.read()
    if image.isNull():
        raise KnownError("{name} is no picture that can be stored; PNG and JPEG can.", name=path.name)
    return NewPhoto(encode(image), path.name)


def encode(image: QImage) -> bytes:
    """JPEG bytes of a picture, no larger than LONGEST."""
    if max(image.width(), image.height()) > LONGEST:
        keep, smooth = Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
        image = image.scaled(LONGEST, LONGEST, keep, smooth)
    fresh = image.convertToFormat(QImage.Format.Format_RGB32)
    for key in fresh.textKeys():
        fresh.setText(key, "")
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    fresh.save(buffer, "JPEG", QUALITY)  # pyright: ignore[reportCallIssue, reportArgumentType]
    return bytes(data.data())


class PhotoStrip(Speaking, QWidget):
    """A square a picture, and an empty one that takes more. Delete takes out the one that is chosen."""

    changed = Signal()
    refused = Signal(object)  # KnownError
    removed = Signal(int)  # id of a stored picture that is to go

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.photos: list[NewPhoto] = []  # new ones, behind those that are stored
        self._stored: list[tuple[int, str]] = []  # id, name
        self._shown: list[QImage] = []
        self._at = 0
        self._over = False
        self.run: Callable[..., None] | None = None  # reads files elsewhere: ``Errands.run``
        self.setAcceptDrops(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.notifier.changed.connect(self._repaint)
        self.retranslate()

    def sizeHint(self) -> QSize:
        return QSize(240, SIDE + 4)

    def show_photos(self, photos: Sequence[NewPhoto]) -> None:
        self.photos, self._stored = list(photos), []
        self._shown = [QImage.fromData(photo.content) for photo in photos]
        self._at = len(self._shown)
        self.retranslate()

    def show_stored(self, stored: Sequence[tuple[int, str, bytes]]) -> None:
        """Pictures the visit has already, as (id, name, bytes): before the new ones."""
        new = self._shown[len(self._stored) :]
        self._stored = [(key, name) for key, name, _ in stored]
        self._shown = [QImage.fromData(content) for _, _, content in stored] + new
        self._at = len(self._shown)
        self.retranslate()

    def add_files(self, paths: list[Path]) -> None:
        for path in paths:
            if self.run is not None:
                self.run(partial(read_picture, path), self._take, self.refused.emit)

    def _take(self, photo: NewPhoto) -> None:
        self.photos.append(photo)
        self._shown.append(QImage.fromData(photo.content))
        self._at = len(self._shown)
        self.retranslate()
        self.changed.emit()

    def remove(self, index: int) -> None:
        """A new one is forgotten; a stored one is taken out of the record, and undo brings it back."""
        del self._shown[index]
        if index < len(self._stored):
            self.removed.emit(self._stored.pop(index)[0])
        else:
            del self.photos[index - len(self._stored)]
            self.changed.emit()
        self._at = min(self._at, len(self._shown))
        self.retranslate()

    def retranslate(self) -> None:
        self.setAccessibleName(self.tr("%n picture(s) of the tongue", "", len(self._shown)))
        self.setAccessibleDescription(self.tr("Enter: choose files or look; Delete: take out"))
        self.update()

    def ask_for_files(self) -> None:
        title = self.tr("Pictures of the tongue")
        kinds = self.tr("Pictures") + " (*.png *.jpg *.jpeg *.webp *.bmp *.tif *.tiff)"
        names, _ = QFileDialog.getOpenFileNames(self, title, "", kinds)
        self.add_files([Path(name) for name in names])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Paste):
            self._paste()
        elif event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            step = 1 if event.key() == Qt.Key.Key_Right else -1
            self._at = min(max(self._at + step, 0), len(self._shown))
            self.update()
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and self._at < len(self._shown):
            self.remove(self._at)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._open(self._at)
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._at = min(int(event.position().x() // (SIDE + GAP)), len(self._shown))
        self._open(self._at)
        self.update()

    def _open(self, index: int) -> None:
        if index >= len(self._shown):
            self.ask_for_files()
            return
        dialog = QDialog(self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        names = [name for _, name in self._stored] + [photo.name for photo in self.photos]
        dialog.setWindowTitle(names[index] or self.tr("Tongue"))
        picture = SafeLabel()
        picture.setPixmap(QPixmap.fromImage(self._shown[index]).scaled(900, 700, Qt.AspectRatioMode.KeepAspectRatio))
        picture.setAccessibleName(dialog.windowTitle())
        QVBoxLayout(dialog).addWidget(picture)
        dialog.show()

    def _paste(self) -> None:
        image = QGuiApplication.clipboard().image()
        if not image.isNull():
            self._take(NewPhoto(encode(image), self.tr("Tongue")))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls() or event.mimeData().hasImage():
            self._over = True
            event.acceptProposedAction()
            self.update()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._over = False
        self.update()

    def dropEvent(self, event: QDropEvent) -> None:
        self._over = False
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        self.add_files(paths)
        event.acceptProposedAction()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        ink, painter = Ink(theme.current()), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for index, image in enumerate(self._shown):
            box = QRectF(index * (SIDE + GAP), 2, SIDE, SIDE)
            side = min(image.width(), image.height())
            middle = QRectF((image.width() - side) / 2, (image.height() - side) / 2, side, side)
            painter.drawImage(box, image, middle)
            if self.hasFocus() and index == self._at:
                ink.frame(painter, box, ink.colour("accent"), 4)
        left = len(self._shown) * (SIDE + GAP)
        box = QRectF(left, 2, max(self.width() - left, SIDE), SIDE).adjusted(1, 1, -1, -1)
        chosen = self._over or (self.hasFocus() and self._at == len(self._shown))
        pen = QPen(ink.colour("accent" if chosen else "line"), 2 if chosen else 1)
        pen.setStyle(Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.setBrush(ink.colour("selection" if self._over else "surface"))
        painter.drawRoundedRect(box, theme.CONTROL_RADIUS, theme.CONTROL_RADIUS)
        words = self.tr("Drop pictures of the tongue here, or click") if box.width() > 150 else "+"
        ink.text(painter, box.adjusted(6, 0, -6, 0), words, ink.colour("muted"), align=CENTRE)

    def _repaint(self, *_: object) -> None:
        self.update()
