"""The page of operations: the list with its search, one operation, and what comes back where one tries it."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import urlencode

import pytest
from support.asking import contract, header
from test_console import FORM, harmful, visitor

from tallystick.mock.console.prose import prose
from tallystick.nouns import budgets

PETS = """
    tags: [{name: animals, description: All that lives}, {name: empty}]
    paths:
      /pets/{id}:
        parameters: [{name: id, in: path, required: true, schema: {type: integer}, example: 7}]
        get:
          operationId: getPet
          summary: Get a pet
          description: "It has `legs`, see [the site](https://example.org/a?b=1)."
          tags: [animals]
          parameters: [{name: fields, in: query, schema: {type: array, items: {type: string}}, example: [a, b]}]
          security: [{key: []}]
          responses:
            '200': {description: Pet, content: {application/json: {example: {name: Rex}}}}
            '404': {description: No pet}
        put:
          requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}}
          responses: {'204': {description: Done}}
      /files:
        post:
          requestBody: {required: true, content: {image/png: {}}}
          responses: {'200': {description: Picture, content: {image/png: {}}}}
    components:
      schemas: {Pet: {type: object, properties: {name: {type: string}}, required: [name]}}
      securitySchemes: {key: {type: apiKey, in: header, name: X-Key}}
"""
HOSTILE = """
    paths:
      /"><script>alert(1)</script>:
        get:
          tags: ["<img src=x onerror=alert(1)>"]
          summary: "<script>alert(2)</script>"
          operationId: "javascript:alert(3)"
          description: "[x](javascript:alert(4)) <b>bold</b> `</code><script>`  \u202etxet"
          parameters:
            - {name: '" onfocus="alert(5)', in: query, example: '"><script>', schema: {enum: ['</textarea>']}}
          requestBody: {content: {application/json: {example: {a: "</textarea><script>alert(6)</script>"}}}}
          responses:
            '200':
              description: "<script>alert(7)</script>"
              content: {text/html: {example: "</pre><script>alert(8)</script>"}}
"""


def link(operation: str, path: str = "operation", **query: str) -> str:
    """The first line of a visit of the page of an operation."""
    method = "GET" if path == "operation" else "POST"
    return f"{method} /_tallystick/page/{path}?{urlencode({'contract': 'test', 'operation': operation, **query})}"


def tried(operation: str, fields: dict[str, str], source: str = PETS, **settings: object) -> str:
    """The part of the page that shows the reply to a request."""
    visit = visitor(contract(source), **settings)
    reply = visit(link(operation, "operation/try"), {**FORM, "HX-Request": "true"}, urlencode(fields).encode())
    assert reply.status == 200, reply.body
    return unescape(reply.body.decode())


def test_operations_stand_under_their_tags() -> None:
    """Each operation is a link under its tag, or under the beginning of its path."""
    page = visitor(contract(PETS))("GET /_tallystick/").body.decode()
    assert re.findall(r"<h3 [^>]*>([^<]*)", page) == ["animals", "/pets", "/files"]
    assert "All that lives" in page
    assert "4 operations" not in page
    assert "3 operations" in page
    assert 'href="/_tallystick/page/operation?contract=test&amp;operation=GET+%2Fpets%2F%7Bid%7D"' in page.replace(
        "&operation", "&amp;operation"
    )


def test_operations_without_tags_stand_under_the_beginnings_of_their_paths() -> None:
    """What all paths have in common tells nothing: the first segment in which they differ is the group."""
    paths = ["/v1/pets", "/v1/pets/{id}", "/v1/hats/{id}/size", "/v1/{other}"]
    source = {"paths": {path: {"get": {"responses": {}}} for path in paths}}
    page = visitor(contract(source))("GET /_tallystick/").body.decode()
    assert re.findall(r"<h3 [^>]*>([^<]*)", page) == ["/v1/pets", "/v1/hats", "/v1"]


def test_a_search_finds_words_in_paths_names_and_tags() -> None:
    """Every word has to be found, in any case; htmx gets the list alone."""
    visit = visitor(contract(PETS))
    page = visit("GET /_tallystick/?q=GETPET+Animals").body.decode()
    assert ("GET+%2Fpets" in page, "PUT+%2Fpets" in page, "1 of 3 operations" in page) == (True, False, True)
    part = visit("GET /_tallystick/?q=nothing", {"HX-Request": "true"})
    assert (b"<html" in part.body, "No operation has “nothing”".encode() in part.body) == (False, True)
    assert header(part, "vary") == "hx-request"


def test_an_operation_is_shown_with_a_form_of_its_examples() -> None:
    """The form has the values of an example request, and the page the lines of the contract."""
    page = visitor(contract(PETS))(link("GET /pets/{id}")).body.decode()
    assert 'name="path:id" value="7"' in page
    assert 'name="query:fields" value="[&#34;a&#34;,&#34;b&#34;]"' in page
    assert 'name="credentials:key" value="key"' in page
    assert '<a href="https://example.org/a?b=1"' in page
    assert "curl -i" in page
    assert "/pets/7?fields=a" in unescape(page)
    assert "test.yaml:" in page
    assert "No pet" in page


def test_a_tried_operation_shows_the_true_reply() -> None:
    """The mock is asked in this process, and its status, header fields and body are shown with the reason."""
    page = tried("GET /pets/{id}", {"path:id": "9", "credentials:key": "k"})
    assert '<span class="status s2">200' in page
    assert '"name": "Rex"' in page
    assert "keeps the contract" in page
    assert "tallystick-mock" in page
    assert "X-Key: k" in page
    assert "/page/exchange?id=" in page


def test_a_wrong_value_shows_its_violations() -> None:
    """What the contract refuses may be sent, and the page says what it breaks."""
    page = tried("GET /pets/{id}", {"path:id": "abc", "credentials:key": "k"})
    assert "path.id" in page
    assert "parameter-schema" in page
    assert '<span class="status s4">' in page


def test_another_reply_can_be_asked_for() -> None:
    """The documented replies are offered, and the one that is chosen comes."""
    page = tried("GET /pets/{id}", {"path:id": "9", "credentials:key": "k", "prefer": "code=404"})
    assert '<span class="status s4">404' in page


def test_a_body_is_sent_as_it_was_edited() -> None:
    """The text of the body goes to the mock with the media type that was chosen."""
    page = tried("PUT /pets/{id}", {"path:id": "9", "media_type": "application/json", "body": '{\r\n "name": 5}'})
    assert "body/name" in page
    assert "--data-raw '{\"name\": 5}'" in page
    assert '<span class="status s2">204' in tried("PUT /pets/{id}", {"path:id": "9", "body": '{"name": "Rex"}'})


def test_bytes_are_sent_as_the_example_has_them_and_a_picture_is_shown() -> None:
    """A body that no text field can hold is sent whole, and a picture that comes back is one."""
    form = visitor(contract(PETS))(link("POST /files")).body.decode()
    assert "Send an example of" in form
    page = tried("POST /files", {"media_type": "image/png", "as-it-is": "1"})
    assert 'src="data:image/png;base64,' in page


def test_a_dropped_connection_is_told() -> None:
    """A fault that gives no reply is said in words."""
    assert "The connection was dropped" in tried("GET /pets/{id}", {"path:id": "9"}, fault=("drop",))


def test_a_reply_that_does_not_end_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a while the page shows what came; what the mock says when it is stopped is no reply."""
    monkeypatch.setattr(budgets, "PAGE_REPLY_SECONDS", 0.01)
    page = tried("GET /pets/{id}", {"path:id": "9", "credentials:key": "k"}, fault=("latency=60s",))
    assert "It had not ended after 0.01 seconds" in page
    assert "no reply" in page
    assert "Service Unavailable" not in page


def test_a_form_works_without_a_script() -> None:
    """The form sent by the browser itself comes back as a whole page with what was sent."""
    visit = visitor(contract(PETS))
    body = urlencode({"path:id": "12", "extra": "X-Trace: abc\r\nHost: evil\r\nbroken"}).encode()
    page = visit(link("GET /pets/{id}", "operation/try"), FORM, body).body.decode()
    assert "<html" in page
    assert 'name="path:id" value="12"' in page
    assert "X-Trace: abc" in page
    assert "Host: localhost:4010" not in page


def test_a_try_from_a_foreign_page_is_refused() -> None:
    """A page of another site cannot have the mock asked."""
    visit = visitor(contract(PETS))
    reply = visit(link("GET /pets/{id}", "operation/try"), {**FORM, "Origin": "https://evil.example"}, b"path:id=1")
    assert reply.status == 403
    assert visit(link("GET /pets/{id}", "operation/try").replace("POST", "GET", 1)).status == 404


@pytest.mark.parametrize("operation", ["GET /nothing", "", "'"])
def test_an_operation_that_is_not_there_says_so(operation: str) -> None:
    """A link to an operation that the contract no longer has leads to a page that says it."""
    assert visitor(contract(PETS))(link(operation)).status == 404


def test_a_hostile_contract_is_shown_as_text() -> None:
    """No text of a contract or of a reply becomes a tag, an attribute, a script or a link that runs one."""
    visit = visitor(contract(HOSTILE))
    label = 'GET /"><script>alert(1)</script>'
    pages = [visit("GET /_tallystick/?q=%22%3E%3Cscript%3Ealert(9)"), visit(link(label))]
    body = urlencode({'query:" onfocus="alert(5)': "</input><script>", "extra": "</textarea><script>"}).encode()
    pages.append(visit(link(label, "operation/try"), FORM, body))
    for page in pages:
        assert page.status == 200
        text = page.body.decode()
        assert harmful(text) == []
        assert "\N{RIGHT-TO-LEFT OVERRIDE}" not in text


def test_prose_has_paragraphs_lists_code_and_links() -> None:
    """Descriptions are shown as their authors mean them, and what could run is text."""
    html = prose('# Title\nOne\ntwo **bold**.\n\n- a `b`\n- c\n\n```json\n{}\n```\n[x](http://a.b/"onx) [y](data:x)')
    assert "<p><strong>Title</strong></p><p>One two <strong>bold</strong>.</p>" in html
    assert "<ul><li>a <code>b</code></li><li>c</li></ul>" in html
    assert "<pre>{}</pre>" in html
    assert "href" not in html
    assert prose("<p>An <b>x</b> &amp; <code>y</code></p><ul><li>a<li>b</ul><script>1</script>") == (
        "<p>An <strong>x</strong> &amp; <code>y</code></p><ul><li>a</li><li>b</li></ul>"
        "<p>&lt;script&gt;1&lt;/script&gt;</p>"
    )
    assert '<a href="http://a.b/c"' in prose("[x](http://a.b/c 'title')")
