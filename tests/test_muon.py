"""`shared.muon` against the singular value decomposition, against itself in other layouts, and against steps by hand."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from shared.muon import Muon, orthogonalize

seeds = st.integers(0, 2**31)
LOW, HIGH = 0.65, 1.25  # five rounds of the quintic bring singular values between 0.01 and 1 here


def matrix_with(values: torch.Tensor, rows: int, columns: int) -> tuple[torch.Tensor, torch.Tensor]:
    """A matrix with the given singular values, and the orthogonal U Vᵀ that belongs to it; float64."""
    u = torch.linalg.qr(torch.randn(rows, len(values), dtype=torch.float64)).Q
    v = torch.linalg.qr(torch.randn(columns, len(values), dtype=torch.float64)).Q
    return u @ torch.diag(values) @ v.T, u @ v.T


def wishes(*shapes: tuple[int, int]) -> list[torch.nn.Parameter]:
    """Parameters that have a gradient."""
    parameters = [torch.nn.Parameter(torch.randn(*shape)) for shape in shapes]
    for p in parameters:
        p.grad = torch.randn_like(p)
    return parameters


# --- orthogonalize ----------------------------------------------------------------------------------------------------


@given(sizes=st.tuples(st.integers(1, 40), st.integers(1, 40)), least=st.floats(0.02, 1), scale=st.floats(1e-3, 1e3), seed=seeds)
def test_keeps_the_directions_and_levels_the_strengths(sizes, least, scale, seed):
    rows, columns = sizes
    torch.manual_seed(seed)
    rank = min(rows, columns)
    values = torch.rand(rank, dtype=torch.float64) * (1 - least) + least
    # divided by the norm of the whole, as the iteration does first, a value must not fall below 0.01
    values = values.clamp_min(0.011 * float(values.norm()))
    matrix, ideal = matrix_with(values, rows, columns)
    result = orthogonalize(matrix * scale)
    # what remains of U Vᵀ in the result: U ᵀ R V is diagonal, and its diagonal lies in the band
    u, _, vt = torch.linalg.svd(matrix, full_matrices=False)
    inside = u.T @ result @ vt.T
    assert ((inside.diagonal() > LOW) & (inside.diagonal() < HIGH)).all(), inside.diagonal()
    torch.testing.assert_close(inside, torch.diag(inside.diagonal()), rtol=0, atol=1e-8)
    assert (torch.linalg.svdvals(result - ideal) < 1 - LOW + 1e-8).all()


def test_many_matrices_at_once_are_each_done_alone():
    torch.manual_seed(0)
    stack = torch.randn(2, 3, 5, 9, dtype=torch.float64)
    result = orthogonalize(stack)
    for i in range(2):
        for j in range(3):
            torch.testing.assert_close(result[i, j], orthogonalize(stack[i, j]))


def test_a_turned_matrix_gives_the_turned_result():
    torch.manual_seed(0)
    matrix = torch.randn(7, 12, dtype=torch.float64)
    torch.testing.assert_close(orthogonalize(matrix.T), orthogonalize(matrix).T)


def test_no_gradient_is_no_direction():
    assert orthogonalize(torch.zeros(3, 4)).abs().max() == 0


def test_one_row_is_no_matrix():
    with pytest.raises(ValueError, match=r"two axes, got shape \(4,\)"):
        orthogonalize(torch.ones(4))


# --- the optimizer ----------------------------------------------------------------------------------------------------


def test_first_steps_by_hand():
    torch.manual_seed(0)
    p = torch.nn.Parameter(torch.randn(6, 3, dtype=torch.float64))
    optimizer = Muon([p], lr=0.1, momentum=0.95, weight_decay=0.2)
    by_hand, average = p.detach().clone(), torch.zeros(6, 3, dtype=torch.float64)
    for step in (1, 2, 3):
        p.grad = torch.randn(6, 3, dtype=torch.float64)
        momentum = 0.85 + 0.10 * step / 100
        average = momentum * average + (1 - momentum) * p.grad
        ahead = (1 - momentum) * p.grad + momentum * average
        by_hand = by_hand * (1 - 0.1 * 0.2) - 0.1 * 2**0.5 * orthogonalize(ahead)  # √(6 / 3): twice as tall as wide
        optimizer.step()
        torch.testing.assert_close(p.detach(), by_hand)


def test_momentum_stops_rising_after_100_steps():
    p = torch.nn.Parameter(torch.eye(2))
    optimizer = Muon([p], momentum=0.9)
    for _ in range(130):
        p.grad = torch.eye(2)
        optimizer.step()
    before = optimizer.state[p]["average"].clone()
    p.grad = torch.zeros(2, 2)
    optimizer.step()
    torch.testing.assert_close(optimizer.state[p]["average"], 0.9 * before)


def test_decay_is_apart_from_the_gradient():
    p = torch.nn.Parameter(torch.full((2, 3), 4.0))
    p.grad = torch.zeros(2, 3)
    Muon([p], lr=0.5, weight_decay=0.1).step()
    torch.testing.assert_close(p.detach(), torch.full((2, 3), 4.0 * 0.95))


def test_every_direction_steps_equally_far():
    torch.manual_seed(0)
    (p,) = wishes((8, 8))
    before = p.detach().clone()
    Muon([p], lr=0.01).step()
    lengths = torch.linalg.svdvals(before - p.detach()) / 0.01
    assert lengths[0] < HIGH and (lengths > LOW).sum() >= 7  # the weakest of a random matrix may lie below the band
    assert torch.linalg.cond(p.grad) > 10


@pytest.mark.parametrize("parts", [3, (4, 4, 4), (6, 3, 3)])
def test_parts_equal_separate_matrices(parts):
    torch.manual_seed(0)
    rows = [4, 4, 4] if parts == 3 else list(parts)
    (fused,) = wishes((12, 5))
    alone = [torch.nn.Parameter(piece.clone()) for piece in fused.detach().split(rows)]
    together, apart = Muon([fused], parts=parts, weight_decay=0.1), Muon(alone, weight_decay=0.1)
    for _ in range(3):
        fused.grad = torch.randn(12, 5)
        for p, gradient in zip(alone, fused.grad.split(rows)):
            p.grad = gradient.clone()
        together.step()
        apart.step()
    torch.testing.assert_close(fused.detach(), torch.cat([p.detach() for p in alone]))


@pytest.mark.parametrize("parts", [1, 3, (6, 3, 3)])
def test_turned_equals_the_transpose(parts):
    torch.manual_seed(0)
    (straight,) = wishes((12, 5))
    turned = torch.nn.Parameter(straight.detach().T.clone())
    one, other = Muon([straight], parts=parts), Muon([turned], parts=parts, turned=True)
    for _ in range(3):
        straight.grad = torch.randn(12, 5)
        turned.grad = straight.grad.T.clone()
        one.step()
        other.step()
    torch.testing.assert_close(straight.detach(), turned.detach().T)


def test_shapes_mixed_in_one_group_do_not_mix_steps():
    torch.manual_seed(0)
    shapes = [(4, 4), (8, 4), (4, 4), (4, 8)]
    together = wishes(*shapes)
    alone = [torch.nn.Parameter(p.detach().clone()) for p in together]
    for p, q in zip(together, alone):
        q.grad = p.grad.clone()
    Muon(together).step()
    for q in alone:
        Muon([q]).step()
    for p, q in zip(together, alone):
        torch.testing.assert_close(p.detach(), q.detach())


def test_groups_have_settings_of_their_own_and_no_gradient_means_no_step():
    torch.manual_seed(0)
    slow, fast, still = wishes((3, 3), (3, 3), (3, 3))
    with torch.no_grad():
        fast.copy_(slow)
    fast.grad = slow.grad.clone()
    still.grad = None
    before, rest = slow.detach().clone(), still.detach().clone()
    Muon([{"params": [slow], "lr": 0.01}, {"params": [fast, still], "lr": 0.02}]).step()
    torch.testing.assert_close(before - fast.detach(), 2 * (before - slow.detach()))
    assert torch.equal(still, rest)


def test_finds_the_bottom_of_a_valley_that_stretches_a_thousandfold():
    torch.manual_seed(0)
    stretch = torch.logspace(0, -3, 6, dtype=torch.float64)
    goal = torch.randn(6, 6, dtype=torch.float64)
    p = torch.nn.Parameter(torch.zeros(6, 6, dtype=torch.float64))
    optimizer = Muon([p], lr=0.05)
    for step in range(300):
        optimizer.param_groups[0]["lr"] = 0.1 * (1 - step / 300)
        optimizer.zero_grad()
        (stretch * (p - goal).square()).sum().backward()
        optimizer.step()
    assert (p.detach() - goal).abs().max() < 0.1


@pytest.mark.parametrize(
    ("shape", "settings", "says"),
    [
        ((4,), {}, "takes matrices"),
        ((2, 3, 4), {}, "takes matrices"),
        ((4, 4), {"parts": 3}, "parts=3"),
        ((4, 4), {"parts": 0}, "parts=0"),
        ((4, 4), {"parts": (3, 2)}, r"parts=\(3, 2\)"),
        ((4, 4), {"parts": (4, 0)}, r"parts=\(4, 0\)"),
        ((4, 3), {"parts": 2, "turned": True}, "parts=2"),
    ],
)
def test_what_cannot_be_cut_is_refused_at_once(shape, settings, says):
    with pytest.raises(ValueError, match=says):
        Muon([torch.nn.Parameter(torch.zeros(*shape))], **settings)
