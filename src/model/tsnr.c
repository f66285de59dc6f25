#include "model/tsnr.h"

#include "base/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Polynomials orthogonal on equidistant points: 1, u, u^2 - (n^2 - 1) / 12. */
static double linear(const struct nvc_tsnr *s, size_t t) { return (double)t - ((double)s->n_volumes - 1) / 2; }
static double quadratic(const struct nvc_tsnr *s, size_t t)
{
    double n = (double)s->n_volumes, u = linear(s, t);
    return u * u - (n * n - 1) / 12;
}

int nvc_tsnr_init(struct nvc_tsnr *s, size_t n_voxels, size_t n_volumes, struct nvc_error *err)
{
    *s = (struct nvc_tsnr){ .n_voxels = n_voxels, .n_volumes = n_volumes };
    for (size_t i = 0; i < 4; i++)
        if (!(s->sums[i] = nvc_array(n_voxels, sizeof *s->sums[i], err)))
            return (int)err->status;
    if (!(s->first = nvc_array(n_voxels, sizeof *s->first, err)) || !(s->last = nvc_array(n_voxels, sizeof *s->last, err)) ||
        !(s->change = nvc_array(n_volumes, sizeof *s->change, err)))
        return (int)err->status;
    for (size_t t = 0; t < n_volumes; t++) {
        s->norm[0] += linear(s, t) * linear(s, t);
        s->norm[1] += quadratic(s, t) * quadratic(s, t);
    }
    return 0;
}

void nvc_tsnr_release(struct nvc_tsnr *s)
{
    for (size_t i = 0; i < 4; i++)
        free(s->sums[i]);
    free(s->first);
    free(s->last);
    free(s->change);
    *s = (struct nvc_tsnr){ 0 };
}

void nvc_tsnr_add(struct nvc_tsnr *s, const float *values)
{
    size_t n = s->n_voxels;
    double u = linear(s, s->seen), q = quadratic(s, s->seen), change = 0;
    double *restrict a = s->sums[0], *restrict b = s->sums[1], *restrict c = s->sums[2], *restrict d = s->sums[3];
    if (!s->seen)
        memcpy(s->first, values, n * sizeof *values);
    for (size_t v = 0; v < n; v++) {
        double y = (double)values[v] - (double)s->first[v];
        a[v] += y;
        b[v] += y * u;
        c[v] += y * q;
        d[v] += y * y;
    }
    size_t good = 0;
    for (size_t v = 0; s->seen && v < n; v++) {
        double step = (double)values[v] - (double)s->last[v];
        if (isfinite(step))
            change += step * step, good++;
    }
    memcpy(s->last, values, n * sizeof *values);
    s->change[s->seen++] = good ? change / (double)good : NAN;
}

void nvc_tsnr_result(const struct nvc_tsnr *s, size_t voxel, double *mean, double *sd)
{
    double n = (double)s->seen, a = s->sums[0][voxel], b = s->sums[1][voxel], c = s->sums[2][voxel];
    double sse = s->sums[3][voxel] - a * a / n - b * b / s->norm[0] - c * c / s->norm[1];
    *mean = (double)s->first[voxel] + a / n;
    *sd = s->seen < 4 ? NAN : sqrt(fmax(sse, 0) / (n - 3));
    if (!isfinite(*mean) || !isfinite(*sd))
        *mean = *sd = NAN;
}
