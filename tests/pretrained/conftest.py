"""A hub on the loopback that behaves, or misbehaves, as told, and small random models to put on it."""

import contextlib
import hashlib
import http.server
import os
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from shared.pretrained import hub as hub_module
from shared.pretrained import loading
from shared.pretrained.checkpoints import write_sums

COMMIT = "0123456789abcdef0123456789abcdef01234567"
WORDS = "the animal didn ' t cross street because it was too tired cat sat on mat .".split()


# --- models -----------------------------------------------------------------------------------------------------------


def make_bert(folder: Path, layers: int = 2, width: int = 16, seed: int = 0) -> None:
    """A BERT with random weights, saved with the heads of both tasks, as the famous one is."""
    import torch
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers
    from transformers import BertConfig, BertForPreTraining, BertTokenizerFast

    torch.manual_seed(seed)
    vocab = {token: i for i, token in enumerate(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS])}
    tokenizer = Tokenizer(models.WordPiece(vocab, unk_token="[UNK]"))
    tokenizer.normalizer, tokenizer.pre_tokenizer = normalizers.BertNormalizer(), pre_tokenizers.BertPreTokenizer()
    BertTokenizerFast(tokenizer_object=tokenizer).save_pretrained(folder)
    config = BertConfig(
        vocab_size=len(vocab), num_hidden_layers=layers, num_attention_heads=2, hidden_size=width, intermediate_size=4 * width,
        max_position_embeddings=32, architectures=["BertForMaskedLM"],
    )  # fmt: skip
    model = BertForPreTraining(config)
    model.half().save_pretrained(folder)
    text = (folder / "config.json").read_text()
    (folder / "config.json").write_text(text.replace("BertForPreTraining", "BertForMaskedLM"))


def make_gpt2(folder: Path, layers: int = 2, width: int = 16, seed: int = 0) -> None:
    """A GPT-2 with random weights; every byte is a token."""
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import GPT2Config, GPT2LMHeadModel, GPT2TokenizerFast

    torch.manual_seed(seed)
    vocab = {token: i for i, token in enumerate([*sorted(pre_tokenizers.ByteLevel.alphabet()), "<|endoftext|>"])}
    tokenizer = Tokenizer(models.BPE(vocab, []))
    tokenizer.pre_tokenizer, tokenizer.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
    GPT2TokenizerFast(tokenizer_object=tokenizer).save_pretrained(folder)
    end = vocab["<|endoftext|>"]
    config = GPT2Config(
        vocab_size=len(vocab), n_layer=layers, n_head=2, n_embd=width, n_positions=64,
        bos_token_id=end, eos_token_id=end, pad_token_id=end,
    )  # fmt: skip
    GPT2LMHeadModel(config).half().save_pretrained(folder)


@pytest.fixture(scope="session")
def models(tmp_path_factory) -> Path:
    """Four folders: what stands for the famous models, and what stands for the shipped ones (with their sums)."""
    place = tmp_path_factory.mktemp("models")
    make_bert(place / "bert", layers=3)
    make_gpt2(place / "gpt2", layers=3)
    make_bert(place / "tiny-bert")
    make_gpt2(place / "tiny-gpt2")
    write_sums(place / "tiny-bert")
    write_sums(place / "tiny-gpt2")
    return place


def files_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "SHA256SUMS"}


# --- the hub ----------------------------------------------------------------------------------------------------------


def etag_of(name: str, content: bytes) -> str:
    """As the hub names contents: SHA-256 for large files, git's SHA-1 for the others."""
    if name.endswith((".safetensors", ".model")):
        return hashlib.sha256(content).hexdigest()
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


@dataclass
class FakeHub:
    """repositories: what it offers. behave: how it answers, one name for asking (HEAD) and one for fetching weights (GET)."""

    repositories: dict[str, dict[str, bytes]] = field(default_factory=dict)
    asked: str = "well"
    fetched: str = "well"
    address: str = ""
    storage: str = ""  # another server, to which large files are redirected
    seen: list[tuple[str, str, str | None]] = field(default_factory=list)  # method, path, authorization
    closing: threading.Event = field(default_factory=threading.Event)

    def paths(self, method: str) -> list[str]:
        return [path for m, path, _ in self.seen if m == method]


def handler_of(hub: FakeHub) -> type:
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_):
            pass

        def do_HEAD(self):
            self.answer()

        def do_GET(self):
            self.answer()

        def reply(self, status: int, headers: dict[str, str], body: bytes = b"") -> None:
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), "Connection": "close", **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(body)

        def answer(self) -> None:
            hub.seen.append((self.command, self.path, self.headers.get("Authorization")))
            how = hub.asked if self.command == "HEAD" else hub.fetched if self.path.endswith(".safetensors") else "well"
            if how == "silent":
                hub.closing.wait(30)
                self.close_connection = True
            elif how == "drip head":
                for letter in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"a" * 1000:
                    if hub.closing.wait(0.1):
                        return
                    self.wfile.write(bytes([letter]))
                    self.wfile.flush()
            elif how == "failing":
                self.reply(503, {})
            elif how == "hotel":
                self.reply(200, {"ETag": '"x"'}, b"<html>Welcome! Log in to our network.</html>")
            else:
                self.give(how)

        def give(self, how: str) -> None:
            owner, name, _, _, file = self.path.lstrip("/").split("/", 4)
            content = hub.repositories.get(f"{owner}/{name}")
            if content is None:
                return self.reply(401, {"X-Error-Code": "RepoNotFound"})
            if file not in content:
                return self.reply(404, {"X-Error-Code": "EntryNotFound"})
            body, etag = content[file], etag_of(file, content[file])
            headers = {"X-Repo-Commit": COMMIT, "ETag": f'"{etag}"', "Content-Length": str(len(body))}
            if self.command == "HEAD" and how == "no checksum":
                headers["ETag"] = '"v1"'
            if hub.storage and file.endswith(".safetensors"):
                headers |= {"X-Linked-Etag": f'"{etag}"', "X-Linked-Size": str(len(body)), "Content-Length": "0"}
                return self.reply(302, headers | {"Location": hub.storage + self.path})
            if how == "wrong":
                body = bytes([body[0]]) + bytes([body[1] ^ 1]) + body[2:]
            if how == "half":
                body = body[: len(body) // 2]
            if how == "half and says so":
                body = body[: len(body) // 2]
                headers["Content-Length"] = str(len(body))
            if how in ("then silent", "then drip"):
                self.reply(200, headers, body[:1000])
                while not hub.closing.wait(0.1):
                    if how == "then drip":
                        self.wfile.write(b"a")
                return
            self.reply(200, headers, body)

    return Handler


@contextlib.contextmanager
def serving(hub: FakeHub) -> Iterator[str]:
    class Server(http.server.ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_):
            pass  # the client went away, as the tests want it to

    server = Server(("127.0.0.1", 0), handler_of(hub))
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        hub.closing.set()
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def hub(tmp_path, monkeypatch, models) -> Iterator[FakeHub]:
    """A hub with both famous models, a fresh cache, and shipped models beside it, as seen by this process."""
    from huggingface_hub import close_session, constants

    for name in list(os.environ):
        if name.lower().endswith("_proxy") or name == "COURSE_MODELS" or name == "HF_TOKEN":
            monkeypatch.delenv(name)
    famous = {"google-bert/bert-base-uncased": "bert", "openai-community/gpt2": "gpt2"}
    fake = FakeHub({repository: files_of(models / name) for repository, name in famous.items()})
    with serving(fake) as address:
        fake.address = address
        monkeypatch.setattr(constants, "ENDPOINT", address)
        monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", address + "/{repo_id}/resolve/{revision}/{filename}")
        monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
        monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(tmp_path / "token"))
        monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
        monkeypatch.setattr(loading, "SHIPPED", models)
        monkeypatch.setattr(loading, "_silent", None)
        close_session()
        yield fake
    close_session()


@pytest.fixture
def cache(tmp_path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def seconds() -> Iterator[None]:
    """The whole promise: a network that is not there costs no more than 3 seconds (beside loading the model itself)."""
    took = []
    download = hub_module.download

    def timed(repository):
        start = time.monotonic()
        try:
            return download(repository)
        finally:
            took.append(time.monotonic() - start)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hub_module, "download", timed)
        yield took
