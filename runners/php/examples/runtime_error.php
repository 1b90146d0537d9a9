<?php
$n = (int) trim(fgets(STDIN));
echo $n * $n, "\n";
throw new RuntimeException("after the right answer");
