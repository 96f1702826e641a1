"""Ten tasks of a clinician's day, played on the real window: ``python -m tests.ui.tasks --help``."""
