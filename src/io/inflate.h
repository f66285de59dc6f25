/* Raw deflate data (RFC 1951) decoded by ISA-L or zlib behind one face, and CRC-32.  Private to io: the
 * gzip wrapper (RFC 1952) around it is read in stream.c, once for both. */
#ifndef NVC_IO_INFLATE_H
#define NVC_IO_INFLATE_H

#include "base/status.h"
#include "io/stream.h"

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How far nvc_inflate_run may move its input back at the end of the deflate data: the caller keeps that
 * many bytes before the window as they were. */
enum { NVC_INFLATE_BACK = 8 };

struct nvc_inflate; /* opaque */

struct nvc_span { /* a window that shrinks from the front */
    unsigned char *at, *end;
};
/* As the libraries count: at most INT_MAX. */
static inline unsigned nvc_span_length(const struct nvc_span *s)
{
    size_t n = (size_t)(s->end - s->at);
    return n > INT_MAX ? INT_MAX : (unsigned)n;
}

/* NVC_EUSAGE when ISA-L is asked for by name and was not built in, NVC_ESYS without memory. */
int nvc_inflate_new(struct nvc_inflate **z, enum nvc_inflater how, struct nvc_error *err) NVC_CHECKED;
void nvc_inflate_free(struct nvc_inflate *z);
/* Be ready for the next deflate data. */
void nvc_inflate_reset(struct nvc_inflate *z);
/* Decode until `in` or `out` is empty or the deflate data end (*end); then in->at is the first byte after
 * them.  NVC_EDATA when the data are not deflate. */
int nvc_inflate_run(struct nvc_inflate *z, struct nvc_span *in, struct nvc_span *out, bool *end,
                    struct nvc_error *err) NVC_CHECKED;

/* CRC-32 of gzip; `crc` is that of the bytes before, 0 at the start. */
uint32_t nvc_crc32(uint32_t crc, const void *data, size_t n);

#endif
