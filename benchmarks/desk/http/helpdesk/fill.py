"""Fills a database with tickets: `python -m benchmarks.desk.http.helpdesk.fill N`. Prints a session key to log in with.

By bulk inserts, with the texts, dates and shares of states that the desk's cases have; two follow-ups a ticket.
"""

import random
import sys
from datetime import timedelta
from itertools import islice

import django

django.setup()

from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY, get_user_model  # noqa: E402
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import transaction  # noqa: E402
from django.utils import timezone  # noqa: E402
from helpdesk.models import FollowUp, Queue, Ticket  # noqa: E402

PORTION = 10_000
TEXTS = (
    "抄表数据与实际不符",
    "电费账单有疑问",
    "停电两小时没有恢复",
    "服务态度不好",
    "电压不稳,空调不能用",
    "施工后路面没有恢复",
)
OPEN, CLOSED = Ticket.OPEN_STATUS, Ticket.CLOSED_STATUS


def tickets(queue: Queue, count: int) -> None:
    rng, now = random.Random(11), timezone.now()

    def made(n: int) -> Ticket:
        text, created = rng.choice(TEXTS), now - timedelta(minutes=rng.randrange(90 * 1440))
        return Ticket(
            title=f"{text} {n}", description=text * 3, queue=queue, created=created, priority=rng.randrange(1, 6),
            status=OPEN if rng.random() < 0.1 else CLOSED, due_date=created + timedelta(days=7),
            submitter_email=f"customer{n % 500}@example.cn",
        )  # fmt: skip

    numbers = iter(range(count))
    while portion := list(islice(numbers, PORTION)):
        with transaction.atomic():
            done = Ticket.objects.bulk_create(map(made, portion))
            FollowUp.objects.bulk_create(
                FollowUp(ticket=one, title=title, date=one.created, public=True, comment=one.description)
                for one in done
                for title in ("已派单", "已回复")
            )


def main() -> None:
    count = int(sys.argv[1])
    call_command("migrate", verbosity=0)
    people = get_user_model().objects
    if Ticket.objects.count() < count:
        call_command("loaddata", "emailtemplate.json", verbosity=0)
        people.create_superuser("staff", "staff@example.cn", "staff")
        tickets(Queue.objects.create(title="投诉", slug="complaints"), count)
    staff, session = people.get(username="staff"), SessionStore()
    session[SESSION_KEY], session[HASH_SESSION_KEY] = str(staff.pk), staff.get_session_auth_hash()
    session["_auth_user_backend"] = "django.contrib.auth.backends.ModelBackend"
    session.save()
    print(session.session_key)


main()
