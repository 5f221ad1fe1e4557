"""Resources as they are derived from a contract: roles, ids, and where they stand in bodies."""

from __future__ import annotations

from typing import Any

import pytest
from support.asking import asker, contract, request

from tallystick.nouns.contract import Contract
from tallystick.nouns.exchange import Exchange, Request
from tallystick.resources.many import Many
from tallystick.resources.resources import Resource, Resources, Role, concrete, resources_of
from tallystick.wire.reading import Reading

PET = {"type": "object", "properties": {"id": {"type": "integer"}, "name": {"type": "string"}}}
ID = {"name": "petId", "in": "path", "required": True, "schema": {"type": "integer"}}


def answers(schema: Any, status: int = 200) -> dict[str, Any]:
    """An operation that answers with JSON of a schema."""
    return {"responses": {str(status): {"description": "Done", "content": {"application/json": {"schema": schema}}}}}


def takes(body: Any, schema: Any, status: int = 200) -> dict[str, Any]:
    """An operation that takes JSON of a schema, and answers with JSON of another."""
    return {"requestBody": {"content": {"application/json": {"schema": body}}}, **answers(schema, status)}


def pets(**changes: Any) -> Contract:
    """A contract with every operation on pets; some of them changed, by the names of the roles."""
    operations = {
        "LIST": answers({"type": "array", "items": PET}),
        "CREATE": takes(PET, PET, 201),
        "READ": answers(PET),
        "REPLACE": takes(PET, PET),
        "UPDATE": takes(PET, PET),
        "DELETE": {"responses": {"204": {"description": "Gone"}}},
        **changes,
    }
    collection = {"get": operations["LIST"], "post": operations["CREATE"]}
    item = {
        "get": operations["READ"],
        "put": operations["REPLACE"],
        "patch": operations["UPDATE"],
        "delete": operations["DELETE"],
    }
    return contract({"paths": {"/pets": collection, "/pets/{petId}": {"parameters": [ID], **item}}})


def only(source: Contract) -> Resource:
    """The only resource of a contract."""
    (resource,) = resources_of(source).resources
    return resource


def reading(source: Contract, line: str) -> Reading:
    """A request as its operation reads it."""
    made = request(line)
    match = source.find(made.method, made.path)
    assert match is not None
    return Reading(match[0], Exchange(made), match[1])


def test_roles_are_those_of_the_methods_at_a_collection_and_its_items() -> None:
    """GET and POST on /pets list and create; GET, PUT, PATCH and DELETE on /pets/{id} read, replace, update, delete."""
    source = pets()
    roles = {operation.label: role for operation, (_, role) in resources_of(source).roles.items()}
    assert roles == {
        "GET /pets": Role.LIST,
        "POST /pets": Role.CREATE,
        "GET /pets/{petId}": Role.READ,
        "PUT /pets/{petId}": Role.REPLACE,
        "PATCH /pets/{petId}": Role.UPDATE,
        "DELETE /pets/{petId}": Role.DELETE,
    }


def test_the_id_is_the_member_that_goes_with_the_parameter() -> None:
    """The parameter petId of a pet with the member id is that id."""
    assert only(pets()).id_way == ("id",)


def test_a_resource_is_found_in_its_envelope() -> None:
    """Where a body is {"data": {...}}, the way to the resource is data, and to the rows of a list too."""
    envelope = {"type": "object", "properties": {"data": PET}}
    rows = {"type": "object", "properties": {"data": {"type": "array", "items": PET}, "total": {"type": "integer"}}}
    resource = only(pets(LIST=answers(rows), READ=answers(envelope), CREATE=takes(envelope, envelope)))
    assert resource.response_ways[Role.READ] == ("data",)
    assert resource.response_ways[Role.LIST] == ("data",)
    assert resource.response_ways[Role.CREATE] == resource.request_ways[Role.CREATE] == ("data",)
    assert resource.response_ways[Role.UPDATE] == ()


def test_a_place_is_the_path_of_the_collection_in_one_spelling() -> None:
    """The place of /owners/a%6C/pets/3 and of /owners/al/pets is /owners/al/pets."""
    name = {"in": "path", "required": True, "schema": {"type": "string"}}
    owner = {"name": "owner", **name}
    source = contract(
        {
            "paths": {
                "/owners/{owner}/pets": {"parameters": [owner], "post": takes(PET, PET)},
                "/owners/{owner}/pets/{petId}": {"parameters": [owner, ID], "get": answers(PET)},
            }
        }
    )
    resource = only(source)
    item = reading(source, "GET /owners/a%6C/pets/3")
    assert resource.place(item) == resource.place(reading(source, "POST /owners/al/pets")) == "/owners/al/pets"
    assert resource.id_of(item) == "3"


def test_a_put_on_the_collection_names_its_item_in_the_body() -> None:
    """PUT /pet with {"id": 5} replaces the pet 5."""
    source = contract({"paths": {"/pet": {"put": takes(PET, PET)}, "/pet/{petId}": {"get": answers(PET)}}})
    put = source.find("PUT", "/pet")
    assert put is not None
    sent = Request("PUT", "/pet", "", (("content-type", "application/json"),), b'{"id": 5}')
    resource, role = resources_of(source).roles[put[0]]
    assert (role, resource.id_of(Reading(put[0], Exchange(sent), put[1]))) == (Role.REPLACE, "5")


def test_a_path_needs_the_resources_above_it() -> None:
    """A photo of a pet needs the pet, whatever the photo's own path is."""
    photos = {"parameters": [ID], "get": answers({"type": "array", "items": PET})}
    operations = {"/pets": {"post": takes(PET, PET)}, "/pets/{petId}": {"parameters": [ID], "get": answers(PET)}}
    source = contract({"paths": {**operations, "/pets/{petId}/photos": photos}})
    ((pet, pieces),) = resources_of(source).line_of(reading(source, "GET /pets/7/photos").operation)
    assert (pet.name, concrete(pieces, ["7"]), pet.id_at(["7"], len(pieces) - 1)) == ("pets", "/pets", "7")


def test_what_can_only_be_read_is_a_resource_where_it_is_json() -> None:
    """An item that nothing changes can be seeded, but for one that is no object; the reason for that is told."""
    text = {"responses": {"200": {"description": "A file", "content": {"text/csv": {}}}}}
    source = contract({"paths": {"/rates/{day}": {"get": answers(PET)}, "/files/{day}": {"get": text}}})
    resources: Resources = resources_of(source)
    assert [resource.name for resource in resources.resources] == ["rates"]
    assert resources.not_understood == [("/files/{day}", "it can only be read, and not as an object in JSON")]


def test_a_collection_needs_no_path_for_its_items() -> None:
    """Where GET lists and POST creates at one path, there is a resource, though none can be read by its id."""
    rows = {"type": "array", "items": PET}
    paths = {
        "/pets": {"get": answers(rows), "post": takes(PET, PET)},
        "/found": {"get": answers(rows), "post": takes({"type": "object"}, rows)},
    }
    resource = only(contract({"paths": paths}))
    assert (resource.collection, resource.has_items, resource.id_way) == ("/pets", False, ("id",))
    assert {role.value for role in resource.operations} == {"create", "list"}


def test_paths_that_end_in_a_media_type_are_those_of_one_resource() -> None:
    """/Calls.json and /Calls/{Sid}.json are the collection /Calls and its items, and so are paths with a slash."""
    sid = {"name": "Sid", "in": "path", "required": True, "schema": {"type": "string"}}
    call = {"type": "object", "properties": {"sid": {"type": "string"}}}
    item = {"parameters": [sid], "get": answers(call)}
    source = contract({"paths": {"/Calls.json": {"post": takes(call, call)}, "/Calls/{Sid}.json": item}})
    resource = only(source)
    assert (resource.collection, resource.item, resource.id_way) == ("/Calls", "/Calls/{Sid}", ("sid",))
    call_reading = reading(source, "GET /Calls/CA1.json")
    assert (resource.place(call_reading), resource.id_of(call_reading)) == ("/Calls", "CA1")


def test_an_item_that_comes_in_an_array_is_found_there() -> None:
    """Where GET /pets/{petId} answers with an array, the pet is the first of it, unless the path is a collection."""
    rows = {"type": "array", "items": PET}
    assert only(pets(READ=answers(rows))).response_ways[Role.READ] == (0,)


def test_paths_with_verbs_are_operations_on_the_path_before() -> None:
    """POST /pets/create creates, GET /pets/list lists, and POST /pets/{petId}/delete deletes."""
    paths = {
        "/pets/create": {"post": takes(PET, PET, 201)},
        "/pets/list": {"get": answers({"type": "array", "items": PET})},
        "/pets/{petId}": {"parameters": [ID], "get": answers(PET)},
        "/pets/{petId}/update": {"parameters": [ID], "post": takes(PET, PET)},
        "/pets/{petId}/delete": {"parameters": [ID], "post": answers(PET)},
    }
    roles = {role: operation.label for role, operation in only(contract({"paths": paths})).operations.items()}
    assert roles == {
        Role.CREATE: "POST /pets/create",
        Role.LIST: "GET /pets/list",
        Role.READ: "GET /pets/{petId}",
        Role.UPDATE: "POST /pets/{petId}/update",
        Role.DELETE: "POST /pets/{petId}/delete",
    }


@pytest.mark.parametrize("verb", ["update", "edit", "modify", "replace"])
def test_a_put_on_a_verb_behind_an_item_replaces_it(verb: str) -> None:
    """PUT /pets/{petId}/modify replaces the pet, whatever its last word."""
    paths = {
        "/pets/{petId}": {"parameters": [ID], "get": answers(PET)},
        f"/pets/{{petId}}/{verb}": {"parameters": [ID], "put": takes(PET, PET)},
    }
    assert only(contract({"paths": paths})).operations[Role.REPLACE].label == f"PUT /pets/{{petId}}/{verb}"


def test_a_post_on_an_item_updates_it_where_it_takes_its_members() -> None:
    """POST on an item's path that takes members of the item is an update; one that takes other things is an action."""
    item = {"parameters": [ID], "get": answers(PET), "delete": {"responses": {"204": {"description": "Gone"}}}}
    sent = {"type": "object", "properties": {"force": {"type": "boolean"}}}
    updating = only(contract({"paths": {"/pets/{petId}": {**item, "post": takes(PET, PET)}}}))
    acting = only(contract({"paths": {"/pets/{petId}": {**item, "post": takes(sent, PET)}}}))
    assert updating.operations[Role.UPDATE].label == "POST /pets/{petId}"
    assert Role.UPDATE not in acting.operations


def test_a_search_by_post_creates_nothing() -> None:
    """POST on a collection whose operation is called a search is no creation."""
    assert Role.CREATE not in only(pets(CREATE={**takes(PET, PET), "operationId": "searchPets"})).operations


def test_a_post_of_an_array_creates_many() -> None:
    """POST of an array on a collection creates each of its items, and no single one."""
    many = {"type": "array", "items": PET}
    resource = only(pets(CREATE=takes(many, many)))
    assert resource.many == Many((), ())
    assert Role.CREATE not in {*resource.request_ways, *resource.response_ways}


def test_what_is_put_at_a_path_without_an_id_is_a_single_resource() -> None:
    """GET and PUT /settings are of one resource, whose id is the last segment of its path."""
    settings = {"type": "object", "properties": {"theme": {"type": "string"}}}
    source = contract({"paths": {"/settings": {"get": answers(settings), "put": takes(settings, settings)}}})
    resource = only(source)
    put = reading(source, "PUT /settings")
    assert resource.is_single
    assert (resource.place(put), resource.id_of(put)) == ("", "settings")


def test_a_list_that_is_put_whole_is_read_as_it_was_put() -> None:
    """An array or a plain value that PUT takes is what GET answers with afterwards."""
    words = {"type": "array", "items": {"type": "string"}}
    source = contract({"paths": {"/words": {"get": answers(words), "put": takes(words, words)}}})
    ask = asker(source)
    assert ask("PUT /words", {"Content-Type": "application/json"}, b'["a","b"]').status == 200
    assert ask("GET /words").body == b'["a","b"]'


def test_what_is_read_must_be_what_is_put() -> None:
    """GET of one thing beside a PUT of another is not understood, and the reason is told; a list is no single one."""
    many = {"type": "object", "properties": {"items": {"type": "array", "items": PET}}}
    told = {"type": "object", "properties": {"state": {"type": "string"}}}
    source = contract(
        {
            "paths": {
                "/pets": {"get": answers(many), "put": takes(PET, PET)},
                "/state": {"get": answers(told), "put": takes(PET, PET)},
            }
        }
    )
    resources = resources_of(source)
    assert not resources.resources
    assert resources.not_understood == [("/state", "what is read here is not what is sent here")]


def test_a_resource_is_named_by_as_much_of_its_path_as_tells_it_from_others() -> None:
    """Two collections called pets are named after what stands before that; a third needs no more than its own name."""
    item = {"get": answers(PET), "delete": {"responses": {"204": {"description": "Gone"}}}}
    source = contract({"paths": {f"{path}/{{petId}}": item for path in ("/a/pets", "/b/pets", "/b/shops")}})
    assert [resource.name for resource in resources_of(source).resources] == ["a.pets", "b.pets", "shops"]


def test_nothing_is_derived_before_it_is_asked_for() -> None:
    """The resource of one operation is known without those of others being derived."""
    source = pets()
    resources = resources_of(source)
    item = source.find("GET", "/pets/1")
    assert item is not None
    resource, role = resources.role_of(item[0]) or (None, None)
    assert role is Role.READ
    assert resources.resources == [resource]


REPO = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "owner": {"type": "object", "properties": {"login": {"type": "string"}}},
    },
}


def repos(created: Any = None) -> Contract:
    """A contract whose repositories are created and listed at the path of their organization."""
    repo = {"$ref": "#/components/schemas/Repo"}
    paths = {
        "/orgs/{org}/repos": {"post": takes(repo, created or repo), "get": answers({"type": "array", "items": repo})},
        "/repos/{owner}/{repo}": {"get": answers(repo)},
        "/search/{owner}/{kind}/repos": {"get": answers({"type": "array", "items": repo})},
    }
    return contract({"paths": paths, "components": {"schemas": {"Repo": REPO}}})


def test_an_item_may_be_created_and_listed_at_another_path() -> None:
    """POST /orgs/{org}/repos creates an item of /repos/{owner}, as both are of one schema that has an owner."""
    source = repos()
    (resource,) = resources_of(source).resources
    assert {role.value for role in resource.operations} == {"read", "create", "list"}
    created, role = resources_of(source).roles[next(each for each in source if each.method == "POST")]
    assert role is Role.CREATE
    assert created.place(reading(source, "POST /orgs/acme/repos")) == "/repos/acme"
    assert created.place(reading(source, "GET /repos/acme/tool")) == "/repos/acme"


def test_a_path_of_another_schema_creates_nothing_elsewhere() -> None:
    """Where the answer to a POST is of another schema than the item, it is not sure that it creates one."""
    (resource,) = [each for each in resources_of(repos(created=PET)).resources if each.has_items]
    assert Role.CREATE not in resource.operations
