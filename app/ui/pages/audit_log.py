"""The audit log: who did what and when, filtered by act and person; and whether the log is whole."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QComboBox, QDialogButtonBox, QHBoxLayout, QPushButton, QWidget

from app.store.roles import Role
from app.ui import theme
from app.ui.labels import SafeLabel
from app.ui.pages.records_dialog import RecordsDialog, Tell
from app.ui.pages.tables import ShowTable, moment_text
from app.ui.role_words import ACTS, COUNTED, STATES, THINGS, roles_text, word
from app.ui.session import Session
from app.ui.translation import number_text

if TYPE_CHECKING:
    from app.store.audit import Audit, Logged, Verdict

PAGE = 200  # entries shown at first, and by each further step
READ = 1000  # entries looked through together for those of one person


class AuditDialog(RecordsDialog):
    def __init__(self, session: Session, tell: Tell, parent: QWidget | None = None) -> None:
        super().__init__(session, tell, parent)
        self._entries: list[Logged] = []
        self.acts, self.people = QComboBox(), QComboBox()
        self.acts.addItem("", "")
        for act in ACTS:
            self.acts.addItem("", act)
        self.people.addItem("", "")
        self.acts.activated.connect(self.load)
        self.people.activated.connect(self.load)
        self.verify = QPushButton()
        self.verify.setAutoDefault(False)
        self.verify.clicked.connect(self.check)
        self.verdict = SafeLabel(wrap=True)
        self.verdict.hide()
        self.table = ShowTable(5, stretch=(4,), numbers=(0,))
        self.more = QPushButton()
        self.more.setAutoDefault(False)
        self.more.clicked.connect(self.load_more)
        head = QHBoxLayout()
        head.setSpacing(theme.GAP)
        head.addWidget(self.acts)
        head.addWidget(self.people)
        head.addStretch(1)
        head.addWidget(self.verify)
        self.buttons.addButton(self.more, QDialogButtonBox.ButtonRole.ActionRole)
        self._lay_out(head, self.verdict, (self.table, 1), width=940, height=560)
        self.retranslate()
        self.load()

    def load(self) -> None:
        self._read(None, self._show)

    def load_more(self) -> None:
        if self._entries:
            self._read(self._entries[-1].id, self._add)

    def check(self) -> None:
        """Walk the whole log, also against what the backups know; the verdict says how far it holds together."""
        clinic = self.session.clinic
        if clinic is not None:
            self.verify.setEnabled(False)
            self.verdict.set_tone("muted")
            self.verdict.setText(self.tr("Checking…"))
            self.verdict.show()
            self.ask(clinic.verify_audit, self._judge)

    def empty(self) -> None:
        self._entries = []
        self.table.setRowCount(0)
        self.verdict.hide()

    def refuse(self, error: BaseException) -> None:
        self.verify.setEnabled(True)
        self.verdict.hide()
        super().refuse(error)

    def retranslate(self) -> None:
        self.setWindowTitle(self.tr("Audit log"))
        self.verify.setText(self.tr("Is it whole?"))
        self.more.setText(self.tr("Older entries"))
        self.acts.setItemText(0, self.tr("All acts"))
        self.people.setItemText(0, self.tr("Everyone"))
        for index, act in enumerate(ACTS, start=1):
            self.acts.setItemText(index, word(ACTS, act))
        self.table.setAccessibleName(self.tr("Audit log"))
        self.table.name_columns([self.tr("No."), self.tr("When"), self.tr("Who"), self.tr("Act"), self.tr("What")])
        self._fill()

    def _read(self, before: int | None, done: Any) -> None:
        clinic = self.session.clinic
        if clinic is not None:
            who, act = self.people.currentData(), self.acts.currentData()
            self.read(partial(_page, clinic.audit, before, act, who), done)

    def _show(self, entries: list[Logged]) -> None:
        self._entries = entries
        self._fill()
        self.table.scrollToTop()
        self.more.setEnabled(len(entries) == PAGE)

    def _add(self, entries: list[Logged]) -> None:
        self._entries = [*self._entries, *entries]
        self._fill()
        self.more.setEnabled(len(entries) == PAGE)

    def _fill(self) -> None:
        self.table.setRowCount(len(self._entries))
        for row, entry in enumerate(self._entries):
            refused = bool(entry.detail.get("refused"))
            act = word(ACTS, entry.action)
            texts = [
                number_text(entry.id, 0),
                moment_text(entry.at),
                entry.who or "–",
                self.tr("{act}: refused").format(act=act) if refused else act,
                _about(entry),
            ]
            self.table.put(row, texts, tone="red" if refused else "text")
            if entry.who and self.people.findData(entry.who) < 0:
                self.people.addItem(entry.who, entry.who)

    def _judge(self, verdict: Verdict) -> None:
        self.verify.setEnabled(True)
        count = number_text(verdict.count, 0)
        if verdict.sound:
            self.verdict.set_tone("green")
            self.verdict.setText(
                self.tr("The log is whole: all {count} entries are there, in order and unchanged.").format(count=count)
            )
        else:
            self.verdict.set_tone("red")
            self.verdict.setText(
                self.tr("The log was tampered with: {problem}. The first {count} entries hold together.").format(
                    problem=verdict.problem, count=count
                )
            )
        self.verdict.show()


def _page(audit: Audit, before: int | None, act: str, who: str) -> list[Logged]:
    """PAGE entries of this act and person, the newest first, from before this number on."""
    found: list[Logged] = []
    while len(found) < PAGE:
        entries = audit.entries(limit=READ if who else PAGE, before=before, action=act)
        found += [entry for entry in entries if who in ("", entry.who)]
        if len(entries) < (READ if who else PAGE):
            break
        before = entries[-1].id
    return found[:PAGE]


def _about(entry: Logged) -> str:
    """What it was done to, by name; of further detail what means something to a person."""
    detail = entry.detail
    parts = [word(THINGS, entry.entity), str(detail.get("patient") or detail.get("name") or "")]
    if "roles" in detail:
        parts.append(f"({roles_text(Role(role) for role in detail['roles'] if role in set(Role))})")
    if "active" in detail:
        parts.append(word(STATES, "in" if detail["active"] else "out"))
    if "preferred" in detail:
        parts.append(word(STATES, "chosen" if detail["preferred"] else "not chosen"))
    if "patients_added" in detail:
        counts = (("patients", "patients_added"), ("visits", "visits_added"))
        parts += [f"{word(COUNTED, name)} +{number_text(detail[count], 0)}" for name, count in counts]
    if "file" in detail:
        parts.append(str(detail["file"]))
    return " ".join(part for part in parts if part)
