"""The way to the Hugging Face hub: what lies in its local cache, one short question whether it answers, a checked download.

`huggingface_hub` waits and retries for minutes where a server is silent; a lesson cannot. So the talking happens in a thread that
is left behind when nothing comes for a few seconds. Files go into the same cache, in the same layout, that `transformers` uses,
and become visible there only when they are whole and their checksum fits; the reference that makes a model findable comes last.
"""

import hashlib
import os
import re
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from shared.pretrained.checkpoints import INDEX, WEIGHTS, require_whole, weight_files

PATIENCE = 2.0  # seconds without an answer, after which the hub counts as not there
PATIENCE_UNDERWAY = 20.0  # the same once a download is well under way: a network that stumbles is not a missing one
UNDERWAY = 1_000_000  # bytes
SLOWEST = 8_000  # bytes a second; what comes slower than that would take days
# what a model's folder may hold beside its weights; the rest (pictures, other formats) stays on the hub
SMALL_FILES = (
    "config.json", "generation_config.json", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json",
    "added_tokens.json", "vocab.json", "merges.txt", "vocab.txt", "tokenizer.model", "spiece.model",
)  # fmt: skip
REPOSITORY = re.compile(r"[\w][\w.-]*/[\w][\w.-]*", re.ASCII)


class NotReached(ConnectionError):
    """The hub gave no answer that can be used: no network, a silent or failing server, or offline mode."""


class BadDownload(OSError):
    """A file came incomplete or with another checksum than announced; nothing of it was kept."""


class NotOnHub(ValueError):
    """The hub answered: it has no such model, or not for everyone, or not in a form that can be loaded."""


@dataclass
class Offer:
    """One file as the hub announces it. etag: its SHA-256, or git's SHA-1 for small text files."""

    name: str
    commit: str
    etag: str
    size: int | None


# --- what is already here ---------------------------------------------------------------------------------------------


def cached(repository: str) -> Path | None:
    """The folder of a model in the local cache, where all of it is there; else None. Asks no network."""
    from huggingface_hub import constants, try_to_load_from_cache

    config = try_to_load_from_cache(repository, "config.json", cache_dir=constants.HF_HUB_CACHE)
    if not isinstance(config, str):
        return None
    try:
        require_whole(Path(config).parent)
    except (FileNotFoundError, ValueError):
        return None
    return Path(config).parent


# --- the download -----------------------------------------------------------------------------------------------------


def download(repository: str) -> Path:
    """Fetch a model with its tokenizer into the local cache; returns its folder.

    repository: "owner/name". Shows one progress bar. Files that are already there in the same version are not fetched again.
    Errors: NotReached within 3 s where nothing answers, BadDownload for half a file or a wrong checksum, NotOnHub for an
    unknown or closed repository or one without safetensors; OSError where the disk cannot take the files.
    """
    from huggingface_hub import constants

    if constants.HF_HUB_OFFLINE:
        raise NotReached("HF_HUB_OFFLINE is set")
    underway = _Underway()
    offers = _watched(lambda: _offers(repository, underway), underway)
    store = Path(constants.HF_HUB_CACHE) / f"models--{repository.replace('/', '--')}"
    folder = store / "snapshots" / offers[0].commit
    folder.mkdir(parents=True, exist_ok=True)
    _remove_leftovers(store)
    wanted = [offer for offer in offers if not _is_there(folder / offer.name, offer)]
    total = sum(offer.size or 0 for offer in wanted)
    _watched(lambda: [_fetch(repository, offer, store, folder, underway) for offer in wanted], underway, repository, total)
    try:
        require_whole(folder)
    except (FileNotFoundError, ValueError) as error:
        raise NotOnHub(f"{repository} cannot be loaded from the hub: {error}") from None
    # the reference comes last: before it, nobody finds this folder
    (store / "refs").mkdir(exist_ok=True)
    (store / "refs" / "main").write_text(offers[0].commit, encoding="utf-8")
    return folder


def _offers(repository: str, underway: "_Underway") -> list[Offer]:
    """Ask the hub for each file that a model may have; the first is config.json, the answer to whether the hub is there."""
    first = _offer(repository, "config.json", "main", underway)
    if first is None:
        raise NotOnHub(f"{repository} on the hub has no config.json, so it is no model that transformers can load")
    others = [_offer(repository, name, first.commit, underway) for name in SMALL_FILES[1:]]
    weights = _offer(repository, WEIGHTS, first.commit, underway)
    if weights is not None:
        return [first, *filter(None, others), weights]
    index = _offer(repository, INDEX, first.commit, underway)
    if index is None:
        remark = "pickles (pytorch_model.bin) could run any code, so they are not read"
        raise NotOnHub(f"{repository} on the hub has no {WEIGHTS}; {remark}")
    # a large model lies there in parts, and only the index knows their names
    with tempfile.TemporaryDirectory() as store:
        _fetch(repository, index, Path(store), Path(store), underway)
        try:
            names = weight_files(Path(store))
        except ValueError as error:
            raise NotOnHub(f"{repository} cannot be loaded from the hub: {error}") from None
    parts = [_offer(repository, name, first.commit, underway) for name in names]
    if None in parts:
        raise NotOnHub(f"{repository} on the hub lacks {names[parts.index(None)]}, a part of its weights")
    return [first, *filter(None, others), index, *parts]


def _offer(repository: str, name: str, revision: str, underway: "_Underway") -> Offer | None:
    """What the hub announces about one file; None where the repository does not have it."""
    from huggingface_hub import get_hf_file_metadata, get_token
    from huggingface_hub.errors import (
        EntryNotFoundError,
        GatedRepoError,
        HfHubHTTPError,
        RepositoryNotFoundError,
        RevisionNotFoundError,
    )

    underway.go_on()
    try:
        found = get_hf_file_metadata(_address(repository, name, revision), token=get_token(), timeout=PATIENCE)
    except EntryNotFoundError:
        return None
    except GatedRepoError:
        remark = "open only to those who agreed to its terms: log in with `hf auth login`"
        raise NotOnHub(f"{repository} on the hub is {remark}") from None
    except (RepositoryNotFoundError, RevisionNotFoundError):
        raise NotOnHub(f"the hub has no model {repository}, or does not show it to everyone") from None
    except HfHubHTTPError as error:
        raise NotReached(f"the hub answered with an error ({error.response.status_code})") from None
    except Exception as error:  # every client has its own names for a network that fails
        raise NotReached("the hub did not answer") from error
    finally:
        underway.answers += 1
    named = re.fullmatch("[0-9a-f]{40}", found.commit_hash or "") and re.fullmatch("[0-9a-f]{40}|[0-9a-f]{64}", found.etag or "")
    if not named:
        # the log-in page of a hotel's network answers everything, too
        raise NotReached("something answered, but not as the hub does")
    return Offer(name, found.commit_hash, found.etag, found.size)


def _fetch(repository: str, offer: Offer, store: Path, folder: Path, underway: "_Underway") -> None:
    """Fetch one file under a passing name, check it, and give it its name in the folder as the last step."""
    from huggingface_hub import get_session
    from huggingface_hub.utils import build_hf_headers

    headers = {**build_hf_headers(), "Accept-Encoding": "identity"}
    total_before = underway.bytes
    handle, passing = tempfile.mkstemp(suffix=".incomplete", dir=store)
    try:
        with os.fdopen(handle, "wb") as file:
            try:
                address = _address(repository, offer.name, offer.commit)
                # the client leaves the reader's token behind when the hub sends it on to another server
                request = get_session().stream("GET", address, headers=headers, timeout=PATIENCE_UNDERWAY, follow_redirects=True)
                with request as answer:
                    if answer.status_code != 200:
                        raise NotReached(f"the hub answered with an error ({answer.status_code})")
                    for chunk in answer.iter_bytes():
                        underway.go_on()
                        file.write(chunk)
                        underway.bytes += len(chunk)
            except OSError:
                raise  # the disk, or our own
            except Exception as error:
                if underway.bytes > total_before:
                    raise BadDownload(f"the download of {offer.name} broke off") from error
                raise NotReached("the hub did not answer") from error
        size = os.path.getsize(passing)
        if offer.size is not None and size != offer.size:
            raise BadDownload(f"the download of {offer.name} broke off at {size:,} of {offer.size:,} bytes")
        if _etag(Path(passing), len(offer.etag), underway) != offer.etag:
            raise BadDownload(f"the download of {offer.name} does not have the checksum that the hub announced")
        underway.go_on()
        os.chmod(passing, 0o644)
        os.replace(passing, folder / offer.name)
    finally:
        Path(passing).unlink(missing_ok=True)
    underway.answers += 1


def _is_there(path: Path, offer: Offer) -> bool:
    return path.is_file() and path.stat().st_size == offer.size and _etag(path, len(offer.etag)) == offer.etag


def _etag(path: Path, digits: int, underway: "_Underway | None" = None) -> str:
    """A file's own name for its content on the hub: SHA-256 for large files (64 digits), git's SHA-1 for small ones (40)."""
    digest = hashlib.sha256() if digits == 64 else hashlib.sha1(b"blob %d\0" % path.stat().st_size)
    with path.open("rb") as file:
        while chunk := file.read(1 << 22):
            digest.update(chunk)
            if underway:
                underway.answers += 1  # a slow disk is no silent hub
    return digest.hexdigest()


def _address(repository: str, name: str, revision: str) -> str:
    from huggingface_hub import constants

    return f"{constants.ENDPOINT}/{repository}/resolve/{revision}/{quote(name)}"


def _remove_leftovers(store: Path) -> None:
    """Delete what downloads left that were killed more than a day ago; a younger one may still be running elsewhere."""
    for path in store.glob("*.incomplete"):
        if time.time() - path.stat().st_mtime > 86_400:
            path.unlink(missing_ok=True)


# --- not waiting for ever ---------------------------------------------------------------------------------------------


class _Underway:
    """What a thread that talks to the hub has got so far, and whether anyone still waits for it."""

    def __init__(self):
        self.bytes = self.answers = 0
        self.left = threading.Event()

    def go_on(self) -> None:
        if self.left.is_set():
            raise NotReached("nobody waits for this download any more")


def _watched(work: Callable[[], Any], underway: _Underway, title: str = "", total: int = 0) -> Any:
    """Do the work in a thread and return what it returns, or leave it behind when too little comes.

    No time limit of a connection can stand in for this: the look-up of a name has none, and a server that sends one byte a
    second never runs into one. The thread that is left behind ends with its next byte, and leaves no file.
    """
    outcome: dict[str, Any] = {}

    def run() -> None:
        try:
            outcome["result"] = work()
        except BaseException as error:
            outcome["error"] = error

    thread = threading.Thread(target=run, daemon=True)
    started = underway.bytes
    bar = _bar(title, total) if total else None
    try:
        thread.start()
        since, seen, answers = time.monotonic(), underway.bytes, underway.answers
        while thread.is_alive():
            thread.join(0.02)
            now = time.monotonic()
            if bar:
                bar.update(underway.bytes - started - bar.n)
            patience = PATIENCE_UNDERWAY if underway.bytes - started > UNDERWAY else PATIENCE
            if underway.answers != answers or underway.bytes - seen >= SLOWEST * patience:
                since, seen, answers = now, underway.bytes, underway.answers
            elif thread.is_alive() and now - since > patience:
                raise NotReached("the hub stopped in the middle of the download" if total else "the hub did not answer")
    finally:
        if thread.is_alive():
            underway.left.set()
        if bar:
            bar.close()
    if "error" in outcome:
        raise outcome["error"]
    return outcome["result"]


def _bar(title: str, total: int) -> Any:
    from huggingface_hub.utils import tqdm

    return tqdm(total=total, unit="B", unit_scale=True, desc=title, leave=False)
