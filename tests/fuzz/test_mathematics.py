"""The functions of the lessons' mathematics, each with fifty inputs that nobody would want."""

import pytest
import torch

from shared import arena, attention, costs, counts, gelu, heads
from tests.fuzz.harness import bad_ends, good

torch.manual_seed(0)
X = torch.randn(4, 6)
LOW = torch.ones(4, 4).tril().bool()
MAPS = torch.randn(2, 2, 5, 5).masked_fill(~torch.ones(5, 5).tril().bool(), -torch.inf).softmax(-1)
TOKENS = ["the", "cat", "sat", "the", "."]
GPT = costs.MODELS["GPT-2 small"]
VOTES = arena.simulate({"a": 1000.0, "b": 1100.0, "c": 900.0}, 40, seed=0)


def heads_as_module(x: torch.Tensor, **sizes) -> torch.Tensor:
    """The module instead of the function."""
    return attention.MultiHeadAttention(**sizes)(x, LOW)


def bent(x: torch.Tensor) -> None:
    """GELU as in training, forth and back."""
    gelu.gelu(x.requires_grad_()).sum().backward()


CALLS = [
    good(heads_as_module, x=torch.randn(2, 4, 6), d_model=6, n_heads=3, bias=True),
    good(arena.Vote, a="a", b="b", score=0.5),
    good(attention.softmax, scores=X, dim=-1),
    good(attention.scaled_dot_product_attention, q=X, k=X, v=X, mask=LOW),
    good(attention.causal_mask, length=4),
    good(attention.padding_mask, ids=torch.tensor([[3, 1, 0], [2, 0, 0]]), pad_id=0),
    good(attention.project_qkv, x=X, w_q=torch.randn(6, 6), w_k=torch.randn(6, 6), w_v=torch.randn(6, 6)),
    good(attention.fuse_qkv, w_q=torch.randn(6, 6), w_k=torch.randn(6, 6), w_v=torch.randn(6, 6)),
    good(attention.project_qkv_fused, x=X, w_qkv=torch.randn(6, 18), b_qkv=torch.randn(18)),
    good(attention.split_heads, x=torch.randn(2, 4, 6), n_heads=3),
    good(attention.merge_heads, heads=torch.randn(2, 3, 4, 2)),
    good(attention.multi_head_attention, x=torch.randn(2, 4, 6), w_qkv=torch.randn(6, 18), w_o=torch.randn(6, 6), n_heads=3, mask=LOW),
    good(attention.positional_encoding, length=5, d_model=6),
    *(good(measure, attention=MAPS) for measure in (heads.previous_token, heads.next_token, heads.entropy, heads.mean_distance, heads.as_weights)),
    good(heads.same_token, attention=MAPS, tokens=TOKENS, causal=True),
    good(heads.induction, attention=MAPS, tokens=TOKENS),
    good(heads.delimiter, attention=MAPS, tokens=TOKENS, delimiters=["."], causal=False),
    good(heads.pronoun_to_name, attention=MAPS, tokens=TOKENS, names={"sat": "cat"}, predicting=True),
    good(heads.linked, attention=MAPS, links=[(2, 1), (4, [0, 3])]),
    good(heads.measure_all, attentions=MAPS, tokens=TOKENS, causal=True),
    good(heads.strongest, scores=torch.randn(2, 3)),
    good(heads.weight_on, attention=MAPS, pattern=torch.eye(5).bool()),
    good(costs.parameters, model=GPT),
    good(costs.forward_flops, model=GPT, tokens=10),
    good(costs.training_flops, n_parameters=1e6, n_tokens=1e7),
    good(costs.compute_optimal, flops=1e18, tokens_per_parameter=20.0),
    good(costs.training_bytes, n_parameters=1e6),
    good(costs.kv_cache_bytes, n_layers=2, d_model=8, n_heads=2, tokens=5, n_kv_heads=1, batch=2, bytes_each=2),
    good(costs.said, number=1234.5),
    good(costs.said_bytes, number=1234.5),
    good(bent, x=lambda: X.clone()),
    good(counts.check_count, name="heads", value=3, least=1),
    good(arena.expected_score, rating_a=1000.0, rating_b=1100.0),
    good(arena.elo, votes=VOTES, k=32.0, start=1000.0),
    good(arena.bradley_terry, votes=VOTES, prior=0.5),
    good(arena.simulate, true_points={"a": 1000.0, "b": 1100.0}, count=10, seed=1, ties=0.1),
    good(arena.names_in, votes=VOTES),
]


@pytest.mark.parametrize("call", CALLS, ids=str)
def test_works_or_says_what_is_wrong(call):
    assert bad_ends(call) == []
