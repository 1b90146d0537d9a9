const kept: number[][] = [];
while (true) kept.push(new Array<number>(1 << 17).fill(kept.length));
