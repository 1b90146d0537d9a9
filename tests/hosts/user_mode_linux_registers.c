// For User-mode Linux on processors with more register state than its kernel saves, such as AMX: the host's kernel takes
// that state whole or not at all. What the guest does not know of stays as it is.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <elf.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>

typedef long (*ptrace_function)(enum __ptrace_request, int, void *, void *);

static char whole[1 << 16];

long ptrace(enum __ptrace_request request, ...)
{
    static ptrace_function real;
    if (!real)
        real = (ptrace_function)dlsym(RTLD_NEXT, "ptrace");
    va_list arguments;
    va_start(arguments, request);
    int pid = va_arg(arguments, int);
    void *address = va_arg(arguments, void *), *data = va_arg(arguments, void *);
    va_end(arguments);
    if ((request != PTRACE_GETREGSET && request != PTRACE_SETREGSET) || address != (void *)NT_X86_XSTATE)
        return real(request, pid, address, data);
    struct iovec *guest = data, host = {whole, sizeof whole};
    long got = real(PTRACE_GETREGSET, pid, address, &host);
    if (got < 0)
        return got;
    if (request == PTRACE_SETREGSET) {
        memcpy(whole, guest->iov_base, guest->iov_len < host.iov_len ? guest->iov_len : host.iov_len);
        return real(PTRACE_SETREGSET, pid, address, &host);
    }
    if (guest->iov_len > host.iov_len)
        guest->iov_len = host.iov_len;
    memcpy(guest->iov_base, whole, guest->iov_len);
    return got;
}
