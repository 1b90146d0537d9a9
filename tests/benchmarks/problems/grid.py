"""Graphs without weights: the steps through a labyrinth."""

from random import Random

from tests.benchmarks.problems.shape import Shape

STATEMENT = "Given a grid of . and #, print the fewest steps from the upper left corner to the lower right one, or -1."
PYTHON = """\
import sys
from collections import deque


def main():
    rows = sys.stdin.read().split()
    height, width = len(rows), len(rows[0])
    steps = [[-1] * width for _ in range(height)]
    steps[0][0] = 0
    queue = deque([(0, 0)])
    while queue:
        y, x = queue.popleft()
        for dy, dx in ((0, 1), (1, 0), (0, -1), (-1, 0)):
            b, a = y + dy, x + dx
            if 0 <= b < height and 0 <= a < width and rows[b][a] == "." and steps[b][a] < 0:
                steps[b][a] = steps[y][x] + 1
                queue.append((b, a))
    print(steps[-1][-1])


main()
"""
CPP = """\
#include <bits/stdc++.h>
using namespace std;
int main() {
    vector<string> rows;
    string row;
    while (cin >> row) rows.push_back(row);
    int height = rows.size(), width = rows[0].size();
    vector<int> steps(height * width, -1), queue{0};
    steps[0] = 0;
    for (size_t i = 0; i < queue.size(); i++) {
        int y = queue[i] / width, x = queue[i] % width;
        const int dy[] = {0, 1, 0, -1}, dx[] = {1, 0, -1, 0};
        for (int d = 0; d < 4; d++) {
            int b = y + dy[d], a = x + dx[d];
            if (b < 0 || a < 0 || b >= height || a >= width || rows[b][a] != '.' || steps[b * width + a] >= 0) continue;
            steps[b * width + a] = steps[queue[i]] + 1;
            queue.push_back(b * width + a);
        }
    }
    cout << steps.back() << endl;
}
"""


def make(generator: Random, size: int) -> str:
    """A square with a quarter of it blocked, and a way along its edge now and then."""
    side = max(2, int(size**0.5))
    cells = [["#" if generator.random() < 0.25 else "." for _ in range(side)] for _ in range(side)]
    if generator.random() < 0.8:
        for place in range(side):
            cells[0][place] = cells[place][-1] = "."
    cells[0][0] = cells[-1][-1] = "."
    return "".join("".join(row) + "\n" for row in cells)


def answer(stdin: str) -> str:
    """Wave after wave, with sets of complex numbers."""
    rows = stdin.split()
    free = {complex(x, y) for y, row in enumerate(rows) for x, cell in enumerate(row) if cell == "."}
    goal = complex(len(rows[0]) - 1, len(rows) - 1)
    wave, steps = {0j}, 0
    while wave:
        if goal in wave:
            return f"{steps}\n"
        free -= wave
        wave = {place + step for place in wave for step in (1, -1, 1j, -1j)} & free
        steps += 1
    return "-1\n"


SHAPE = Shape(
    "grid",
    STATEMENT,
    160_000,
    make,
    answer,
    {"python": PYTHON, "pypy": PYTHON, "cpp": CPP},
    PYTHON.replace("print(steps[-1][-1])", "print(height + width - 1)"),
)
