n <- as.integer(readLines("stdin", n = 1))
cat(n * n, "\n")
