const n = Number(require("fs").readFileSync(0, "utf8"));
console.log(n * n);
throw new Error("after the right answer");
