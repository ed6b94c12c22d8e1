"""tools/record_requests.py: what differs must be seen, and what has to differ passed over."""

import io
import json
import socket
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from tools.record_requests import ask, main
from tools.recording.answers import Answer, Exchange, load, read_answer, save
from tools.recording.cases import raw, request
from tools.recording.comparing import differences, normalised
from tools.recording.servers import servers

GET = "GET /sparql HTTP/1.1\r\nX-Request-Id: mine\r\n\r\n"
ANSWER = Answer(
    "HTTP/1.1 200 OK", (("date", "Mon"), ("etag", '"a"'), ("vary", "Accept")), "body", "length"
)


def with_header(name: str, value: str) -> Answer:
    headers = tuple((n, value if n == name else v) for n, v in ANSWER.headers)
    return replace(ANSWER, headers=headers)


def found(one: Answer, other: Answer, sent: str = GET) -> list[str]:
    return list(differences(normalised(one, sent), normalised(other, sent)))


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (replace(ANSWER, status="HTTP/1.1 404 Not Found"), "status: HTTP/1.1 200 OK → "),
        (replace(ANSWER, body="bodY"), "body: at 3 of 4 and 4: 'body' → 'bodY'"),
        (replace(ANSWER, body="body\n"), "body: at 4 of 4 and 5: "),
        (replace(ANSWER, end="cut"), "end: length → cut"),
        (replace(ANSWER, closed=True), "closed: None → True"),
        (with_header("etag", '"b"'), "header etag: ['\"a\"'] → ['\"b\"']"),
        (replace(ANSWER, headers=ANSWER.headers[:2]), "header vary: ['Accept'] → []"),
        (replace(ANSWER, headers=ANSWER.headers[::-1]), "order of headers: date, etag, vary → "),
        (
            replace(ANSWER, headers=(("Date", "Mon"), *ANSWER.headers[1:])),
            "letters of headers: date, etag, vary → Date, etag, vary",
        ),
    ],
)
def test_each_part_of_an_answer_counts(other: Answer, said: str) -> None:
    (text,) = found(ANSWER, other)
    assert text.startswith(said)
    assert found(ANSWER, ANSWER) == []


@pytest.mark.parametrize(
    ("name", "one", "other"),
    [
        ("date", "Mon, 30 Nov 2026 22:00:00 GMT", "Tue, 01 Dec 2026 01:00:00 GMT"),
        ("x-request-id", "0123456789abcdef", "fedcba9876543210"),
        ("location", "http://127.0.0.1:40001/graphs/mine", "http://127.0.0.1:50002/graphs/mine"),
        ("etag", 'W/"abc+3-01234567-f"', 'W/"abc+3-89abcdef-f"'),
        ("etag", f'W/"abc-{"0" * 32}"', f'W/"abc-{"1" * 32}"'),
        (
            "location",
            "http://a/graphs/01234567-89ab-cdef-0123-456789abcdef",
            "http://a/graphs/fedcba98-89ab-cdef-0123-456789abcdef",
        ),
    ],
)
def test_what_has_to_differ_is_passed_over(name: str, one: str, other: str) -> None:
    before, after = (replace(ANSWER, headers=((name, value),)) for value in (one, other))
    assert found(before, after) == []
    assert found(before, replace(ANSWER, headers=((name, one[:-3]),))) != []


def test_the_id_that_the_client_sent_must_come_back() -> None:
    mine, other = (replace(ANSWER, headers=(("x-request-id", v),)) for v in ("mine", "x"))
    assert found(mine, other) != []


def test_of_metrics_the_names_count() -> None:
    def metrics(*lines: str) -> Answer:
        return replace(ANSWER, body="\n".join(["# HELP a b", *lines]))

    sent = "GET /metrics HTTP/1.1\r\n\r\n"
    assert found(metrics('a{b="c"} 1', "d 2.5"), metrics('a{b="c"} 7', "d 0"), sent) == []
    assert found(metrics('a{b="c"} 1'), metrics('a{b="d"} 1'), sent) != []
    assert found(metrics("a 1"), metrics("a 2")) != []


def test_of_static_files_the_content_counts() -> None:
    sent = "GET /static/a.css HTTP/1.1\r\n\r\n"
    other = with_header("etag", '"b"')
    assert found(ANSWER, other, sent) == []
    assert found(ANSWER, other) != []
    assert found(ANSWER, replace(other, body="other"), sent) != []


def test_cases_of_one_recording_alone_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    both = Exchange("both", GET, (ANSWER, replace(ANSWER, body="\udcff")))
    assert save([both, Exchange("gone", GET, (ANSWER,))], one) == 3
    save([both], other)
    assert load(other)["both"] == both
    assert main(["compare", str(other), str(other)]) == 0
    assert main(["compare", str(one), str(other)]) == 1
    assert "1 × case: only in the first\n    gone" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("data", "body", "end"),
    [
        (b"content-length: 2\r\n\r\nabHTTP", "ab", "length"),
        (b"content-length: 9\r\n\r\nab", "ab", "cut"),
        (
            b"transfer-encoding: chunked\r\n\r\n2;a=b\r\nab\r\n1\r\nc\r\n0\r\n\r\nHTTP",
            "abc",
            "chunks",
        ),
        (b"transfer-encoding: chunked\r\n\r\n2\r\nab\r\n", "ab", "cut"),
        (b"a: b\r\n\r\nabc\xff", "abc\udcff", "close"),
    ],
)
def test_bodies_end_where_the_answer_says(data: bytes, body: str, end: str) -> None:
    answer = read_answer(io.BytesIO(b"HTTP/1.1 200 OK\r\n" + data), "GET")
    assert (answer.body, answer.end) == (body, end)
    head = read_answer(io.BytesIO(b"HTTP/1.1 200 OK\r\n" + data), "HEAD")
    assert (head.body, head.end) == ("", "none")


@pytest.mark.parametrize(
    ("said", "statuses"),
    [
        (b"", ["hung up without an answer"]),
        (b"HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\n", ["broke off: ValueError"]),
        (
            b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n",
            ["HTTP/1.1 100 Continue", "HTTP/1.1 204 No Content"],
        ),
    ],
)
def test_a_server_that_hangs_up_is_an_answer_too(said: bytes, statuses: list[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.recv(65_536)
                connection.sendall(said)

        server = threading.Thread(target=answer)
        server.start()
        case = raw("a", request("GET", "/"))
        exchange = ask(case, listening.getsockname()[1])
        server.join()
    assert [one.status for one in exchange.answers] == statuses
    assert exchange.answers[-1].closed == (True if said.endswith(b"close\r\n\r\n") else None)


def test_there_are_as_many_cases_as_promised_and_none_twice() -> None:
    names = [f"{server.name}: {case.name}" for server in servers() for case in server.cases]
    assert len(names) == len(set(names))
    assert len(names) > 2000


def test_it_runs_as_the_documentation_says(tmp_path: Path) -> None:
    recording = tmp_path / "recording"
    save([Exchange("a", GET, (ANSWER,))], recording)
    command = [sys.executable, "-m", "tools.record_requests", "show", str(recording), "a"]
    root = Path(__file__).parents[2]
    shown = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    assert "X-Request-Id: mine" in shown.stdout
    assert json.dumps(ANSWER.body)[1:-1] in shown.stdout
