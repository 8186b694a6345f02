"""Stock, and how it will go on."""
