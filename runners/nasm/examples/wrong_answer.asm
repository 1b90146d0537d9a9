; Without a C library: the answer is always 7.
global _start

section .data
answer: db "7", 10

section .text
_start:
    mov eax, 1
    mov edi, 1
    lea rsi, [rel answer]
    mov edx, 2
    syscall
    mov eax, 60
    xor edi, edi
    syscall
