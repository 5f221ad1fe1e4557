"""What a person notices of resources that were created: ids that tell them apart, the order of members, empty lists."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from support.asking import asker, contract, header

JSON_TYPE = {"Content-Type": "application/json"}
ISSUES = """
    components:
      schemas:
        Issue:
          type: object
          required: [id, number, title]
          properties:
            id: {type: integer}
            node_id: {type: string}
            number: {type: integer}
            title: {type: string}
            state: {type: string, default: open}
            body: {type: string}
    paths:
      /issues:
        get:
          responses:
            '200':
              description: Issues
              content:
                application/json:
                  schema: {type: array, items: {$ref: '#/components/schemas/Issue'}}
                  example: [{id: 1, node_id: MDU6SXNzdWUx, number: 1347, title: Found a bug, state: open}]
        post:
          requestBody:
            content:
              application/json:
                schema:
                  type: object
                  properties: {title: {type: string}, state: {type: string, default: open}, body: {type: string}}
          responses: &one
            '201':
              description: Issue
              content:
                application/json:
                  schema: {$ref: '#/components/schemas/Issue'}
                  example: {id: 1, node_id: MDU6SXNzdWUx, number: 1347, title: Found a bug}
      /issues/{number}:
        parameters: [{name: number, in: path, required: true, schema: {type: integer}}]
        get:
          responses:
            '200':
              description: Issue
              content:
                application/json:
                  schema: {$ref: '#/components/schemas/Issue'}
                  example: {id: 1, node_id: MDU6SXNzdWUx, number: 1347, title: Found a bug}
        patch:
          requestBody: {content: {application/json: {schema: {type: object}}}}
          responses:
            '200': {description: Issue, content: {application/json: {schema: {$ref: '#/components/schemas/Issue'}}}}
      /issues/{number}/comments:
        parameters: [{name: number, in: path, required: true, schema: {type: integer}}]
        get:
          responses:
            '200':
              description: Comments
              content:
                application/json:
                  schema:
                    type: array
                    items: &comment {type: object, properties: {id: {type: integer}, body: {type: string}}}
                  example: [{id: 7, body: Me too}]
        post:
          requestBody: {content: {application/json: {schema: {type: object}}}}
          responses: {'201': {description: Comment, content: {application/json: {schema: *comment}}}}
      /issues/{number}/comments/{id}:
        parameters:
        - {name: number, in: path, required: true, schema: {type: integer}}
        - {name: id, in: path, required: true, schema: {type: integer}}
        get: {responses: {'200': {description: Comment, content: {application/json: {schema: *comment}}}}}
        patch:
          requestBody: {content: {application/json: {schema: {type: object}}}}
          responses: {'200': {description: Comment, content: {application/json: {schema: *comment}}}}
"""


class Api:
    """A mock that remembers, asked for JSON."""

    def __init__(self, **settings: Any) -> None:
        self.ask = asker(contract(ISSUES), stateless=False, **settings)

    def __call__(self, line: str, body: Any = None) -> Any:
        reply = self.ask(line, JSON_TYPE, json.dumps(body).encode()) if body is not None else self.ask(line)
        assert reply.status < 300, reply
        return json.loads(reply.body)


def test_other_ids_of_what_is_created_are_its_own() -> None:
    """Where the path has the `number`, `id` and `node_id` are no less another's; what is created twice, too."""
    api = Api()
    first, second = api("POST /issues", {"title": "A"}), api("POST /issues", {"title": "A"})
    third = api("POST /issues", {"title": "A"})
    rows = api("GET /issues")
    assert [row["number"] for row in rows] == [1350, 1349, 1348, 1347]
    for name in ("id", "node_id"):
        assert len({row[name] for row in rows}) == 4, name
    assert [first, second, third] == [api(f"GET /issues/{each['number']}") for each in (first, second, third)]


def test_members_stand_in_the_order_of_the_schema() -> None:
    """A default, and what the example lacks, stands where the schema declares it."""
    api = Api()
    issue = api("POST /issues", {"body": "Often", "title": "A"})
    order = ["id", "node_id", "number", "title", "state", "body"]
    assert [*issue] == [*api("GET /issues")[0]] == order
    number = api("POST /issues", {"title": "B"})["number"]
    assert [*api(f"PATCH /issues/{number}", {"body": "late"})] == order


def test_what_somebody_created_has_nothing_below_it() -> None:
    """A list below a created resource has what was created and changed there; below another one, its example."""
    api = Api()
    number = api("POST /issues", {"title": "A"})["number"]
    assert api(f"GET /issues/{number}/comments") == []
    assert api("GET /issues/1347/comments") == [{"id": 7, "body": "Me too"}]
    own = api(f"POST /issues/{number}/comments", {"body": "Hm"})
    assert api(f"GET /issues/{number}/comments") == [own]
    api(f"PATCH /issues/{number}/comments/7", {"body": "I came later"})
    assert [row["id"] for row in api(f"GET /issues/{number}/comments")] == [own["id"], 7]
    api("PATCH /issues/1347", {"title": "Changed"})
    assert api("GET /issues/1347/comments") == [{"id": 7, "body": "Me too"}]


def test_a_location_leads_to_a_path_of_the_contract() -> None:
    """Where items have no path of their own, the documented `Location` stays."""
    source = contract("""
        paths:
          /user/repos:
            get:
              responses: {'200': {description: Repos, content: {application/json: {schema: {type: array, items: &repo {
                type: object, properties: {id: {type: integer}, name: {type: string}}}}}}}}
            post:
              requestBody: {content: {application/json: {schema: {type: object, properties: {name: {type: string}}}}}}
              responses:
                '201':
                  description: Repo
                  headers: {Location: {schema: {type: string}, example: /repos/ada/loom}}
                  content: {application/json: {schema: *repo}}
          /repos/{owner}/{repo}:
            parameters:
            - {name: owner, in: path, required: true, schema: {type: string}}
            - {name: repo, in: path, required: true, schema: {type: string}}
            get: {responses: {'200': {description: Repo, content: {application/json: {schema: *repo}}}}}
    """)
    reply = asker(source, stateless=False)("POST /user/repos", JSON_TYPE, b'{"name": "loom"}')
    assert header(reply, "location").endswith("/repos/ada/loom")


FOUND = """
    components:
      schemas:
        Pet: {type: object, properties: {id: {type: integer}, name: {type: string}, status: {enum: [free, sold]}}}
    paths:
      /pet:
        post:
          requestBody: {content: &pet {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}}
          responses: {'200': {description: Pet, content: *pet}}
      /pet/findByStatus:
        get:
          parameters: [{name: status, in: query, required: true, schema: {enum: [free, sold]}}]
          responses: &pets
            '200':
              description: Pets
              content:
                application/json:
                  schema: {type: array, items: {$ref: '#/components/schemas/Pet'}}
                  example: [{id: 1, name: Rex, status: sold}, {id: 2, name: Ada, status: free}]
      /pet/find:
        get: {responses: *pets}
      /pet/{petId}:
        parameters: [{name: petId, in: path, required: true, schema: {type: integer}}]
        get: {responses: {'200': {description: Pet, content: *pet}}}
        delete: {responses: {'204': {description: Gone}}}
"""


def test_a_list_that_only_finds_shows_what_was_created() -> None:
    """Where a collection has no list, one that must be narrowed has what was created; another one has not."""
    ask = asker(contract(FOUND), stateless=False)

    def found(path: str) -> list[str]:
        return [row["name"] for row in json.loads(ask(f"GET {path}").body)]

    pet = json.loads(ask("POST /pet", JSON_TYPE, b'{"name": "Bo", "status": "sold"}').body)
    assert found("/pet/findByStatus?status=sold") == ["Bo", "Rex"]
    assert found("/pet/findByStatus?status=free") == ["Ada"]
    assert found("/pet/find") == ["Rex", "Ada"]
    ask(f"DELETE /pet/{pet['id']}")
    assert found("/pet/findByStatus?status=sold") == ["Rex"]


def test_what_is_one_of_several_kinds_is_not_mixed() -> None:
    """A member, or an item of a list, that is one of several kinds comes back as it was sent, in create and update."""
    source = contract("""
        components:
          schemas:
            Rule:
              oneOf:
              - {type: object, required: [kind, words], properties: {kind: {const: words}, words: {type: string}}}
              - {type: object, required: [kind, size], properties: {kind: {const: size}, size: {type: integer}}}
            Filter:
              type: object
              properties:
                id: {type: integer}
                first: {$ref: '#/components/schemas/Rule'}
                rules: {type: array, items: {$ref: '#/components/schemas/Rule'}}
        paths:
          /filters:
            get: {responses: {'200': {description: All, content: {application/json: {schema: {type: array, items: {
              $ref: '#/components/schemas/Filter'}}}}}}}
            post: &send
              requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Filter'}}}}
              responses: {'200': {description: Done, content: {application/json: {schema: {
                $ref: '#/components/schemas/Filter'}}}}}
          /filters/{id}:
            parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
            get: {responses: {'200': {description: One, content: {application/json: {schema: {
              $ref: '#/components/schemas/Filter'}}}}}}
            patch: *send
    """)
    ask = asker(source, stateless=False)
    sent = {
        "first": {"kind": "size", "size": 3},
        "rules": [{"kind": "size", "size": 4}, {"kind": "words", "words": "a"}],
    }
    kept = json.loads(ask("POST /filters", JSON_TYPE, json.dumps(sent).encode()).body)
    assert {name: kept[name] for name in sent} == sent
    changed = {"rules": [{"kind": "words", "words": "b"}]}
    kept = json.loads(ask(f"PATCH /filters/{kept['id']}", JSON_TYPE, json.dumps(changed).encode()).body)
    assert kept["rules"] == changed["rules"]


def test_another_id_is_the_same_in_each_reply() -> None:
    """Where the client names a resource, the number beside that is the same when it is created and read."""
    source = contract("""
        paths:
          /users:
            post:
              requestBody: {content: &user {application/json: {schema: {type: object, required: [name], properties: {
                id: {type: integer}, name: {type: string}}}}}}
              responses: {'200': {description: User, content: *user}}
          /users/{name}:
            parameters: [{name: name, in: path, required: true, schema: {type: string}}]
            get: {responses: {'200': {description: User, content: {application/json: {
              schema: {type: object, properties: {id: {type: integer}, name: {type: string}}},
              example: {id: 10, name: bo}}}}}}
    """)
    ask = asker(source, stateless=False)
    made = json.loads(ask("POST /users", JSON_TYPE, b'{"name": "ada"}').body)
    assert json.loads(ask("GET /users/ada").body) == made
    assert made["id"] != 10


def test_pictures_and_moments_of_what_is_created_are_of_the_mock() -> None:
    """A picture of a created resource loads from the mock, not from the contract's server; its `timestamp` is now."""
    source = contract("""
        servers: [{url: https://chat.example.com/api}]
        components:
          schemas:
            Message:
              type: object
              required: [id, timestamp, author]
              properties:
                id: {type: string}
                content: {type: string}
                timestamp: {type: string, format: date-time}
                author:
                  type: object
                  required: [name, avatar_url]
                  properties: {name: {type: string}, avatar_url: {type: string, format: uri}}
        paths:
          /messages:
            get:
              responses: {'200': {description: All, content: {application/json: {schema: {type: array, items: {
                $ref: '#/components/schemas/Message'}}}}}}
            post:
              requestBody: {content: {application/json: {schema: {
                type: object, properties: {content: {type: string}}}}}}
              responses: {'201': {description: One, content: {application/json: {schema: {
                $ref: '#/components/schemas/Message'}}}}}
          /messages/{id}:
            parameters: [{name: id, in: path, required: true, schema: {type: string}}]
            get: {responses: {'200': {description: One, content: {application/json: {schema: {
              $ref: '#/components/schemas/Message'}}}}}}
    """)
    ask = asker(source, stateless=False)
    for host in ("127.0.0.1:4010", "localhost:4010"):
        made = json.loads(ask("POST /messages", {**JSON_TYPE, "Host": host}, b'{"content": "Hi"}').body)
        read = json.loads(ask(f"GET /messages/{made['id']}", {"Host": host}).body)
        row = json.loads(ask("GET /messages", {"Host": host}).body)[0]
        for each in (made, read, row):
            assert each["author"]["avatar_url"].startswith(f"http://{host}/_tallystick/image/"), each
        age = datetime.now(UTC) - datetime.fromisoformat(made["timestamp"])
        assert abs(age.total_seconds()) < 3_600


PROMPTS = """
    components:
      schemas:
        Chat:
          type: object
          required: [type, prompt, name, version]
          properties:
            type: {const: chat}
            name: {type: string}
            version: {type: integer}
            prompt: {type: array, items: {type: object, properties: {role: {type: string}}}}
        Text:
          type: object
          required: [type, prompt, name, version]
          properties: {type: {const: text}, name: {type: string}, version: {type: integer}, prompt: {type: string}}
        Prompt: {oneOf: [{$ref: '#/components/schemas/Chat'}, {$ref: '#/components/schemas/Text'}]}
        New:
          type: object
          properties: {type: {enum: [chat, text]}, name: {type: string}, prompt: {}}
    paths:
      /prompts:
        get: {responses: {'200': {description: All, content: {application/json: {schema: {type: array, items: {
          $ref: '#/components/schemas/Prompt'}}}}}}}
        post: &send
          requestBody: &new {content: {application/json: {schema: {$ref: '#/components/schemas/New'}}}}
          responses: &one
            '200': {description: Prompt, content: {application/json: {schema: {$ref: '#/components/schemas/Prompt'}}}}
      /prompts/{name}:
        parameters: [{name: name, in: path, required: true, schema: {type: string}}]
        get: {responses: *one}
        put: *send
"""


def test_a_resource_of_several_kinds_is_of_the_kind_that_was_sent() -> None:
    """What is created or replaced is of another kind than the example, where what was sent asks for that."""
    ask = asker(contract(PROMPTS), stateless=False)
    assert json.loads(ask("GET /prompts/greet").body)["type"] == "chat"
    sent = {"type": "text", "name": "greet", "prompt": "Hi"}
    made = json.loads(ask("POST /prompts", JSON_TYPE, json.dumps(sent).encode()).body)
    assert {name: made[name] for name in sent} == sent
    assert json.loads(ask("GET /prompts/greet").body) == made
    assert json.loads(ask("GET /prompts").body)[0] == made
    chat = {"type": "chat", "name": "greet", "prompt": [{"role": "user"}]}
    put = json.loads(ask("PUT /prompts/greet", JSON_TYPE, json.dumps(chat).encode()).body)
    assert {name: put[name] for name in chat} == chat


def test_a_list_that_is_set_to_null_is_empty_where_it_must_be_there() -> None:
    """What a patch sets to null is left out, or null, or empty: the first that the replies allow."""
    source = contract("""
        paths:
          /lobbies/{id}:
            parameters: [{name: id, in: path, required: true, schema: {type: string}}]
            get: &shows
              responses:
                '200':
                  description: Lobby
                  content:
                    application/json:
                      schema:
                        type: object
                        required: [members, topic, options, name]
                        properties:
                          members: {type: array, items: {type: string}}
                          options: {type: object}
                          topic: {type: [string, 'null']}
                          name: {type: string}
                          motto: {type: string}
                      example: {members: [ada], topic: weaving, options: {a: 1}, name: loom, motto: go}
            patch:
              <<: *shows
              requestBody: {content: {application/json: {schema: {type: object}}}}
          /lobbies:
            post:
              <<: *shows
              requestBody: {content: {application/json: {schema: {type: object}}}}
    """)
    ask = asker(source, stateless=False)
    nulls = dict.fromkeys(("members", "options", "topic", "name", "motto"))
    ask("PATCH /lobbies/7", JSON_TYPE, json.dumps(nulls).encode())
    assert json.loads(ask("GET /lobbies/7").body) == {"members": [], "options": {}, "topic": None, "name": "loom"}


def test_what_only_changes_show_is_kept() -> None:
    """Where nothing reads a resource, it has the members of the reply that tells most of it."""
    source = contract("""
        paths:
          /mates:
            post:
              requestBody: &sent {content: {application/json: {schema: {type: object, properties: {
                mate: {type: string}, name: {type: string}, scopes: {type: array, items: {type: string}}}}}}}
              responses: {'201': {description: Mate, content: {application/json: {schema: {type: object, properties: {
                mate: {type: string}, name: {type: string}}}}}}}
          /mates/{mate}:
            parameters: [{name: mate, in: path, required: true, schema: {type: string}}]
            patch:
              requestBody: *sent
              responses: {'200': {description: Mate, content: {application/json: {schema: {type: object, properties: {
                mate: {type: string}, name: {type: string}, scopes: {type: array, items: {type: string}}}}}}}}
    """)
    ask = asker(source, stateless=False)
    ask("POST /mates", JSON_TYPE, b'{"mate": "ada", "name": "Ada", "scopes": ["read", "write"]}')
    changed = json.loads(ask("PATCH /mates/ada", JSON_TYPE, b'{"name": "Ada L."}').body)
    assert changed == {"mate": "ada", "name": "Ada L.", "scopes": ["read", "write"]}
