program Squares;
var
  n: Int64;
begin
  n := 0;
  while True do
    n := n + 1;
end.
