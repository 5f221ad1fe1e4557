"""The reference of an API (`/docs/NAME`), by Swagger UI, and the document that it shows (`/docs/NAME.json`)."""

from __future__ import annotations

from functools import partial

from tallystick.contracts.self_contained import self_contained, served_at, with_bearer_tokens
from tallystick.mock.console.shortened import shorten
from tallystick.mock.console.visit import Html, Page, Visit, lost, see
from tallystick.mock.off_loop import off_loop
from tallystick.mock.roles import Reply
from tallystick.mock.routes import normal_base_path
from tallystick.nouns.contract import Contract
from tallystick.nouns.exchange import Response
from tallystick.nouns.words import nearest
from tallystick.wire.write import write_json

PATH = "/docs/"
_SUFFIX = ".json"


async def _reference(visit: Visit) -> Html | Reply:
    contracts = {contract.name: contract for contract in visit.memory.contracts}
    name = visit.path.removeprefix(PATH)
    if not name and len(contracts) == 1:
        return see(visit.url(PATH + next(iter(contracts))))
    if not name:
        return Html("references.html", {"contracts": contracts.values()})
    if name in contracts:
        return Html(
            "reference.html", {"contract": contracts[name], "document": visit.url(f"{PATH}{name}{_SUFFIX}", short=1)}
        )
    contract = contracts.get(name.removesuffix(_SUFFIX))
    if contract is None:
        near = nearest(name, contracts, most=3)
        raise lost(404, f"there is no contract {name!r}" + (f"; there is {', '.join(near)}" if near else ""))
    base = visit.outside + normal_base_path(visit.memory.settings.base_path)
    below = base if len(contracts) == 1 else f"{base}/{contract.name}"
    text = await off_loop(partial(_document, contract, below, bool(visit.asked("short"))))  # a large one takes a while
    fields = (
        ("content-type", "application/json"),
        ("cache-control", "no-store"),
        ("x-content-type-options", "nosniff"),
    )
    return Reply(Response(200, fields, text), "page")


def _document(contract: Contract, base_path: str, is_short: bool) -> bytes:
    """The document of a contract as it is served: whole, and with this mock in place of its servers."""
    document = self_contained(contract)
    served_at(document, base_path)
    with_bearer_tokens(document)
    if is_short:
        shorten(document)
    return write_json(document)


PAGES: dict[str, Page] = {f"GET {PATH}": _reference}
