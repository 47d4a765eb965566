"""What the engine found, as it stood when a case or a subject was last judged. `rebuild` makes all of it anew.

The columns are those of the engine's tables, under the same names. Nobody but the projection writes them; `told_at`
and `warned_at` say whether somebody was told, and survive as long as the row stands with the same due time.
"""

from typing import ClassVar

from django.db import models

from bihuan.desk.models.office import Edition
from bihuan.desk.models.record import Case

LONG = 200
RUNNING = ("open", "overdue")  # states of what is owed and has a due time; the indexes of lists go by them
GROWING = (*RUNNING, "waiting", "unset")  # states that may still change


class Subject(models.Model):
    """A subject that rules across cases are about: a customer, a building, a unit; or the company as a whole."""

    edition = models.ForeignKey(Edition, on_delete=models.PROTECT)
    fact = models.CharField(max_length=100)
    key = models.CharField(max_length=LONG)
    judged_at = models.DateTimeField(null=True, blank=True)
    basis = models.BigIntegerField(default=0)
    wake_at = models.DateTimeField(null=True, blank=True)  # when something falls due or is to be warned of

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["edition", "fact", "key"], name="subject_once")
        ]
        indexes: ClassVar = [
            models.Index(fields=["wake_at"], name="subject_wake", condition=models.Q(wake_at__isnull=False))
        ]


class Woken(models.Model):
    """That something happened to a subject since it was judged. Rows are only added, and taken away by whoever has judged it
    with what they stand for: so writers wait neither for each other nor for a judgement under way, and none is missed by it.
    """

    subject = models.ForeignKey(Subject, on_delete=models.CASCADE, db_constraint=False)


class Concern(models.Model):
    """That a case has events of a subject."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="concerns")
    subject = models.ForeignKey(
        Subject, on_delete=models.CASCADE, related_name="concerns", db_index=False
    )  # concern_once begins with it

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["subject", "case"], name="concern_once")]


class Reach(models.Model):
    """That a unit has had to do with a case: it was sent there, a role's fact names it, somebody of it acted, it owes
    something.
    """

    case = models.ForeignKey(
        Case, on_delete=models.CASCADE, related_name="reaches", db_index=False
    )  # reach_once begins with it
    unit = models.CharField(max_length=LONG)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["case", "unit"], name="reach_once")]


class Named(models.Model):
    """That a person has to do with a case though they need not have acted: a role's fact names them, or they owe something."""

    case = models.ForeignKey(
        Case, on_delete=models.CASCADE, related_name="named", db_index=False
    )  # named_once begins with it
    person = models.CharField(max_length=LONG)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["case", "person"], name="named_once")]


class Findable(models.Model):
    """What a case can be found by, as `search` cut it up; beside it stands the database's own index (migration 0003)."""

    case = models.OneToOneField(Case, primary_key=True, on_delete=models.CASCADE, related_name="findable")
    text = models.TextField()


class Declined(models.Model):
    """That the customer of a case wants no calls, as a note of the case says; see `declined`."""

    case = models.OneToOneField(Case, primary_key=True, on_delete=models.CASCADE)
    at = models.DateTimeField()


class Obligation(models.Model):
    """A row of the engine's obligations or, of kind `callback`, of its callbacks. Of a case or of a subject."""

    case = models.ForeignKey(Case, null=True, on_delete=models.CASCADE, related_name="obligations")
    subject = models.ForeignKey(
        Subject, null=True, on_delete=models.CASCADE, related_name="obligations", db_index=False
    )
    kind = models.CharField(max_length=10)  # obligation, window, callback, report
    place = models.PositiveIntegerField()  # in the engine's order
    rule = models.CharField(max_length=100)
    article = models.CharField(max_length=60)
    round = models.IntegerField()
    key = models.CharField(max_length=LONG, null=True)
    unit = models.CharField(max_length=LONG, null=True)
    owner = models.CharField(max_length=LONG, null=True)
    started_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    warn_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    closed_by = models.CharField(max_length=100, null=True)
    state = models.CharField(max_length=10)
    allowed = models.CharField(max_length=100, null=True)
    used = models.BigIntegerField(null=True)
    late_by = models.BigIntegerField(null=True)
    provisional = models.BooleanField()
    note = models.TextField(default="")
    row = models.IntegerField(null=True)  # seq of the event that began it
    verdict = models.CharField(max_length=LONG, null=True)
    method = models.CharField(max_length=LONG, null=True)
    customer = models.CharField(max_length=LONG, null=True)
    drawn = models.BooleanField(null=True)
    attempts = models.PositiveIntegerField(null=True)  # calls that were made; of callbacks only
    last_attempt_at = models.DateTimeField(null=True)
    last_method = models.CharField(max_length=LONG, null=True)
    next_at = models.DateTimeField(null=True)  # when the customer wants to be called again
    points = models.FloatField(null=True)  # of the answers
    told_at = models.DateTimeField(null=True)  # that it fell due
    warned_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["due_at", "id"],
                name="obligation_due",
                condition=models.Q(state__in=RUNNING, due_at__isnull=False),
            ),
            models.Index(
                fields=["unit", "due_at", "id"],
                name="obligation_unit",
                condition=models.Q(state__in=RUNNING, due_at__isnull=False),
            ),
            models.Index(
                fields=["kind", "due_at", "id"],
                name="obligation_running",
                condition=models.Q(state__in=RUNNING),
            ),
            models.Index(
                fields=["subject"], name="obligation_subject", condition=models.Q(subject__isnull=False)
            ),
        ]


class Irregularity(models.Model):
    """An event that the regulation forbids there, by that person or at that time, with its article."""

    case = models.ForeignKey(Case, null=True, on_delete=models.CASCADE, related_name="irregularities")
    subject = models.ForeignKey(
        Subject, null=True, on_delete=models.CASCADE, related_name="irregularities", db_index=False
    )
    place = models.PositiveIntegerField()
    event = models.CharField(max_length=100)
    at = models.DateTimeField()
    actor = models.CharField(max_length=LONG, null=True)
    kind = models.CharField(max_length=20)
    rule = models.CharField(max_length=100, null=True)
    step = models.CharField(max_length=200, null=True)
    article = models.CharField(max_length=60, null=True)
    detail = models.TextField(null=True)
    row = models.IntegerField(null=True)  # seq of the event

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["subject"], name="irregularity_subject", condition=models.Q(subject__isnull=False)
            )
        ]


class Told(models.Model):
    """What fell due, or was to be warned of: written once, by the worker that claimed it. Messages are made of these."""

    case = models.ForeignKey(Case, null=True, on_delete=models.CASCADE, related_name="told")
    subject = models.ForeignKey(Subject, null=True, on_delete=models.CASCADE)
    what = models.CharField(max_length=10)  # due, warning
    rule = models.CharField(max_length=100)
    article = models.CharField(max_length=60)
    round = models.IntegerField()
    key = models.CharField(max_length=LONG, null=True)
    unit = models.CharField(max_length=LONG, null=True)
    owner = models.CharField(max_length=LONG, null=True)
    due_at = models.DateTimeField()
    at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["id"], name="told_unsent", condition=models.Q(sent_at__isnull=True))
        ]


class Measure(models.Model):
    """The figures of an edition for the periods that run, as of when `tick` took them, with the rows behind, and the charges
    (both Parquet).
    """

    edition = models.OneToOneField(
        Edition, primary_key=True, on_delete=models.CASCADE, related_name="measure"
    )
    as_of = models.DateTimeField()
    cases = models.PositiveIntegerField()
    whole = models.BooleanField()  # or only the newest of them
    problem = models.TextField(default="")  # why nothing could be measured
    figures = models.JSONField()
    behind = models.BinaryField()
    charges = models.BinaryField(default=b"")  # of this month and the one before, as they are proposed
