/* LD_PRELOAD: make the n-th call of one kind fail.
 *
 *     NVC_FAULT=KIND:N[:ERRNO][:on]   NVC_FAULT_MARK=FILE
 *
 * KIND: malloc (calls from the program itself), malloc-all (from its libraries, too), open, read, write,
 * fsync, rename, close; short-read and short-write do one byte instead of failing; kill and term end the
 * program by that signal at the n-th call that changes a folder or a file.  ERRNO is EIO (the default),
 * ENOSPC, EINTR or EMFILE.  With `on` every call from the n-th on fails.  FILE is created when a
 * fault was made, so that a loop over N knows its end.  For glibc; tests/faults/run.sh is the loop. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t n);

static char kind[16];
static long nth;
static int code = EIO;
static bool persistent;
static atomic_long calls;
static uintptr_t low = UINTPTR_MAX, high; /* where the program itself is loaded */

static int find_program(struct dl_phdr_info *info, size_t size, void *data)
{
    (void)size;
    (void)data;
    for (int i = 0; i < info->dlpi_phnum; i++)
        if (info->dlpi_phdr[i].p_type == PT_LOAD) {
            uintptr_t start = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr, end = start + info->dlpi_phdr[i].p_memsz;
            low = start < low ? start : low;
            high = end > high ? end : high;
        }
    return 1; /* the first is the program */
}

__attribute__((constructor)) static void begin(void)
{
    static const struct { const char *name; int code; } codes[] = {
        { ":ENOSPC", ENOSPC }, { ":EINTR", EINTR }, { ":EMFILE", EMFILE } };
    const char *spec = getenv("NVC_FAULT"), *colon = spec ? strchr(spec, ':') : NULL;
    (void)dl_iterate_phdr(find_program, NULL);
    if (!colon || (size_t)(colon - spec) >= sizeof kind)
        return;
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        code = strstr(spec, codes[i].name) ? codes[i].code : code;
    persistent = strstr(spec, ":on") != NULL;
    nth = strtol(colon + 1, NULL, 10);
    memcpy(kind, spec, (size_t)(colon - spec)); /* last: it arms the rest */
}

static bool is_due(const char *what)
{
    if (strcmp(kind, what))
        return false;
    long n = atomic_fetch_add(&calls, 1) + 1;
    if (n != nth && !(persistent && n > nth))
        return false;
    const char *mark = getenv("NVC_FAULT_MARK");
    if (mark)
        (void)syscall(SYS_close, (int)syscall(SYS_openat, AT_FDCWD, mark, O_CREAT | O_WRONLY, 0600));
    errno = code;
    return true;
}

/* Before the n-th of all these calls together the program dies. */
static void perhaps_die(void)
{
    if (is_due("kill"))
        (void)raise(SIGKILL);
    if (is_due("term"))
        (void)raise(SIGTERM);
}

static bool memory_is_due(const void *caller)
{
    bool due = (uintptr_t)caller >= low && (uintptr_t)caller < high ? is_due(strcmp(kind, "malloc-all") ? "malloc" : "malloc-all")
                                                                     : is_due("malloc-all");
    if (due)
        errno = ENOMEM;
    return due;
}

#define CALLER __builtin_return_address(0)
void *malloc(size_t n) { return memory_is_due(CALLER) ? NULL : __libc_malloc(n); }
void *calloc(size_t n, size_t size) { return memory_is_due(CALLER) ? NULL : __libc_calloc(n, size); }
void *realloc(void *p, size_t n) { return memory_is_due(CALLER) ? NULL : __libc_realloc(p, n); }

static int open_as_asked(const char *path, int flags, mode_t mode)
{
    if (flags & O_CREAT)
        perhaps_die();
    return is_due("open") ? -1 : (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

int open(const char *path, int flags, ...)
{
    va_list ap;
    va_start(ap, flags);
    mode_t mode = flags & O_CREAT ? va_arg(ap, mode_t) : 0;
    va_end(ap);
    return open_as_asked(path, flags, mode);
}

int open64(const char *path, int flags, ...)
{
    va_list ap;
    va_start(ap, flags);
    mode_t mode = flags & O_CREAT ? va_arg(ap, mode_t) : 0;
    va_end(ap);
    return open_as_asked(path, flags, mode);
}

ssize_t read(int fd, void *buf, size_t n)
{
    if (is_due("read"))
        return -1;
    return syscall(SYS_read, fd, buf, n > 1 && is_due("short-read") ? 1 : n);
}

ssize_t write(int fd, const void *buf, size_t n)
{
    if (fd > STDERR_FILENO) {
        perhaps_die();
        if (is_due("write"))
            return -1;
    }
    return syscall(SYS_write, fd, buf, n > 1 && is_due("short-write") ? 1 : n);
}

int fsync(int fd)
{
    perhaps_die();
    return is_due("fsync") ? -1 : (int)syscall(SYS_fsync, fd);
}

int rename(const char *from, const char *to)
{
    perhaps_die();
    return is_due("rename") ? -1 : (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
}

int close(int fd)
{
    int rc = (int)syscall(SYS_close, fd);
    return is_due("close") ? -1 : rc;
}
