"""One message by Apprise: what sends it, and why it did not go."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from bihuan.desk.models import Channel
from bihuan.desk.sight import mask
from bihuan.desk.telling import addresses, robots
from bihuan.i18n import _


def post(channel: Channel, title: str, body: str) -> Callable[[], str]:
    """What sends a message and says what went wrong, or nothing. It asks no database: a thread may run it.

    An answer that sends elsewhere is a failure: nothing goes where no administrator sent it (`redirect=yes` in an address
    says otherwise). No deadline is Apprise's: it would wait in a few threads that all channels share.
    """
    import apprise  # large, and no page needs it

    robots.heed()
    sender = apprise.Apprise(asset=apprise.AppriseAsset(http_redirects=False, service_timeout=0))
    address = addresses.full(channel)
    if not address or not sender.add(address):
        return partial(unusable, channel)
    return partial(posted, sender, channel, title, body)


def posted(sender: Any, channel: Channel, title: str, body: str) -> str:
    result = sender.notify(body=body, title=title, body_format="text")
    return "" if result else reason((one.message for one in result.logs()), channel)


def is_understood(address: str) -> bool:
    """Whether Apprise knows how to send there."""
    import apprise

    return apprise.Apprise.instantiate(address) is not None


def unusable(channel: Channel) -> str:
    if "://" not in channel.address:
        return _("an e-mail address needs the desk's mail server, which is a channel of its own")
    return _("Apprise does not understand this address")


def reason(log: Iterable[str], channel: Channel) -> str:
    """What Apprise said, without the address and its secrets."""
    said = " ".join([one.strip() for one in log][-2:]) or _("no answer")
    for secret in addresses.secrets_of(channel):
        said = said.replace(secret, "…")
    return mask(said)
