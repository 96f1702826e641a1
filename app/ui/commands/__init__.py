"""Every command once: menus, shortcuts, the help page and the tests all read this table."""

from app.ui.commands import everywhere, patients, records, timeline, viewing, visits
from app.ui.commands.command import CONTEXT, MENUS, Command, plain

COMMANDS: tuple[Command, ...] = (
    records.COMMANDS + patients.COMMANDS + visits.COMMANDS + viewing.COMMANDS + timeline.COMMANDS + everywhere.COMMANDS
)

__all__ = ["COMMANDS", "CONTEXT", "MENUS", "Command", "plain"]
