/* Stored bytes in: opens exactly the named file, pipe or standard input and judges what kind of thing it
 * is.  Private to io: stream.c decodes what comes from here. */
#ifndef NVC_IO_SOURCE_H
#define NVC_IO_SOURCE_H

#include "base/status.h"
#include "io/inflate.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct nvc_source {
    int fd;                 /* -1: closed */
    char *name;             /* the path, or "standard input" */
    bool regular, eof;
    uint64_t size;          /* bytes a regular file had left when it was opened, else 0 */
    uint64_t taken;         /* bytes read so far */
    unsigned char *buf;     /* NVC_INFLATE_BACK bytes of the past, then the window */
    struct nvc_span window; /* read but not yet used */
};

/* `path` "-" is standard input.  Messages name it. */
int nvc_source_open(struct nvc_source *s, const char *path, struct nvc_error *err) NVC_CHECKED;
/* Read more behind what is unused of the window, keeping NVC_INFLATE_BACK bytes before it.  A window that
 * is still empty afterwards says that the input has ended. */
int nvc_source_fill(struct nvc_source *s, struct nvc_error *err) NVC_CHECKED;
/* Read past the empty window, straight into buf: at least one byte, or *got 0 at the end. */
int nvc_source_read(struct nvc_source *s, void *buf, size_t n, size_t *got, struct nvc_error *err) NVC_CHECKED;
/* Where the next unused byte stands in the file. */
uint64_t nvc_source_position(const struct nvc_source *s);
void nvc_source_close(struct nvc_source *s);

#endif
