"""Prefix sums: the sums of many ranges."""

from itertools import accumulate
from random import Random

from tests.benchmarks.problems.shape import Shape

STATEMENT = "Given n numbers and q pairs l ≤ r, print for each pair the sum of the numbers from the l-th to the r-th."
PYTHON = """\
import sys
from itertools import accumulate


def main():
    data = list(map(int, sys.stdin.buffer.read().split()))
    n, q = data[0], data[1]
    sums = [0, *accumulate(data[2 : 2 + n])]
    pairs = data[2 + n :]
    print("\\n".join(str(sums[pairs[i + 1]] - sums[pairs[i] - 1]) for i in range(0, 2 * q, 2)))


main()
"""
CPP = """\
#include <bits/stdc++.h>
using namespace std;
int main() {
    ios::sync_with_stdio(false);
    cin.tie(nullptr);
    int n, q;
    cin >> n >> q;
    vector<long long> sums(n + 1);
    for (int i = 1; i <= n; i++) { cin >> sums[i]; sums[i] += sums[i - 1]; }
    while (q--) { int l, r; cin >> l >> r; cout << sums[r] - sums[l - 1] << '\\n'; }
}
"""


def make(generator: Random, size: int) -> str:
    numbers = [generator.randint(-(10**9), 10**9) for _ in range(size)]
    pairs = [sorted((generator.randint(1, size), generator.randint(1, size))) for _ in range(size)]
    lines = [f"{size} {size}", " ".join(map(str, numbers)), *(f"{left} {right}" for left, right in pairs)]
    return "\n".join(lines) + "\n"


def answer(stdin: str) -> str:
    head, numbers, *pairs = stdin.splitlines()
    sums = [0, *accumulate(map(int, numbers.split()))]
    asked = [tuple(map(int, pair.split())) for pair in pairs[: int(head.split()[1])]]
    return "".join(f"{sums[right] - sums[left - 1]}\n" for left, right in asked)


SHAPE = Shape(
    "range sums",
    STATEMENT,
    100_000,
    make,
    answer,
    {"python": PYTHON, "pypy": PYTHON, "cpp": CPP},
    PYTHON.replace("- sums[pairs[i] - 1]", "- sums[pairs[i]]"),
)
