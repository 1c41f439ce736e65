"""`load`: one line that gives a tokenizer and a model, whether there is a network or not, and says which model it took."""

import contextlib
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from shared.pretrained import hub
from shared.pretrained.checkpoints import check_sums, require_whole

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

SHIPPED = Path(__file__).parent  # the folder that holds tiny-gpt2/ and tiny-bert/
CHOICE = "COURSE_MODELS"  # the environment variable that decides where "bert" and "gpt2" come from
FORGET_AFTER = 60.0  # seconds for which a hub that was silent is not asked again on behalf of "bert" or "gpt2"


@dataclass(frozen=True)
class Famous:
    """A model that the lessons name, and the small one that stands in for it. old: what its repository was called before."""

    repository: str
    old: str
    shipped: str


FAMOUS = {
    "bert": Famous("google-bert/bert-base-uncased", "bert-base-uncased", "tiny-bert"),
    "gpt2": Famous("openai-community/gpt2", "gpt2", "tiny-gpt2"),
}
_silent: tuple[float, str] | None = None  # since when, and the reason that was given


def load(name: str | Path) -> "tuple[PreTrainedTokenizerBase, PreTrainedModel]":
    """A tokenizer and a trained model, ready to show its attention: `tokenizer, model = load("bert")`.

    name: one of
        "bert", "gpt2"            BERT-base (uncased) or the small GPT-2: from the local Hugging Face cache, else from the hub
                                  if that answers within 3 seconds, else the small model that ships with this course
        "tiny-bert", "tiny-gpt2"  always the small one that ships with this course
        "owner/name"              that model of the hub, from the cache or downloaded, and an error where neither works;
                                  "bert-base-uncased" is short for Google's
        a folder                  a model saved by `save_pretrained`, with its tokenizer ("./bert", where the name is taken)
    Prints one line: which model it took and how to get the other one.
    The model is the class that its config.json names (BertForMaskedLM, GPT2LMHeadModel), in float32, in evaluation mode, with
    eager attention, and returns `attentions` at every call. Weights are safetensors only.
    The environment variable COURSE_MODELS decides for "bert" and "gpt2": "shipped" takes the small ones and keeps off the
    hub, "hub" accepts nothing else, "auto" (as above) if it is not set.
    Errors: TypeError or ValueError for a name that is none of these, FileNotFoundError or ValueError for a folder in which
    something is missing or damaged, ConnectionError where the hub is needed and gives no answer, OSError for a bad download.
    Used from week 1 day 4 on.
    """
    if not isinstance(name, (str, Path)):
        raise TypeError(f"name must be a string or a Path, got {type(name).__name__}")
    choice = _choice()
    shipped = {famous.shipped: famous for famous in FAMOUS.values()}
    if name in FAMOUS:
        return _load_famous(FAMOUS[name], choice)
    if name in shipped:
        return _load_shipped(shipped[name])
    folder = Path(name).expanduser()
    if name != "" and folder.is_dir():
        return _load_folder(folder, folder.resolve().name)
    if name == FAMOUS["bert"].old:  # what everybody calls it; GPT-2's old name is one of ours
        name = FAMOUS["bert"].repository
    if isinstance(name, str) and hub.REPOSITORY.fullmatch(name):
        folder = _from_hub(name, choice)
        small = [famous.shipped for famous in FAMOUS.values() if famous.repository == name]
        return _load_folder(folder, name, f' The small one of this course: load("{small[0]}").' if small else "")
    if isinstance(name, Path) or os.sep in name or "/" in name or name.startswith((".", "~")):
        raise FileNotFoundError(f"name must be a model or its folder, but there is no folder at {str(name)!r}")
    known = ", ".join(f'"{one}"' for one in (*FAMOUS, *shipped))
    raise ValueError(f'name must be {known}, a folder, or "owner/name" as on the hub; got {name!r}')


def shipped_folder(name: str) -> Path:
    """The folder of a small model that ships with the course, checked: for libraries that want a folder of their own.

    name: "tiny-bert" or "tiny-gpt2". Errors: ValueError for another name; FileNotFoundError or ValueError where a file is missing
    or not as it was made. Used from week 2 day 3 on.
    """
    names = [famous.shipped for famous in FAMOUS.values()]
    if name not in names:
        raise ValueError(f"name must be one of {names}, got {name!r}")
    if not (SHIPPED / name).is_dir():
        raise FileNotFoundError(f"{name} is missing in {SHIPPED}: fetch the course again")
    check_sums(SHIPPED / name)
    return SHIPPED / name


# --- where from -------------------------------------------------------------------------------------------------------


def _choice() -> str:
    choice = os.environ.get(CHOICE) or "auto"
    if choice not in ("auto", "shipped", "hub"):
        raise ValueError(f'the environment variable {CHOICE} must be "auto", "shipped" or "hub", got {choice!r}')
    return choice


def _load_famous(famous: Famous, choice: str):
    if choice == "shipped":
        return _load_shipped(famous)
    folder = hub.cached(famous.repository) or hub.cached(famous.old)
    try:
        folder = folder or _download_unless_silent(famous.repository, choice)
    except (hub.NotReached, hub.BadDownload, hub.NotOnHub) as error:
        if choice == "hub":
            raise type(error)(f'{famous.repository}: {error}, and {CHOICE}="hub" allows nothing else') from error
        return _load_shipped(famous, f", because {error}")
    return _load_folder(folder, famous.repository, f' The small one of this course: load("{famous.shipped}").')


def _download_unless_silent(repository: str, choice: str) -> Path:
    """A notebook that asks for two models waits only once for a hub that is not there."""
    global _silent
    if choice == "auto" and _silent and time.monotonic() - _silent[0] < FORGET_AFTER:
        raise hub.NotReached(_silent[1])
    try:
        return hub.download(repository)
    except hub.NotReached as error:
        _silent = time.monotonic(), str(error)
        raise


def _load_shipped(famous: Famous, why: str = ""):
    note = f', which ships with this course{why}. The famous one, where the network allows: load("{famous.repository}").'
    return _load_folder(shipped_folder(famous.shipped), famous.shipped, note)


def _from_hub(repository: str, choice: str) -> Path:
    folder = hub.cached(repository)
    if folder is None and choice == "shipped":
        raise ConnectionError(f'{repository} is not in the local cache, and {CHOICE}="shipped" keeps off the hub')
    try:
        return folder or hub.download(repository)
    except (hub.NotReached, hub.BadDownload) as error:
        raise type(error)(f"{repository} is not in the local cache and could not be downloaded: {error}") from error


# --- from a folder ----------------------------------------------------------------------------------------------------


def _load_folder(folder: Path, label: str, note: str = ""):
    """Load what a folder holds, print the one line, and turn every way in which this can fail into one clear error."""
    try:
        require_whole(folder)
    except (FileNotFoundError, ValueError) as error:
        raise type(error)(f"{label}: {error}; looked in {folder}") from None
    import torch
    import transformers

    try:
        with _quiet():
            tokenizer = transformers.AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
            config = transformers.AutoConfig.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
            model, report = _model_class(config).from_pretrained(
                folder,
                config=config,
                local_files_only=True,
                trust_remote_code=False,
                use_safetensors=True,
                attn_implementation="eager",
                dtype=torch.float32,
                output_loading_info=True,
            )
    except Exception as error:  # a dozen kinds, by file and by version of the library
        raise ValueError(f"{label}: could not be loaded from {folder}: {_first_line(error)}") from error
    if report["missing_keys"]:
        lost = sorted(report["missing_keys"])
        raise ValueError(f"{label}: the weights in {folder} lack {len(lost)} tensors that config.json asks for, first {lost[0]}")
    if len(tokenizer) > config.vocab_size:
        sizes = f"{len(tokenizer):,} tokens, {config.vocab_size:,} embeddings"
        raise ValueError(f"{label}: tokenizer and model in {folder} do not fit: {sizes}")
    model.config.output_attentions = True
    _say(label, config, note)
    return tokenizer, model.eval()


def _model_class(config):
    """The class that the config names, so that the weights get the head that they were trained with."""
    import transformers

    for name in config.architectures or []:
        found = getattr(transformers, name, None)
        if isinstance(found, type) and issubclass(found, transformers.PreTrainedModel):
            return found
    return transformers.AutoModel


def _say(label: str, config, note: str) -> None:
    size = f"{config.num_hidden_layers} layers of {config.num_attention_heads} heads, {config.hidden_size} wide"
    print(f"{label} ({size}){note or '.'}" if note.startswith(",") else f"{label} ({size}).{note}")


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """No bars and no remarks while weights are loaded; what matters is said in one line afterwards."""
    from transformers.utils import logging

    level, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(level)
        if bars:
            logging.enable_progress_bar()
