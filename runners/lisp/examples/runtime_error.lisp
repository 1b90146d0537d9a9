(let ((n (read)))
  (format t "~d~%" (* n n))
  (error "after the right answer"))
