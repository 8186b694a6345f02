"""The two sample factories, made by a seeded generator: ``python -m app.exchange.samples``."""
