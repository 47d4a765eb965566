"""A case's number in an address, whatever is in it: what an address would take for its own is written twice encoded.

Servers decode an address once before anybody sees it, so that `%2F` reaches the desk as a slash.
"""

from urllib.parse import unquote

OWN = {ord("%"): "%25", ord("/"): "%2F"}


def written(number: str) -> str:
    """A number as a part of an address, to be encoded once more by whoever writes the address.

    >>> written("20251122-0001"), written("2025/11/7"), written("..")
    ('20251122-0001', '2025%2F11%2F7', '%2E%2E')
    """
    return number.translate(OWN) if number.strip(".") else number.replace(".", "%2E")


class Numbers:
    """Pages: one part of the path."""

    regex = r"[^/]+"

    def to_python(self, value: str) -> str:
        found = unquote(value)
        if "\0" in found:  # which no database holds
            raise ValueError("no case has such a number")
        return found

    def to_url(self, value: str) -> str:
        return written(value)


class Anything(Numbers):
    """The API: programs encode a slash once, so that a number may be several parts of the path."""

    regex = r"(?s:.+)"
