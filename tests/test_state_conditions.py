"""Conditional requests on what is kept: ETags, 304, 412 and 428."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from support.asking import Ask, answer_of, asker, contract, header, request

from tallystick.mock.app import create_app
from tallystick.nouns.exchange import Response

PET: dict[str, Any] = {
    "type": "object",
    "required": ["id", "name"],
    "properties": {"id": {"type": "string"}, "name": {"type": "string"}},
}
TAG = {"ETag": {"schema": {"type": "string"}}}
JSON_TYPE = {"Content-Type": "application/json"}


def shop(
    *,
    fields: tuple[str, ...] = ("If-Match", "If-None-Match", "If-Unmodified-Since"),
    refusals: tuple[str, ...] = ("404", "412"),
    read: tuple[str, ...] = ("304", "404"),
    headers: dict[str, Any] | None = TAG,
    pet: dict[str, Any] = PET,
) -> dict[str, Any]:
    """A contract of pets whose changes take conditions."""
    body = {"application/json": {"schema": pet}}
    ok: dict[str, Any] = {"description": "A pet", "content": body, "headers": headers or {}}
    conditions = [{"name": name, "in": "header", "schema": {"type": "string"}} for name in fields]
    refused = {status: {"description": f"No ({status})"} for status in refusals}
    one = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
    sent = {"requestBody": {"required": True, "content": body}, "parameters": conditions}
    listed = {"application/json": {"schema": {"type": "array", "items": pet}}}
    return {
        "paths": {
            "/pets": {
                "get": {
                    "responses": {"200": {"description": "All", "content": listed}, "304": {"description": "Same"}}
                },
                "post": {"requestBody": {"content": body}, "responses": {"201": ok}},
            },
            "/pets/{id}": {
                "parameters": [one],
                "get": {"responses": {"200": ok} | {status: {"description": "-"} for status in read}},
                "put": {**sent, "responses": {"200": ok, "201": ok} | refused},
                "patch": {**sent, "responses": {"200": ok} | refused},
                "delete": {"parameters": conditions, "responses": {"204": {"description": "Gone"}} | refused},
            },
        }
    }


def created(ask: Ask, name: str = "Rex", id: str = "p1") -> Response:
    """Create a pet."""
    response = ask("POST /pets", JSON_TYPE, json.dumps({"id": id, "name": name}).encode())
    assert response.status == 201, response.body
    return response


def changed(ask: Ask, name: str, method: str = "PUT", id: str = "p1", **conditions: str) -> Response:
    """Change a pet on conditions."""
    fields = {field.replace("_", "-"): value for field, value in conditions.items()}
    return ask(f"{method} /pets/{id}", {**JSON_TYPE, **fields}, json.dumps({"id": id, "name": name}).encode())


def test_a_resource_has_an_etag_of_its_version() -> None:
    """The ETag of a kept resource stays until that is changed, and is the one that creation and change told."""
    ask = asker(contract(shop()))
    tags = [header(created(ask), "etag"), header(ask("GET /pets/p1"), "etag"), header(ask("GET /pets/p1"), "etag")]
    assert tags[0] == tags[1] == tags[2]
    assert tags[0] is not None
    assert tags[0].startswith('"')
    after = [header(changed(ask, "Tom"), "etag"), header(ask("GET /pets/p1"), "etag")]
    assert after[0] == after[1] != tags[0]


def test_what_a_client_has_is_not_sent_again() -> None:
    """`If-None-Match` gets the documented 304 until the resource is changed."""
    ask = asker(contract(shop()))
    tag = header(created(ask), "etag") or ""
    same = ask("GET /pets/p1", {"If-None-Match": tag})
    assert (same.status, same.body, header(same, "etag")) == (304, b"", tag)
    changed(ask, "Tom")
    other = ask("GET /pets/p1", {"If-None-Match": tag})
    assert (other.status, json.loads(other.body)["name"]) == (200, "Tom")


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_a_change_of_another_version_is_refused(method: str) -> None:
    """`If-Match` with the ETag of a version before gets the documented 412, and nothing is changed."""
    ask = asker(contract(shop()))
    old = header(created(ask), "etag") or ""
    new = header(changed(ask, "Tom"), "etag") or ""
    refused = changed(ask, "Eve", method, If_Match=old)
    assert refused.status == 412
    assert "condition-failed" in (header(refused, "tallystick-violations") or "")
    assert json.loads(ask("GET /pets/p1").body)["name"] == "Tom"
    assert changed(ask, "Eve", method, If_Match=f'"other", {new}').status in (200, 204)


def test_any_version_may_be_changed() -> None:
    """`If-Match: *` asks only that there is a resource."""
    ask = asker(contract(shop()), state=("closed",))
    created(ask)
    assert changed(ask, "Tom", If_Match="*").status == 200
    assert changed(ask, "Tom", id="p2", If_Match="*").status == 412
    assert changed(asker(contract(shop())), "Tom", If_Match="*").status == 200


def test_what_is_there_is_not_created_again() -> None:
    """`If-None-Match: *` on a PUT creates, and does not replace."""
    ask = asker(contract(shop()))
    assert changed(ask, "Rex", id="p7", If_None_Match="*").status in (200, 201)
    assert changed(ask, "Tom", id="p7", If_None_Match="*").status == 412
    assert json.loads(ask("GET /pets/p7").body)["name"] == "Rex"
    documented = json.loads(ask("GET /pets").body)[-1]["id"]
    assert changed(ask, "Tom", id=documented, If_None_Match="*").status == 412


def test_what_nobody_created_has_an_etag_too() -> None:
    """What exists as its example has an ETag of its bytes, which a change may name."""
    ask = asker(contract(shop()))
    tag = header(ask("GET /pets/p9"), "etag") or ""
    assert changed(ask, "Tom", id="p9", If_Match='"other"').status == 412
    assert changed(ask, "Tom", id="p9", If_Match=tag).status == 200
    assert changed(ask, "Eve", id="p9", If_Match=tag).status == 412


def test_times_are_conditions() -> None:
    """`If-Modified-Since` and `If-Unmodified-Since` are judged by when the resource was changed."""
    headers = {"Last-Modified": {"schema": {"type": "string"}}}
    ask = asker(contract(shop(headers=headers)))
    created(ask)
    told = header(ask("GET /pets/p1"), "last-modified") or ""
    assert told.endswith("GMT")
    assert ask("GET /pets/p1", {"If-Modified-Since": told}).status == 304
    assert ask("GET /pets/p1", {"If-Modified-Since": "Thu, 01 Jan 2015 00:00:00 GMT"}).status == 200
    assert changed(ask, "Tom", If_Unmodified_Since="Thu, 01 Jan 2015 00:00:00 GMT").status == 412
    assert changed(ask, "Tom", If_Unmodified_Since=told).status == 200


def test_a_condition_may_be_required() -> None:
    """Where a 428 is documented, a change without `If-Match` gets it."""
    ask = asker(contract(shop(refusals=("404", "412", "428"))))
    tag = header(created(ask), "etag") or ""
    refused = changed(ask, "Tom", "PATCH")
    assert refused.status == 428
    assert "condition-missing" in (header(refused, "tallystick-violations") or "")
    assert changed(ask, "Tom", "PATCH", If_Match=tag).status == 200


def test_what_is_no_etag_decides_where_a_412_is_documented() -> None:
    """A text that is no list of ETags is refused by the documented 412 only."""
    for refusals, status in ((("404", "412"), 412), (("404",), 200)):
        ask = asker(contract(shop(refusals=refusals)))
        created(ask)
        assert changed(ask, "Tom", If_Match="what").status == status


def test_without_conditions_in_the_contract_there_are_none() -> None:
    """Where the contract says nothing of conditions, they are passed over and no ETag is sent."""
    ask = asker(contract(shop(fields=(), refusals=("404",), read=("404",), headers=None)))
    assert header(created(ask), "etag") is None
    assert header(ask("GET /pets/p1"), "etag") is None
    assert changed(ask, "Tom", If_Match='"other"').status == 200


def test_a_list_has_an_etag_as_well() -> None:
    """The ETag of a list changes with what is kept."""
    ask = asker(contract(shop()))
    created(ask)
    tag = header(ask("GET /pets"), "etag") or ""
    assert ask("GET /pets", {"If-None-Match": tag}).status == 304
    changed(ask, "Tom")
    again = ask("GET /pets", {"If-None-Match": tag})
    assert again.status == 200
    assert header(again, "etag") != tag


def test_of_two_changes_on_one_condition_one_is_first() -> None:
    """Of many conditional changes at once exactly one wins."""
    app = create_app([contract(shop())])

    async def race() -> list[int]:
        made = await answer_of(app, request("POST /pets", JSON_TYPE, b'{"id":"p1","name":"Rex"}'))
        fields = {**JSON_TYPE, "If-Match": header(made, "etag") or ""}
        sent = [request("PUT /pets/p1", fields, json.dumps({"id": "p1", "name": f"n{n}"}).encode()) for n in range(8)]
        return [reply.status for reply in await asyncio.gather(*(answer_of(app, each) for each in sent))]

    assert sorted(asyncio.run(race())) == [200, *[412] * 7]


def test_a_member_that_tells_the_version_counts_along() -> None:
    """A version that the server sets counts each change, and may be named in `If-Match` as an ETag."""
    pet = {**PET, "properties": {**PET["properties"], "version": {"type": "integer", "readOnly": True}}}
    ask = asker(contract(shop(pet=pet)))
    created(ask)
    replies = [ask("GET /pets/p1"), changed(ask, "Tom"), changed(ask, "Eve")]
    assert [json.loads(reply.body)["version"] for reply in replies] == [1, 2, 3]
    assert changed(ask, "Ada", If_Match='"2"').status == 412
    assert changed(ask, "Ada", If_Match='"3"').status == 200


def test_a_version_that_was_sent_stays() -> None:
    """What a client sends for a version is kept, unless it is the number that the resource has: then it counts."""
    said = {"type": "integer", "description": "Raised with each change, for optimistic locking."}
    pet = {**PET, "properties": {**PET["properties"], "version": said}}
    ask = asker(contract(shop(pet=pet)))
    for method, version in (("POST", 4), ("PUT", 4), ("PUT", 9)):
        body = json.dumps({"id": "p1", "name": "Rex", "version": version}).encode()
        ask(f"{method} /pets{'' if method == 'POST' else '/p1'}", JSON_TYPE, body)
        assert json.loads(ask("GET /pets/p1").body)["version"] == {"POST": 4, "PUT": version + (version == 4)}[method]


def test_the_version_of_something_else_is_left_alone() -> None:
    """A version that clients send is theirs."""
    pet = {**PET, "properties": {**PET["properties"], "version": {"type": "string"}}}
    ask = asker(contract(shop(pet=pet)))
    ask("POST /pets", JSON_TYPE, b'{"id":"p1","name":"Rex","version":"1.4.2"}')
    changed(ask, "Tom", "PATCH")
    assert json.loads(ask("GET /pets/p1").body)["version"] == "1.4.2"
