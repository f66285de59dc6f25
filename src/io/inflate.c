#include <config.h>
#include "io/inflate.h"

#include "base/memory.h"

#ifdef HAVE_ISAL
#include <isa-l.h>
#endif
#include <stdlib.h>
#include <zlib.h>

struct nvc_inflate {
    bool isal;
    z_stream zlib;
#ifdef HAVE_ISAL
    struct inflate_state *fast;
#endif
};

int nvc_inflate_new(struct nvc_inflate **out, enum nvc_inflater how, struct nvc_error *err)
{
    struct nvc_inflate *z = nvc_array(1, sizeof *z, err);
    *out = NULL;
    if (!z)
        return (int)err->status;
#ifdef HAVE_ISAL
    z->isal = how != NVC_INFLATE_ZLIB;
    if (z->isal && !(z->fast = nvc_array(1, sizeof *z->fast, err))) {
        free(z);
        return (int)err->status;
    }
    if (z->isal)
        isal_inflate_init(z->fast);
#else
    if (how == NVC_INFLATE_ISAL) {
        free(z);
        return nvc_fail(err, NVC_EUSAGE, "this build has no ISA-L");
    }
#endif
    if (!z->isal && inflateInit2(&z->zlib, -MAX_WBITS) != Z_OK) {
        free(z);
        return nvc_fail(err, NVC_ESYS, "out of memory (zlib)");
    }
    *out = z;
    return 0;
}

void nvc_inflate_free(struct nvc_inflate *z)
{
    if (!z)
        return;
    if (!z->isal)
        (void)inflateEnd(&z->zlib);
#ifdef HAVE_ISAL
    free(z->fast);
#endif
    free(z);
}

void nvc_inflate_reset(struct nvc_inflate *z)
{
    if (!z->isal)
        (void)inflateReset(&z->zlib);
#ifdef HAVE_ISAL
    else
        isal_inflate_reset(z->fast);
#endif
}

#ifdef HAVE_ISAL
static int run_isal(struct inflate_state *f, struct nvc_span *in, struct nvc_span *out, bool *end)
{
    f->next_in = in->at, f->avail_in = nvc_span_length(in);
    f->next_out = out->at, f->avail_out = nvc_span_length(out);
    int rc = isal_inflate(f);
    in->at = f->next_in, out->at = f->next_out;
    *end = f->block_state == ISAL_BLOCK_FINISH;
    if (*end) /* whole bytes that were loaded ahead of the last block's end */
        in->at -= f->read_in_length / 8;
    return rc;
}
#endif

static int run_zlib(z_stream *z, struct nvc_span *in, struct nvc_span *out, bool *end)
{
    z->next_in = in->at, z->avail_in = nvc_span_length(in);
    z->next_out = out->at, z->avail_out = nvc_span_length(out);
    int rc = inflate(z, Z_NO_FLUSH);
    in->at = z->next_in, out->at = z->next_out;
    *end = rc == Z_STREAM_END;
    return rc == Z_BUF_ERROR || *end ? 0 : rc;
}

int nvc_inflate_run(struct nvc_inflate *z, struct nvc_span *in, struct nvc_span *out, bool *end,
                    struct nvc_error *err)
{
    int rc;
#ifdef HAVE_ISAL
    if (z->isal)
        rc = run_isal(z->fast, in, out, end);
    else
#endif
        rc = run_zlib(&z->zlib, in, out, end);
    if (!z->isal && rc == Z_MEM_ERROR)
        return nvc_fail(err, NVC_ESYS, "out of memory (zlib)");
    return rc ? nvc_fail(err, NVC_EDATA, "the gzip data are damaged") : 0;
}

uint32_t nvc_crc32(uint32_t crc, const void *data, size_t n)
{
#ifdef HAVE_ISAL
    return crc32_gzip_refl(crc, data, n);
#else
    return (uint32_t)crc32_z(crc, data, n);
#endif
}
