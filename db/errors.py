"""What can go wrong between the program and its database; the user's text is made elsewhere."""

from __future__ import annotations

from collections.abc import Mapping


class StoreError(Exception):
    """The database, or the server behind it, refused or could not be reached.

    ``code`` says what happened (``error.<code>`` is its text in the catalogue); ``params`` fill
    the text.
    """

    def __init__(self, code: str, **params: object) -> None:
        shown = ", ".join(f"{name}={value}" for name, value in params.items())
        super().__init__(f"{code} ({shown})" if shown else code)
        self.code = code
        self.params: Mapping[str, object] = params
