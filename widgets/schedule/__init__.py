"""The Schedule panel: the Gantt, and the planning run above it."""
