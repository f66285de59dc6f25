#include "model/region/tsnr.h"

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
    if (!(s->first = nvc_array(n_voxels, sizeof *s->first, err)) || !(s->block = nvc_array((NVC_TSNR_BLOCK + 1) * n_voxels, sizeof *s->block, err)) ||
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
    free(s->block);
    free(s->change);
    *s = (struct nvc_tsnr){ 0 };
}

/* Mean square change over the voxels in which it is finite. */
static double mean_change(const float *last, const float *now, size_t n)
{
    double sum = 0;
    size_t good = 0;
    for (size_t v = 0; v < n; v++) {
        double step = (double)now[v] - (double)last[v];
        if (isfinite(step))
            sum += step * step, good++;
    }
    return good ? sum / (double)good : NAN;
}

enum { TILE = 512, LANES = 8 };

/* Sums of one volume over voxels [from, to), whose accumulators stay in the cache from volume to volume. */
static double sum_tile(struct nvc_tsnr *s, const float *restrict now, const float *restrict before, double u, double q, size_t from, size_t to)
{
    double *restrict a = s->sums[0], *restrict b = s->sums[1], *restrict c = s->sums[2], *restrict d = s->sums[3];
    const float *restrict first = s->first;
    double change[LANES] = { 0 }, total = 0;
    for (size_t v = from; v < to; v++) {
        double y = (double)now[v] - (double)first[v];
        a[v] += y;
        b[v] += y * u;
        c[v] += y * q;
        d[v] += y * y;
    }
    size_t v = from;
    for (; v + LANES <= to; v += LANES)
        for (size_t l = 0; l < LANES; l++) {
            double step = (double)now[v + l] - (double)before[v + l];
            change[l] += step * step;
        }
    for (; v < to; v++)
        change[0] += ((double)now[v] - (double)before[v]) * ((double)now[v] - (double)before[v]);
    for (size_t l = 0; l < LANES; l++)
        total += change[l];
    return total;
}

static void sum_block(struct nvc_tsnr *s)
{
    size_t n = s->n_voxels, start = s->seen - s->n_block;
    double change[NVC_TSNR_BLOCK] = { 0 };
    for (size_t from = 0; from < n; from += TILE)
        for (size_t k = 0; k < s->n_block; k++)
            change[k] += sum_tile(s, s->block + (k + 1) * n, s->block + k * n, linear(s, start + k), quadratic(s, start + k), from,
                                  from + TILE < n ? from + TILE : n);
    for (size_t k = 0; k < s->n_block; k++)
        s->change[start + k] = start + k == 0 ? NAN : isfinite(change[k]) ? change[k] / (double)n
                             : mean_change(s->block + k * n, s->block + (k + 1) * n, n);
    memcpy(s->block, s->block + s->n_block * n, n * sizeof *s->block);
    s->n_block = 0;
}

void nvc_tsnr_add(struct nvc_tsnr *s, const float *values)
{
    size_t size = s->n_voxels * sizeof *values;
    if (!s->seen) {
        memcpy(s->first, values, size);
        memcpy(s->block, values, size);
    }
    memcpy(s->block + ++s->n_block * s->n_voxels, values, size);
    s->seen++;
    if (s->n_block == NVC_TSNR_BLOCK || s->seen == s->n_volumes)
        sum_block(s);
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
