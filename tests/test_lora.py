"""LoRA: no change at the start, the same function once merged, nothing else moves, and the paper's count of parameters."""

import pytest
import torch
from torch import nn

from shared.gpt import GPT, GPTConfig
from shared.lora import LoRALinear, add_lora, lora_parameters, merge_lora

CONFIG = GPTConfig(vocab_size=50, context=16, n_layers=2, n_heads=2, d_model=16)


@pytest.fixture
def model():
    torch.manual_seed(0)
    return GPT(CONFIG)


@pytest.fixture
def ids():
    return torch.randint(0, 50, (3, 16), generator=torch.Generator().manual_seed(1))


def train(model, ids, steps=20):
    optimizer = torch.optim.AdamW(list(lora_parameters(model)), lr=0.02)
    losses = []
    for _ in range(steps):
        loss = nn.functional.cross_entropy(model(ids[:, :-1]).flatten(0, 1), ids[:, 1:].flatten())
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        losses.append(loss.item())
    return losses


def test_by_hand():
    """W = identity, A = (1, 2), B = (3, 0)ᵀ, scale 2: for x = (1, 1) the way beside adds 2 · 3 · 3 = 18 to the first number."""
    layer = nn.Linear(2, 2, bias=False)
    layer.weight.data = torch.eye(2)
    lora = LoRALinear(layer, rank=1, alpha=2.0)
    lora.A.data, lora.B.data = torch.tensor([[1.0, 2.0]]), torch.tensor([[3.0], [0.0]])
    assert lora(torch.tensor([1.0, 1.0])).tolist() == [19.0, 1.0]
    assert lora.merged().weight.tolist() == [[7.0, 12.0], [0.0, 1.0]]


def test_before_the_first_step_nothing_has_changed(model, ids):
    before = model(ids)
    assert add_lora(model, rank=4) == ["blocks.0.attention.qkv", "blocks.1.attention.qkv"]
    assert torch.equal(model(ids), before)


def test_only_a_and_b_learn_and_the_loss_falls(model, ids):
    add_lora(model, rank=4, names=("qkv", "out", "up", "down"))
    still = {name: p.clone() for name, p in model.named_parameters() if not name.endswith((".A", ".B"))}
    losses = train(model, ids)
    assert losses[-1] < losses[0] - 0.1
    assert all(torch.equal(p, still[name]) for name, p in model.named_parameters() if name in still)


def test_merged_is_the_same_function_in_plain_layers(model, ids):
    add_lora(model, rank=4)
    train(model, ids, steps=5)
    with_lora = model(ids)
    merge_lora(model)
    assert not any(isinstance(module, LoRALinear) for module in model.modules()) and all(p.requires_grad for p in model.parameters())
    assert torch.allclose(model(ids), with_lora, atol=1e-5)
    assert set(model.state_dict()) == set(GPT(CONFIG).state_dict())


def test_the_count_is_the_paper_s():
    """GPT-3 with rank 4 on W_q and W_v (section 4.2): 2 · 12,288 · 4 a matrix, two matrices, 96 layers: 18.9 million, the paper's 18M."""
    layer = nn.Linear(12_288, 12_288, device="meta")
    assert sum(p.numel() for p in (LoRALinear(layer, 4, 4.0).A, LoRALinear(layer, 4, 4.0).B)) * 2 * 96 == 18_874_368


@pytest.mark.parametrize(
    "make, words",
    [
        (lambda m: add_lora(m, 0), "rank must be a whole number from 1 to 16"),
        (lambda m: add_lora(m, 17), "got 17"),
        (lambda m: add_lora(m, True), "rank must be"),
        (lambda m: add_lora(m, 2, alpha=0), "alpha must be a positive"),
        (lambda m: add_lora(m, 2, names=("query",)), "no linear layer is named query; this model has down, head, out, qkv, up"),
        (lambda m: (add_lora(m, 2), add_lora(m, 2)), "has LoRA already"),
        (lambda m: LoRALinear(nn.Embedding(3, 4), 1, 1.0), "got Embedding"),
    ],
)
def test_bad_input_gets_a_sentence(model, make, words):
    with pytest.raises((ValueError, TypeError), match=words):
        make(model)
