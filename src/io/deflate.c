#include <config.h>
#include "io/deflate.h"

#include "base/memory.h"

#include <stdlib.h>

#ifdef HAVE_ISAL
#include <isa-l.h>

struct nvc_deflate {
    struct isal_zstream stream;
    unsigned char work[ISAL_DEF_LVL2_DEFAULT];
};

int nvc_deflate_new(struct nvc_deflate **out, struct nvc_error *err)
{
    struct nvc_deflate *z = nvc_array(1, sizeof *z, err);
    *out = z;
    if (!z)
        return (int)err->status;
    isal_deflate_init(&z->stream);
    z->stream.level = 2;
    z->stream.level_buf = z->work;
    z->stream.level_buf_size = sizeof z->work;
    z->stream.gzip_flag = IGZIP_GZIP;
    return 0;
}

void nvc_deflate_free(struct nvc_deflate *z) { free(z); }

void nvc_deflate_run(struct nvc_deflate *z, struct nvc_span *in, struct nvc_span *out, bool last, bool *done)
{
    z->stream.next_in = in->at, z->stream.avail_in = nvc_span_length(in);
    z->stream.next_out = out->at, z->stream.avail_out = nvc_span_length(out);
    z->stream.end_of_stream = last;
    (void)isal_deflate(&z->stream); /* fails on wrong parameters only, which are constants */
    in->at = z->stream.next_in, out->at = z->stream.next_out;
    *done = z->stream.internal_state.state == ZSTATE_END;
}

#else
#include <zlib.h>

struct nvc_deflate {
    z_stream stream;
};

int nvc_deflate_new(struct nvc_deflate **out, struct nvc_error *err)
{
    struct nvc_deflate *z = nvc_array(1, sizeof *z, err);
    *out = NULL;
    if (!z)
        return (int)err->status;
    if (deflateInit2(&z->stream, 3, Z_DEFLATED, MAX_WBITS + 16, MAX_MEM_LEVEL, Z_DEFAULT_STRATEGY) != Z_OK) {
        free(z);
        return nvc_fail(err, NVC_ESYS, "out of memory (zlib)");
    }
    *out = z;
    return 0;
}

void nvc_deflate_free(struct nvc_deflate *z)
{
    if (z)
        (void)deflateEnd(&z->stream);
    free(z);
}

void nvc_deflate_run(struct nvc_deflate *z, struct nvc_span *in, struct nvc_span *out, bool last, bool *done)
{
    z->stream.next_in = in->at, z->stream.avail_in = nvc_span_length(in);
    z->stream.next_out = out->at, z->stream.avail_out = nvc_span_length(out);
    *done = deflate(&z->stream, last ? Z_FINISH : Z_NO_FLUSH) == Z_STREAM_END;
    in->at = z->stream.next_in, out->at = z->stream.next_out;
}
#endif
