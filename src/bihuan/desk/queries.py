"""What pages and API read. (in the making)"""

from dataclasses import dataclass

from bihuan.desk.models import Edition, Person


@dataclass(frozen=True)
class Standing:
    editions: int
    people: int


def standing() -> Standing:
    return Standing(Edition.objects.filter(in_force=True).count(), Person.objects.count())
