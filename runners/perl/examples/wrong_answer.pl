my $n = <STDIN>;
print $n + $n, "\n";
