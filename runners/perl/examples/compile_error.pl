use strict;

my $n = <STDIN>;
print $undeclared * $n, "\n";
