"""The factory in other programs' files: Excel, CSV, PDF."""
