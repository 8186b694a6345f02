"""How the factory stands, at a glance."""
