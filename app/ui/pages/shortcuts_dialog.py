"""Help on keys: every command with its keys, to search, change, clear and set back."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QKeySequenceEdit,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.ui import keys as rules
from app.ui import theme
from app.ui.action_table import ActionTable
from app.ui.commands import COMMANDS, CONTEXT, MENUS, Command, plain
from app.ui.dialogs import key_text
from app.ui.keys import PORTABLE, Refusal, Trouble
from app.ui.labels import SafeLabel
from app.ui.pages.form_dialog import button_row
from app.ui.pages.tables import ShowTable
from app.ui.palette import ranking
from app.ui.translation import Speaking, in_chinese, translate


class ShortcutsDialog(Speaking, QDialog):
    """changed carries the keys that are not the table's own, by id of the command, as soon as they are given."""

    changed = Signal(dict)

    def __init__(self, table: ActionTable, own: dict[str, str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._table, self._own = table, dict(own)
        self._shown: list[Command] = []
        self._trouble: Trouble | None = None
        self.field = QLineEdit()
        self.field.setClearButtonEnabled(True)
        self.field.textChanged.connect(self._fill)
        self.list = ShowTable(4, stretch=(0,))
        self.list.currentCellChanged.connect(self._choose)
        self.tip = SafeLabel(tone="muted", wrap=True)
        self.keys = QKeySequenceEdit()
        self.keys.setMaximumSequenceLength(1)
        self.keys.setClearButtonEnabled(True)
        self.keys.keySequenceChanged.connect(self._try)
        self._word = SafeLabel()
        self._word.setBuddy(self.keys)
        self.give, self.clear, self.reset, self.reset_all = (QPushButton() for _ in range(4))
        self.give.clicked.connect(self._give)
        self.clear.clicked.connect(self._clear)
        self.reset.clicked.connect(self._reset)
        self.reset_all.clicked.connect(self._reset_all)
        self.trouble = SafeLabel(tone="red", wrap=True)
        self.trouble.setMinimumHeight(theme.px(36))  # with room for what is told: nothing jumps
        self.trouble.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        buttons.button(QDialogButtonBox.StandardButton.Close).setAutoDefault(False)
        row = QHBoxLayout()
        row.setSpacing(theme.GAP)
        row.addWidget(self._word)
        row.addWidget(self.keys, 1)
        row.addLayout(button_row(self.give, self.clear, self.reset))
        foot = QHBoxLayout()
        foot.addLayout(button_row(self.reset_all))
        foot.addWidget(buttons)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 12)
        column.setSpacing(theme.GAP)
        column.addWidget(self.field)
        column.addWidget(self.list, 1)
        column.addWidget(self.tip)
        column.addLayout(row)
        column.addWidget(self.trouble)
        column.addLayout(foot)
        self.resize(720, 600)
        self.retranslate()
        self.field.setFocus()

    def command(self) -> Command | None:
        """The one that is chosen."""
        row = self.list.currentRow()
        return self._shown[row] if 0 <= row < len(self._shown) else None

    def choose(self, name: str) -> None:
        """Choose a command by its id; nothing where it is not listed."""
        for row, command in enumerate(self._shown):
            if command.id == name:
                self.list.setCurrentCell(row, 0)

    def retranslate(self) -> None:
        self.setWindowTitle(self.tr("Keyboard shortcuts"))
        self.field.setPlaceholderText(self.tr("Search: words, pinyin or initials, or the keys"))
        self.field.setAccessibleName(self.tr("Search commands"))
        self.list.setAccessibleName(self.tr("Commands and their keys"))
        self.list.name_columns((self.tr("Command"), self.tr("Menu"), self.tr("Keys"), self.tr("Set by")))
        self._word.setText(self.tr("Keys"))
        self.keys.setAccessibleName(self.tr("New keys: press them"))
        if (inner := self.keys.findChild(QLineEdit)) is not None:
            inner.setPlaceholderText(self.tr("Press the keys"))
            inner.setAccessibleName(self.tr("New keys: press them"))
        self.give.setText(self.tr("Set"))
        self.clear.setText(self.tr("Clear"))
        self.reset.setText(self.tr("Set back"))
        self.reset_all.setText(self.tr("Set all back"))
        self._fill()
        self._tell_trouble()

    # -- what is shown

    def _fill(self, *_: object) -> None:
        query, before = self.field.text(), self.command()
        self._shown = [c for menu in MENUS for c in COMMANDS if c.menu == menu and self._fits(c, query)]
        self.list.setRowCount(len(self._shown))
        for row, command in enumerate(self._shown):
            by = self.tr("you") if command.id in self._own else ""
            menu = plain(translate(CONTEXT, MENUS[command.menu]))
            keys = key_text(self._table.shortcut(command.id))
            self.list.put(row, (plain(translate(CONTEXT, command.text)), menu, keys, by))
        self.list.setCurrentCell(-1, -1)
        if self._shown:
            self.choose(before.id if before in self._shown and before is not None else self._shown[0].id)
        self._choose()

    def _fits(self, command: Command, query: str) -> bool:
        keys = self._table.shortcut(command.id)
        if not query.strip() or (keys and query.strip().casefold() in keys.casefold()):
            return True
        texts = (translate(CONTEXT, command.text), command.text, in_chinese(CONTEXT, command.text))
        return ranking.best(query, (ranking.signs(text, _spoken) for text in texts)) is not None

    def _choose(self, *_: object) -> None:
        command = self.command()
        self._trouble = None
        self.keys.blockSignals(True)
        self.keys.setKeySequence(QKeySequence(self._table.shortcut(command.id) if command else ""))
        self.keys.blockSignals(False)
        self.tip.setText(translate(CONTEXT, command.tip) if command else "")
        self._tell_trouble()
        self._tell()

    def _tell(self) -> None:
        command = self.command()
        there = command is not None
        pressed = self.keys.keySequence().toString(PORTABLE)
        self.keys.setEnabled(there)
        now = self._table.shortcut(command.id) if command is not None else ""
        self.give.setEnabled(there and bool(pressed) and pressed != now and self._trouble is None)
        self.clear.setEnabled(bool(now))
        self.reset.setEnabled(command is not None and command.id in self._own)
        self.reset_all.setEnabled(bool(self._own))

    def _tell_trouble(self) -> None:
        found = self._trouble
        if found is None:
            self.trouble.setText("")
            return
        texts = {
            Refusal.TYPED: self.tr("That key types a character. Hold Ctrl or Alt with it, or take F1 to F12."),
            Refusal.RESERVED: self.tr("These keys move, edit or answer everywhere. Choose others."),
            Refusal.MENU: self.tr("These keys open a menu. Choose others."),
            Refusal.TAKEN: self.tr("“{command}” has these keys. Choose others, or clear them there first."),
            Refusal.BEGINS: self.tr("The keys of “{command}” begin alike. Choose others."),
        }
        other = next((translate(CONTEXT, c.text) for c in COMMANDS if c.id == found.other), "")
        self.trouble.setText(texts[found.why].format(command=other))

    # -- what is done

    def _try(self, *_: object) -> None:
        """Say at once where the keys that were pressed cannot be given."""
        command = self.command()
        pressed = self.keys.keySequence().toString(PORTABLE)
        self._trouble = None
        if command is not None and pressed:
            given = {c.id: self._table.shortcut(c.id) for c in COMMANDS}
            menus = {rules.mnemonic(menu.title()) for menu in self._table.menus.values()}
            self._trouble = rules.trouble(pressed, command.id, given, menus)
        self._tell_trouble()
        self._tell()

    def _give(self) -> None:
        command = self.command()
        if command is not None and self._trouble is None:
            self._own[command.id] = self.keys.keySequence().toString(PORTABLE)
            self._apply()

    def _clear(self) -> None:
        command = self.command()
        if command is not None:
            self._own[command.id] = ""
            self._apply()

    def _reset(self) -> None:
        """The table's own keys, unless another command has them meanwhile."""
        command = self.command()
        if command is None:
            return
        given = {c.id: self._table.shortcut(c.id) for c in COMMANDS}
        found = rules.trouble(rules.normal(command.shortcut), command.id, given)
        if found is not None:
            self._trouble = found
            self._tell_trouble()
            return
        self._own.pop(command.id, None)
        self._apply()

    def _reset_all(self) -> None:
        self._own.clear()
        self._apply()

    def _apply(self) -> None:
        self._own = {name: text for name, text in self._own.items() if text != rules.normal(rules.DEFAULTS[name])}
        self._table.set_shortcuts(rules.in_force(self._own))
        self._fill()
        self.changed.emit(dict(self._own))


def _spoken(text: str) -> tuple[str, ...]:
    from app.ui.palette.entries import spoken

    return spoken(text)
