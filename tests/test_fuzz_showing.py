"""Whether exchanges that are sent again show a finding."""

from __future__ import annotations

import pytest
from support.asking import contract

from tallystick.fuzz.defects import Defect
from tallystick.fuzz.rules import ALLOW_HEADER_CONFORMANCE
from tallystick.fuzz.sending import Sent
from tallystick.fuzz.settings import Settings
from tallystick.fuzz.showing import Showing
from tallystick.nouns.exchange import Exchange, Request, Response
from tallystick.nouns.violation import Place, Severity


@pytest.mark.parametrize(
    ("allow", "shows"), [("OPTIONS, POST", True), ("post,options", True), ("GET, OPTIONS, POST", False), (None, False)]
)
def test_an_allow_header_is_a_set_of_methods(allow: str | None, shows: bool) -> None:
    """The same methods in another order, as some servers write them at each start, show the finding still."""
    showing = Showing(contract({"paths": {}}), Settings("http://a", "", 1, ()))
    request = Request("OPTIONS", "/items")
    before = Exchange(request, Response(200, (("allow", "POST, OPTIONS"),)))
    now = Exchange(request, Response(200, (("allow", allow),) if allow is not None else ()))
    defect = Defect(ALLOW_HEADER_CONFORMANCE.id, Severity.ERROR, "/items", "", Place("a.yaml", ()), "")
    assert showing.shows(defect, [Sent(now)], before) is shows
