program squares
  implicit none
  integer(8) :: n
  read *, n
  print '(i0)', n * n
end program squares
