import { readFileSync } from "fs";

const square = (n: number): number => n * n;
console.log(square(Number(readFileSync(0, "utf8"))));
