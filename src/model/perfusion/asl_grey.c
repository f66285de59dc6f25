#include "base/memory.h"
#include "model/perfusion/asl.h"

#include <math.h>
#include <stdlib.h>

struct work {
    const struct nvc_asl_scan *from;
    struct nvc_asl_scan *to;
    const struct nvc_tissue *tissue;
    const struct nvc_grid *grid;
    const size_t *index;
    const long *at;
    bool *use, m0_image;
};

static double m0_of(const struct work *w, size_t v, const struct nvc_grey_estimate *e)
{
    double sum = 0;
    for (size_t i = 0; i < e->n; i++)
        sum += e->weight[i] * w->from->m0[w->at[e->index[i]]];
    return !w->m0_image ? w->from->m0[v] : e->n ? sum : NAN;
}

static int voxel(const struct work *w, size_t v, struct nvc_error *err)
{
    const struct nvc_tissue no_csf = { w->tissue->grey, w->tissue->white, NULL };
    const size_t n = w->from->plan->n_pairs;
    float *d = w->to->D + n * v;
    struct nvc_grey_estimate e = { .n = 0 };
    int status = nvc_asl_usable(w->from, v) ? nvc_grey_estimate(&e, &no_csf, w->grid, w->index[v], w->use, err) : 0;
    for (size_t k = 0; k < n && !status; k++) {
        double sum = 0;
        for (size_t i = 0; i < e.n; i++)
            sum += e.weight[i] * (double)w->from->D[k + n * (size_t)w->at[e.index[i]]];
        d[k] = e.n ? (float)sum : NAN;
    }
    if (status || !w->from->m0)
        return status;
    if (e.n && w->m0_image)
        status = nvc_grey_estimate(&e, w->tissue, w->grid, w->index[v], w->use, err);
    w->to->m0[v] = status ? NAN : m0_of(w, v, &e);
    return status;
}

int nvc_asl_grey_scan(struct nvc_asl_scan *out, const struct nvc_asl_scan *s, const struct nvc_tissue *t, const struct nvc_grid *g,
                      const size_t *index, const long *at, bool m0_image, struct nvc_error *err)
{
    struct work w = { s, out, t, g, index, at, NULL, m0_image };
    int status = nvc_asl_scan_init(out, s->plan, s->n_voxels, err);
    if (!status && !(w.use = nvc_array(nvc_grid_voxels(g), sizeof *w.use, err)))
        status = NVC_ESYS;
    for (size_t v = 0; v < s->n_voxels && !status; v++)
        w.use[index[v]] = nvc_asl_usable(s, v);
    for (size_t v = 0; v < s->n_voxels && !status; v++)
        status = voxel(&w, v, err);
    free(w.use);
    return status;
}
