"""The address of a channel as Apprise needs it, and as it may be shown: without its secrets."""

from urllib.parse import quote

from bihuan.desk.models import Channel


def in_part(channel: Channel) -> str:
    """The kind of address and its last letters: enough to know it again."""
    kind, mark, rest = channel.address.partition("://")
    if not mark:
        name, _at, host = channel.address.partition("@")
        return f"{name[:1]}***@{host}"
    return f"{kind}://…{rest[-4:]}" if len(rest) > 12 else f"{kind}://…"


def full(channel: Channel) -> str:
    """The Apprise address; that of an e-mail address is made of the mail server's. Empty where there is none."""
    if "://" in channel.address:
        return channel.address
    server = Channel.objects.filter(whose="mail", is_active=True).order_by("-id").first()
    if server is None:
        return ""
    return f"{server.address}{'&' if '?' in server.address else '?'}to={quote(channel.address)}"


def secrets_of(channel: Channel) -> list[str]:
    """The parts of an address that must not be quoted, the longest first."""
    parts = channel.address.replace("://", "/").replace("@", "/").replace("?", "/").split("/")
    return sorted((one for one in parts[1:] if len(one) > 5), key=len, reverse=True)
