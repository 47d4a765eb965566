"""Where the pages about the desk itself are: regulations, people, calendars; and what is rarely done to a case."""

from django.urls import path

from bihuan.desk.pages import (
    amend,
    calendars,
    drafts,
    files,
    handover,
    parameters,
    people,
    person,
    registers,
    regulations,
    unmask,
    whereabouts,
)

urlpatterns = [
    path("regulations/", regulations.regulations, name="regulations"),
    path("regulations/new/", drafts.draft_new, name="draft_new"),
    path("regulations/shipped/<str:hash>/", drafts.install_shipped, name="install_shipped"),
    path("regulations/<int:id>/", regulations.regulation, name="regulation"),
    path("regulations/<int:id>/compare/", drafts.compare, name="compare"),
    path("regulations/<int:id>/in-force/", drafts.in_force, name="in_force"),
    path("regulations/<int:id>/parameters/<str:name>/", parameters.parameter, name="parameter"),
    path("people/", people.people, name="people"),
    path("people/new/", people.person_new, name="person_new"),
    path("people/unit/", people.unit_new, name="unit_new"),
    path("people/registers/", registers.registers, name="registers"),
    path("people/registers/<int:id>/end/", registers.register_end, name="register_end"),
    path("people/handover/", handover.handover, name="handover"),
    path("people/at/<str:code>/", person.person, name="person"),
    path("calendars/", calendars.calendars, name="calendars"),
    path("calendars/new/", calendars.calendar_new, name="calendar_new"),
    path("calendars/waiting/<int:id>/", calendars.calendar_waiting, name="calendar_waiting"),
    path("where/", whereabouts.where, name="where"),
    path("case/<str:number>/unmask/", unmask.unmask, name="unmask"),
    path("case/<str:number>/attach/", files.attach, name="attach"),
    path("case/<str:number>/files/<int:id>/", files.download, name="download"),
    path("case/<str:number>/correct/<int:seq>/", amend.correct, name="correct"),
    path("case/<str:number>/merge/", amend.merge, name="merge"),
    path("case/<str:number>/move/", amend.move, name="move"),
]
