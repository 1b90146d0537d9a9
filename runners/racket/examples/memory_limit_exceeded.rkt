#lang racket/base
(let loop ([kept '()]) (loop (cons (make-bytes (expt 2 20) 1) kept)))
