<?php
$n = (int) trim(fgets(STDIN));
echo $n + $n, "\n";
