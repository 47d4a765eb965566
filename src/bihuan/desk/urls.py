"""Which page is where."""

from django.urls import path

from bihuan.desk.pages import case, entrance, intake, why, work

urlpatterns = [
    path("", entrance.home, name="home"),
    path("login/", entrance.login, name="login"),
    path("logout/", entrance.logout, name="logout"),
    path("language/", entrance.language, name="language"),
    path("work/", work.work, name="work"),
    path("intake/", intake.intake, name="intake"),
    path("case/<str:number>/", case.case, name="case"),
    path("case/<str:number>/attach/", case.attach, name="attach"),
    path("case/<str:number>/why/<int:place>/", why.why, name="why"),
    path("case/<str:number>/<str:event>/", case.step, name="step"),
]
