"""The tables of the desk: the record that is only ever added to, the office it names, and what is worked out of both."""

from bihuan.desk.models.judged import (
    GROWING,
    RUNNING,
    Concern,
    Declined,
    Findable,
    Irregularity,
    Measure,
    Named,
    Obligation,
    Reach,
    Subject,
    Told,
    Woken,
)
from bihuan.desk.models.messages import Channel, Message, Outgoing
from bihuan.desk.models.office import Deputy, Edition, Holding, Notice, Person, Registered, Setting, Unit
from bihuan.desk.models.outside import Callout, Subscription, Token
from bihuan.desk.models.record import Attachment, Case, Counter, Draw, Entry, Event, Request, Seal

__all__ = [
    "Entry",
    "Case",
    "Event",
    "Seal",
    "Attachment",
    "Draw",
    "Request",
    "Counter",
    "Unit",
    "Person",
    "Holding",
    "Deputy",
    "Registered",
    "Setting",
    "Edition",
    "Notice",
    "RUNNING",
    "GROWING",
    "Obligation",
    "Irregularity",
    "Subject",
    "Woken",
    "Concern",
    "Reach",
    "Named",
    "Findable",
    "Declined",
    "Told",
    "Measure",
    "Channel",
    "Message",
    "Outgoing",
    "Subscription",
    "Callout",
    "Token",
]
