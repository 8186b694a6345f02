"""The factory: its rows, its rules, its plans. No clock, no I/O, no Qt, no SQL."""
