"""Numbers: how many primes there are up to each of some bounds."""

from bisect import bisect_right
from random import Random

from tests.benchmarks.problems.shape import Shape

STATEMENT = "Given q bounds, print for each how many primes are not above it."
PYTHON = """\
from itertools import accumulate


def main():
    bounds = [int(input()) for _ in range(int(input()))]
    top = max(bounds)
    is_prime = bytearray([1]) * (top + 1)
    is_prime[:2] = bytes(min(2, top + 1))
    for i in range(2, int(top**0.5) + 1):
        if is_prime[i]:
            is_prime[i * i :: i] = bytes(len(range(i * i, top + 1, i)))
    below = list(accumulate(is_prime))
    for bound in bounds:
        print(below[bound])


main()
"""
CPP = """\
#include <bits/stdc++.h>
using namespace std;
int main() {
    int q;
    cin >> q;
    vector<int> bounds(q);
    for (int& bound : bounds) cin >> bound;
    int top = *max_element(bounds.begin(), bounds.end());
    vector<int> below(top + 2, 1);
    below[0] = below[1] = 0;
    for (long long i = 2; i * i <= top; i++) if (below[i]) for (long long j = i * i; j <= top; j += i) below[j] = 0;
    partial_sum(below.begin(), below.end(), below.begin());
    for (int bound : bounds) cout << below[bound] << '\\n';
}
"""
NODE = """\
const [q, ...bounds] = require('fs').readFileSync(0, 'utf8').trim().split(/\\s+/).map(Number);
const top = Math.max(...bounds);
const below = new Int32Array(top + 2).fill(1);
below[0] = below[1] = 0;
for (let i = 2; i * i <= top; i++) if (below[i]) for (let j = i * i; j <= top; j += i) below[j] = 0;
for (let i = 1; i <= top; i++) below[i] += below[i - 1];
console.log(bounds.map(bound => below[bound]).join('\\n'));
"""


def make(generator: Random, size: int) -> str:
    bounds = [generator.randint(1, size) for _ in range(min(size, 100))] + [size]
    return f"{len(bounds)}\n" + "".join(f"{bound}\n" for bound in bounds)


def answer(stdin: str) -> str:
    """By dividing each number by the primes before it."""
    bounds = [int(line) for line in stdin.split()[1:]]
    primes = list[int]()
    for number in range(2, max(bounds) + 1):
        for prime in primes:
            if prime * prime > number:
                primes.append(number)
                break
            if number % prime == 0:
                break
        else:
            primes.append(number)
    return "".join(f"{bisect_right(primes, bound)}\n" for bound in bounds)


SHAPE = Shape(
    "primes",
    STATEMENT,
    500_000,
    make,
    answer,
    {"python": PYTHON, "pypy": PYTHON, "cpp": CPP, "javascript": NODE},
    PYTHON.replace("range(2, int(top**0.5) + 1)", "range(2, max(2, int(top**0.5) // 2))").replace(
        "is_prime[:2] = bytes(min(2, top + 1))", "is_prime[0] = 0"
    ),
)
