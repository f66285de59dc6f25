#include "config.h"

#include "cli/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

/* FNV-1a, of which 62 bits fit an offset; two names with one place only wait for each other. */
static off_t place_of(const char *name)
{
    uint64_t h = 14695981039346656037u;
    for (; *name; name++)
        h = (h ^ (unsigned char)*name) * 1099511628211u;
    return (off_t)(h >> 2);
}

int nvc_lock_take(int *fd, const char *path, const char *name, bool wait, struct nvc_error *err)
{
    struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = place_of(name), .l_len = 1 };
    *fd = open(path, O_RDWR | O_CREAT, 0666);
    if (*fd < 0)
        return nvc_fail(err, NVC_ESYS, "%s: %s", path, strerror(errno));
    if (!fcntl(*fd, wait ? F_OFD_SETLKW : F_OFD_SETLK, &lock))
        return 0;
    int why = errno;
    (void)close(*fd);
    *fd = -1;
    if (!wait && (why == EAGAIN || why == EACCES))
        return 0;
    return nvc_fail(err, NVC_ESYS, "%s: cannot lock: %s", path, strerror(why));
}

void nvc_lock_drop(int fd)
{
    struct flock lock = { .l_type = F_UNLCK, .l_whence = SEEK_SET };
    if (fd < 0)
        return;
    (void)fcntl(fd, F_OFD_SETLK, &lock); /* children of other work may still hold the descriptor */
    (void)close(fd);
}
