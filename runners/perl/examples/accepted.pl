use strict;
use warnings;

my $n = <STDIN>;
print $n * $n, "\n";
