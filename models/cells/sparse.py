"""Matrices of parameters: whole, or only where there is a synapse."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

Bool = NDArray[np.bool_]


class DenseMatrix(nn.Module):
    """initial: (rows, columns)"""

    def __init__(self, initial: Tensor) -> None:
        super().__init__()
        self.weight = nn.Parameter(initial)

    def matrix(self) -> Tensor:
        """(rows, columns)"""
        return self.weight


class SparseMatrix(nn.Module):
    """A matrix whose parameters are its existing entries only, row by row.

    mask: (rows, columns), where there is an entry; initial: (entries,)
    """

    row: Tensor
    column: Tensor

    def __init__(self, mask: Bool, initial: Tensor) -> None:
        super().__init__()
        self.shape = mask.shape
        row, column = (torch.from_numpy(index.astype(np.int64)) for index in np.nonzero(mask))
        self.register_buffer("row", row, persistent=False)
        self.register_buffer("column", column, persistent=False)
        self.weight = nn.Parameter(initial)

    def matrix(self) -> Tensor:
        """(rows, columns), 0 where there is no entry."""
        return self.weight.new_zeros(self.shape).index_put((self.row, self.column), self.weight)

    def fill(self, matrix: Tensor) -> None:
        """Take the entries over from a matrix of the same shape."""
        with torch.no_grad():
            self.weight.copy_(matrix[self.row, self.column])
