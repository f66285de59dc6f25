/* One gzip member made by ISA-L (level 2: the size of gzip -4 at ten times its speed) or zlib (level 3).
 * The header holds neither name nor time, so that the same data give the same bytes.  Private to io. */
#ifndef NVC_IO_DEFLATE_H
#define NVC_IO_DEFLATE_H

#include "base/status.h"
#include "io/inflate.h"

#include <stdbool.h>

struct nvc_deflate; /* opaque */

int nvc_deflate_new(struct nvc_deflate **z, struct nvc_error *err) NVC_CHECKED;
void nvc_deflate_free(struct nvc_deflate *z);
/* Encode until `in` is empty or `out` full.  With `last` this is the end of the data: call again with room
 * in `out` until *done. */
void nvc_deflate_run(struct nvc_deflate *z, struct nvc_span *in, struct nvc_span *out, bool last, bool *done);

#endif
