extern scanf, printf
global main

section .data
scan: db "%ld", 0
print: db "%ld", 10, 0

section .bss
n: resq 1

section .text
main:
    sub rsp, 8
    lea rdi, [rel scan]
    lea rsi, [rel n]
    xor eax, eax
    call scanf
    mov rsi, [rel n]
    imul rsi, rsi
    lea rdi, [rel print]
    xor eax, eax
    call printf
    xor eax, eax
    add rsp, 8
    ret
