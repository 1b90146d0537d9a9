#lang racket/base
(define n 0)
(let loop () (set! n (bitwise-and (add1 n) 1023)) (loop))
