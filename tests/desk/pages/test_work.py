"""Is what is owed listed for whom it concerns, and for nobody else?"""


def test_alice_sees_what_is_owed_and_by_when(as_person, case):
    page = as_person("alice").get("/work/").content.decode()
    assert case.number in page


def test_charlie_of_another_station_sees_nothing_of_it(as_person, case):
    assert case.number not in as_person("charlie").get("/work/").content.decode()


def test_filters_leave_out_what_they_do_not_want(as_person, case):
    alice = as_person("alice")
    assert case.number not in alice.get("/work/?kind=report").content.decode()
    assert case.number in alice.get("/work/?policy=power/dazu-complaint-assessment").content.decode()


def test_an_unknown_filter_is_no_error(as_person, case):
    assert as_person("alice").get("/work/?kind=nonsense&after=nonsense2").status_code in (200, 404)


def test_htmx_gets_the_rows_alone(as_person, case):
    part = as_person("alice").get("/work/", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert case.number in part
