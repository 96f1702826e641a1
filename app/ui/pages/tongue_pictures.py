"""All pictures of a patient's tongue in the order of time: what changed is seen side by side."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QSizePolicy, QWidget

from app.domain.records import Case
from app.store.photos import Photo
from app.ui import theme
from app.ui.labels import SafeLabel
from app.ui.pages.records_dialog import RecordsDialog, Tell
from app.ui.plots.ink import CENTRE, Ink
from app.ui.session import Session
from app.ui.translation import Speaking, day_text

SMALL, LARGE = 220, 520


class Picture(Speaking, QWidget):
    """One picture with its visit beneath. Space, Enter or a click makes it large and small again."""

    def __init__(self, photo: Photo, image: QImage, when: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.photo, self.image, self._when = photo, image, when
        self._side = SMALL
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        theme.notifier.changed.connect(self._repaint)
        self.retranslate()

    def sizeHint(self) -> QSize:
        shape = self.image.size().scaled(self._side, self._side, Qt.AspectRatioMode.KeepAspectRatio)
        return QSize(max(shape.width(), 120), shape.height() + 26)

    def retranslate(self) -> None:
        self.setAccessibleName(" ".join((self.tr("Visit {number}").format(number=self.photo.visit), self._when)))
        self.update()

    def turn(self) -> None:
        self._side = LARGE if self._side == SMALL else SMALL
        self._repaint()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.turn()
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.turn()

    def paintEvent(self, event: QPaintEvent) -> None:
        ink, painter = Ink(theme.current()), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        room = QRectF(0, 0, self.width(), self.height() - 26)
        shape = self.image.size().scaled(room.size().toSize(), Qt.AspectRatioMode.KeepAspectRatio)
        box = QRectF((room.width() - shape.width()) / 2, 0, shape.width(), shape.height())
        painter.drawImage(box, self.image)
        if self.hasFocus():
            ink.frame(painter, box, ink.colour("accent"), 4)
        words = QRectF(0, self.height() - 24, self.width(), 22)
        ink.text(painter, words, self.accessibleName(), ink.colour("text"), align=CENTRE)

    def _repaint(self, *_: object) -> None:
        self.updateGeometry()
        self.update()


def shrunk(content: bytes) -> QImage:
    """As large as it is shown on a fine screen; whole ones of many visits would fill the memory."""
    keep, smooth = Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
    image = QImage.fromData(content)
    return image.scaled(2 * LARGE, 2 * LARGE, keep, smooth) if max(image.width(), image.height()) > 2 * LARGE else image


class TonguePictures(RecordsDialog):
    def __init__(self, session: Session, case: Case, tell: Tell, parent: QWidget | None = None) -> None:
        super().__init__(session, tell, parent)
        self._code, self._name = case.patient.code, case.patient.name or case.patient.code
        self._dates = {visit.number: day_text(visit.date) if visit.date else "" for visit in case.visits}
        self.title = SafeLabel(size=theme.TITLE, bold=True, elide=True)
        self.note = SafeLabel(tone="muted", wrap=True)
        self._row_box = QWidget()
        self._row = QHBoxLayout(self._row_box)
        self._row.addStretch(1)
        scroller = QScrollArea()
        scroller.setObjectName("strip")
        scroller.setWidgetResizable(True)
        scroller.setWidget(self._row_box)
        scroller.setAccessibleName("–")
        self.scroller = scroller
        head = QHBoxLayout()
        head.addWidget(self.title, 1)
        self._lay_out(head, (scroller, 1), self.note, width=980, height=420)
        self.retranslate()
        self.load()

    @property
    def pictures(self) -> list[Picture]:
        items = (self._row.itemAt(i) for i in range(self._row.count()))
        return [w for item in items if item is not None and isinstance(w := item.widget(), Picture)]

    def load(self) -> None:
        clinic = self.session.clinic
        if clinic is None:
            return

        def read() -> list[tuple[Photo, QImage]]:
            return [(one, shrunk(clinic.photos.content(one.id))) for one in clinic.photos.list(self._code)]

        self.read(read, self._show)

    def empty(self) -> None:
        self._show([])
        self.title.setText("")

    def unseal(self) -> None:
        self.retranslate()
        self.load()

    def retranslate(self) -> None:
        self.setWindowTitle(self.tr("Pictures of the tongue"))
        self.scroller.setAccessibleName(self.tr("Pictures of the tongue"))
        self.title.setText(self.tr("Tongue of {patient} along time").format(patient=self._name))
        self.note.setText(self.tr("No picture yet. Drop one into the visit editor."))

    def _show(self, found: list[tuple[Photo, QImage]]) -> None:
        for old in self.pictures:
            self._row.removeWidget(old)
            old.hide()
            old.deleteLater()
        for place, (photo, image) in enumerate(found):
            picture = Picture(photo, image, self._dates.get(photo.visit, ""))
            self._row.insertWidget(place, picture)
        self.note.setVisible(not found)
