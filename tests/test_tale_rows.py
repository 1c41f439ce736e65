"""Batches of tiny tales: what is read, what is asked, and that chance comes from the generator alone."""

import numpy as np
import pytest
import torch

from shared.text import stories
from shared.text.bpe import BytePairTokenizer
from shared.training.tales import ECHOES, LENGTHS, TaleRows

TALES = stories(40, seed=5)
TOKENIZER = BytePairTokenizer.train(TALES)
ROWS = TaleRows(TALES, TOKENIZER)


@pytest.mark.parametrize("done", [0.0, 0.1, 0.2, 0.39, 0.7, 1.0])
def test_a_batch_teaches_the_next_token_in_rows_of_the_lengths_due(done):
    inputs, targets = ROWS.draw(4, np.random.default_rng(1), done)
    length = {0.0: 32, 0.1: 32, 0.2: 64, 0.39: 128, 0.7: 192, 1.0: 192}[done]
    assert inputs.shape == targets.shape == (4 * 256 // length, length)
    assert torch.equal(inputs[:, 1:], targets[:, :-1])


def test_chance_comes_from_the_generator_alone():
    one, same, other = (ROWS.draw(2, np.random.default_rng(seed), 0.05)[0] for seed in (3, 3, 4))
    assert torch.equal(one, same) and not torch.equal(one, other)


def test_late_rows_are_tales_from_their_beginning():
    whole = " ".join(TALES)
    inputs, _ = ROWS.draw(8, np.random.default_rng(2))
    rows = [row for row in inputs.tolist() if ROWS.end in row]
    assert len(rows) > len(inputs) / 2
    for row in rows:
        assert row[0] == ROWS.end
        for piece in TOKENIZER.decode(row[1:]).split("<|endoftext|>"):
            assert piece in whole


def test_echoes_are_many_at_first_and_few_in_the_end():
    def is_echo(row: list[int]) -> bool:
        return not any(TOKENIZER.decode(row[5:15]) in tale for tale in TALES) and ROWS.end not in row

    def share(done: float) -> float:
        drawn = [ROWS.draw(8, np.random.default_rng(seed), done)[0] for seed in range(12)]
        return float(np.mean([is_echo(row) for batch in drawn for row in batch.tolist()]))

    first, last, until = ECHOES
    assert abs(share(0.0) - first) < 0.15
    assert abs(share(until) - last) < 0.1 and abs(share(1.0) - last) < 0.1


def test_measuring_reads_every_tale_whole_and_once():
    read, asked = [], 0
    for inputs, targets in ROWS.in_order(16):
        for row, target in zip(inputs, targets):
            kept = target != -100
            asked += int(kept.sum())
            assert target[kept][-1] == ROWS.end and row[0] == ROWS.end
            read.append(TOKENIZER.decode(target[kept][:-1].tolist()))
    assert read == TALES
    assert asked == sum(len(TOKENIZER.encode(tale)) + 1 for tale in TALES)


def test_lengths_reach_to_the_end_of_a_run_and_other_tales_have_another_name():
    assert LENGTHS[-1][0] == 1.0
    assert ROWS.fingerprint() == TaleRows(TALES, TOKENIZER).fingerprint() != TaleRows(TALES[:-1], TOKENIZER).fingerprint()
    with pytest.raises(ValueError, match="at least one tale"):
        TaleRows([], TOKENIZER)
