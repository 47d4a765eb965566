"""Which page is where."""

from django.urls import path

from bihuan.desk import addresses, doors
from bihuan.desk.api import root as api
from bihuan.desk.pages import (
    begin,
    bulk,
    callbacks,
    case,
    charges,
    dispatch,
    entrance,
    figures,
    intake,
    search,
    supervision,
    why,
    work,
)

urlpatterns = [  # the most wanted first: each is tried in turn
    path("case/<number:number>/", case.case, name="case"),
    path("work/", work.work, name="work"),
    path("search/", search.search, name="search"),
    path("", entrance.home, name="home"),
    path("begin/", begin.begin, name="begin"),
    path("api/", api.urls),
    *doors.urlpatterns,
    path("logout/", entrance.logout, name="logout"),
    path("language/", entrance.language, name="language"),
    path("intake/", intake.intake, name="intake"),
    path("bulk/", bulk.bulk, name="bulk"),
    path("dispatch/", dispatch.dispatch, name="dispatch"),
    path("callbacks/", callbacks.callbacks, name="callbacks"),
    path("callbacks/<number:number>/<int:place>/", callbacks.script, name="script"),
    path("supervision/", supervision.supervision, name="supervision"),
    path("supervision/charges/", charges.charges, name="charges"),
    path("supervision/figures/<int:id>.csv", figures.figures_csv, name="figures_csv"),
    path("supervision/figures/<int:id>/", figures.figure_behind, name="figure"),
    *addresses.urlpatterns,
    path("case/<number:number>/why/<int:place>/", why.why, name="why"),
    path("case/<number:number>/<str:event>/", case.step, name="step"),
]

handler400 = "bihuan.desk.api.astray.malformed"
handler404 = "bihuan.desk.api.astray.nowhere"
handler500 = "bihuan.desk.api.astray.failed"
