while (TRUE) cat(strrep("x", 1000), "\n")
