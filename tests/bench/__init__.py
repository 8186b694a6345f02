"""Benchmarks: one command each, one JSON line each."""

from app.compiling import keep_compiled_code

keep_compiled_code()  # before anything imports Numba
