program squares
  implicit none
  type block
    integer(8), allocatable :: numbers(:)
  end type block
  type(block) :: kept(100000)
  integer :: i
  do i = 1, size(kept)
    allocate (kept(i)%numbers(131072))
    kept(i)%numbers = i
  end do
  print *, kept(1)%numbers(1)
end program squares
