(loop (format t "~a~%" (make-string 1000 :initial-element #\x)))
