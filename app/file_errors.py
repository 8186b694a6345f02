"""What the operating system says about a file, as an error with a text."""

from __future__ import annotations

from domain.errors import DomainError


def file_error(error: OSError) -> DomainError:
    """The refusal of a file in the user's words; of two files the one that was to be written."""
    path = error.filename2 or error.filename
    return DomainError("file_unusable", path=path, reason=error.strerror or str(error))
