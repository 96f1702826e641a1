"""A vocabulary pack before it is loaded: its name and version, and line by line what it would change."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QHeaderView, QLineEdit, QPushButton, QVBoxLayout, QWidget

from app.domain import packs
from app.domain.errors import KnownError
from app.i18n import explain, t
from app.ui import theme
from app.ui.labels import SafeLabel
from app.ui.pages.form_dialog import busy_bar, button_row
from app.ui.pages.tables import ShowTable
from app.ui.session import Session
from app.ui.translation import Speaking

if TYPE_CHECKING:
    from app.domain.messages import Message
    from app.domain.pack_diff import PackDiff
    from app.domain.packs import Pack
    from app.store.terms import Terms


class PackSheet(Speaking, QWidget):
    """over: the pack was loaded, or left alone; refused carries the error.

    pack: the one whose changes are shown; None before it is read and where the file is none. faults: why it is none
    """

    over = Signal()
    refused = Signal(object)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.path: Path | None = None
        self.pack: Pack | None = None
        self._working = False
        self._changes: tuple[Message, ...] = ()
        self.faults: Sequence[KnownError] = ()
        self._title, self.summary = SafeLabel(bold=True, elide=True), SafeLabel(wrap=True)
        self.name, self.version = QLineEdit(), QLineEdit()
        theme.follow(self.version, "setFixedWidth", 120)
        self._words = [SafeLabel(tone="muted") for _ in range(2)]
        self._hint = SafeLabel(tone="muted", size=theme.SMALL, wrap=True)
        self.lines = ShowTable(1, stretch=(0,))
        self.lines.horizontalHeader().hide()
        self.lines.setWordWrap(True)
        self.lines.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.bar = busy_bar()
        kept = self.bar.sizePolicy()
        kept.setRetainSizeWhenHidden(True)  # nothing jumps when the work is done
        self.bar.setSizePolicy(kept)
        self.go, self.leave = QPushButton(), QPushButton()
        self.go.setProperty("filled", True)
        self.go.clicked.connect(self.apply)
        self.leave.clicked.connect(self.end)
        self.name.editingFinished.connect(self.settle)
        self.name.textChanged.connect(self._tell)
        fields = QHBoxLayout()
        fields.setSpacing(theme.GAP)
        for word, field in zip(self._words, (self.name, self.version), strict=True):
            word.setBuddy(field)
            fields.addWidget(word)
            fields.addWidget(field, 1 if field is self.name else 0)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 12, 0, 0)
        column.setSpacing(theme.GAP)
        column.addWidget(self._title)
        column.addLayout(fields)
        column.addWidget(self._hint)
        column.addWidget(self.summary)
        column.addWidget(self.lines, 1)
        column.addWidget(self.bar)
        column.addLayout(button_row(self.go, self.leave))
        self.retranslate()

    def look_at(self, path: Path) -> None:
        """Show what the pack in this file would change; nothing is changed by that."""
        self.path = path
        self.name.setText(path.stem)
        self.version.clear()
        self.retranslate()
        self._read()

    def settle(self) -> None:
        """The name is typed: a pack of another name is another pack, and changes other things."""
        name = self.name.text().strip()
        if name and self.pack is not None and not self._working and name != self.pack.name:
            self._read()

    def compare_again(self) -> None:
        """Something in the vocabulary has changed, so that the pack may change something else."""
        clinic, pack = self._session.clinic, self.pack
        if clinic is not None and pack is not None and not self._working:
            self._session.errands.run(partial(_beside, clinic.terms, pack), self._compared_again, self.refused.emit)

    def apply(self) -> None:
        """Load the pack that was looked at."""
        clinic, pack = self._session.clinic, self.pack
        if clinic is not None and pack is not None and self.go.isEnabled():
            self._work(True)
            work = partial(clinic.terms.apply, pack, self.version.text().strip())
            self._session.errands.run(work, self.end, self._refused)

    def end(self, *_: object) -> None:
        self._work(False)
        self.path = None
        self._show(None, ())
        self.over.emit()

    def retranslate(self) -> None:
        self._words[0].setText(self.tr("Name"))
        self._words[1].setText(self.tr("Version"))
        self._hint.setText(self.tr("A later version of a pack bears the same name and takes its place."))
        self.go.setText(self.tr("Load this pack"))
        self.leave.setText(self.tr("Cancel"))
        self._fill()

    def _read(self) -> None:
        clinic, path = self._session.clinic, self.path
        if clinic is not None and path is not None and not self._session.locked:
            self._work(True)
            self._show(None, ())
            work = partial(_look, clinic.terms, path, self.name.text().strip())
            self._session.errands.run(work, self._compared, self._refused)

    def _compared(self, found: tuple[Pack, PackDiff]) -> None:
        self._work(False)
        self._show(found[0], found[1].describe())

    def _compared_again(self, found: tuple[Pack, PackDiff]) -> None:
        if found[0] is self.pack:
            self._show(found[0], found[1].describe())

    def _refused(self, error: BaseException) -> None:
        self._work(False)
        if self.pack is None and isinstance(error, KnownError):
            self._show(None, (), error.faults if isinstance(error, packs.PackError) else (error,))
        self.refused.emit(error)

    def _show(self, pack: Pack | None, changes: tuple[Message, ...], faults: Sequence[KnownError] = ()) -> None:
        self.pack, self._changes, self.faults = pack, changes, faults
        self._fill()

    def _fill(self) -> None:
        title = self.tr("Why {file} cannot be loaded") if self.faults else self.tr("What {file} would change")
        head, *rest = [t(line.template, **line.params) for line in self._changes] or [self.tr("Reading…")]
        if self.faults:
            head, rest = self.tr("Nothing was changed."), [explain(fault) for fault in self.faults]
        self._title.setText(title.format(file=self.path.name if self.path is not None else ""))
        self.summary.setText(head)
        self.lines.setRowCount(0)  # rows that are there already would be measured at every cell
        self.lines.setRowCount(len(rest))
        for row, text in enumerate(rest):
            self.lines.put(row, [text], tone="red" if self.faults else "text")
        self._tell()

    def _work(self, working: bool) -> None:
        self._working = working  # first: a field that is taken away has been typed to its end
        for widget in (self.name, self.version, self.leave):
            widget.setEnabled(not working)
        self._tell()

    def _tell(self, *_: object) -> None:
        self.bar.setVisible(self._working)
        named = self.pack is not None and self.pack.name == self.name.text().strip()
        self.go.setEnabled(named and not self._working)


def _look(terms: Terms, path: Path, name: str) -> tuple[Pack, PackDiff]:
    return _beside(terms, packs.read(path, name=name))


def _beside(terms: Terms, pack: Pack) -> tuple[Pack, PackDiff]:
    return pack, terms.diff(pack)
