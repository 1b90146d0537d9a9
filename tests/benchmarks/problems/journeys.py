"""Graphs with weights: the shortest way from the first town to the last."""

import heapq
from random import Random

from tests.benchmarks.problems.shape import Shape

STATEMENT = "Given n towns and m roads with lengths, print the length of the shortest way from town 1 to town n."
PYTHON = """\
import sys
from heapq import heappop, heappush


def main():
    data = list(map(int, sys.stdin.buffer.read().split()))
    n, m = data[0], data[1]
    roads = [[] for _ in range(n + 1)]
    for i in range(2, 2 + 3 * m, 3):
        a, b, length = data[i : i + 3]
        roads[a].append((b, length))
        roads[b].append((a, length))
    best = [10**18] * (n + 1)
    best[1] = 0
    heap = [(0, 1)]
    while heap:
        way, town = heappop(heap)
        if way > best[town]:
            continue
        for other, length in roads[town]:
            if way + length < best[other]:
                best[other] = way + length
                heappush(heap, (way + length, other))
    print(best[n])


main()
"""
CPP = """\
#include <bits/stdc++.h>
using namespace std;
int main() {
    int n, m;
    scanf("%d %d", &n, &m);
    vector<vector<pair<int, int>>> roads(n + 1);
    for (int i = 0, a, b, l; i < m; i++) {
        scanf("%d %d %d", &a, &b, &l);
        roads[a].push_back({b, l});
        roads[b].push_back({a, l});
    }
    vector<long long> best(n + 1, LLONG_MAX);
    priority_queue<pair<long long, int>, vector<pair<long long, int>>, greater<>> heap;
    heap.push({best[1] = 0, 1});
    while (!heap.empty()) {
        auto [way, town] = heap.top();
        heap.pop();
        if (way > best[town]) continue;
        for (auto [other, l] : roads[town]) if (way + l < best[other]) heap.push({best[other] = way + l, other});
    }
    printf("%lld\\n", best[n]);
}
"""
JAVA = """\
import java.io.*;
import java.util.*;

public class Main {
    public static void main(String[] arguments) throws IOException {
        StreamTokenizer in = new StreamTokenizer(new BufferedInputStream(System.in));
        in.nextToken(); int n = (int) in.nval;
        in.nextToken(); int m = (int) in.nval;
        List<List<int[]>> roads = new ArrayList<>();
        for (int i = 0; i <= n; i++) roads.add(new ArrayList<>());
        for (int i = 0; i < m; i++) {
            in.nextToken(); int a = (int) in.nval;
            in.nextToken(); int b = (int) in.nval;
            in.nextToken(); int length = (int) in.nval;
            roads.get(a).add(new int[] {b, length});
            roads.get(b).add(new int[] {a, length});
        }
        long[] best = new long[n + 1];
        Arrays.fill(best, Long.MAX_VALUE);
        best[1] = 0;
        PriorityQueue<long[]> heap = new PriorityQueue<>((x, y) -> Long.compare(x[0], y[0]));
        heap.add(new long[] {0, 1});
        while (!heap.isEmpty()) {
            long[] top = heap.poll();
            if (top[0] > best[(int) top[1]]) continue;
            for (int[] road : roads.get((int) top[1])) {
                long way = top[0] + road[1];
                if (way < best[road[0]]) { best[road[0]] = way; heap.add(new long[] {way, road[0]}); }
            }
        }
        System.out.println(best[n]);
    }
}
"""
BREADTH_FIRST = """\
import sys
from collections import deque

data = list(map(int, sys.stdin.buffer.read().split()))
n, m = data[0], data[1]
roads = [[] for _ in range(n + 1)]
for i in range(2, 2 + 3 * m, 3):
    roads[data[i]].append((data[i + 1], data[i + 2]))
best = {1: 0}
queue = deque([1])
while queue:
    town = queue.popleft()
    for other, length in roads[town]:
        if other not in best:
            best[other] = best[town] + length
            queue.append(other)
print(best.get(n, -1) + 1)
"""


def make(generator: Random, size: int) -> str:
    """A chain, so that there is a way, and as many roads again."""
    roads = [(town, town + 1, generator.randint(1, 1000)) for town in range(1, size)]
    for _ in range(size):
        start = generator.randint(1, size)
        near = min(size, max(1, start + generator.randint(-9, 9)))
        roads.append((start, near, generator.randint(1, 3000)))
    generator.shuffle(roads)
    return f"{size} {len(roads)}\n" + "".join(f"{a} {b} {length}\n" for a, b, length in roads)


def answer(stdin: str) -> str:
    """Backwards from the last town, each town settled once."""
    head, *lines = stdin.splitlines()
    goal = int(head.split()[0])
    near: dict[int, list[tuple[int, int]]] = {}
    for line in lines:
        a, b, length = map(int, line.split())
        near.setdefault(a, []).append((length, b))
        near.setdefault(b, []).append((length, a))
    settled = dict[int, int]()
    ahead = [(0, goal)]
    while 1 not in settled:
        way, town = heapq.heappop(ahead)
        if town not in settled:
            settled[town] = way
            for length, other in near[town]:
                heapq.heappush(ahead, (way + length, other))
    return f"{settled[1]}\n"


SHAPE = Shape(
    "journeys",
    STATEMENT,
    40_000,
    make,
    answer,
    {"python": PYTHON, "pypy": PYTHON, "cpp": CPP, "java": JAVA},
    BREADTH_FIRST,
)
