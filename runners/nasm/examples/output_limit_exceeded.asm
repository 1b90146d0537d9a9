global _start

section .data
line: times 1023 db "x"
    db 10

section .text
_start:
    mov eax, 1
    mov edi, 1
    lea rsi, [rel line]
    mov edx, 1024
    syscall
    jmp _start
