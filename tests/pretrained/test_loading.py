"""`load`: which model it takes, what it says, and one clear error for whatever is missing, damaged or unknown."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

from shared.pretrained import load, loading, shipped_folder
from shared.pretrained.checkpoints import SUMS, check_sums, require_whole, write_sums

ROOT = Path(__file__).resolve().parents[2]
BERT, GPT2 = "google-bert/bert-base-uncased", "openai-community/gpt2"


@pytest.fixture(autouse=True)
def shipped(models, monkeypatch):
    monkeypatch.setattr(loading, "SHIPPED", models)
    monkeypatch.setattr(loading, "_silent", None)
    monkeypatch.setenv("COURSE_MODELS", "shipped")


@pytest.fixture
def copy(tmp_path, models):
    """A copy of a model that may be damaged."""

    def make(name: str) -> Path:
        shutil.copytree(models / name, tmp_path / "copies" / name)
        return tmp_path / "copies" / name

    return make


# --- what it gives ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "kind"), [("bert", "BertForMaskedLM"), ("gpt2", "GPT2LMHeadModel")])
def test_the_model_is_ready_to_show_its_attention(name, kind, capfd):
    tokenizer, model = load(name)
    out, err = capfd.readouterr()
    assert type(model).__name__ == kind
    assert err == "" and out.count("\n") == 1, "one line and nothing else"
    assert not model.training and model.dtype == torch.float32 and model.config._attn_implementation == "eager"
    inputs = tokenizer("the cat sat", return_tensors="pt")
    result = model(**inputs)
    length = inputs.input_ids.shape[1]
    assert [tuple(layer.shape) for layer in result.attentions] == [(1, 2, length, length)] * 2
    torch.testing.assert_close(result.attentions[0].sum(-1), torch.ones(1, 2, length))
    assert result.logits.shape == (1, length, model.config.vocab_size)


def test_weights_are_those_of_the_file(models):
    from safetensors.torch import load_file

    _, model = load("tiny-gpt2")
    saved = load_file(models / "tiny-gpt2" / "model.safetensors")
    held = model.state_dict()
    for name, value in saved.items():
        assert torch.equal(held[name], value.float()), name
    assert torch.equal(held["lm_head.weight"], held["transformer.wte.weight"]), "the head is tied"


def test_it_writes_without_a_word_of_warning(capfd):
    tokenizer, model = load("tiny-gpt2")
    capfd.readouterr()
    new = model.generate(**tokenizer("the cat", return_tensors="pt"), max_new_tokens=4, do_sample=False)
    assert new.shape == (1, len("the cat") + 4)
    assert capfd.readouterr() == ("", "")


def test_what_it_says(capsys, models):
    load("bert")
    assert capsys.readouterr().out == (
        "tiny-bert (2 layers of 2 heads, 16 wide), which ships with this course. "
        f'The famous one, where the network allows: load("{BERT}").\n'
    )
    load(models / "gpt2")
    assert capsys.readouterr().out == "gpt2 (3 layers of 2 heads, 16 wide).\n", "a folder's own name, not its place"
    load("tiny-gpt2")
    load("gpt2")
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == lines[1]


def test_a_folder_by_any_way_of_writing_it(models, monkeypatch):
    for name in (models / "bert", str(models / "bert"), f"{models.name}/bert"):
        monkeypatch.chdir(models.parent)
        assert load(name)[1].config.num_hidden_layers == 3
    monkeypatch.chdir(models)
    assert load("bert")[1].config.num_hidden_layers == 2, "the lessons' name goes first"
    assert load("./bert")[1].config.num_hidden_layers == 3
    monkeypatch.setenv("HOME", str(models))
    assert load("~/bert")[1].config.num_hidden_layers == 3


def test_a_model_in_parts(copy, models):
    _, model = load("tiny-bert")
    folder = copy("tiny-bert")
    (folder / "model.safetensors").unlink()
    model.save_pretrained(folder, max_shard_size="10KB")
    assert len(list(folder.glob("model-*.safetensors"))) > 2
    _, again = load(folder)
    assert all(torch.equal(a, b) for a, b in zip(model.state_dict().values(), again.state_dict().values(), strict=True))
    sorted(folder.glob("model-*.safetensors"))[1].unlink()
    with pytest.raises(FileNotFoundError, match=r"tiny-bert: model-00002-of-\d+.safetensors is missing; looked in"):
        load(folder)
    (folder / "model.safetensors.index.json").write_text('{"weight_map": {"a": "../model.safetensors"}}')
    with pytest.raises(ValueError, match="no safetensors of this folder"):
        load(folder)
    (folder / "model.safetensors.index.json").write_text("{")
    with pytest.raises(ValueError, match="index.json is damaged"):
        load(folder)


def test_the_learners_settings_are_left_as_they_were():
    from transformers.utils import logging

    for level, bars in ((logging.INFO, True), (logging.ERROR, False)):
        logging.set_verbosity(level)
        (logging.enable_progress_bar if bars else logging.disable_progress_bar)()
        load("tiny-bert")
        assert (logging.get_verbosity(), logging.is_progress_bar_enabled()) == (level, bars)
    logging.set_verbosity_warning()
    logging.enable_progress_bar()


# --- what is missing, damaged or unknown ------------------------------------------------------------------------------


def flip(path: Path, place: int) -> None:
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)


def cut(path: Path, share: float) -> None:
    path.write_bytes(path.read_bytes()[: int(len(path.read_bytes()) * share)])


def edit(path: Path, **changes) -> None:
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


@pytest.mark.parametrize(
    ("damage", "error", "says"),
    [
        (lambda f: cut(f / "model.safetensors", 0.5), ValueError, "model.safetensors in .* is not as it was made"),
        (lambda f: flip(f / "model.safetensors", -1), ValueError, "model.safetensors in .* is not as it was made"),
        (lambda f: flip(f / "config.json", 20), ValueError, "config.json in .* is not as it was made"),
        (lambda f: (f / "tokenizer.json").unlink(), FileNotFoundError, "tokenizer.json is missing"),
        (lambda f: (f / "model.safetensors").unlink(), FileNotFoundError, "model.safetensors is missing"),
        (lambda f: (f / SUMS).unlink(), FileNotFoundError, "SHA256SUMS is missing"),
        (lambda f: (f / SUMS).write_text("a line\n"), ValueError, "a line that is no sum: 'a line'"),
        (lambda f: (f / SUMS).write_text("0" * 64 + "  ../x\n"), ValueError, "a line that is no sum"),
        (lambda f: shutil.rmtree(f), FileNotFoundError, "fetch the course again"),
    ],
    ids=["half", "one bit", "config", "no tokenizer", "no weights", "no sums", "bad sums", "sums elsewhere", "no folder"],
)
@pytest.mark.parametrize("name", ["tiny-bert", "tiny-gpt2"])
def test_a_shipped_model_must_be_as_it_was_made(name, damage, error, says, copy, monkeypatch):
    folder = copy(name)
    monkeypatch.setattr(loading, "SHIPPED", folder.parent)
    assert shipped_folder(name) == folder
    damage(folder)
    for ask in (load, shipped_folder, lambda name: load(name.removeprefix("tiny-"))):
        with pytest.raises(error, match=says) as caught:
            ask(name)
        assert name in str(caught.value) and "course" in str(caught.value), "what, and what to do"


@pytest.mark.parametrize(
    ("damage", "error", "says"),
    [
        (lambda f: cut(f / "model.safetensors", 0.9), ValueError, r"damaged: it has [\d,]+ bytes and its header announces"),
        (lambda f: cut(f / "model.safetensors", 0.001), ValueError, "no readable header"),
        (lambda f: (f / "model.safetensors").write_bytes(b""), ValueError, "no readable header"),
        (lambda f: (f / "model.safetensors").write_bytes(b"\x02" + b"\0" * 7 + b"[]"), ValueError, "no readable header"),
        (lambda f: (f / "model.safetensors").rename(f / "pytorch_model.bin"), FileNotFoundError, "pytorch_model.bin is a pickle"),
        (lambda f: (f / "model.safetensors").unlink(), FileNotFoundError, "model.safetensors is missing"),
        (lambda f: (f / "config.json").unlink(), FileNotFoundError, "config.json is missing"),
        (lambda f: (f / "tokenizer.json").unlink(), FileNotFoundError, r"the tokenizer is missing \(tokenizer.json\)"),
        (lambda f: (f / "config.json").write_text("{"), ValueError, "could not be loaded"),
        (lambda f: (f / "tokenizer.json").write_text("{"), ValueError, "could not be loaded"),
        (lambda f: edit(f / "config.json", model_type="mystery"), ValueError, "could not be loaded"),
        (lambda f: edit(f / "config.json", num_hidden_layers=5), ValueError, r"lack 32 tensors .*, first bert.encoder.layer.3"),
        (lambda f: edit(f / "config.json", hidden_size=32), ValueError, "could not be loaded"),
    ],
    ids=[
        "cut", "stub", "empty", "no header", "pickle", "no weights", "no config", "no tokenizer", "broken config",
        "broken tokenizer", "unknown kind", "more layers", "wider",
    ],
)  # fmt: skip
def test_a_folder_that_is_no_whole_model(damage, error, says, copy):
    folder = copy("bert")
    damage(folder)
    with pytest.raises(error, match=says) as caught:
        load(folder)
    assert str(caught.value).startswith("bert: ") and str(folder) in str(caught.value)


def test_a_tokenizer_that_belongs_to_another_model(copy, models):
    folder = copy("bert")
    for path in (models / "gpt2").glob("tokenizer*"):
        shutil.copy(path, folder)
    with pytest.raises(ValueError, match="tokenizer and model in .* do not fit: 257 tokens, 22 embeddings"):
        load(folder)


@pytest.mark.parametrize(
    ("name", "error", "says"),
    [
        ("bret", ValueError, 'name must be "bert", "gpt2", "tiny-bert", "tiny-gpt2", a folder, or "owner/name"'),
        ("bret", ValueError, "got 'bret'"),
        ("", ValueError, "got ''"),
        ("./nowhere", FileNotFoundError, "no folder at './nowhere'"),
        ("a/b/c", FileNotFoundError, "no folder at 'a/b/c'"),
        (Path("nowhere"), FileNotFoundError, "no folder at 'nowhere'"),
        (7, TypeError, "got int"),
        (None, TypeError, "got NoneType"),
    ],
)
def test_unknown_names(name, error, says):
    with pytest.raises(error) as caught:
        load(name)
    assert says in str(caught.value)


def test_only_shipped_models_have_a_shipped_folder():
    with pytest.raises(ValueError, match=r"\['tiny-bert', 'tiny-gpt2'\], got 'bert'"):
        shipped_folder("bert")


@pytest.mark.parametrize("choice", ["yes", "HUB", "0"])
def test_a_choice_that_is_none(choice, monkeypatch):
    monkeypatch.setenv("COURSE_MODELS", choice)
    with pytest.raises(ValueError, match=f'COURSE_MODELS must be "auto", "shipped" or "hub", got {choice!r}'):
        load("bert")


# --- sums -------------------------------------------------------------------------------------------------------------


def test_sums_are_those_of_sha256sum(tmp_path):
    (tmp_path / "b.txt").write_bytes(b"abc")
    (tmp_path / "a.txt").write_bytes(b"")
    (tmp_path / ".DS_Store").write_bytes(b"noise")
    (tmp_path / "folder").mkdir()
    # the digests of "" and "abc" in FIPS 180-4's examples
    assert write_sums(tmp_path).read_text() == (
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  a.txt\n"
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  b.txt\n"
    )
    check_sums(tmp_path)
    again = write_sums(tmp_path)
    assert again == tmp_path / SUMS and SUMS not in again.read_text(), "it does not list itself"
    (tmp_path / "new.txt").write_bytes(b"x")
    check_sums(tmp_path)  # a file more, such as a viewer's, harms nobody
    with pytest.raises(ValueError, match="no files"):
        write_sums(tmp_path / "folder")
    with pytest.raises(FileNotFoundError, match="no folder"):
        write_sums(tmp_path / "elsewhere")


# --- the real ones ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["tiny-gpt2", "tiny-bert"])
def test_the_models_that_ship(name, monkeypatch):
    monkeypatch.setattr(loading, "SHIPPED", Path(loading.__file__).parent)
    if not (loading.SHIPPED / name).is_dir():
        pytest.skip(f"{name} has not been trained yet")
    folder = shipped_folder(name)
    require_whole(folder)
    assert sum(path.stat().st_size for path in folder.iterdir()) <= 4_000_000
    listed = {line.split("  ")[1] for line in (folder / SUMS).read_text().splitlines()}
    assert listed == {path.name for path in folder.iterdir() if path.name != SUMS}, "every file has its sum"
    tokenizer, model = load(name)
    assert len(tokenizer) <= model.config.vocab_size
    for text in ("The cat sat on the mat", "The animal didn't cross the street because it was too tired"):
        inputs = tokenizer(text, return_tensors="pt")
        result = model(**inputs)
        assert len(result.attentions) == model.config.num_hidden_layers
        assert torch.isfinite(result.logits).all()


def test_shipped_opens_no_connection(monkeypatch):
    from huggingface_hub import constants

    def refuse(*_, **__):
        raise AssertionError("a connection was tried")

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    for name in ("connect", "connect_ex"):
        monkeypatch.setattr(socket.socket, name, refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    for name in ("bert", "gpt2", "tiny-bert", "tiny-gpt2"):
        load(name)


def test_it_loads_with_the_network_off_in_a_fresh_process(tmp_path, models):
    # no place in this process may have opened a connection: the sockets themselves refuse
    code = (
        "import socket, sys\n"
        "def refuse(*a, **k): raise AssertionError('a connection was tried')\n"
        "import shared.pretrained\n"
        "assert 'transformers' not in sys.modules and 'torch' not in sys.modules, 'importing the room loads nothing heavy'\n"
        "from pathlib import Path; from shared.pretrained import load, loading\n"
        f"loading.SHIPPED = Path({str(models)!r})\n"
        "socket.socket.connect = socket.create_connection = socket.getaddrinfo = refuse\n"
        "tokenizer, model = load('bert'); print(type(model).__name__)\n"
    )
    environment = {**os.environ, "HF_HOME": str(tmp_path), "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    environment |= {"COURSE_MODELS": "auto", "HF_HUB_OFFLINE": "1"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    line, kind = done.stdout.splitlines()
    assert kind == "BertForMaskedLM"
    assert line.startswith("tiny-bert (") and "because HF_HUB_OFFLINE is set." in line


def test_a_shipped_model_loads_in_no_time():
    load("tiny-gpt2")
    start = time.process_time()
    load("tiny-gpt2")
    assert time.process_time() - start < 2
