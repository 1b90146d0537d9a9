"""Sorting: the length that intervals cover together."""

from random import Random

from tests.benchmarks.problems.shape import Shape

STATEMENT = "Given n intervals [a, b) on a line, print the length of what they cover together."
PYTHON = """\
import sys

def main():
    data = list(map(int, sys.stdin.buffer.read().split()))
    intervals = sorted(zip(data[1::2], data[2::2]))
    covered, end = 0, -10**18
    for a, b in intervals:
        if b > end:
            covered += b - max(a, end)
            end = b
    print(covered)

main()
"""
CPP = """\
#include <bits/stdc++.h>
using namespace std;
int main() {
    int n;
    scanf("%d", &n);
    vector<pair<long long, long long>> v(n);
    for (auto& [a, b] : v) scanf("%lld %lld", &a, &b);
    sort(v.begin(), v.end());
    long long covered = 0, end = LLONG_MIN / 2;
    for (auto [a, b] : v) if (b > end) { covered += b - max(a, end); end = b; }
    printf("%lld\\n", covered);
}
"""


def make(generator: Random, size: int) -> str:
    starts = [generator.randint(0, 100 * size) for _ in range(size)]
    return f"{size}\n" + "".join(f"{start} {start + generator.randint(1, 150)}\n" for start in starts)


def answer(stdin: str) -> str:
    """By how many intervals begin and end at each point, rather than by merging."""
    changes = dict[int, int]()
    for line in stdin.splitlines()[1:]:
        start, end = map(int, line.split())
        changes[start] = changes.get(start, 0) + 1
        changes[end] = changes.get(end, 0) - 1
    covered = depth = before = 0
    for point in sorted(changes):
        covered += (point - before) if depth else 0
        depth, before = depth + changes[point], point
    return f"{covered}\n"


SHAPE = Shape(
    "intervals",
    STATEMENT,
    100_000,
    make,
    answer,
    {"python": PYTHON, "pypy": PYTHON, "cpp": CPP},
    PYTHON.replace("b - max(a, end)", "b - a"),
)
