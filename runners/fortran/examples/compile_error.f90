program squares
  implicit none
  print *, undeclared
end program squares
