program squares
  implicit none
  do
    print '(a)', repeat("x", 1000)
  end do
end program squares
