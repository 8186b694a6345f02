"""What to do next on which machine."""
