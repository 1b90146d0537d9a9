extern malloc, memset
global main

section .text
main:
    sub rsp, 8
.more:
    mov edi, 1048576
    call malloc
    mov rdi, rax
    mov esi, 1
    mov edx, 1048576
    call memset
    jmp .more
