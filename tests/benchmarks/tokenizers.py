"""How fast the course's tokenizers are: CPU time as a ratio to a naive trainer and to the `tokenizers` library.

The text: the file that TINY_SHAKESPEARE names; without it, sources of Python's standard library, 1 MB of them.
Runs are interleaved (ours, theirs, ours, theirs, …), and the median counts. The naive trainer does 8 merges, scaled up to
512: each costs it about the same.
"""

import os
import statistics
import sysconfig
import time
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

# before the library starts its threads
os.environ["RAYON_NUM_THREADS"] = "1"
os.environ["TOKENIZERS_PARALLELISM"] = "false"

from tokenizers import ByteLevelBPETokenizer  # noqa: E402
from tokenizers import Tokenizer as LibraryTokenizer  # noqa: E402
from tokenizers.models import WordPiece  # noqa: E402
from tokenizers.normalizers import BertNormalizer  # noqa: E402
from tokenizers.pre_tokenizers import BertPreTokenizer  # noqa: E402

from shared.text.bpe import BytePairTokenizer, join, presplit  # noqa: E402
from shared.text.wordpiece import WordPieceTokenizer  # noqa: E402
from tests.benchmarks.table import Row  # noqa: E402

MERGES = 512
NAIVE_MERGES = 8
PIECES = 2_000
SIZE = 1_000_000  # characters


def text_to_read() -> str:
    """About 1 MB of real text."""
    if named := os.environ.get("TINY_SHAKESPEARE"):
        return Path(named).read_text(encoding="utf-8")
    sources = sorted(Path(sysconfig.get_path("stdlib")).glob("*.py"))
    return "\n".join(path.read_text(encoding="utf-8") for path in sources)[:SIZE]


def naive(text: str, n_merges: int) -> None:
    """The plain algorithm: all words of the text, however often they come, counted anew before each merge."""
    words = [list(word.encode()) for word in presplit(text)]
    for new in range(256, 256 + n_merges):
        counts: Counter[tuple[int, int]] = Counter()
        for word in words:
            counts.update(pairwise(word))
        best = max(counts, key=counts.__getitem__)
        words = [join(word, best, new) for word in words]


def library_bpe(text: str) -> ByteLevelBPETokenizer:
    """The library's tokenizer, trained alike."""
    tokenizer = ByteLevelBPETokenizer(add_prefix_space=False)
    tokenizer.train_from_iterator([text], vocab_size=256 + MERGES, min_frequency=0, show_progress=False)
    return tokenizer


def seconds(*jobs: Callable[[], object], rounds: int = 3) -> list[float]:
    """Median CPU seconds of each job, run in turns."""
    taken: list[list[float]] = [[] for _ in jobs]
    for _ in range(rounds):
        for job, times in zip(jobs, taken, strict=True):
            start = time.process_time()
            job()
            times.append(time.process_time() - start)
    return [statistics.median(times) for times in taken]


def row(what: str, ours: float, theirs: float, whose: str, wanted: str) -> Row:
    """One comparison; ratio: our seconds for one of theirs."""
    return Row(what, f"{ours:.2f} s", f"{whose} {theirs:.2f} s", ours / theirs, wanted)


def main() -> list[Row]:
    """Measure; about 20 CPU seconds."""
    text = text_to_read()
    size = f"{len(text) / 1e6:.1f} MB"
    (some,) = seconds(lambda: naive(text, NAIVE_MERGES), rounds=1)
    plain = some * MERGES / NAIVE_MERGES
    train, library_train = seconds(lambda: BytePairTokenizer.train([text], MERGES), lambda: library_bpe(text))
    bpe, library = BytePairTokenizer.train([text], MERGES), library_bpe(text)
    # a new tokenizer each time: its memory of words starts empty
    encode, library_encode = seconds(lambda: BytePairTokenizer(bpe.merges).encode(text), lambda: library.encode(text))

    pieces = WordPieceTokenizer.train([text], PIECES, min_count=2)
    (cut_train,) = seconds(lambda: WordPieceTokenizer.train([text], PIECES, min_count=2))
    bert = LibraryTokenizer(WordPiece(pieces.vocabulary, unk_token="[UNK]"))
    bert.normalizer, bert.pre_tokenizer = BertNormalizer(), BertPreTokenizer()
    cut, library_cut = seconds(lambda: pieces.encode(text), lambda: bert.encode(text))
    return [
        # the other way round, because hundredths of a hundredth say little: how many times as fast
        Row(f"byte pairs, {MERGES} merges, times as fast", f"{train:.2f} s", f"naive {plain:.0f} s", plain / train, ">=50"),
        row(f"byte pairs, train {MERGES} merges on {size}", train, library_train, "library", "<=4"),
        row(f"byte pairs, encode {size}", encode, library_encode, "library", "<=4"),
        Row(f"WordPiece, train {PIECES:,} pieces on {size}", f"{cut_train:.2f} s"),
        row(f"WordPiece, encode {size}", cut, library_cut, "library", "<=4"),
    ]
