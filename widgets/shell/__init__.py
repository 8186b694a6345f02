"""Parts of the main window: rail, status bar."""
