"""`shared.transformer` against `torch.nn.Transformer` on the same weights, against numbers worked out by hand, and against bad input."""

import itertools

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from shared.attention import MultiHeadAttention, causal_mask, positional_encoding
from shared.transformer import AddAndNorm, FeedForward, Transformer, TransformerConfig

PAD, START, STOP = 0, 1, 2
few_examples = settings(max_examples=30, deadline=None, derandomize=True)
seeds = st.integers(0, 2**31)


def tiny(**changed) -> TransformerConfig:
    sizes = dict(source_vocab_size=17, target_vocab_size=17, n_layers=2, n_heads=4, d_model=16, d_ff=24, dropout=0.0)
    return TransformerConfig(**{**sizes, **changed})


def model(seed: int = 0, **changed) -> Transformer:
    """A small model whose biases and gains matter, too: at their start of 0 and 1 a forgotten one would not show."""
    torch.manual_seed(seed)
    made = Transformer(tiny(**changed))
    with torch.no_grad():
        for name, p in made.named_parameters():
            if p.ndim == 1:
                p.normal_(mean=1.0 if "norm" in name and name.endswith("weight") else 0.0, std=0.2)
    return made.eval()


def batch(seed: int = 0, padded: bool = False) -> tuple[torch.Tensor, torch.Tensor]:
    """source (3, 7) and target (3, 5), the rows of different length if padded."""
    numbers = torch.Generator().manual_seed(seed)
    source, target = (torch.randint(3, 17, (3, length), generator=numbers) for length in (7, 5))
    if padded:
        source[0, 4:], source[1, 6:], target[0, 2:], target[2, 4:] = PAD, PAD, PAD, PAD
    return source, target


def theirs_of(mine: Transformer) -> nn.Transformer:
    """torch's encoder–decoder with the same weights. In post-LN torch would end each stack with a norm that the paper
    does not have, so it is left out.
    """
    c, first = mine.config, mine.config.norm_first
    sizes = dict(d_model=c.d_model, nhead=c.n_heads, dim_feedforward=c.d_ff, dropout=0.0, batch_first=True, norm_first=first)
    encoder, decoder = nn.TransformerEncoderLayer(**sizes), nn.TransformerDecoderLayer(**sizes)
    last = (lambda: nn.LayerNorm(c.d_model)) if first else (lambda: None)
    theirs = nn.Transformer(
        c.d_model, c.n_heads, batch_first=True, norm_first=first,
        custom_encoder=nn.TransformerEncoder(encoder, c.n_layers, last(), enable_nested_tensor=False),
        custom_decoder=nn.TransformerDecoder(decoder, c.n_layers, last()),
    )  # fmt: skip
    with torch.no_grad():
        for a, b in [*zip(mine.encoder, theirs.encoder.layers), *zip(mine.decoder, theirs.decoder.layers)]:
            norms = [a.after_attention, a.after_feed_forward]
            copy_attention(a.attention, b.self_attn)
            if hasattr(a, "cross_attention"):
                copy_attention(a.cross_attention, b.multihead_attn)
                norms.insert(1, a.after_cross_attention)
            copy(a.feed_forward.up, b.linear1)
            copy(a.feed_forward.down, b.linear2)
            for i, norm in enumerate(norms, 1):
                copy(norm.norm, getattr(b, f"norm{i}"))
        if first:
            copy(mine.encoder_norm, theirs.encoder.norm)
            copy(mine.decoder_norm, theirs.decoder.norm)
    return theirs.eval()


def copy(a: nn.Module, b: nn.Module) -> None:
    b.load_state_dict(a.state_dict())


def copy_attention(a: MultiHeadAttention, b: nn.MultiheadAttention) -> None:
    b.in_proj_weight.copy_(a.qkv.weight)
    b.in_proj_bias.copy_(a.qkv.bias)
    copy(a.out, b.out_proj)


# --- the same numbers as torch ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("norm_first", [False, True], ids=["post-LN", "pre-LN"])
@pytest.mark.parametrize("padded", [False, True], ids=["full rows", "padding"])
def test_equals_torch_on_copied_weights(norm_first, padded):
    mine = model(norm_first=norm_first, pad_id=PAD if padded else None)
    theirs = theirs_of(mine)
    source, target = batch(padded=padded)
    x, y = mine._embed(mine.source_tokens, source), mine._embed(mine.target_tokens, target)
    hidden = {"src_key_padding_mask": source == PAD, "tgt_key_padding_mask": target == PAD, "memory_key_padding_mask": source == PAD}
    masks = {"tgt_mask": ~causal_mask(5), **(hidden if padded else {})}  # torch's True = may not
    with torch.no_grad():
        expected = theirs(x, y, **masks) @ mine.head.weight.T
        found = mine(source, target)
    assert found.shape == (3, 5, 17)
    assert torch.allclose(found, expected, atol=1e-5, rtol=1e-5)
    assert expected.std() > 0.5  # numbers of which a difference of 1e-5 is a small part


@few_examples
@given(seed=seeds, norm_first=st.booleans())
def test_equals_torch_on_random_weights(seed, norm_first):
    mine = model(seed, norm_first=norm_first)
    source, target = batch(seed)
    x, y = mine._embed(mine.source_tokens, source), mine._embed(mine.target_tokens, target)
    with torch.no_grad():
        expected = theirs_of(mine)(x, y, tgt_mask=~causal_mask(5)) @ mine.head.weight.T
        assert torch.allclose(mine(source, target), expected, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("norm_first", [False, True], ids=["post-LN", "pre-LN"])
def test_gradients_equal_torchs(norm_first):
    mine = model(norm_first=norm_first)
    theirs = theirs_of(mine)
    source, target = batch()
    x, y = (mine._embed(mine.source_tokens, ids).detach() for ids in (source, target))
    (theirs(x, y, tgt_mask=~causal_mask(5)) @ mine.head.weight.T.detach()).square().sum().backward()
    mine(source, target).square().sum().backward()
    pairs = [
        (mine.encoder[0].attention.qkv.weight, theirs.encoder.layers[0].self_attn.in_proj_weight),
        (mine.decoder[1].cross_attention.qkv.weight, theirs.decoder.layers[1].multihead_attn.in_proj_weight),
        (mine.decoder[0].feed_forward.up.weight, theirs.decoder.layers[0].linear1.weight),
        (mine.decoder[0].after_cross_attention.norm.weight, theirs.decoder.layers[0].norm2.weight),
    ]
    for own, other in pairs:
        assert torch.allclose(own.grad, other.grad, atol=1e-4, rtol=1e-4)


# --- worked out by hand -----------------------------------------------------------------------------------------------


def count(parts: nn.Module) -> int:
    return sum(p.numel() for p in parts.parameters())


def test_the_base_model_has_the_papers_sizes():
    with torch.device("meta"):
        base = Transformer(TransformerConfig())
    attention = 4 * (512 * 512 + 512)
    feed_forward = 512 * 2048 + 2048 + 2048 * 512 + 512
    encoder, decoder = attention + feed_forward + 2 * 1024, 2 * attention + feed_forward + 3 * 1024
    assert (count(base.encoder[0]), count(base.decoder[0])) == (encoder, decoder) == (3_152_384, 4_204_032)
    assert len(base.encoder) == len(base.decoder) == 6
    assert count(base) == 6 * (encoder + decoder) + 37000 * 512 == 63_082_496  # the paper's table 3 says 65 million
    assert base.encoder[0].attention.d_k == 64


def test_untied_and_norm_first_count_more():
    with torch.device("meta"):
        untied, first = Transformer(TransformerConfig(tied=False)), Transformer(TransformerConfig(norm_first=True))
    assert count(untied) == 63_082_496 + 2 * 37000 * 512
    assert count(first) == 63_082_496 + 2 * 1024  # one more norm at the end of each stack


def test_the_two_orders_of_add_and_norm():
    x = torch.randn(2, 3, 16, generator=torch.Generator().manual_seed(1))
    for norm_first, expected in ((False, lambda n: n.norm(x + 3 * x)), (True, lambda n: x + 3 * n.norm(x))):
        around = AddAndNorm(tiny(norm_first=norm_first))
        assert torch.allclose(around(x, lambda x: 3 * x), expected(around))


def test_feed_forward_is_the_formula_and_keeps_tokens_apart():
    torch.manual_seed(0)
    part, x = FeedForward(6, 10), torch.randn(2, 4, 6)
    expected = (x @ part.up.weight.T + part.up.bias).clamp(min=0) @ part.down.weight.T + part.down.bias
    assert torch.allclose(part(x), expected, atol=1e-6)
    assert torch.allclose(part(x[:, 2:3]), part(x)[:, 2:3], atol=1e-6)


def test_embeddings_are_scaled_before_the_positions_are_added():
    mine = model()
    source, _ = batch()
    expected = mine.source_tokens.weight[source] * 4 + positional_encoding(7, 16)  # √16
    assert torch.allclose(mine._embed(mine.source_tokens, source), expected, atol=1e-6)


def test_tied_is_one_matrix():
    mine = model()
    assert mine.head.weight is mine.source_tokens.weight is mine.target_tokens.weight
    apart = model(tied=False, target_vocab_size=9)
    assert apart.head.weight.shape == apart.target_tokens.weight.shape == (9, 16)
    assert apart.head.weight is not apart.target_tokens.weight
    assert apart(*(ids % 9 for ids in batch())).shape == (3, 5, 9)


# --- who may look where -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("norm_first", [False, True], ids=["post-LN", "pre-LN"])
def test_the_target_never_looks_ahead(norm_first):
    mine = model(norm_first=norm_first)
    source, target = batch()
    with torch.no_grad():
        before = mine(source, target)
        for t in range(1, 5):
            changed = target.clone()
            changed[:, t] = (changed[:, t] + 1) % 17
            after = mine(source, changed)
            assert torch.equal(after[:, :t], before[:, :t])
            assert not torch.allclose(after[:, t:], before[:, t:], atol=1e-3)


def test_every_row_sees_the_whole_source():
    mine = model()
    source, target = batch()
    with torch.no_grad():
        before = mine(source, target)
        changed = source.clone()
        changed[:, -1] = (changed[:, -1] + 1) % 17
        assert ((mine(source=changed, target=target) - before).abs().amax((0, 2)) > 1e-4).all()


@pytest.mark.parametrize("norm_first", [False, True], ids=["post-LN", "pre-LN"])
def test_padding_changes_nothing(norm_first):
    mine = model(norm_first=norm_first, pad_id=PAD)
    source, target = batch(padded=True)
    with torch.no_grad():
        together = mine(source, target)
        for row in range(3):
            real_s, real_t = int((source[row] != PAD).sum()), int((target[row] != PAD).sum())
            alone = mine(source[row : row + 1, :real_s], target[row : row + 1, :real_t])
            assert torch.allclose(together[row, :real_t], alone[0], atol=1e-5)


def test_attentions_are_the_three_kinds_of_maps():
    mine = model(pad_id=PAD)
    source, target = batch(padded=True)
    maps = mine.attentions(source, target)
    assert maps.encoder.shape == (2, 3, 4, 7, 7)  # layers, batch, heads, rows, columns
    assert maps.decoder.shape == (2, 3, 4, 5, 5)
    assert maps.cross.shape == (2, 3, 4, 5, 7)
    for weights in maps:
        assert torch.allclose(weights.sum(-1), torch.ones(weights.shape[:-1]), atol=1e-5)
        assert not weights.requires_grad
    assert (maps.decoder.triu(1) == 0).all()
    assert (maps.encoder[:, 0, :, :, 4:] == 0).all() and (maps.cross[:, 0, :, :, 4:] == 0).all()
    assert (maps.encoder[:, 2] > 0).all()


def test_attentions_are_those_of_the_layers():
    mine = model()
    source, target = batch()
    maps = mine.attentions(source, target)
    x = mine._embed(mine.source_tokens, source)
    assert torch.allclose(maps.encoder[0], mine.encoder[0].attention(x)[1], atol=1e-6)
    memory, _ = mine.encode(source)
    y = mine._embed(mine.target_tokens, target)
    layer = mine.decoder[0]
    y = layer.after_attention(y, lambda y: layer.attention(y, causal_mask(5))[0])
    assert torch.allclose(maps.cross[0], layer.cross_attention(y, context=memory)[1], atol=1e-6)


# --- writing ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("pad_id", [None, PAD])
def test_greedy_is_argmax_token_by_token(pad_id):
    mine = model(pad_id=pad_id)
    source, _ = batch(padded=pad_id is not None)
    written = mine.greedy(source, START, None, 6)
    assert written.shape == (3, 6) and written.dtype == torch.long
    for row in range(3):
        target = [START]
        with torch.no_grad():
            for _ in range(6):
                target.append(int(mine(source[row : row + 1], torch.tensor([target]))[0, -1].argmax()))
        assert written[row].tolist() == target[1:]


@pytest.mark.parametrize("pad_id, filler", [(None, STOP), (PAD, PAD)])
def test_greedy_stops_each_row_on_its_own(pad_id, filler, monkeypatch):
    mine = model(pad_id=pad_id)
    source, _ = batch()
    script = torch.tensor([[5, STOP, 7, 8], [6, 6, STOP, 9], [STOP, 4, 4, 4]])

    def decode(target, memory, source):
        step = target.shape[1] - 1
        return nn.functional.one_hot(script[:, step : step + 1], 17).float(), None, None

    monkeypatch.setattr(mine, "decode", decode)
    assert mine.greedy(source, START, STOP, 10).tolist() == [[5, STOP, filler], [6, 6, STOP], [STOP, filler, filler]]
    assert mine.greedy(source, START, STOP, 2).shape == (3, 2)


def test_dropout_is_off_for_maps_and_writing_and_comes_back():
    torch.manual_seed(0)
    mine = Transformer(tiny(dropout=0.5))
    mine.encoder[0].eval()
    source, target = batch()
    assert all(torch.equal(a, b) for a, b in zip(mine.attentions(source, target), mine.attentions(source, target)))
    assert torch.equal(mine.greedy(source, START, None, 4), mine.greedy(source, START, None, 4))
    assert mine.training and mine.decoder[0].training and not mine.encoder[0].training
    assert not torch.equal(mine(source, target), mine(source, target))
    with pytest.raises(IndexError):
        mine.attentions(source + 100, target)
    assert mine.training  # also after an error


@pytest.mark.parametrize("norm_first", [False, True], ids=["post-LN", "pre-LN"])
def test_learns_to_copy_one_batch(norm_first):
    torch.manual_seed(0)
    mine = Transformer(tiny(norm_first=norm_first))
    source = batch()[0][:, :4]
    seen, must_say = torch.cat([torch.full((3, 1), START), source], 1), torch.cat([source, torch.full((3, 1), STOP)], 1)
    optimizer = torch.optim.Adam(mine.parameters(), lr=3e-3)
    for _ in range(150):
        loss = nn.functional.cross_entropy(mine(source, seen).flatten(0, 1), must_say.flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert loss < 0.1
    assert torch.equal(mine.greedy(source, START, STOP, 9), must_say)


def test_the_same_seed_draws_the_same_weights():
    pairs = zip(model(3).parameters(), model(3).parameters())
    assert all(torch.equal(a, b) for a, b in pairs)


def test_fresh_weights_have_no_convictions():
    """The rows that enter have a spread of 1 or so, and so have the scores that come out."""
    torch.manual_seed(0)
    mine = Transformer(TransformerConfig(200, 200, n_layers=2, dropout=0.0))
    ids = torch.randint(200, (2, 12))
    assert 0.8 < mine._embed(mine.source_tokens, ids).std() < 1.6
    with torch.no_grad():
        assert 0.5 < mine(ids, ids).std() < 2


# --- bad input --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("changed, error, words", [
    (dict(n_heads=3), ValueError, "d_model=16 does not divide into n_heads=3"),
    (dict(d_model=9, n_heads=3), ValueError, "d_model must be even"),
    (dict(n_layers=0), ValueError, "n_layers must be at least 1"),
    (dict(d_ff=2.0), TypeError, "d_ff must be a whole number"),
    (dict(source_vocab_size=True), TypeError, "source_vocab_size must be a whole number"),
    (dict(target_vocab_size=9), ValueError, "both vocabularies must be one"),
    (dict(dropout=1.0), ValueError, "dropout must be a share"),
    (dict(dropout=-0.1), ValueError, "dropout must be a share"),
    (dict(dropout="none"), TypeError, "dropout must be a number"),
    (dict(norm_first=1), TypeError, "norm_first must be True or False"),
    (dict(pad_id=17), IndexError, "pad_id=17 is not in the vocabulary of 17"),
    (dict(pad_id=0.0), TypeError, "pad_id must be a whole number"),
])  # fmt: skip
def test_config_names_what_is_wrong(changed, error, words):
    with pytest.raises(error, match=words):
        tiny(**changed)


def good() -> dict:
    return dict(zip(("source", "target"), batch()))


@pytest.mark.parametrize("changed, error, words", [
    (dict(source=[[1, 2]]), TypeError, "source must be a torch.Tensor, got list"),
    (dict(target=torch.zeros(3, 5)), TypeError, "target must hold whole numbers .*float32"),
    (dict(target=torch.ones(3, 5, dtype=torch.bool)), TypeError, "target must hold whole numbers .*bool"),
    (dict(source=torch.zeros(7, dtype=torch.long)), ValueError, r"source must have shape \(batch, length\).*\(7,\)"),
    (dict(target=torch.zeros(3, 0, dtype=torch.long)), ValueError, r"target must have shape .*\(3, 0\)"),
    (dict(source=torch.full((3, 7), 17)), IndexError, "source holds the id 17, .* vocabulary of 17"),
    (dict(target=torch.full((3, 5), -1)), IndexError, "target holds the id -1"),
    (dict(target=torch.zeros(2, 5, dtype=torch.long)), ValueError, r"as many rows: got \(3, 7\) and \(2, 5\)"),
])  # fmt: skip
def test_ids_name_what_is_wrong(changed, error, words):
    for call in (model(), model().attentions):
        with pytest.raises(error, match=words):
            call(**{**good(), **changed})


def test_padding_in_the_wrong_place_is_named():
    mine = model(pad_id=PAD)
    source, target = batch()
    empty, left = source.clone(), target.clone()
    empty[1], left[2, 0] = PAD, PAD
    with pytest.raises(ValueError, match="sentence 1 is nothing but padding"):
        mine(empty, target)
    with pytest.raises(ValueError, match="target: row 2 begins with padding"):
        mine(source, left)


@pytest.mark.parametrize("changed, error, words", [
    (dict(start_id=17), IndexError, "start_id=17 is not in the vocabulary"),
    (dict(start_id="go"), TypeError, "start_id must be a whole number"),
    (dict(stop_id=-1), IndexError, "stop_id=-1 is not in the vocabulary"),
    (dict(max_new_tokens=0), ValueError, "max_new_tokens must be at least 1"),
    (dict(start_id=PAD), ValueError, "must not be the padding"),
    (dict(stop_id=PAD), ValueError, "must not be the padding"),
    (dict(source=torch.zeros(3)), TypeError, "source must hold whole numbers"),
])  # fmt: skip
def test_greedy_names_what_is_wrong(changed, error, words):
    asked = dict(source=batch()[0], start_id=START, stop_id=STOP, max_new_tokens=3)
    with pytest.raises(error, match=words):
        model(pad_id=PAD).greedy(**{**asked, **changed})


def test_lengths_beyond_any_seen_are_fine():
    """Sine and cosine have no last position."""
    mine = model()
    source, target = (torch.randint(17, (1, length)) for length in (90, 70))
    assert mine(source, target).shape == (1, 70, 17)


def test_int32_ids_are_welcome():
    mine = model()
    source, target = batch()
    pairs = itertools.product((source, source.int()), (target, target.int()))
    assert all(torch.equal(mine(a, b), mine(source, target)) for a, b in pairs)
