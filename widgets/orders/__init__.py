"""Order lines: what customers want, and what the plan says of it."""
