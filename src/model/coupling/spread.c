#include "model/coupling/spread.h"

#include "base/memory.h"
#include "base/text.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { WIDTH = 9 };

/* What is known of one index over its atlases. */
struct bin {
    const struct nvc_coupling_row *first;
    double low, high;
    size_t n, n_atlases;
    struct nvc_text atlases;
};

static int find(struct nvc_tuples *keys, const struct nvc_coupling_row *r, size_t *number, struct nvc_error *err)
{
    const char *key[WIDTH] = { r->participant_id, r->session, r->task, r->run, r->space, r->region, r->side, r->index, r->contrast };
    return nvc_tuples_add(keys, key, number, err);
}

/* Rows of one atlas follow each other or not: the pool makes equal names equal pointers. */
static bool has_atlas(const struct nvc_coupling *in, const struct nvc_coupling_row *r, const size_t *bin_of)
{
    size_t i = (size_t)(r - in->rows);
    for (size_t k = 0; k < i; k++)
        if (bin_of[k] == bin_of[i] && in->rows[k].atlas == r->atlas)
            return true;
    return false;
}

static int take(struct bin *b, const struct nvc_coupling_row *r, struct nvc_error *err)
{
    if (!b->first)
        *b = (struct bin){ .first = r, .low = INFINITY, .high = -INFINITY };
    b->n_atlases++;
    if (isfinite(r->value)) {
        b->low = fmin(b->low, r->value);
        b->high = fmax(b->high, r->value);
        b->n++;
    }
    return nvc_text_printf(&b->atlases, err, "%s%s", b->atlases.len ? "+" : "", r->atlas);
}

static int write_row(struct nvc_coupling *out, const struct bin *b, struct nvc_error *err)
{
    struct nvc_coupling_row row = *b->first;
    char *index = nvc_sprintf(err, "%s_spread", row.index);
    if (!index)
        return NVC_ESYS;
    row.index = index;
    row.atlas = b->atlases.data;
    row.value = b->n > 1 ? b->high - b->low : NAN;
    row.note = b->n > 1 ? "derived" : "derived;one_atlas";
    row.se = row.dof = row.ci_low = row.ci_high = row.n_vox = row.coverage = row.tsnr = NAN;
    int status = nvc_coupling_add(out, &row, err);
    free(index);
    return status;
}

int nvc_coupling_spread(struct nvc_coupling *out, const struct nvc_coupling *in, struct nvc_error *err)
{
    struct nvc_tuples keys = { .width = WIDTH };
    struct bin *bins = nvc_array(in->n, sizeof *bins, err);
    size_t *bin_of = bins ? nvc_array(in->n, sizeof *bin_of, err) : NULL;
    int status = bin_of ? 0 : NVC_ESYS;
    for (size_t i = 0; !status && i < in->n; i++) {
        const struct nvc_coupling_row *r = &in->rows[i];
        bin_of[i] = SIZE_MAX;
        if (!strcmp(r->atlas, "n/a")) /* grey matter as a whole */
            continue;
        status = find(&keys, r, &bin_of[i], err);
        if (!status && has_atlas(in, r, bin_of))
            status = nvc_fail(err, NVC_EDATA, "%s: two rows of %s %s %s_%s in atlas %s; give the table of each atlas once", r->participant_id,
                              r->index, r->contrast, r->region, r->side, r->atlas);
        if (!status)
            status = take(&bins[bin_of[i]], r, err);
    }
    for (size_t b = 0; !status && b < keys.n; b++)
        if (bins[b].n_atlases > 1)
            status = write_row(out, &bins[b], err);
    for (size_t b = 0; bins && b < in->n; b++)
        nvc_text_release(&bins[b].atlases);
    free(bins);
    free(bin_of);
    nvc_tuples_release(&keys);
    return status;
}
