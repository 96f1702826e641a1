"""The backups there are, a line for each: of when, how large, what opens it, and what is wrong with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QLocale

from app.ui.pages.tables import ShowTable, moment_text
from app.ui.translation import Speaking, locale, number_text

if TYPE_CHECKING:
    from app.store.catalogue import Backup


class BackupTable(Speaking, ShowTable):
    def __init__(self) -> None:
        super().__init__(6, stretch=(1, 5), numbers=(2, 3))
        self.backups: list[Backup] = []
        self.retranslate()

    def chosen(self) -> Backup | None:
        row = self.currentRow()
        return self.backups[row] if 0 <= row < len(self.backups) else None

    def show_backups(self, backups: list[Backup]) -> None:
        """The one that was chosen stays so; else the newest is."""
        before = self.chosen()
        self.backups = backups
        self._fill()
        paths = [one.path for one in backups]
        if paths:
            self.selectRow(paths.index(before.path) if before is not None and before.path in paths else 0)

    def retranslate(self) -> None:
        self.setAccessibleName(self.tr("Backups"))
        self.name_columns(
            [
                self.tr("When"),
                self.tr("File"),
                self.tr("Size"),
                self.tr("Patients"),
                self.tr("Opens with"),
                self.tr("State"),
            ]
        )
        self._fill()

    def _fill(self) -> None:
        self.setRowCount(len(self.backups))
        for row, one in enumerate(self.backups):
            patients = one.counts.get("patient")
            texts = [
                moment_text(one.at),
                one.path.name,
                locale().formattedDataSize(one.size, 1, QLocale.DataSizeFormat.DataSizeSIFormat),
                "–" if patients is None else number_text(patients, 0),
                self._key(one),
                one.problem or self.tr("sound"),
            ]
            self.put(row, texts, tone="text" if one.sound else "red")

    def _key(self, one: Backup) -> str:
        if not one.encrypted:
            return self.tr("no passphrase")
        if not one.sha256:  # the catalogue does not know it
            return "–"
        return self.tr("an own passphrase") if one.own_key else self.tr("the clinic's key")
