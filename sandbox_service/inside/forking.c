/* Forks for a zygote, which so leaves its interpreter's memory alone: every page that it or a fork writes to is copied.

   What it does is what forks.py and program.py do in Python, where nobody has compiled this. It needs no header of an
   interpreter; what it calls of CPython's stable interface is found in the process that loads it. */

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MOST_DESCRIPTORS = 16, MESSAGE_BYTES = 1 << 18, MOST_WORDS = 4096, CODE = 3, PAGE_BYTES = 4096 };
enum { FIGURES_AT = 8, TEXT_AT = 64, READY = 1, FAILED = 2 }; /* page.py */
enum { HAS_CODE = 1, HAS_COUNTER = 2, WITH_MEMORY = 4, AS_IT_IS = 8, COMPILES = 16 }; /* orders.py */
enum { COULD_NOT_START = 126, NOT_FOUND = 127 };

struct order { /* orders.py; the words of a command follow it */
    uint64_t cpu_seconds, file_bytes, processes, code_bytes;
    uint32_t flags, arguments, variables, run_at;
} __attribute__((packed));

struct ended { /* forks.py */
    int32_t status;
    double cpu_seconds;
    uint64_t memory_bytes;
    double own_seconds;
} __attribute__((packed));

struct given {
    int descriptors[MOST_DESCRIPTORS];
    int count;
};

enum { WITH_ARGUMENTS = 1 }; /* METH_VARARGS */
struct method { /* PyMethodDef */
    const char *name;
    void *(*call)(void *, void *);
    int flags;
    const char *documentation;
};
extern void *PyBytes_FromStringAndSize(const char *, ssize_t);
extern char *PyBytes_AsString(void *);
extern int PyGC_Enable(void);
extern int PyArg_ParseTuple(void *, const char *, ...);
extern void *PyObject_CallObject(void *, void *);
extern int PyObject_IsTrue(void *);
extern void *PyTuple_Pack(ssize_t, ...);
extern void *PyCFunction_NewEx(struct method *, void *, void *);

static char message[MESSAGE_BYTES];
static ssize_t message_bytes;

/* The next order's size; 0 when the keeper is gone. */
static ssize_t receive(int link, struct given *given)
{
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof given->descriptors)];
    } control;
    struct iovec into = {message, sizeof message};
    struct msghdr about = {.msg_iov = &into, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    ssize_t size;
    do
        size = recvmsg(link, &about, MSG_CMSG_CLOEXEC);
    while (size < 0 && errno == EINTR);
    given->count = 0;
    for (struct cmsghdr *part = CMSG_FIRSTHDR(&about); size > 0 && part; part = CMSG_NXTHDR(&about, part)) {
        size_t bytes = part->cmsg_len - CMSG_LEN(0);
        if (part->cmsg_level == SOL_SOCKET && part->cmsg_type == SCM_RIGHTS) {
            memcpy(given->descriptors, CMSG_DATA(part), bytes);
            given->count = bytes / sizeof(int);
        }
    }
    return size < (ssize_t)sizeof(struct order) ? 0 : size;
}

/* Of this process, or of a fork's one thread: once RLIMIT_CPU is set, the other clock stands still between ticks. */
static double cpu_seconds(clockid_t clock)
{
    struct timespec used;
    clock_gettime(clock, &used);
    return used.tv_sec + used.tv_nsec / 1e9;
}

static double seconds(struct timeval of) { return of.tv_sec + of.tv_usec / 1e6; }

static void fail(volatile char *page, const char *what)
{
    snprintf((char *)page + TEXT_AT, PAGE_BYTES - TEXT_AT, "%s: %s", what, strerror(errno));
    page[0] = FAILED;
    _exit(COULD_NOT_START);
}

/* As far as this process may raise it. */
static int limit(int kind, uint64_t wanted)
{
    struct rlimit now;
    if (getrlimit(kind, &now))
        return -1;
    rlim_t value = now.rlim_max == RLIM_INFINITY || wanted < now.rlim_max ? wanted : now.rlim_max;
    struct rlimit then = {value, value};
    return setrlimit(kind, &then);
}

/* What was used so far is not the program's. */
static void begin_here(char *page, double counted_from)
{
    double before = cpu_seconds(CLOCK_THREAD_CPUTIME_ID) - counted_from;
    memcpy(page + FIGURES_AT, &before, sizeof before);
}

/* Says that the walls stand, and what was used before the program. */
static void ready(char *page, double counted_from, int with_memory)
{
    uint64_t resident_bytes = 0;
    if (with_memory) {
        struct rusage usage;
        getrusage(RUSAGE_SELF, &usage);
        resident_bytes = usage.ru_maxrss * 1024ull;
    }
    begin_here(page, counted_from);
    memcpy(page + FIGURES_AT + sizeof(double), &resident_bytes, sizeof resident_bytes);
    *(volatile char *)page = READY;
}

/* Everything but what only the one or the other kind of program needs. */
static double become(const struct order *order, const struct given *given, char *page, const char *directory,
                     void *confine)
{
    double counted_from = 0;
    int has_code = !!(order->flags & HAS_CODE);
    if (setpgid(0, 0)) /* a session of its own would have the kernel make a group to schedule it by, in each fork */
        fail(page, "setpgid");
    for (int join = CODE + has_code; join < given->count; join++)
        if (write(given->descriptors[join], "0", 1) != 1)
            fail(page, "joining a control group");
    if (order->flags & HAS_COUNTER)
        counted_from = cpu_seconds(CLOCK_THREAD_CPUTIME_ID);
    for (int number = 0; number < CODE + has_code; number++)
        if (number >= given->count || dup2(given->descriptors[number], number) < 0)
            fail(page, "dup2");
    /* The kernel counts CPU for RLIMIT_CPU by ticks, which can be dodged: this is only the second line. */
    if (limit(RLIMIT_CPU, order->cpu_seconds) || limit(RLIMIT_FSIZE, order->file_bytes) ||
        limit(RLIMIT_NPROC, order->processes))
        fail(page, "setrlimit");
    if (confine) {
        void *stands = PyObject_CallObject(confine, NULL);
        if (!stands || !PyObject_IsTrue(stands))
            _exit(COULD_NOT_START); /* it has said why */
    }
    if (chdir(directory))
        fail(page, "chdir");
    if (syscall(SYS_close_range, CODE + has_code, ~0u, 0))
        fail(page, "close_range");
    return counted_from;
}

/* The first of the search path's that can be run, as a shell would find it. */
static const char *found(const char *name, const char *search_path, char *room)
{
    if (strchr(name, '/') || !search_path)
        return name;
    while (*search_path) {
        size_t length = strcspn(search_path, ":");
        if (snprintf(room, PATH_MAX, "%.*s/%s", (int)length, search_path, name) < PATH_MAX && !access(room, X_OK))
            return room;
        search_path += length + (search_path[length] == ':');
    }
    return name;
}

static void start(const struct order *order, char *page, double counted_from)
{
    static char *words[MOST_WORDS + 2], room[PATH_MAX];
    char *word = message + sizeof *order, **variables;
    const char *search_path = NULL;
    if (order->arguments > MOST_WORDS || order->variables > MOST_WORDS - order->arguments) {
        errno = E2BIG;
        fail(page, "execve");
    }
    for (uint32_t each = 0; each < order->arguments; each++, word += strlen(word) + 1)
        words[each] = word;
    words[order->arguments] = NULL;
    variables = words + order->arguments + 1;
    for (uint32_t each = 0; each < order->variables; each++, word += strlen(word) + 1) {
        variables[each] = word;
        if (!strncmp(word, "PATH=", 5))
            search_path = word + 5;
    }
    variables[order->variables] = NULL;
    const char *path = found(words[0], search_path, room);
    signal(SIGPIPE, SIG_DFL); /* exec would hand on that it is ignored */
    signal(SIGXFSZ, SIG_DFL);
    ready(page, counted_from, order->flags & WITH_MEMORY);
    execve(path, words, variables);
    _exit(errno == ENOENT ? NOT_FOUND : COULD_NOT_START);
}

static void tell(int link, int32_t status, const struct rusage *usage)
{
    struct ended ended = {status, seconds(usage->ru_utime) + seconds(usage->ru_stime), usage->ru_maxrss * 1024ull,
                          cpu_seconds(CLOCK_PROCESS_CPUTIME_ID)};
    send(link, &ended, sizeof ended, MSG_NOSIGNAL);
}

/* The code of the program that a fork is to go on with. */
static void *code(const struct order *order)
{
    ssize_t size = order->code_bytes;
    void *bytes = PyBytes_FromStringAndSize(NULL, size);
    if (!bytes || pread(CODE, PyBytes_AsString(bytes), size, 0) != size)
        _exit(COULD_NOT_START);
    close(CODE);
    PyGC_Enable();
    return bytes;
}

/* What ``go_on`` makes of the order. */
static void *made_by(void *go_on)
{
    return PyObject_CallObject(go_on, PyTuple_Pack(1, PyBytes_FromStringAndSize(message, message_bytes)));
}

/* Serves the keeper, and returns only in a fork that is to go on as the warm interpreter: with the code of its program
   where it goes on just as it is, and else with what ``go_on`` makes of the order. */
static void *serve(int link, char *page, const char *directory, void *confine, void *go_on)
{
    struct given given;
    struct rusage nothing = {0};
    tell(link, 0, &nothing); /* what was used until now is of no run */
    while ((message_bytes = receive(link, &given))) {
        const struct order *order = (const struct order *)message;
        /* A fork that is about to start something else borrows the memory: nothing of it is copied then. Where the peak
           of the process is what is known of a run's memory, it would be that of the lender. */
        pid_t pid = order->arguments && !confine && !(order->flags & WITH_MEMORY) ? vfork() : fork();
        if (!pid) {
            double counted_from = become(order, &given, page, directory, confine);
            if (order->arguments)
                start(order, page, counted_from);
            ready(page, counted_from, order->flags & WITH_MEMORY);
            void *program = order->flags & AS_IT_IS ? code(order) : made_by(go_on);
            if (order->flags & COMPILES)
                begin_here(page, counted_from);
            /* Not unmapped: what holds it in the interpreter would find something else there one day. */
            if (mmap(page, PAGE_BYTES, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED)
                fail(page, "mmap");
            return program;
        }
        for (int each = 0; each < given.count; each++)
            close(given.descriptors[each]);
        int status = COULD_NOT_START << 8;
        struct rusage usage = {0};
        if (pid > 0)
            while (wait4(pid, &status, 0, &usage) < 0 && errno == EINTR)
                ;
        else
            snprintf(page + TEXT_AT, PAGE_BYTES - TEXT_AT, "fork: %s", strerror(errno)), page[0] = FAILED;
        tell(link, status, &usage);
    }
    _exit(0);
}

static void *call_serve(void *self, void *arguments)
{
    int link;
    unsigned long long page;
    const char *directory;
    void *confine, *go_on;
    (void)self;
    if (!PyArg_ParseTuple(arguments, "iKsOO", &link, &page, &directory, &confine, &go_on))
        return NULL;
    return serve(link, (char *)(uintptr_t)page, directory, PyObject_IsTrue(confine) ? confine : NULL, go_on);
}

/* ``serve`` as a function of the interpreter's own kind: to come back from it through ctypes would touch more memory. */
void *function(void)
{
    static struct method method = {"serve", call_serve, WITH_ARGUMENTS, NULL};
    return PyCFunction_NewEx(&method, NULL, NULL);
}
