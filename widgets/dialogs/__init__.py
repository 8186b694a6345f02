"""Dialogs: import, settings, conflicts, words."""
