"""Where the pages about the desk itself are: regulations, people, calendars; and what is rarely done to a case."""

from django.urls import path, register_converter

from bihuan.desk import numbers
from bihuan.desk.pages import (
    amend,
    archives,
    calendars,
    declined,
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

register_converter(numbers.Numbers, "number")

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
    path("people/at/<number:code>/", person.person, name="person"),
    path("calendars/", calendars.calendars, name="calendars"),
    path("calendars/new/", calendars.calendar_new, name="calendar_new"),
    path("calendars/waiting/<int:id>/", calendars.calendar_waiting, name="calendar_waiting"),
    path("archives/", archives.archives, name="archives"),
    path("where/", whereabouts.where, name="where"),
    path("case/<number:number>/calls/", declined.calls, name="calls"),
    path("case/<number:number>/unmask/", unmask.unmask, name="unmask"),
    path("case/<number:number>/attach/", files.attach, name="attach"),
    path("case/<number:number>/files/<int:id>/", files.download, name="download"),
    path("case/<number:number>/correct/<int:seq>/", amend.correct, name="correct"),
    path("case/<number:number>/merge/", amend.merge, name="merge"),
    path("case/<number:number>/move/", amend.move, name="move"),
    path("case/<number:number>/destroy/", archives.destroy, name="destroy"),
]
