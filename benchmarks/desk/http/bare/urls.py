"""The four jobs."""

from django.urls import path

from benchmarks.desk.http.bare import views

urlpatterns = [
    path("cases", views.create),
    path("cases/<str:number>/events", views.append),
    path("work/", views.work),
    path("case/<str:number>/", views.case),
]
