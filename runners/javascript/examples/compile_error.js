const n = ;
console.log(n * n);
