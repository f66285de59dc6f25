#include <config.h>
#include "io/sink.h"

#include "base/memory.h"
#include "base/number.h"
#include "base/text.h"
#include "io/deflate.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BUFFER = 64 * 1024, REGISTERED = 64, NAME_PART = 200 };

struct nvc_sink {
    int fd;
    char *name;        /* the path, or "standard output" */
    char *temporary;   /* NULL: written in place (a pipe, a device, standard output) */
    bool failed;
    struct nvc_deflate *deflate; /* NULL: plain */
    size_t n;
    unsigned char buf[BUFFER];
};

/* The names that a signal handler must remove.  A slot is emptied before its name is freed. */
static _Atomic(const char *) registered[REGISTERED];

static void register_temporary(const char *name)
{
    for (size_t i = 0; i < REGISTERED; i++) {
        const char *empty = NULL;
        if (atomic_compare_exchange_strong(&registered[i], &empty, name))
            return;
    }
}

static void forget_temporary(const char *name)
{
    for (size_t i = 0; i < REGISTERED; i++) {
        const char *expected = name;
        if (atomic_compare_exchange_strong(&registered[i], &expected, NULL))
            return;
    }
}

void nvc_sink_abandon_all(void)
{
    for (size_t i = 0; i < REGISTERED; i++) {
        const char *name = atomic_exchange(&registered[i], NULL);
        if (name)
            (void)unlink(name);
    }
}

/* ---- opening ------------------------------------------------------------------------------------ */

static size_t folder_length(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? (size_t)(slash - path) + 1 : 0;
}

/* Hidden, beside the target, and of a pattern that a cleaner can find: .NAME.nvc-XXXXXX */
static char *temporary_name(const char *path, unsigned attempt, struct nvc_error *err)
{
    static const char digits[] = "0123456789abcdefghijklmnopqrstuv";
    static atomic_uint turn;
    char code[7] = "";
    size_t folder = folder_length(path);
    uint64_t mark = (uint64_t)getpid() * 1021 + attempt * 31 + atomic_fetch_add(&turn, 1);
    for (int i = 0; i < 6; i++, mark /= 32)
        code[i] = digits[mark % 32];
    return nvc_sprintf(err, "%.*s.%.*s.nvc-%s", (int)folder, path, (int)NAME_PART, path + folder, code);
}

static int refuse_folder(const char *path, int why, struct nvc_error *err)
{
    const size_t folder = folder_length(path);
    return nvc_fail(err, NVC_ESYS, "%s: cannot create a file in %s%.*s: %s", path, folder ? "" : "the current folder",
                    (int)folder, path, strerror(why));
}

static int create_temporary(struct nvc_sink *s, const char *path, struct nvc_error *err)
{
    int why = EEXIST;
    for (unsigned attempt = 0; attempt < 1000 && (why == EEXIST || why == EINTR); attempt++) {
        s->temporary = temporary_name(path, attempt, err);
        if (!s->temporary)
            return (int)err->status;
        s->fd = open(s->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOCTTY, 0666);
        if (s->fd >= 0) {
            register_temporary(s->temporary);
            return 0;
        }
        why = errno;
        free(s->temporary);
        s->temporary = NULL;
    }
    return refuse_folder(path, why, err);
}

/* The number behind /dev/fd/ or of /dev/stdout and -, which must not be opened a second time: the shell
 * may append. */
static bool names_descriptor(const char *path, long *fd)
{
    *fd = STDOUT_FILENO;
    if (strcmp(path, "-") == 0 || strcmp(path, "/dev/stdout") == 0)
        return true;
    return nvc_has_prefix(path, "/dev/fd/") && nvc_parse_integer(path + 8, strlen(path + 8), fd) && *fd >= 0 && *fd <= INT_MAX;
}

static int refuse_name(const char *path, struct nvc_error *err)
{
    struct stat st;
    if (!*path || path[strlen(path) - 1] == '/')
        return nvc_fail(err, NVC_EUSAGE, "'%s' is no name for an output file", path);
    if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
        return nvc_fail(err, NVC_ESYS, "%s: is a directory; the name of a file is wanted", path);
    return 0;
}

int nvc_sink_check(const char *path, struct nvc_error *err)
{
    struct stat st;
    long fd;
    int status = refuse_name(path, err);
    if (status || names_descriptor(path, &fd))
        return status;
    const bool there = stat(path, &st) == 0;
    if (there ? !S_ISREG(st.st_mode) : errno == ENAMETOOLONG)
        return !there || access(path, W_OK) ? nvc_fail(err, NVC_ESYS, "%s: cannot be written: %s", path, strerror(errno)) : 0;
    char *folder = nvc_sprintf(err, "%.*s.", (int)folder_length(path), path);
    if (!folder)
        return (int)err->status;
    int why = access(folder, W_OK | X_OK) ? errno : 0;
    free(folder);
    return why ? refuse_folder(path, why, err) : 0;
}

static int open_target(struct nvc_sink *s, const char *path, struct nvc_error *err)
{
    struct stat st;
    long fd;
    int status = refuse_name(path, err);
    if (status)
        return status;
    const bool there = stat(path, &st) == 0;
    if (names_descriptor(path, &fd))
        s->fd = fcntl((int)fd, F_DUPFD_CLOEXEC, 3);
    else if (there ? S_ISREG(st.st_mode) : errno != ENAMETOOLONG)
        return create_temporary(s, path, err);
    else if (there)
        do
            s->fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
        while (s->fd < 0 && errno == EINTR);
    return s->fd < 0 ? nvc_fail(err, NVC_ESYS, "%s: cannot be written: %s", s->name, strerror(errno)) : 0;
}

int nvc_sink_open(struct nvc_sink **out, const char *path, bool gzip, struct nvc_error *err)
{
    struct nvc_sink *s = nvc_array(1, sizeof *s, err);
    *out = NULL;
    if (!s)
        return (int)err->status;
    s->fd = -1;
    s->name = nvc_strdup(strcmp(path, "-") ? path : "standard output", err);
    int status = s->name ? 0 : (int)err->status;
    if (!status && (gzip || nvc_has_suffix(path, ".gz")))
        status = nvc_deflate_new(&s->deflate, err);
    if (!status)
        status = open_target(s, path, err);
    if (status)
        nvc_sink_abandon(s);
    else
        *out = s;
    return status;
}

/* ---- writing ------------------------------------------------------------------------------------ */

static int put(struct nvc_sink *s, const unsigned char *data, size_t n, struct nvc_error *err)
{
    while (n) {
        ssize_t w = write(s->fd, data, n);
        if (w >= 0) {
            data += w;
            n -= (size_t)w;
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            struct pollfd ready = { .fd = s->fd, .events = POLLOUT };
            (void)poll(&ready, 1, -1);
        } else if (errno != EINTR) {
            s->failed = true;
            return nvc_fail(err, NVC_ESYS, "%s: cannot write: %s", s->name,
                            errno == EPIPE ? "the reader of the pipe has gone" : strerror(errno));
        }
    }
    return 0;
}

static int flush(struct nvc_sink *s, struct nvc_error *err)
{
    size_t n = s->n;
    s->n = 0;
    return put(s, s->buf, n, err);
}

static int write_packed(struct nvc_sink *s, const void *data, size_t n, bool last, struct nvc_error *err)
{
    struct nvc_span in = { (unsigned char *)(size_t)data, (unsigned char *)(size_t)data + n };
    bool done = false;
    int status = 0;
    while (!status && (in.at < in.end || (last && !done))) {
        struct nvc_span out = { s->buf + s->n, s->buf + BUFFER };
        nvc_deflate_run(s->deflate, &in, &out, last, &done);
        s->n = (size_t)(out.at - s->buf);
        if (s->n == BUFFER)
            status = flush(s, err);
    }
    return status;
}

int nvc_sink_write(struct nvc_sink *s, const void *data, size_t n, struct nvc_error *err)
{
    if (n == 0)
        return 0;
    if (s->deflate)
        return write_packed(s, data, n, false, err);
    if (n >= BUFFER - s->n) {
        int status = flush(s, err);
        if (status || n >= BUFFER)
            return status ? status : put(s, data, n, err);
    }
    memcpy(s->buf + s->n, data, n);
    s->n += n;
    return 0;
}

/* ---- the end ------------------------------------------------------------------------------------ */

static int fail_commit(const struct nvc_sink *s, const char *what, struct nvc_error *err)
{
    return nvc_fail(err, NVC_ESYS, "%s: cannot %s: %s", s->name, what, strerror(errno));
}

static int sync_file(const struct nvc_sink *s, struct nvc_error *err)
{
    int rc;
    while ((rc = fsync(s->fd)) && errno == EINTR)
        continue;
    return rc && errno != EINVAL && errno != EROFS && errno != ENOTSUP ? fail_commit(s, "be saved", err) : 0;
}

/* The rename is done; that it outlives a power failure is for the folder to say. */
static int sync_folder(const struct nvc_sink *s, struct nvc_error *err)
{
    size_t folder = folder_length(s->name);
    char *name = folder ? nvc_strndup(s->name, folder, err) : nvc_strdup(".", err);
    if (!name)
        return (int)err->status;
    int fd = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC), rc = 0;
    while (fd >= 0 && (rc = fsync(fd)) && errno == EINTR)
        continue;
    int status = rc && errno != EINVAL && errno != EROFS && errno != ENOTSUP ? fail_commit(s, "save its folder", err) : 0;
    if (fd >= 0)
        (void)close(fd);
    free(name);
    return status;
}

static int finish(struct nvc_sink *s, struct nvc_error *err)
{
    if (s->failed)
        return nvc_fail(err, NVC_ESYS, "%s: an earlier write failed", s->name);
    int status = s->deflate ? write_packed(s, "", 0, true, err) : 0;
    if (!status)
        status = flush(s, err);
    if (!status && s->temporary)
        status = sync_file(s, err);
    if (status)
        return status;
    int rc = close(s->fd); /* NFS and quotas tell here */
    s->fd = -1;
    if (rc && errno != EINTR)
        return fail_commit(s, "close", err);
    if (!s->temporary)
        return 0;
    if (rename(s->temporary, s->name))
        return fail_commit(s, "give the finished file its name", err);
    forget_temporary(s->temporary);
    free(s->temporary);
    s->temporary = NULL;
    return sync_folder(s, err);
}

int nvc_sink_commit(struct nvc_sink *s, struct nvc_error *err)
{
    int status = finish(s, err);
    nvc_sink_abandon(s);
    return status;
}

void nvc_sink_abandon(struct nvc_sink *s)
{
    if (!s)
        return;
    if (s->fd >= 0)
        (void)close(s->fd);
    if (s->temporary) {
        (void)unlink(s->temporary);
        forget_temporary(s->temporary);
    }
    nvc_deflate_free(s->deflate);
    free(s->temporary);
    free(s->name);
    free(s);
}
