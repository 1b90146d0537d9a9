"""Dynamic programming: the fewest coins for an amount."""

from random import Random

from tests.benchmarks.problems.shape import Shape

STATEMENT = "Given an amount and the values of some kinds of coins, print the fewest coins that make it, or -1."
PYTHON = """\
def main():
    amount = int(input())
    coins = list(map(int, input().split()))
    many = amount + 1
    fewest = [0] + [many] * amount
    for coin in coins:
        for i in range(coin, amount + 1):
            if fewest[i - coin] + 1 < fewest[i]:
                fewest[i] = fewest[i - coin] + 1
    print(fewest[amount] if fewest[amount] < many else -1)

main()
"""
CPP = """\
#include <bits/stdc++.h>
using namespace std;
int main() {
    int amount, coin;
    cin >> amount;
    vector<int> fewest(amount + 1, amount + 1);
    fewest[0] = 0;
    while (cin >> coin) for (int i = coin; i <= amount; i++) fewest[i] = min(fewest[i], fewest[i - coin] + 1);
    cout << (fewest[amount] <= amount ? fewest[amount] : -1) << endl;
}
"""
GREEDY = """\
amount = int(input())
used = 0
for coin in sorted(map(int, input().split()), reverse=True):
    used += amount // coin
    amount %= coin
print(used if amount == 0 else -1)
"""


def make(generator: Random, size: int) -> str:
    """With one coin just under twice another, so that the greedy program fails on a multiple of the smaller."""
    coin = generator.randint(7, 40)
    amount = max(size // coin, 2) * 2 * coin
    coins = sorted({coin, 2 * coin - 1, 2 * coin, *generator.sample(range(41, 97), 5)})
    wanted = coin * 2 if size < 4 * coin else amount
    return f"{wanted}\n{' '.join(map(str, [c for c in coins if c != 2 * coin]))}\n"


def answer(stdin: str) -> str:
    """Breadth first over the amounts that so many coins can make."""
    first, second = stdin.splitlines()
    amount, coins = int(first), [int(coin) for coin in second.split()]
    reached, used = 1, 0  # bit i: the amount i can be made
    seen = reached
    while not reached >> amount & 1:
        more = 0
        for coin in coins:
            more |= reached << coin
        reached = more & ((1 << amount + 1) - 1) & ~seen
        seen |= reached
        used += 1
        if not reached:
            return "-1\n"
    return f"{used}\n"


SHAPE = Shape(
    "change",
    STATEMENT,
    400_000,
    make,
    answer,
    {"python": PYTHON, "pypy": PYTHON, "cpp": CPP},
    GREEDY,
)
