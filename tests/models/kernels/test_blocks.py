"""Batches become blocks of lanes and come back."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch

from models.kernels import blocks
from models.kernels.blocks import pack, samples, unpack


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize(("batch", "width"), [(21, 8), (21, 16), (32, 16), (3, 8)])
def test_packing_is_undone_by_unpacking(batch: int, width: int, dtype: torch.dtype):
    x = torch.randn(batch, 3, 9, dtype=dtype)
    lanes = pack(x, width)
    blocks = -(-batch // width)
    assert lanes.shape == (blocks * 27, width)
    padded = torch.cat([x, x.new_zeros(blocks * width - batch, 3, 9)])
    expected = padded.view(blocks, width, 27).transpose(1, 2).reshape(-1, width)
    assert torch.equal(torch.from_numpy(lanes), expected)
    assert torch.equal(unpack(lanes, batch, 3, 9), x)


def test_a_batch_that_lies_elsewhere_in_memory_is_packed_alike():
    x = torch.randn(5, 1, 9).expand(5, 4, 9)
    assert torch.equal(unpack(pack(x, 8), 5, 4, 9), x)


def test_some_steps_and_rows_are_taken_out():
    x = torch.randn(21, 6, 19)
    lanes = pack(x, 16).reshape(2, 6, 19, 16)
    assert torch.equal(samples(lanes, 21, (1, 5), (2, 19)), x[:, 1:5, 2:])


def test_what_is_taken_out_shares_no_memory_with_the_lanes():
    lanes = pack(torch.randn(8, 1, 1), 8)
    taken = samples(lanes.reshape(1, 1, 1, 8), 8, (0, 1), (0, 1)), unpack(lanes, 8, 1, 1)
    before = lanes.copy()
    for values in taken:
        values.zero_()
    assert (lanes == before).all()


@pytest.mark.parametrize("batch", [8, 21])
def test_every_so_manieth_step_is_taken_out(batch: int):
    x = torch.randn(batch, 7, 9)
    lanes = pack(x, 8).reshape(-1, 7, 9, 8)
    assert torch.equal(samples(lanes, batch, (1, 7), (0, 9), 3), x[:, 1:7:3])


def test_many_numbers_are_turned_by_several_threads_alike():
    x = torch.randn(40, 50, 40)
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(3)
        assert torch.equal(unpack(pack(x, 8), 40, 50, 40), x)
    finally:
        torch.set_num_threads(before)


@pytest.mark.parametrize("make", [blocks.zeros, blocks.empty])
def test_lanes_begin_where_a_cache_line_does(make: Callable[..., np.ndarray]):
    for rows in range(1, 9):
        lanes = make((rows, 8), np.float32)
        assert lanes.ctypes.data % 64 == 0
        assert lanes.shape == (rows, 8) and lanes.dtype == np.float32
    assert not blocks.zeros((3, 8), np.float64).any()
    assert make((0, 8), np.float32).shape == (0, 8)
