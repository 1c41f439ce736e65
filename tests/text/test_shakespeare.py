"""Tiny Shakespeare without a network: a stand-in server on the loopback, and every way in which a download can go wrong."""

import hashlib
import http.server
import threading

import pytest

from shared.text import shakespeare, tiny_shakespeare

PLAY = ("First Citizen:\nBefore we proceed any further, hear me speak.\n" * 500).encode()


@pytest.fixture
def server(monkeypatch, tmp_path):
    """A server of one text; `answer` may be changed by a test."""

    class Answer(http.server.BaseHTTPRequestHandler):
        body, length, asked = PLAY, len(PLAY), 0

        def do_GET(self):
            type(self).asked += 1
            self.send_response(200)
            self.send_header("Content-Length", str(self.length))
            self.end_headers()
            self.wfile.write(self.body)

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        monkeypatch.setattr(shakespeare, "ADDRESS", f"http://127.0.0.1:{running.server_address[1]}/input.txt")
        monkeypatch.setattr(shakespeare, "SHA256", hashlib.sha256(PLAY).hexdigest())
        monkeypatch.setattr(shakespeare, "SECONDS", 2)
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
        yield Answer
        running.shutdown()
        thread.join()


def test_downloads_once_then_reads_the_cache(server):
    assert tiny_shakespeare() == tiny_shakespeare() == PLAY.decode()
    assert server.asked == 1


def test_a_damaged_cache_is_fetched_again(server, tmp_path):
    tiny_shakespeare()
    (tmp_path / "cache" / "transformers_course" / "tinyshakespeare.txt").write_text("half a pl")
    assert tiny_shakespeare() == PLAY.decode()
    assert server.asked == 2


def test_another_text_is_refused_and_not_kept(server, tmp_path):
    server.body, server.length = b"<html>Log in to the hotel's network</html>", 42
    with pytest.raises(ValueError, match="is not Tiny Shakespeare: 42 bytes"):
        tiny_shakespeare()
    assert not (tmp_path / "cache").exists()


def test_half_a_file_is_refused_and_not_kept(server, tmp_path):
    server.body = PLAY[: len(PLAY) // 2]
    with pytest.raises((ConnectionError, ValueError), match="Tiny Shakespeare"):
        tiny_shakespeare()
    assert not (tmp_path / "cache").exists()


def test_without_a_network_it_says_how_to_go_on(monkeypatch, tmp_path):
    monkeypatch.setattr(shakespeare, "ADDRESS", "http://127.0.0.1:9/input.txt")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with pytest.raises(ConnectionError, match="use the tiny tales"):
        tiny_shakespeare()


def test_a_path_is_read_and_checked(server, tmp_path):
    (tmp_path / "play.txt").write_bytes(PLAY)
    assert tiny_shakespeare(tmp_path / "play.txt") == PLAY.decode()
    (tmp_path / "other.txt").write_text("To be, or not to be")
    with pytest.raises(ValueError, match="other.txt is not Tiny Shakespeare"):
        tiny_shakespeare(tmp_path / "other.txt")
    with pytest.raises(FileNotFoundError):
        tiny_shakespeare(tmp_path / "missing.txt")
    assert server.asked == 0
