"""A model server that was connected: what is typed is put right, its models are listed, and what is wrong is said."""

from __future__ import annotations

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from servers import ModelServer, Reply

from qa.errors import ModelError
from qa.models.choices import available_models
from qa.models.connecting import connect
from qa.models.found import Program, found_here
from qa.settings import Settings

SETTINGS = Settings(model_timeout=5)


@pytest.fixture
def website() -> Iterator[str]:
    """A web page that is no model server, and one that wants a key."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(401 if self.path.startswith("/closed") else 200)
            self.end_headers()
            self.wfile.write(b"<html>Welcome</html>")

        def log_message(self, *args: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def test_what_is_typed_of_an_address_is_put_right_and_only_the_list_is_asked_for() -> None:
    with ModelServer(models=("tiny", "nomic-embed-text")) as server:
        for typed in (server.base_url, f" {server.base_url}/ ", f"{server.base_url}/chat/completions", server.host):
            found = connect(typed, "sk-1", SETTINGS)
            assert (found.server.address, found.is_ollama, found.models) == (server.base_url, False, ["tiny"])
        ollama = connect(server.host, "", SETTINGS)
        assert (ollama.server.address, ollama.is_ollama, ollama.models) == (server.url, True, ["tiny:latest"])
        assert not server.requests


@pytest.mark.parametrize(
    ("address", "key", "said"),
    [
        ("{website}", "", "does not answer in the OpenAI chat protocol. Check the address in Settings"),
        ("{website}/closed/v1", "", "wants a key. Set the key in Settings."),
        ("{website}/closed/v1", "sk-1", "refuses the key. Set the key in Settings to one that it accepts."),
        ("http://127.0.0.1:9/v1", "sk-1", "cannot be reached. Start it, or set the address in Settings"),
        ("not an address!", "", "The address of the server is 'http://not an address!'. Write it as http://HOST"),
        ("http://[1:2:3]", "", "The address of the server is 'http://[1:2:3]'. Write it as http://HOST"),
        ("http://[127.0.0.1]:8080", "", "The address of the server is 'http://[127.0.0.1]:8080'. Write it as"),
        ("{website}", "sk-1\r\nX-Other: 1", "The key holds a line break, a space or a letter that no key has."),
    ],
)
def test_what_is_wrong_is_one_sentence(address: str, key: str, said: str, website: str) -> None:
    with pytest.raises(ModelError) as raised:
        connect(address.format(website=website), key, SETTINGS)
    assert said in str(raised.value) and "sk-1" not in str(raised.value)


def test_its_models_are_among_those_to_choose_from() -> None:
    with ModelServer(models=("tiny", "nomic-embed-text")) as server:
        nobody = {"ollama_host": "http://127.0.0.1:9"}
        for protocol, address, name in (("openai", server.base_url, "tiny"), ("ollama", server.url, "tiny:latest")):
            settings = Settings(server_address=address, server_protocol=protocol, **nobody)
            found = available_models(settings, 10)
            assert [one.name for one in found if one.name.startswith("server:")] == [f"server:{name}"]


def test_what_only_embeds_is_not_found_whatever_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """Found on this machine, and found in Settings, by the same rule."""
    monkeypatch.setattr("servers._tag", lambda name: {"name": name, "capabilities": [name]})
    with ModelServer(Reply(""), models=("embedding", "completion")) as server:
        program = Program("Ollama", int(server.host.rpartition(":")[2]), is_ollama=True)
        assert found_here([program]) == [(program, ["completion"])]
        assert connect(server.url, "", SETTINGS).models == ["completion"]
