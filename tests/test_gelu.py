"""GELU against torch's own: values, slopes, and what it keeps for the way back."""

import pytest
import torch
import torch.nn.functional as F

from shared.gelu import gelu


def torch_gelu(x):
    return F.gelu(x, approximate="tanh")


@pytest.mark.parametrize("shape", [(), (1,), (0, 3), (2, 5, 7), (3, 1000)])
def test_value_and_slope_are_those_of_torch(shape):
    torch.manual_seed(0)
    x = (4 * torch.randn(shape)).requires_grad_()
    gradient = torch.randn(shape)
    (mine,) = torch.autograd.grad(gelu(x), x, gradient)
    (theirs,) = torch.autograd.grad(torch_gelu(x), x, gradient)
    torch.testing.assert_close(gelu(x), torch_gelu(x), atol=1e-6, rtol=1e-5)
    torch.testing.assert_close(mine, theirs, atol=2e-6, rtol=1e-5)


def test_slope_is_that_of_finite_differences():
    x = torch.linspace(-6, 6, 97, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(gelu, (x,))


def test_far_out_it_is_the_number_itself_or_nothing():
    x = torch.tensor([-1e4, -60.0, 60.0, 1e4], requires_grad=True)
    (slope,) = torch.autograd.grad(gelu(x).sum(), x)
    assert gelu(x).tolist() == [0.0, 0.0, 60.0, 1e4] and slope.tolist() == [0.0, 0.0, 1.0, 1.0]


def test_the_input_is_left_alone_also_where_its_rows_lie_apart():
    x = torch.randn(6, 8).t()[::2].requires_grad_()
    before = x.detach().clone()
    (slope,) = torch.autograd.grad(gelu(x).sum(), x)
    assert torch.equal(x, before)
    (theirs,) = torch.autograd.grad(torch_gelu(x).sum(), x)
    torch.testing.assert_close(slope, theirs, atol=1e-6, rtol=1e-5)


def test_one_tensor_is_kept_for_the_way_back_as_torch_keeps_one():
    kept = []
    with torch.autograd.graph.saved_tensors_hooks(lambda t: kept.append(t.numel()) or t, lambda t: t):
        gelu(torch.randn(3, 4, requires_grad=True))
    assert kept == [12]


def test_without_training_it_is_torch_itself():
    x = torch.randn(100)
    assert torch.equal(gelu(x), torch_gelu(x))
    with torch.no_grad():
        assert torch.equal(gelu(x.requires_grad_()), torch_gelu(x))


def test_under_bfloat16_it_stays_near():
    x = torch.randn(1000).bfloat16().requires_grad_()
    (slope,) = torch.autograd.grad(gelu(x).sum(), x)
    (theirs,) = torch.autograd.grad(torch_gelu(x).sum(), x)
    assert slope.dtype == torch.bfloat16
    torch.testing.assert_close(slope, theirs, atol=0.03, rtol=0.02)


def test_a_second_derivative_is_an_error_and_not_a_wrong_number():
    x = torch.randn(3, requires_grad=True)
    (slope,) = torch.autograd.grad((gelu(x) ** 2).sum(), x, create_graph=True)
    with pytest.raises(RuntimeError, match="once_differentiable"):
        slope.sum().backward()


def test_the_way_back_may_be_walked_more_than_once():
    x, w = torch.randn(50, requires_grad=True), torch.randn(50)
    y = (gelu(x) * w).sum()
    (theirs,) = torch.autograd.grad((torch_gelu(x) * w).sum(), x)
    for again in (True, True, False):
        (mine,) = torch.autograd.grad(y, x, retain_graph=again)
        torch.testing.assert_close(mine, theirs, atol=1e-6, rtol=1e-5)


def test_the_gradient_that_comes_in_is_left_alone():
    x, gradient = torch.randn(50, requires_grad=True), torch.randn(50)
    before = gradient.clone()
    torch.autograd.grad(gelu(x), x, gradient)
    assert torch.equal(gradient, before)
