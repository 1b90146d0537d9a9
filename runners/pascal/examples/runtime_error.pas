program Squares;
var
  n: Int64;
begin
  ReadLn(n);
  WriteLn(n * n);
  Halt(1);
end.
