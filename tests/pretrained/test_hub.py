"""The way to the hub, on a hub of our own: a download, a cache, and every way in which a network fails, within its time."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

from shared.pretrained import hub as hub_module
from shared.pretrained import load, loading
from shared.pretrained.hub import BadDownload, NotOnHub, NotReached, cached

from .conftest import COMMIT, FakeHub, files_of, serving

ROOT = Path(__file__).resolve().parents[2]
BERT, GPT2 = "google-bert/bert-base-uncased", "openai-community/gpt2"
LAYERS = {"famous": 3, "small": 2}


def nothing_was_kept(cache: Path) -> bool:
    """No reference to a model, no passing file: nothing that could ever be taken for a whole model."""
    return not list(cache.rglob("refs/main")) and not list(cache.rglob("*.incomplete")) and not list(cache.rglob("*.safetensors"))


# --- where it works ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "repository", "file"), [("bert", BERT, "bert"), ("gpt2", GPT2, "gpt2")])
def test_downloaded_then_cached(name, repository, file, hub, cache, capsys, models):
    _, model = load(name)
    assert model.config.num_hidden_layers == LAYERS["famous"]
    first = capsys.readouterr()
    small = f"tiny-{name}"
    assert first.out == f'{repository} (3 layers of 2 heads, 16 wide). The small one of this course: load("{small}").\n'
    asked = len(hub.seen)
    hub.asked = hub.fetched = "failing"
    _, again = load(name)
    assert capsys.readouterr().out == first.out, "the same line, downloaded or cached"
    assert len(hub.seen) == asked, "a cached model asks nobody"
    assert all(torch.equal(a, b) for a, b in zip(model.state_dict().values(), again.state_dict().values(), strict=True))
    held = {path.name: path.read_bytes() for path in cached(repository).iterdir()}
    assert held == files_of(models / file)
    assert load(repository)[1].config.num_hidden_layers == LAYERS["famous"]


def test_hugging_faces_own_client_finds_what_was_downloaded(hub, cache):
    from huggingface_hub import snapshot_download, try_to_load_from_cache

    load("bert")
    folder = snapshot_download(BERT, cache_dir=cache, local_files_only=True)
    assert Path(folder) == cache / "models--google-bert--bert-base-uncased" / "snapshots" / COMMIT == cached(BERT)
    assert try_to_load_from_cache(BERT, "model.safetensors", cache_dir=cache)


def test_what_hugging_faces_own_client_downloaded_is_found(hub, cache):
    from huggingface_hub import hf_hub_download

    for name in sorted(hub.repositories[GPT2], key=lambda name: name == "config.json"):
        assert cached(GPT2) is None, "not before all of it is there"
        hf_hub_download(GPT2, name, cache_dir=cache)
    asked = len(hub.seen)
    assert load("gpt2")[1].config.num_hidden_layers == LAYERS["famous"]
    assert len(hub.seen) == asked


def test_a_model_cached_under_its_old_name_is_found(hub, cache, capsys):
    hub.repositories["x/y"] = hub.repositories[BERT]
    load("x/y")
    (cache / "models--x--y").rename(cache / "models--bert-base-uncased")
    asked = len(hub.seen)
    load("bert")
    assert len(hub.seen) == asked and capsys.readouterr().out.splitlines()[1].startswith(BERT)


def test_only_what_is_missing_is_fetched(hub, cache):
    load("bert")
    (cached(BERT) / "tokenizer.json").unlink()
    assert cached(BERT) is None
    hub.seen.clear()
    load("bert")
    assert [Path(path).name for path in hub.paths("GET")] == ["tokenizer.json"]


def test_a_cached_file_that_was_cut_is_fetched_again(hub, cache):
    load("bert")
    weights = cached(BERT) / "model.safetensors"
    whole = weights.read_bytes()
    weights.write_bytes(whole[:-100])
    load("bert")
    assert weights.read_bytes() == whole


def test_weights_on_another_server_and_a_token_that_stays_here(hub, cache, monkeypatch, models):
    store = FakeHub(dict(hub.repositories))
    with serving(store) as address:
        hub.storage = address
        monkeypatch.setenv("HF_TOKEN", "hf_secret")
        load("gpt2")
    assert {token for _, _, token in hub.seen} == {"Bearer hf_secret"}
    assert [(method, Path(path).name, token) for method, path, token in store.seen] == [("GET", "model.safetensors", None)]
    assert (cached(GPT2) / "model.safetensors").read_bytes() == (models / "gpt2" / "model.safetensors").read_bytes()


def test_a_model_in_parts(hub, cache, models, tmp_path, capsys):
    _, model = load(models / "bert")
    model.save_pretrained(tmp_path / "parts", max_shard_size="10KB")
    files = files_of(models / "bert") | files_of(tmp_path / "parts")
    del files["model.safetensors"]
    hub.repositories["some-one/big_model.v2"] = files
    _, again = load("some-one/big_model.v2")
    assert all(torch.equal(a, b) for a, b in zip(model.state_dict().values(), again.state_dict().values(), strict=True))
    assert capsys.readouterr().out.splitlines()[1] == "some-one/big_model.v2 (3 layers of 2 heads, 16 wide)."


def test_the_bar_is_shown_and_leaves_nothing_behind(hub, cache, capsys):
    load("bert")
    caught = capsys.readouterr()
    assert BERT in caught.err and "B/s" in caught.err and "\n" not in caught.err.strip("\r\n ")
    assert caught.out.count("\n") == 1


# --- where it does not ------------------------------------------------------------------------------------------------

ASKED = {
    "silent": "the hub did not answer",
    "drip head": "the hub did not answer",
    "failing": "the hub answered with an error (503)",
    "hotel": "something answered, but not as the hub does",
    "no checksum": "something answered, but not as the hub does",
}
FETCHED = {
    "silent": "the hub stopped in the middle of the download",
    "then silent": "the hub stopped in the middle of the download",
    "then drip": "the hub stopped in the middle of the download",
    "failing": "the hub answered with an error (503)",
    "half": "the download of model.safetensors broke off",
    "half and says so": "the download of model.safetensors broke off",
    "wrong": "the download of model.safetensors does not have the checksum that the hub announced",
}
CASES = [("asked", how, says) for how, says in ASKED.items()] + [("fetched", how, says) for how, says in FETCHED.items()]


@pytest.mark.parametrize(("when", "how", "says"), CASES, ids=[f"{when}: {how}" for when, how, _ in CASES])
def test_a_network_that_fails_costs_three_seconds_at_most(when, how, says, hub, cache, capsys, seconds):
    setattr(hub, when, how)
    _, model = load("bert")
    assert model.config.num_hidden_layers == LAYERS["small"]
    out = capsys.readouterr().out
    assert f"because {says}" in out and "tiny-bert (" in out and f'load("{BERT}")' in out and out.count("\n") == 1
    assert hub.address not in out and str(cache) not in out
    assert len(seconds) == 1 and seconds[0] <= 3.0
    assert cached(BERT) is None
    hub.closing.set()  # a thread that was left behind ends with its connection
    wait_until(lambda: nothing_was_kept(cache))


def wait_until(what, limit: float = 5.0) -> None:
    """A thread that was left behind needs a moment to clear up."""
    end = time.monotonic() + limit
    while not what() and time.monotonic() < end:
        time.sleep(0.02)
    assert what()


def test_a_silent_hub_is_asked_once_for_two_models(hub, capsys, seconds):
    hub.asked = "silent"
    load("bert")
    asked = len(hub.seen)
    load("gpt2")
    assert len(hub.seen) == asked == 1 and len(seconds) == 1
    reasons = [line.split("because ")[1].split(".")[0] for line in capsys.readouterr().out.splitlines()]
    assert reasons == ["the hub did not answer"] * 2


def test_a_hub_that_is_back_is_asked_again(hub, monkeypatch, capsys):
    hub.asked = "failing"
    load("bert")
    hub.asked = "well"
    assert load("bert")[1].config.num_hidden_layers == LAYERS["small"], "a moment later it still counts as silent"
    assert load(BERT)[1].config.num_hidden_layers == LAYERS["famous"], "but who asks for it by name gets it"
    monkeypatch.setattr(loading, "_silent", (time.monotonic() - loading.FORGET_AFTER, "the hub did not answer"))
    assert load("gpt2")[1].config.num_hidden_layers == LAYERS["famous"]


@pytest.mark.parametrize("place", ["refused", "no such name", "offline"])
def test_no_network_at_all(place, hub, monkeypatch, capsys, seconds):
    from huggingface_hub import constants

    if place == "offline":
        monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    else:
        monkeypatch.setattr(constants, "ENDPOINT", {"refused": "http://127.0.0.1:9", "no such name": "http://hub.invalid"}[place])
    _, model = load("bert")
    assert model.config.num_hidden_layers == LAYERS["small"] and seconds[0] <= 3.0
    assert ("HF_HUB_OFFLINE is set" if place == "offline" else "the hub did not answer") in capsys.readouterr().out
    assert hub.seen == []


def test_a_name_server_that_never_answers(hub, monkeypatch, seconds):
    import socket

    # a look-up has no time limit of its own
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: time.sleep(6) or [])
    assert load("bert")[1].config.num_hidden_layers == LAYERS["small"]
    assert seconds[0] <= 3.0


def test_a_model_of_its_own_name_has_no_stand_in(hub, cache):
    with pytest.raises(NotOnHub, match="the hub has no model nobody/nothing"):
        load("nobody/nothing")
    for how, error, says in (
        ("wrong", BadDownload, "google-bert/bert-base-uncased is not in the local cache and could not be downloaded: .*checksum"),
        ("half", BadDownload, "broke off"),
        ("failing", NotReached, r"an error \(503\)"),
    ):
        hub.fetched = how
        with pytest.raises(error, match=says):
            load(BERT)
        assert nothing_was_kept(cache)
    hub.fetched = "well"
    assert load(BERT)[1].config.num_hidden_layers == LAYERS["famous"], "after every failure it is simply fetched anew"


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({}, "has no config.json"),
        ({"config.json": b"{}"}, "has no model.safetensors; pickles"),
        ({"config.json": b"{}", "model.safetensors": b"\x02" + b"\0" * 7 + b"{}"}, "the tokenizer is missing"),
        ({"config.json": b"{}", "tokenizer.json": b"{}", "model.safetensors": b"\0" * 40}, "model.safetensors is damaged"),
        ({"config.json": b"{}", "model.safetensors.index.json": b"{}"}, "index.json is damaged"),
        ({"config.json": b"{}", "model.safetensors.index.json": b'{"weight_map": {"a": "x.safetensors"}}'}, "lacks x.safe"),
    ],
    ids=["empty", "pickles only", "no tokenizer", "no weights inside", "bad index", "a part is missing"],
)
def test_a_repository_without_a_model(files, says, hub, cache):
    hub.repositories["some/thing"] = files
    with pytest.raises(NotOnHub, match=says):
        load("some/thing")
    assert cached("some/thing") is None and not list(cache.rglob("refs/main"))


def test_the_famous_one_that_a_mirror_lacks(hub, capsys):
    hub.repositories.clear()
    assert load("gpt2")[1].config.num_hidden_layers == LAYERS["small"]
    assert f"because the hub has no model {GPT2}" in capsys.readouterr().out


def test_a_full_disk_is_no_missing_network(hub, cache, monkeypatch):
    monkeypatch.setattr(hub_module.os, "replace", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(OSError, match="No space left"):
        load("bert")
    assert nothing_was_kept(cache)


# --- the choice -------------------------------------------------------------------------------------------------------


def test_shipped_keeps_off_the_hub(hub, monkeypatch, capsys):
    monkeypatch.setenv("COURSE_MODELS", "shipped")
    for name in ("bert", "gpt2"):
        assert load(name)[1].config.num_hidden_layers == LAYERS["small"]
    with pytest.raises(ConnectionError, match='not in the local cache, and COURSE_MODELS="shipped" keeps off the hub'):
        load(BERT)
    assert hub.seen == []


def test_shipped_is_shipped_even_with_a_cache(hub, monkeypatch, capsys):
    load("bert")
    monkeypatch.setenv("COURSE_MODELS", "shipped")
    assert load("bert")[1].config.num_hidden_layers == LAYERS["small"]
    assert load(BERT)[1].config.num_hidden_layers == LAYERS["famous"], "by its own name it may come from the cache"


def test_hub_accepts_nothing_else(hub, monkeypatch):
    monkeypatch.setenv("COURSE_MODELS", "hub")
    hub.asked = "failing"
    for _ in range(2):
        with pytest.raises(NotReached, match=f'{BERT}: .* an error .503., and COURSE_MODELS="hub" allows nothing else'):
            load("bert")
    assert len(hub.seen) == 2
    hub.asked = "well"
    assert load("bert")[1].config.num_hidden_layers == LAYERS["famous"]
    assert load("tiny-bert")[1].config.num_hidden_layers == LAYERS["small"]


# --- in a process of its own ------------------------------------------------------------------------------------------

CODE = """
import sys
from pathlib import Path
from shared.pretrained import load, loading
loading.SHIPPED = Path(sys.argv[1])
load("bert")
"""


def environment(hub: FakeHub, home: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HF_")}
    ours = {"HF_HOME": str(home), "HF_ENDPOINT": hub.address, "HF_HUB_DISABLE_PROGRESS_BARS": "1"}
    return kept | ours | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}


def test_as_a_learner_sees_it(hub, tmp_path, models):
    # nothing patched: address, cache and mode come from the environment, as the client reads them when it is imported
    def run() -> tuple[str, str]:
        command = [sys.executable, "-c", CODE, str(models)]
        done = subprocess.run(command, env=environment(hub, tmp_path / "home"), capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return done.stdout, done.stderr

    hub.asked = "silent"
    assert run() == (
        "tiny-bert (2 layers of 2 heads, 16 wide), which ships with this course, because the hub did not answer. "
        f'The famous one, where the network allows: load("{BERT}").\n',
        "",
    )
    hub.asked = "well"
    famous = f'{BERT} (3 layers of 2 heads, 16 wide). The small one of this course: load("tiny-bert").\n'
    assert run() == (famous, "")


def test_a_download_that_is_killed_is_never_taken_for_a_whole_one(hub, tmp_path, models):
    hub.fetched = "then drip"
    home = tmp_path / "home"
    code = "import sys; from shared.pretrained import hub; hub.PATIENCE = 60; hub.download(sys.argv[1])"
    command = [sys.executable, "-c", code, BERT]
    process = subprocess.Popen(command, env=environment(hub, home), stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: hub.paths("GET")[-1:] == [f"/{BERT}/resolve/{COMMIT}/model.safetensors"], limit=60)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert list(home.rglob("*.incomplete")), "killed in the middle, it could not clear up"
    assert not list(home.rglob("refs/main")) and not list(home.rglob("model.safetensors"))
    from huggingface_hub import constants

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(constants, "HF_HUB_CACHE", str(home / "hub"))
        assert cached(BERT) is None
        hub.fetched = "well"
        left = next(home.rglob("*.incomplete"))
        assert load("bert")[1].config.num_hidden_layers == LAYERS["famous"]
        assert left.exists(), "it might have belonged to another download"
        os.utime(left, (0, 0))
        (cached(BERT) / "tokenizer.json").unlink()
        load("bert")
        assert not left.exists(), "a day later nobody is writing it any more"


def test_an_interrupted_download_stops(hub, cache, monkeypatch):
    hub.fetched = "then drip"
    monkeypatch.setattr(hub_module, "PATIENCE", 60)
    join = hub_module.threading.Thread.join

    def interrupt(thread, timeout=None):
        if list(cache.rglob("*.incomplete")):
            raise KeyboardInterrupt
        join(thread, timeout)

    with monkeypatch.context() as patch:
        patch.setattr(hub_module.threading.Thread, "join", interrupt)
        with pytest.raises(KeyboardInterrupt):
            load("bert")
    wait_until(lambda: nothing_was_kept(cache))
