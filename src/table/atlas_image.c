#include "table/atlas.h"

#include "base/memory.h"
#include "io/nifti.h"

#include <math.h>
#include <stdlib.h>

enum { CHUNK = 16384 };

int nvc_atlas_kind(struct nvc_atlas *a, struct nvc_error *err)
{
    struct nvc_nifti *n;
    int status = nvc_nifti_open(&n, a->image, NVC_ORIENT_AUTO, NVC_INFLATE_BEST, err);
    if (status)
        return status;
    a->probability = nvc_nifti_header(n)->n_volumes > 1;
    if (a->probability && nvc_nifti_header(n)->n_volumes < a->labels.n)
        status = nvc_fail(err, NVC_EDATA, "%s: %zu volumes for the %zu regions of %s", a->image, nvc_nifti_header(n)->n_volumes,
                          a->labels.n, a->table);
    nvc_nifti_close(n);
    return status;
}

/* Which values of a label image are asked for. */
static bool wanted(const struct nvc_atlas *a, const struct nvc_groups *groups, size_t image, float value)
{
    for (size_t g = 0; g < groups->n; g++)
        for (size_t i = 0; i < groups->items[g].n; i++) {
            const struct nvc_part *p = &a->parts[groups->items[g].members[i].part];
            if (p->image == image && (float)p->value == value)
                return true;
        }
    return false;
}

struct box {
    size_t lo[3], hi[3];
    bool any;
};

static void stretch(struct box *b, const struct nvc_grid *g, size_t v)
{
    const size_t at[3] = { v % g->dim[0], v / g->dim[0] % g->dim[1], v / (g->dim[0] * g->dim[1]) };
    for (int d = 0; d < 3; d++) {
        if (!b->any || at[d] < b->lo[d])
            b->lo[d] = at[d];
        if (!b->any || at[d] > b->hi[d])
            b->hi[d] = at[d];
    }
    b->any = true;
}

/* The box of the current volume in which something asked for lies (groups NULL: anything above 0), cut out. */
static int cut(struct nvc_atlas_image *out, const struct nvc_atlas *a, const struct nvc_groups *groups,
               const struct nvc_nifti *n, const void *bytes, struct nvc_error *err)
{
    const struct nvc_grid *g = &nvc_nifti_header(n)->grid;
    size_t total = nvc_grid_voxels(g);
    float piece[CHUNK], last = 0;
    bool take = false;
    struct box b = { .any = false };
    for (size_t first = 0; first < total; first += CHUNK) {
        size_t count = total - first < CHUNK ? total - first : CHUNK;
        nvc_nifti_decode_float(n, bytes, first, count, piece);
        for (size_t i = 0; i < count; i++) {
            if (piece[i] != last) {
                last = piece[i];
                take = groups ? last != 0 && wanted(a, groups, (size_t)(out - a->loaded), last) : last > 0;
            }
            if (take)
                stretch(&b, g, first + i);
        }
    }
    if (!b.any)
        return 0;
    out->grid = nvc_grid_crop(g, b.lo, b.hi);
    out->value = nvc_array(nvc_grid_voxels(&out->grid), sizeof *out->value, err);
    if (!out->value)
        return (int)err->status;
    out->probability = !groups;
    size_t at = 0;
    for (size_t k = b.lo[2]; k <= b.hi[2]; k++)
        for (size_t j = b.lo[1]; j <= b.hi[1]; j++, at += out->grid.dim[0])
            nvc_nifti_decode_float(n, bytes, b.lo[0] + g->dim[0] * (j + g->dim[1] * k), out->grid.dim[0], out->value + at);
    return 0;
}

/* Percentages become shares; what is neither is refused. */
static int scale(struct nvc_atlas *a, struct nvc_error *err)
{
    float most = 0;
    for (size_t i = 0; i < a->n_loaded; i++)
        for (size_t v = 0; a->loaded[i].value && v < nvc_grid_voxels(&a->loaded[i].grid); v++) {
            float *x = &a->loaded[i].value[v];
            *x = *x > 0 ? *x : 0; /* also NaN */
            most = *x > most ? *x : most;
        }
    if (most > 100.001F)
        return nvc_fail(err, NVC_EDATA, "%s: a value of %g is neither a probability (0 to 1) nor a percentage", a->image, (double)most);
    bool percent = most > 1.001F || (a->labels.kind == NVC_LABELS_FSL_XML && a->labels.probabilistic);
    for (size_t i = 0; percent && i < a->n_loaded; i++)
        for (size_t v = 0; a->loaded[i].value && v < nvc_grid_voxels(&a->loaded[i].grid); v++)
            a->loaded[i].value[v] /= 100;
    return 0;
}

static bool part_wanted(const struct nvc_groups *groups, size_t part)
{
    for (size_t g = 0; g < groups->n; g++)
        for (size_t i = 0; i < groups->items[g].n; i++)
            if (groups->items[g].members[i].part == part)
                return true;
    return false;
}

static int read_image(struct nvc_atlas *a, size_t image, const struct nvc_groups *groups, struct nvc_nifti *n, struct nvc_error *err)
{
    size_t n_volumes = nvc_nifti_header(n)->n_volumes;
    const char *warning;
    for (size_t t = 0; t < n_volumes; t++) {
        const void *bytes;
        int status = nvc_nifti_next_raw(n, &bytes, err);
        if (!status && !a->probability)
            status = cut(&a->loaded[image], a, groups, n, bytes, err);
        for (size_t p = 0; !status && a->probability && p < a->n_parts; p++)
            if (a->parts[p].value == (long)t && part_wanted(groups, p))
                status = cut(&a->loaded[p], a, NULL, n, bytes, err);
        if (status)
            return status;
    }
    int status = nvc_nifti_finish(n, &warning, err);
    if (!status && a->probability)
        status = scale(a, err);
    return status;
}

int nvc_atlas_load(struct nvc_atlas *a, const struct nvc_groups *groups, struct nvc_error *err)
{
    if (a->builtin)
        return 0;
    const char *const paths[] = { a->image, a->other };
    a->n_loaded = a->probability ? a->n_parts : a->other ? 2 : 1;
    a->loaded = nvc_array(a->n_loaded, sizeof *a->loaded, err);
    int status = a->loaded ? 0 : (int)err->status;
    for (size_t i = 0; !status && i < 2 && paths[i]; i++) {
        struct nvc_nifti *n;
        if ((status = nvc_nifti_open(&n, paths[i], NVC_ORIENT_AUTO, NVC_INFLATE_BEST, err)))
            break;
        status = read_image(a, i, groups, n, err);
        a->mark[i].crc32 = nvc_nifti_crc32(n);
        a->mark[i].bytes = nvc_nifti_bytes(n);
        nvc_nifti_close(n);
    }
    return status;
}
