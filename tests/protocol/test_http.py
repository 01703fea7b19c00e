"""GraphQL over HTTP, to the letter."""

import asyncio
import gzip
import json
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlencode

import strawberry

from domain.access.password import hashed
from domain.access.user import User
from domain.kernel.work import Work
from tests.firm import Firm
from tests.protocol.serving import Served, serving
from tests.protocol.toy import DONE, Query, toys

MODERN = "application/graphql-response+json"
PLAIN = "application/json"
WORD = "correct horse battery"


async def raw(served: Served, body: bytes, **headers: str) -> tuple[int, Any]:
    given = served.bearer() | {
        "Content-Type": PLAIN,
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    answer = await served.http.post("/graphql", content=body, headers=given)
    return answer.status_code, answer.json()


async def test_a_query_is_answered_in_the_type_the_client_prefers(served: Served) -> None:
    wishes = {
        None: PLAIN,
        "*/*": PLAIN,
        PLAIN: PLAIN,
        MODERN: MODERN,
        f"{MODERN}, {PLAIN};q=0.9": MODERN,
        f"{PLAIN}, {MODERN};q=0.5": PLAIN,
        "text/html, application/*;q=0.8": PLAIN,
        f"{MODERN};q=0, */*": PLAIN,
    }
    for accept, media in wishes.items():
        answer = await served.ask("{ name }", headers={"Accept": accept or ""})
        assert (answer.status_code, answer.json()) == (200, {"data": {"name": "buyer"}})
        assert answer.headers["content-type"] == f"{media}; charset=utf-8"
        assert answer.headers["cache-control"] == "no-store"
    assert (await served.ask("{ name }", headers={"Accept": "text/html"})).status_code == 406


async def test_what_cannot_be_executed_is_400_to_modern_and_200_to_plain_clients(served: Served) -> None:
    requests: list[dict[str, Any]] = [
        {"query": "{"},
        {"query": "{ nothing }"},
        {"query": ""},
        {"query": "query A { name } query B { name }"},
        {"query": "query A { name }", "operationName": "B"},
        {"query": "query ($of: Int!) { number(of: $of) }", "variables": {"of": "x"}},
        {"query": "query ($of: Int!) { number(of: $of) }"},
        {"query": "fragment F on Query { name }"},
    ]
    for request in requests:
        for accept, status in ((MODERN, 400), (PLAIN, 200)):
            headers = served.bearer() | {"Accept": accept}
            answer = await served.http.post("/graphql", json=request, headers=headers)
            assert (answer.status_code, answer.json().keys()) == (status, {"errors"}), request
            assert answer.json()["errors"][0]["extensions"]["code"] == "BAD_REQUEST"


async def test_what_was_executed_is_200_even_if_a_part_of_it_broke(served: Served) -> None:
    answer = await served.ask("{ name broken }", headers={"Accept": MODERN, "X-Request-Id": "r-1"})
    told = answer.json()
    assert (answer.status_code, told["data"]) == (200, {"name": "buyer", "broken": None})
    assert told["errors"][0]["path"] == ["broken"]
    assert told["errors"][0]["extensions"] == {"code": "INTERNAL", "request": "r-1"}
    assert "secret" not in answer.text


async def test_odd_bodies_are_answered_as_graphql_errors(served: Served) -> None:
    deep = b'{"query": "{ name }", "variables": ' + b'{"a":' * 20_000 + b"1" + b"}" * 20_001
    bodies = [
        b"", b"null", b"1", b'"text"', b"[]", b'[{"query": "{ name }"}]', b"{", b"\xff\xfe", b'{"query": "\xff"}',
        b"{}", b'{"query": null}', b'{"query": 1}', b'{"query": ["{ name }"]}',
        b'{"query": "{ name }", "variables": []}',
        b'{"query": "{ name }", "variables": "{}"}', b'{"query": "{ name }", "operationName": 1}',
        b'{"query": "{ name }", "extensions": 1}', b'{"query": "{ name }", "query": "{ name }"}',
        b'{"query": "{ name }", "variables": {"a": NaN}}', b'{"query": "{ name }", "variables": {"a": "\\ud800"}}',
        b'{"query": "{ name }", "variables": {"a": "\\u0000"}}',
        b'{"query": "{ name }", "variables": {"a": 1' + b"0" * 5000 + b"}}", deep,
        b'{"query": "{ name }"} {"query": "{ name }"}',
    ]  # fmt: skip
    for body in bodies:
        status, told = await raw(served, body)
        assert (status, told.keys()) == (400, {"errors"}), body[:50]
        assert told["errors"][0]["message"]
    status, told = await raw(served, json.dumps({"query": '{ echo(text: "\\u0000") }'}).encode(), Accept=MODERN)
    assert (status, told.keys()) == (400, {"errors"})
    assert await raw(served, b'{"query": "{ name }", "variables": null}') == (200, {"data": {"name": "buyer"}})


async def test_only_json_in_utf8_without_compression_is_taken(served: Served) -> None:
    body = b'{"query": "{ name }"}'
    for given in ("text/plain", "application/x-www-form-urlencoded", "", "multipart/form-data; boundary=x",
                  "application/json; charset=latin-1"):  # fmt: skip
        status, told = await raw(served, body, Content_Type=given)
        assert (status, told.keys()) == (415, {"errors"}), given
    assert (await raw(served, gzip.compress(body), Content_Encoding="gzip"))[0] == 415
    assert (await raw(served, body, Content_Type="Application/JSON; Charset=UTF-8"))[0] == 200


async def test_get_is_for_queries_alone(served: Served) -> None:
    async def get(**parameters: str) -> Any:
        return await served.http.get("/graphql?" + urlencode(parameters), headers=served.bearer())

    query = "query ($of: Int!) { number(of: $of) }"
    assert (await get(query=query, variables='{"of": 7}')).json() == {"data": {"number": 7}}
    assert (await get(query="query A { name } query B { key }", operationName="A")).status_code == 200
    refused = await get(query='mutation { write(text: "by get") }')
    assert (refused.status_code, refused.headers["allow"]) == (405, "POST")
    assert "by get" not in DONE
    assert (await get(query="subscription { ticks(until: 1) }")).status_code == 400
    assert (await get()).status_code == 400
    assert (await get(query="{ name }", variables="[1]")).status_code == 400
    assert (await get(query="{ name }", variables="{")).status_code == 400
    twice = await served.http.get("/graphql?query={name}&query={key}", headers=served.bearer())
    assert twice.status_code == 400


async def test_other_methods_and_places_are_answered_as_graphql_errors(served: Served) -> None:
    for method in ("PUT", "DELETE", "PATCH", "OPTIONS"):
        answer = await served.http.request(method, "/graphql")
        assert (answer.status_code, answer.headers["allow"]) == (405, "GET, POST")
        assert answer.json()["errors"]
    elsewhere = await served.http.post("/elsewhere")
    assert (elsewhere.status_code, "/graphql" in elsewhere.text) == (404, True)
    assert (await served.http.post("/healthz")).json()["errors"]


async def test_a_body_beyond_the_limit_is_refused_and_the_server_goes_on(toy_firm: Firm) -> None:
    async with serving(toy_firm, toys(), TRADEGRAPH_BODY_LIMIT="20000") as served:
        long = "x" * 30_000
        assert (await raw(served, json.dumps({"query": "{ name }", "variables": {"a": long}}).encode()))[0] == 413

        async def pieces() -> Any:
            for _ in range(30):
                yield b" " * 1000

        headers = served.bearer() | {"Content-Type": PLAIN}
        piecewise = await served.http.post("/graphql", content=pieces(), headers=headers)
        assert (piecewise.status_code, piecewise.json().keys()) == (413, {"errors"})
        short = {"query": "query ($t: String!) { echo(text: $t) }", "variables": {"t": "x" * 15_000}}
        assert (await raw(served, json.dumps(short).encode()))[0] == 200


def _twins(levels: int) -> str:
    return "{ name }" if levels == 0 else f"{{ deep {_twins(levels - 1)} deep {_twins(levels - 1)} }}"


async def test_documents_made_to_overwork_the_server_are_refused_quickly(served: Served) -> None:
    chain = "".join(
        f"fragment f{i} on Query {{ a: deep {{ ...f{i + 1} }} b: deep {{ ...f{i + 1} }} }}" for i in range(13)
    )
    cyclic = "{ ...a } fragment a on Query { deep { ...b } } fragment b on Query { deep { ...a } }"
    documents = {
        "many of one name": "{" + " name" * 5000 + "}",
        "many of one name below": "{ deep {" + "name " * 3000 + "} }",
        "twins of twins": _twins(9),
        "doubling fragments": "{ ...f0 }" + chain + "fragment f13 on Query { name }",
        "deep": "{" + "deep {" * 50 + "name" + "}" * 51,
        "endless braces": "{" * 9000,
        "endless list": "{ echo(text: " + "[" * 9000,
        "cyclic": cyclic,
        "many fragments": "{" + "".join(f"...g{i} " for i in range(600)) + "}"
        + "".join(f"fragment g{i} on Query {{ x{i}: name }}" for i in range(600)),
        "many tokens": "{ name } " + "# x\n" * 10 + "query B { " + "a: name " * 20_000 + "}",
    }  # fmt: skip
    unread = {"endless braces", "endless list", "many tokens"}
    for name, document in documents.items():
        answer = await served.ask(document, headers={"Accept": MODERN})
        code = answer.json()["errors"][0]["extensions"]["code"]
        assert (answer.status_code, code) == (400, "BAD_REQUEST" if name in unread else "TOO_MUCH"), name
    fields = " ".join(f'f{i}: echo(text: "{i}")' for i in range(200))
    assert (await served.ask(f"{{ {fields} deep {{ deep {{ {fields} }} }} }}")).status_code == 200


async def test_a_wrong_credential_is_401_before_anything_is_read(served: Served) -> None:
    for given in ("Bearer tgk_no", "Bearer", "Basic dXNlcjpwYXNz", "tgk_x", "Bearer " + "x" * 5000, "Bearer tgs_\xe4"):
        answer = await served.http.post("/graphql", content=b"{", headers={b"Authorization": given.encode("latin-1")})
        assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (401, "NOT_AUTHENTICATED")
        assert answer.headers["www-authenticate"].startswith('Bearer realm="tradegraph", error="invalid_')


async def test_without_a_credential_the_schema_decides(served: Served) -> None:
    assert (await served.ask("{ number(of: 1) }", role=None)).json() == {"data": {"number": 1}}
    for accept in (MODERN, PLAIN):
        answer = await served.ask("{ name }", role=None, headers={"Accept": accept})
        assert (answer.status_code, answer.json()["data"]) == (401, None)
        assert answer.headers["www-authenticate"] == 'Bearer realm="tradegraph"'
    mixed = await served.ask("{ number(of: 1) nothing }", role=None, headers={"Accept": MODERN})
    assert mixed.status_code == 400


async def set_password(firm: Firm) -> None:
    def change(work: Work) -> None:
        work.find(User, firm["user:buyer"]).password_hash = hashed(WORD)

    await firm.database.transact(firm.actor("administrator"), change)


async def test_a_cookie_lets_a_page_in_until_it_signs_out(served: Served) -> None:
    await set_password(served.firm)
    entered = await served.ask(f'mutation {{ enter(password: "{WORD}") }}', role=None)
    given = entered.headers["set-cookie"]
    assert given.startswith("tradegraph=tgs_")
    assert "; HttpOnly; SameSite=Lax" in given
    assert "Secure" not in given
    lasts = parsedate_to_datetime(given.split("Expires=")[1].split(";")[0]) - datetime.now(UTC)
    assert timedelta(hours=11, minutes=59) < lasts <= timedelta(hours=12)
    assert (await served.ask("{ name }", role=None)).json() == {"data": {"name": "buyer"}}
    form = await served.http.post("/graphql", data={"query": "{ name }"})
    assert form.status_code == 415
    strange = await served.ask("{ name }", role=None, headers={"Origin": "https://evil.example"})
    assert (strange.status_code, strange.headers.get("access-control-allow-origin")) == (403, None)
    assert (await served.ask("{ name }", role=None, headers={"Origin": "http://localhost:3000"})).status_code == 200
    assert (
        await served.ask("{ name }", role=None, headers={"Origin": f"http://127.0.0.1:{served.port}"})
    ).status_code == 200
    left = await served.ask("mutation { leave }", role=None)
    assert left.headers["set-cookie"].startswith("tradegraph=; Max-Age=0;")
    assert (await served.ask("{ name }", role=None)).status_code == 401


async def test_a_dead_cookie_does_not_keep_its_owner_from_signing_in(served: Served) -> None:
    await set_password(served.firm)
    dead = {"Cookie": "tradegraph=tgs_dead"}
    answer = await served.ask("{ number(of: 1) }", role=None, headers=dead)
    assert (answer.status_code, answer.headers["set-cookie"].split(";")[0]) == (200, "tradegraph=")
    again = await served.ask(f'mutation {{ enter(password: "{WORD}") }}', role=None, headers=dead)
    assert again.headers["set-cookie"].startswith("tradegraph=tgs_")


async def test_a_cookie_of_a_public_address_is_for_https_alone(served: Served) -> None:
    await set_password(served.firm)
    for host, secure in {"erp.example.com": True, "erp.example.com:8000": True, "[::1]:8000": False}.items():
        answer = await served.ask(f'mutation {{ enter(password: "{WORD}") }}', role=None, headers={"Host": host})
        assert ("; Secure" in answer.headers["set-cookie"]) == secure, host


async def test_pages_of_listed_origins_may_read_answers_and_others_may_not(served: Served) -> None:
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,content-type"}
    for origin, allowed in {
        "http://localhost:5173": True,
        "http://127.0.0.1:8080": True,
        "https://evil.example": False,
    }.items():
        preflight = await served.http.options("/graphql", headers={"Origin": origin, **asked})
        answer = await served.ask("{ name }", headers={"Origin": origin})
        for one in (preflight, answer):
            assert one.headers.get("access-control-allow-origin") == (origin if allowed else None)
        assert (preflight.status_code == 200) == allowed
    assert preflight.headers["access-control-allow-credentials"] == "true"


async def test_requests_are_named_and_the_name_is_answered(served: Served) -> None:
    assert (await served.ask("{ name }", headers={"X-Request-Id": "abc.1-2_3"})).headers["x-request-id"] == "abc.1-2_3"
    for odd in ("", "x" * 101, "a b", 'a"b'):
        made = (await served.ask("{ name }", headers={"X-Request-Id": odd})).headers["x-request-id"]
        assert made != odd
        assert len(made) == 32


async def test_the_idempotency_key_reaches_the_operation(served: Served) -> None:
    given = await served.ask("{ key }", headers={"Idempotency-Key": "k-1"})
    assert given.json() == {"data": {"key": "k-1"}}
    assert (await served.ask("{ key }")).json() == {"data": {"key": None}}
    assert (await served.ask("{ key }", headers={"Idempotency-Key": "x" * 256})).status_code == 400


async def test_an_answer_does_not_wait_for_the_client_to_confirm_a_part_of_it(served: Served) -> None:
    async def taken() -> float:
        began = asyncio.get_running_loop().time()
        await served.ask("{ number(of: 1) }", role=None)
        return asyncio.get_running_loop().time() - began

    assert min([await taken() for _ in range(20)][5:]) < 0.03


async def test_a_mutation_is_finished_though_the_client_has_left(served: Served) -> None:
    body = json.dumps({"query": 'mutation { write(text: "left alone", seconds: 0.2) }'}).encode()
    _, writer = await asyncio.open_connection("127.0.0.1", served.port)
    head = f"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    writer.write(head.encode() + body)
    await writer.drain()
    await asyncio.sleep(0.1)
    writer.close()
    await asyncio.sleep(0.3)
    assert "left alone" in DONE


async def test_what_a_schema_lets_slip_is_masked_at_the_front(toy_firm: Firm) -> None:
    async with serving(toy_firm, strawberry.Schema(Query)) as served:
        answer = await served.ask("{ name broken }", headers={"X-Request-Id": "r-2"})
    told = answer.json()
    assert told["data"] == {"name": "buyer", "broken": None}
    assert told["errors"][0]["extensions"] == {"code": "INTERNAL", "request": "r-2"}
    assert "secret" not in answer.text
