"""Which page is where. For now one: that the desk is there."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from bihuan.desk import queries


def home(request: HttpRequest) -> HttpResponse:
    state = queries.standing()
    return HttpResponse(
        f"闭环:工单台已启动。制度版本 {state.editions} 个,人员 {state.people} 名。页面随后提供。",
        content_type="text/plain; charset=utf-8",
    )


urlpatterns = [path("", home, name="home")]
