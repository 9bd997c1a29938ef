from tests.conftest import *
from tests.making import *
def test_pages(started):
    c=started
    send(c.ana, event(c.ana, answers=answers(breathless=True)))
    send(c.ana, event(c.ana))
    send(c.ben, event(c.ben, answers=shoulder_answers()))
    a=c.ana.account_id
    for p in ["/clinic","/clinic/worklist/rows","/clinic/patients","/clinic/patients/new",f"/clinic/patients/{a}",f"/clinic/patients/{a}/details",f"/clinic/patients/{a}/treatments/new",f"/clinic/patients/{a}/treatments/{c.ana.treatment_id}","/clinic/settings","/clinic/settings/sign-off","/clinic/account"]:
        r=c.dr_cole.get(p); assert r.status_code==200,(p,r.status_code, r.get_data(as_text=True)[:500])
        r=c.ben.get(p); assert r.status_code==404,(p,r.status_code)
        if a in p: assert c.dr_dunn.get(p).status_code==404,p
    assert c.mo.get("/clinic").status_code==303
    for p in ["/clinic/settings","/clinic/settings/audit","/clinic/account"]:
        r=c.mo.get(p); assert r.status_code==200,(p,r.status_code)
