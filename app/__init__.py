"""Mailiu (脉流): a workbench for longitudinal TCM case records."""

__version__ = "0.1.0"
