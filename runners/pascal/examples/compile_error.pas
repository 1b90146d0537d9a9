program Squares;
begin
  WriteLn(undeclared);
end.
