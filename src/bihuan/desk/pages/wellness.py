"""For machines that watch the desk: `/healthz` and `/metrics`. Numbers only."""

import secrets

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from bihuan.desk import health
from bihuan.desk.pages.whose import is_local


@login_not_required
def healthz(request: HttpRequest) -> HttpResponse:
    """503 where the desk cannot work; `problems` also where it works and somebody should look after it."""
    found = health.health()
    status = "failing" if found.fails else "degraded" if found.problems else "ok"
    told = {
        "status": status,
        "problems": found.problems,
        "database": found.database,
        "tick": found.ticked_at.isoformat() if found.ticked_at else None,
        "dead_channels": found.dead_channels,
        "messages_waiting": found.waiting,
        "disk_free_bytes": found.free_bytes,
    }
    return JsonResponse(told, status=503 if found.fails else 200, headers={"Cache-Control": "no-store"})


@login_not_required
def metrics(request: HttpRequest) -> HttpResponse:
    """For Prometheus: with the token, or without one from the machine itself where no proxy stands in front."""
    if not may_measure(request):
        return HttpResponse("a bearer token is needed: BIHUAN_METRICS_TOKEN\n", "text/plain", 403)
    return HttpResponse(health.metrics(), CONTENT_TYPE_LATEST)


def may_measure(request: HttpRequest) -> bool:
    if token := settings.METRICS_TOKEN:
        return secrets.compare_digest(request.headers.get("Authorization", ""), f"Bearer {token}")
    return is_local(request)
