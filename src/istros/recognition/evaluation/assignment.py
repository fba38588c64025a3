"""The cheapest way to give each row a column of its own."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf


def cheapest_pairs(costs: Sequence[Sequence[float]]) -> list[tuple[int, int]]:
    """(row, column) pairs with the least sum of costs; every row of the smaller side gets one. Cost: rows^2 * columns.

    Method: H. W. Kuhn, "The Hungarian method for the assignment problem", 1955, with potentials and one shortest
    augmenting path a row (J. Munkres, 1957; R. Jonker, A. Volgenant, 1987).
    """
    if not costs or not costs[0]:
        return []
    if len(costs) > len(costs[0]):
        turned = [list(column) for column in zip(*costs, strict=True)]
        return sorted((row, column) for column, row in cheapest_pairs(turned))
    search = _Search(costs)
    for row in range(len(costs)):
        search.add(row)
    return sorted((row, column) for column, row in enumerate(search.row_of[:-1]) if row >= 0)


class _Search:
    """Column `len(costs[0])` is a stand-in from which each row's path begins."""

    def __init__(self, costs: Sequence[Sequence[float]]) -> None:
        self._costs = costs
        self._columns = len(costs[0])
        self._row_potential = [0.0] * len(costs)
        self._column_potential = [0.0] * (self._columns + 1)
        self.row_of = [-1] * (self._columns + 1)

    def add(self, row: int) -> None:
        self.row_of[-1] = row
        column, least, way = self._columns, [inf] * self._columns, [self._columns] * self._columns
        done = [False] * (self._columns + 1)
        while self.row_of[column] >= 0:
            done[column] = True
            column = self._nearest(column, least, way, done)
        while column != self._columns:
            self.row_of[column] = self.row_of[way[column]]
            column = way[column]
        self.row_of[-1] = -1

    def _nearest(self, column: int, least: list[float], way: list[int], done: list[bool]) -> int:
        row, best, nearest = self.row_of[column], inf, -1
        for other in range(self._columns):
            if done[other]:
                continue
            reduced = self._costs[row][other] - self._row_potential[row] - self._column_potential[other]
            if reduced < least[other]:
                least[other], way[other] = reduced, column
            if least[other] < best:
                best, nearest = least[other], other
        for other in range(self._columns + 1):
            if done[other]:
                self._row_potential[self.row_of[other]] += best
                self._column_potential[other] -= best
            elif other < self._columns:
                least[other] -= best
        return nearest
