#lang racket/base
(let loop () (displayln (make-string 1000 #\x)) (loop))
