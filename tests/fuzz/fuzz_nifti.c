/* NIfTI: both inflaters, and the same bytes packed, give one verdict and one image. */
#include "fuzz.h"

#include "nvc.h"

#include <math.h>
#include <string.h>
#include <zlib.h>

enum { MOST_VOXELS = 1 << 16 };

struct outcome {
    bool good;
    uint64_t mark; /* of header and voxels */
};

static void mark(struct outcome *o, const void *data, size_t n)
{
    for (size_t i = 0; i < n; i++)
        o->mark = (o->mark ^ ((const unsigned char *)data)[i]) * 1099511628211u;
}

static int read_volumes(struct nvc_nifti *n, struct outcome *o, struct nvc_error *err)
{
    const struct nvc_nifti_header *h = nvc_nifti_header(n);
    const size_t voxels = nvc_grid_voxels(&h->grid);
    static double values[MOST_VOXELS];
    static float floats[MOST_VOXELS];
    const void *bytes;
    const char *warning;
    for (size_t v = 0; v < h->n_volumes; v++) {
        int status = nvc_nifti_next_raw(n, &bytes, err);
        if (status)
            return status;
        const size_t count = voxels < MOST_VOXELS ? voxels : MOST_VOXELS, last = voxels - 1;
        nvc_nifti_decode(n, bytes, NULL, count, values);
        mark(o, values, count * sizeof *values);
        nvc_nifti_decode_float(n, bytes, voxels - count, count, floats);
        nvc_nifti_decode(n, bytes, &last, 1, values);
        FUZZ_CHECK(isnan(floats[count - 1]) ? isnan((float)values[0]) : floats[count - 1] == (float)values[0]);
    }
    return nvc_nifti_finish(n, &warning, err);
}

static struct outcome read_image(const char *path, enum nvc_orientation how, enum nvc_inflater inflater)
{
    struct outcome o = { .mark = 14695981039346656037u };
    struct nvc_error err = { 0 };
    struct nvc_nifti *n;
    int status = nvc_nifti_open(&n, path, how, inflater, &err);
    if (!status) {
        const struct nvc_nifti_header *h = nvc_nifti_header(n);
        mark(&o, h->grid.dim, sizeof h->grid.dim);
        mark(&o, h->grid.to_mm, sizeof h->grid.to_mm);
        mark(&o, &h->tr_s, sizeof h->tr_s);
        if (h->region_table)
            mark(&o, h->region_table, strlen(h->region_table));
        for (int i = 0; i < 3; i++)
            FUZZ_CHECK(isfinite(h->voxel_mm[i]) && h->voxel_mm[i] > 0 && h->grid.dim[i] > 0);
        FUZZ_CHECK(isnan(h->tr_s) || (h->tr_s > 0 && h->tr_s <= 100));
        status = read_volumes(n, &o, &err);
        nvc_nifti_close(n);
    }
    o.good = status == 0;
    FUZZ_CHECK(o.good || (status == (int)err.status && err.text[0] && !strchr(err.text, '\n')));
    FUZZ_CHECK(status != NVC_EBUG);
    return o;
}

static void expect_same(struct outcome a, struct outcome b)
{
    FUZZ_CHECK(a.good == b.good && (!a.good || a.mark == b.mark));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static unsigned char packed[1 << 17];
    if (n < 4)
        return 0;
    const enum nvc_orientation how = (enum nvc_orientation)(data[n - 1] % 3);
    const char *path = fuzz_file(0, data, n);
    struct outcome first = read_image(path, how, NVC_INFLATE_ZLIB);
    if (data[0] == 0x1f && data[1] == 0x8b) {
        expect_same(first, read_image(path, how, NVC_INFLATE_BEST));
    } else if (n <= 1 << 16 && n % 2) {
        z_stream z = { .next_in = (Bytef *)(size_t)data, .avail_in = (uInt)n, .next_out = packed, .avail_out = sizeof packed };
        FUZZ_CHECK(deflateInit2(&z, 1, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY) == Z_OK && deflate(&z, Z_FINISH) == Z_STREAM_END);
        path = fuzz_file(1, packed, z.total_out);
        (void)deflateEnd(&z);
        expect_same(first, read_image(path, how, NVC_INFLATE_BEST));
    }
    return 0;
}
