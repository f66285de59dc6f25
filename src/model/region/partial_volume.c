#include "model/region/partial_volume.h"

#include "math/lsq.h"

#include <math.h>

enum { REACH = 2, TISSUES = 3 };

static size_t neighbours(size_t *index, const struct nvc_grid *g, size_t voxel, const bool *use)
{
    const long i = (long)(voxel % g->dim[0]), j = (long)(voxel / g->dim[0] % g->dim[1]), row = (long)g->dim[0];
    size_t n = 0;
    for (long dj = -REACH; dj <= REACH; dj++)
        for (long di = -REACH; di <= REACH; di++) {
            if (i + di < 0 || i + di >= row || j + dj < 0 || j + dj >= (long)g->dim[1])
                continue;
            const size_t v = (size_t)((long)voxel + di + row * dj);
            if (!use || use[v])
                index[n++] = v;
        }
    return n;
}

/* The columns of the tissues that are there, grey matter first; returns how many. */
static size_t columns(double *X, const struct nvc_tissue *t, const size_t *index, size_t n)
{
    const double *const maps[TISSUES] = { t->grey, t->white, t->csf };
    size_t m = 0;
    for (int k = 0; k < TISSUES; k++) {
        double most = 0;
        for (size_t i = 0; i < n && maps[k]; i++) {
            X[i + n * m] = maps[k][index[i]];
            most = fmax(most, X[i + n * m]);
        }
        m += k == 0 || most > 0.01;
    }
    return m;
}

int nvc_grey_estimate(struct nvc_grey_estimate *e, const struct nvc_tissue *t, const struct nvc_grid *g, size_t voxel, const bool *use,
                      struct nvc_error *err)
{
    double X[NVC_GREY_KERNEL * TISSUES], squares = 0;
    struct nvc_lsq f;
    e->n = 0;
    if (!(t->grey[voxel] >= NVC_GREY_LEAST))
        return 0;
    const size_t n = neighbours(e->index, g, voxel, use), m = columns(X, t, e->index, n);
    if (n <= m)
        return 0;
    int status = nvc_lsq_init(&f, X, n, m, err);
    if (status)
        return status == NVC_EDATA ? 0 : status; /* a probability that is not finite */
    for (size_t i = 0; i < n && f.rank == m; i++) { /* the first row of (X'X)^-1 X' = T Q' */
        e->weight[i] = 0;
        for (size_t c = 0; c < m; c++)
            e->weight[i] += f.T[m * c] * f.Q[i + n * c];
        squares += e->weight[i] * e->weight[i];
    }
    e->n = f.rank == m && squares <= 1 ? n : 0;
    nvc_lsq_release(&f);
    return 0;
}
