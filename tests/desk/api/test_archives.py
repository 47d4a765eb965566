"""Do two programs of two administrators destroy an archive, once?"""

from bihuan.desk import actions


def test_programs_do_it_too(program, case, clock):
    clock.wait(minutes=5)
    actions.set_administrator("dana", True, by="admin")
    actions.append(case.number, "withdrawn", by="alice")
    admin, dana = program("admin", "admin"), program("dana", "admin")
    place = f"/cases/{case.number}"
    assert admin.get(f"{place}/archives").json() == []
    asked = admin.post(f"{place}/destruction", {"reason": "保管期满"}, Idempotency_Key="d1")
    assert asked.status_code == 201
    again = admin.post(f"{place}/destruction", {"reason": "保管期满"}, Idempotency_Key="d1")
    assert again.json() == asked.json()
    [waiting] = dana.get("/destructions").json()
    assert (waiting["case"], waiting["by"], waiting["id"]) == (case.number, "admin", asked.json()["id"])
    assert admin.post(f"/destructions/{waiting['id']}/approve").status_code == 409
    assert dana.post(f"/destructions/{waiting['id']}/approve").status_code == 201
    assert dana.post(f"/destructions/{waiting['id']}/approve").status_code == 404
    found = dana.get(place).json()
    assert (found["destroyed"], found["facts"], found["obligations"]) == (True, {}, [])
    told = admin.get("/verify").json()
    [gone] = told["destroyed"]
    assert (told["whole"], gone["case"], gone["by"]) == (True, case.number, "admin")
    assert (gone["approved_by"], gone["reason"]) == ("dana", "保管期满")
