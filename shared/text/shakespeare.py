"""Tiny Shakespeare, the text on which small GPTs are usually compared: 1,115,394 characters of plays, 65 different ones."""

import hashlib
import os
import tempfile
import urllib.request
from pathlib import Path

from tqdm import tqdm

ADDRESS = "https://raw.githubusercontent.com/karpathy/char-rnn/master/data/tinyshakespeare/input.txt"
SHA256 = "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed"
SECONDS = 10  # without a byte, then the network counts as missing


def tiny_shakespeare(path: str | Path | None = None) -> str:
    """The plays as one text: from `path`, else from this machine's cache, else downloaded once (1.1 MB) with a progress bar.

    Whatever comes is compared with the known SHA-256, so nobody trains on half a file or on an error page.
    Errors: FileNotFoundError for a path that does not exist; ValueError for a file that is not Tiny Shakespeare;
    ConnectionError, which says how to go on, where the download fails. Used in week 4 day 4.
    """
    if path is not None:
        return _checked(Path(path).read_bytes(), str(path))
    kept = _cache() / "tinyshakespeare.txt"
    if kept.exists():
        try:
            return _checked(kept.read_bytes(), str(kept))
        except ValueError:
            kept.unlink()  # damaged on the disk: fetch it again
    text = _checked(_download(), ADDRESS)
    kept.parent.mkdir(parents=True, exist_ok=True)
    # written beside and moved into place: a closed lid leaves no half file behind
    with tempfile.NamedTemporaryFile("w", dir=kept.parent, delete=False, encoding="utf-8", newline="") as file:
        file.write(text)
    os.replace(file.name, kept)
    return text


def _checked(data: bytes, source: str) -> str:
    found = hashlib.sha256(data).hexdigest()
    if found != SHA256:
        raise ValueError(f"{source} is not Tiny Shakespeare: {len(data):,} bytes with SHA-256 {found[:12]}…, expected {SHA256[:12]}…")
    return data.decode("utf-8")


def _download() -> bytes:
    try:
        with urllib.request.urlopen(ADDRESS, timeout=SECONDS) as answer:
            size = int(answer.headers.get("Content-Length") or 0)
            parts = []
            with tqdm(total=size or None, unit="B", unit_scale=True, desc="Tiny Shakespeare") as bar:
                while part := answer.read(1 << 16):
                    parts.append(part)
                    bar.update(len(part))
            return b"".join(parts)
    except OSError as error:  # no network, no such host, refused, silent
        raise ConnectionError(
            f"Tiny Shakespeare could not be downloaded ({error}). Without a network, use the tiny tales: "
            "`from shared.text import stories`; or pass the path of a copy: tiny_shakespeare(path)."
        ) from error


def _cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "transformers_course"
