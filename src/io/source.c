#include <config.h>
#include "io/source.h"

#include "base/memory.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { WINDOW = 128 * 1024 };

/* Descriptors handed over by the shell, as in <(zcat x.nii.gz). */
static bool names_a_descriptor(const char *path)
{
    return nvc_has_prefix(path, "/dev/fd/") || nvc_has_prefix(path, "/proc/self/fd/") || strcmp(path, "/dev/stdin") == 0;
}

static int fail_open(const char *path, int errnum, struct nvc_error *err)
{
    struct stat st;
    if (errnum == ENOENT && lstat(path, &st) == 0 && S_ISLNK(st.st_mode))
        return nvc_fail(err, NVC_ESYS, "%s: a symbolic link to content that is not here; if this is a DataLad or "
                        "git-annex dataset, fetch it with: datalad get '%s'", path, path);
    return nvc_fail(err, NVC_ESYS, "%s: cannot open: %s", path, strerror(errnum));
}

static int judge_kind(struct nvc_source *s, bool any_device, struct nvc_error *err)
{
    struct stat st;
    if (fstat(s->fd, &st))
        return nvc_fail(err, NVC_ESYS, "%s: cannot look at it: %s", s->name, strerror(errno));
    if (S_ISDIR(st.st_mode))
        return nvc_fail(err, NVC_EDATA, "%s: is a directory; a file is wanted", s->name);
    if (S_ISBLK(st.st_mode) || (S_ISCHR(st.st_mode) && !any_device))
        return nvc_fail(err, NVC_EDATA, "%s: is a device; a file, a pipe or - is wanted", s->name);
    s->regular = S_ISREG(st.st_mode);
    if (s->regular) {
        off_t at = lseek(s->fd, 0, SEEK_CUR); /* standard input may have been read before us */
        s->size = st.st_size > at && at >= 0 ? (uint64_t)(st.st_size - at) : 0;
    }
    return 0;
}

/* A pipe without a writer yet would make the open wait and any device might act on it: hence O_NONBLOCK,
 * taken off once the kind is known; then wait for the writer, for read() would see an end at once. */
static int make_blocking(struct nvc_source *s, struct nvc_error *err)
{
    int flags = fcntl(s->fd, F_GETFL);
    if (flags < 0 || fcntl(s->fd, F_SETFL, flags & ~O_NONBLOCK) < 0)
        return nvc_fail(err, NVC_ESYS, "%s: cannot be made to wait: %s", s->name, strerror(errno));
    struct pollfd ready = { .fd = s->fd, .events = POLLIN };
    while (!s->regular && poll(&ready, 1, -1) < 0)
        if (errno != EINTR)
            return nvc_fail(err, NVC_ESYS, "%s: cannot wait for the pipe: %s", s->name, strerror(errno));
    return 0;
}

/* A duplicate, so that closing it leaves descriptor 0 as it was. */
static int open_standard_input(struct nvc_source *s, struct nvc_error *err)
{
    s->fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
    if (s->fd < 0)
        return nvc_fail(err, NVC_ESYS, "%s: cannot be read: %s", s->name, strerror(errno));
    return judge_kind(s, true, err);
}

static int open_path(struct nvc_source *s, const char *path, struct nvc_error *err)
{
    if (!*path)
        return nvc_fail(err, NVC_EUSAGE, "the name of a file is empty");
    do
        s->fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    while (s->fd < 0 && errno == EINTR);
    if (s->fd < 0)
        return fail_open(path, errno, err);
    int status = judge_kind(s, names_a_descriptor(path), err);
    return status ? status : make_blocking(s, err);
}

int nvc_source_open(struct nvc_source *s, const char *path, struct nvc_error *err)
{
    bool standard = strcmp(path, "-") == 0;
    *s = (struct nvc_source) { .fd = -1 };
    int status = (int)NVC_ESYS;
    if ((s->name = nvc_strdup(standard ? "standard input" : path, err)) &&
        (s->buf = nvc_array(1, NVC_INFLATE_BACK + WINDOW, err)))
        status = standard ? open_standard_input(s, err) : open_path(s, path, err);
    if (status)
        nvc_source_close(s);
    else
        s->window.at = s->window.end = s->buf + NVC_INFLATE_BACK;
    return status;
}

int nvc_source_read(struct nvc_source *s, void *buf, size_t n, size_t *got, struct nvc_error *err)
{
    ssize_t r;
    *got = 0;
    while ((r = read(s->fd, buf, n)) < 0) {
        struct pollfd ready = { .fd = s->fd, .events = POLLIN };
        if (errno == EAGAIN || errno == EWOULDBLOCK) /* an inherited descriptor may be non-blocking */
            (void)poll(&ready, 1, -1);
        else if (errno != EINTR)
            return nvc_fail(err, NVC_ESYS, "cannot read at byte %llu: %s", (unsigned long long)s->taken, strerror(errno));
    }
    *got = (size_t)r;
    s->taken += *got;
    s->eof = r == 0;
    return 0;
}

int nvc_source_fill(struct nvc_source *s, struct nvc_error *err)
{
    size_t got, unused = (size_t)(s->window.end - s->window.at);
    if (s->eof || unused == WINDOW)
        return 0;
    memmove(s->buf, s->window.at - NVC_INFLATE_BACK, NVC_INFLATE_BACK + unused);
    s->window.at = s->buf + NVC_INFLATE_BACK;
    s->window.end = s->window.at + unused;
    int status = nvc_source_read(s, s->window.end, WINDOW - unused, &got, err);
    s->window.end += got;
    return status;
}

uint64_t nvc_source_position(const struct nvc_source *s)
{
    return s->taken - (uint64_t)(s->window.end - s->window.at);
}

void nvc_source_close(struct nvc_source *s)
{
    if (s->fd >= 0)
        (void)close(s->fd);
    free(s->buf);
    free(s->name);
    *s = (struct nvc_source) { .fd = -1 };
}
