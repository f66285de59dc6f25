#include "model/coupling/map_coupling.h"

#include "base/memory.h"
#include "math/correlation.h"
#include "math/dist.h"
#include "math/eigen.h"
#include "math/lsq.h"
#include "math/random.h"

#include <cblas.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct work { /* of one pair */
    size_t n, n_support;
    size_t *voxel, *near;      /* usable voxels of the region; of the support */
    double *x, *y;             /* n values */
    double *Rx, *Ry;           /* n x n */
};

enum { MANY = 1500 }; /* voxels from which no matrix is made */

static bool usable(double v) { return isfinite(v) && v != 0; }

static void place_of(const struct nvc_grid *g, size_t index, long at[3])
{
    at[0] = (long)(index % g->dim[0]);
    at[1] = (long)(index / g->dim[0] % g->dim[1]);
    at[2] = (long)(index / g->dim[0] / g->dim[1]);
}

static void mm_of(const struct nvc_grid *g, size_t index, double mm[3])
{
    long at[3];
    place_of(g, index, at);
    nvc_grid_to_mm(g, (double[3]){ (double)at[0], (double)at[1], (double)at[2] }, mm);
}

double nvc_disattenuate(double r, double half_x, double half_y)
{
    return half_x >= 0.2 && half_y >= 0.2 ? r / sqrt(2 * half_x / (1 + half_x) * 2 * half_y / (1 + half_y)) : NAN;
}

static void choose_voxels(const struct nvc_map_pair *p, struct work *w)
{
    double centre[3] = { 0 }, mm[3];
    for (size_t i = 0; i < p->n_region; i++) {
        const size_t v = p->region[i];
        bool good = usable(p->x[v]) && usable(p->y[v]);
        for (size_t k = 0; good && k < p->n_covariates; k++)
            good = isfinite(p->covariates[k][v]);
        if (!good)
            continue;
        mm_of(p->grid, v, mm);
        for (int k = 0; k < 3; k++)
            centre[k] += mm[k];
        w->x[w->n] = p->x[v], w->y[w->n] = p->y[v];
        w->voxel[w->n++] = v;
    }
    for (size_t v = 0; v < nvc_grid_voxels(p->grid); v++) {
        if (!p->support[v] || !usable(p->x[v]) || !usable(p->y[v]))
            continue;
        double d2 = 0;
        mm_of(p->grid, v, mm);
        for (int k = 0; k < 3; k++)
            d2 += pow(mm[k] - centre[k] / (double)w->n, 2);
        if (d2 <= p->support_mm * p->support_mm)
            w->near[w->n_support++] = v;
    }
}

/* The support of one map without its mean, in a box around it: 0 where there is nothing. */
struct box { long from[3], size[3]; double *value; bool *there; };

static int fill_box(const struct nvc_grid *g, const double *map, const struct work *w, struct box *b, struct nvc_error *err)
{
    long at[3], most[3] = { 0 };
    double mean = 0;
    for (int k = 0; k < 3; k++)
        b->from[k] = (long)g->dim[k];
    for (size_t i = 0; i < w->n_support; i++) {
        place_of(g, w->near[i], at);
        mean += map[w->near[i]] / (double)w->n_support;
        for (int k = 0; k < 3; k++) {
            b->from[k] = at[k] < b->from[k] ? at[k] : b->from[k];
            most[k] = at[k] > most[k] ? at[k] : most[k];
        }
    }
    for (int k = 0; k < 3; k++)
        b->size[k] = most[k] - b->from[k] + 1;
    const size_t cells = (size_t)(b->size[0] * b->size[1] * b->size[2]);
    if (!(b->value = nvc_array(cells, sizeof *b->value, err)) || !(b->there = nvc_array(cells, sizeof *b->there, err)))
        return NVC_ESYS;
    for (size_t i = 0; i < w->n_support; i++) {
        place_of(g, w->near[i], at);
        const size_t c = (size_t)(at[0] - b->from[0] + b->size[0] * (at[1] - b->from[1] + b->size[1] * (at[2] - b->from[2])));
        b->value[c] = map[w->near[i]] - mean;
        b->there[c] = true;
    }
    return 0;
}

/* Autocovariance at one offset: mean product over the pairs of the support that lie d apart. */
static double covariance_at(const struct box *b, const long d[3], size_t *pairs)
{
    double sum = 0;
    size_t count = 0;
    const long step = d[0] + b->size[0] * (d[1] + b->size[1] * d[2]);
    for (long z = d[2] < 0 ? -d[2] : 0; z < b->size[2] - (d[2] > 0 ? d[2] : 0); z++)
        for (long y = d[1] < 0 ? -d[1] : 0; y < b->size[1] - (d[1] > 0 ? d[1] : 0); y++)
            for (long x = d[0] < 0 ? -d[0] : 0; x < b->size[0] - (d[0] > 0 ? d[0] : 0); x++) {
                const long c = x + b->size[0] * (y + b->size[1] * z);
                if (b->there[c] && b->there[c + step])
                    sum += b->value[c] * b->value[c + step], count++;
            }
    if (pairs)
        *pairs = count;
    return count ? sum / (double)count : 0;
}

/* R[i, j] from the offsets between voxels; each offset is computed once (table over the span of the region). */
static int autocorrelation(const struct nvc_map_pair *p, const double *map, const struct work *w, double *R, bool few, struct nvc_error *err)
{
    struct box b = { 0 };
    double *table = NULL;
    long low[3] = { 0 }, high[3] = { 0 }, a[3], c[3];
    int status = fill_box(p->grid, map, w, &b, err);
    if (status)
        goto out;
    place_of(p->grid, w->voxel[0], low);
    memcpy(high, low, sizeof high);
    for (size_t i = 0; i < w->n; i++) {
        place_of(p->grid, w->voxel[i], a);
        for (int k = 0; k < 3; k++) {
            low[k] = a[k] < low[k] ? a[k] : low[k];
            high[k] = a[k] > high[k] ? a[k] : high[k];
        }
    }
    long span[3], width[3];
    for (int k = 0; k < 3; k++)
        span[k] = high[k] - low[k], width[k] = 2 * span[k] + 1;
    const size_t cells = (size_t)(width[0] * width[1] * width[2]);
    if (!(table = nvc_array(cells, sizeof *table, err))) {
        status = NVC_ESYS;
        goto out;
    }
    for (size_t i = 0; i < cells; i++)
        table[i] = NAN;
    const double variance = covariance_at(&b, (const long[3]){ 0, 0, 0 }, NULL);
    double next[3];
    for (int k = 0; k < 3; k++) {
        const long d[3] = { k == 0, k == 1, k == 2 };
        next[k] = fmax(0, covariance_at(&b, d, NULL) / variance);
    }
    for (size_t i = 0; i < w->n; i++)
        for (size_t j = 0; j <= i; j++) { /* an offset and its opposite hold the same pairs */
            long d[3];
            place_of(p->grid, w->voxel[i], a);
            place_of(p->grid, w->voxel[j], c);
            for (int k = 0; k < 3; k++)
                d[k] = c[k] - a[k];
            double *cell = table + d[0] + span[0] + width[0] * (d[1] + span[1] + width[1] * (d[2] + span[2]));
            if (isnan(*cell))
                *cell = few ? pow(next[0], (double)(d[0] * d[0])) * pow(next[1], (double)(d[1] * d[1])) * pow(next[2], (double)(d[2] * d[2]))
                            : covariance_at(&b, d, NULL) / variance;
            R[i + w->n * j] = R[j + w->n * i] = *cell;
        }
out:
    free(b.value);
    free(b.there);
    free(table);
    return status;
}

static void centre_both_ways(double *A, size_t n, double *means)
{
    for (int pass = 0; pass < 2; pass++) { /* columns, then rows of a symmetric matrix */
        memset(means, 0, n * sizeof *means);
        for (size_t j = 0; j < n; j++)
            for (size_t i = 0; i < n; i++)
                means[pass ? i : j] += A[i + n * j] / (double)n;
        for (size_t j = 0; j < n; j++)
            for (size_t i = 0; i < n; i++)
                A[i + n * j] -= means[pass ? i : j];
    }
}

static int effective_n(const struct work *w, double *n_eff, struct nvc_error *err)
{
    const size_t n = w->n;
    double *A = nvc_array(2 * n * n + n, sizeof *A, err), a = 0, b = 0, ab = 0;
    if (!A)
        return NVC_ESYS;
    double *B = A + n * n;
    memcpy(A, w->Rx, n * n * sizeof *A);
    memcpy(B, w->Ry, n * n * sizeof *B);
    centre_both_ways(A, n, B + n * n);
    centre_both_ways(B, n, B + n * n);
    for (size_t i = 0; i < n; i++)
        a += A[i * (n + 1)], b += B[i * (n + 1)];
    for (size_t i = 0; i < n * n; i++)
        ab += A[i] * B[i];
    *n_eff = 1 + a * b / ab;
    free(A);
    return 0;
}

/* Of a region too large for matrices: n^2 / sum over offsets of the number of pairs times both autocorrelations.  Shells of distance
 * count from 0 on until the mean autocorrelation of either map falls below 0.03: what lies beyond is sampling noise, and there is
 * much of it. */
struct offset { size_t shell, pairs; double x, y; };

static double sum_of_shells(const struct offset *o, size_t n)
{
    double sum = 0;
    for (size_t shell = 0;; shell++) {
        double x = 0, y = 0, product = 0, count = 0;
        for (size_t i = 0; i < n; i++)
            if (o[i].shell == shell) {
                const double pairs = (double)o[i].pairs;
                x += pairs * o[i].x, y += pairs * o[i].y, product += pairs * o[i].x * o[i].y, count += pairs;
            }
        if (!(count > 0) || x < 0.03 * count || y < 0.03 * count)
            return sum;
        sum += product;
    }
}

static int effective_n_of_many(const struct nvc_map_pair *p, const struct work *w, double *n_eff, struct nvc_error *err)
{
    struct box x = { 0 }, y = { 0 };
    struct offset *offsets = NULL;
    double edge[3], shortest = INFINITY;
    long reach[3], d[3];
    size_t n = 0;
    for (int k = 0; k < 3; k++) {
        edge[k] = hypot(hypot(p->grid->to_mm[0][k], p->grid->to_mm[1][k]), p->grid->to_mm[2][k]);
        reach[k] = (long)(p->support_mm / edge[k]);
        shortest = fmin(shortest, edge[k]);
    }
    int status = fill_box(p->grid, p->x, w, &x, err);
    if (!status && !(status = fill_box(p->grid, p->y, w, &y, err)) &&
        !(offsets = nvc_array((size_t)((2 * reach[0] + 1) * (2 * reach[1] + 1) * (reach[2] + 1)), sizeof *offsets, err)))
        status = NVC_ESYS;
    const double var_x = status ? 1 : covariance_at(&x, (const long[3]){ 0, 0, 0 }, NULL), var_y = status ? 1 : covariance_at(&y, (const long[3]){ 0, 0, 0 }, NULL);
    for (d[2] = 0; d[2] <= reach[2] && !status; d[2]++)
        for (d[1] = -reach[1]; d[1] <= reach[1]; d[1]++)
            for (d[0] = -reach[0]; d[0] <= reach[0]; d[0]++) { /* d and -d are alike: those above 0 count twice */
                const double far = hypot(hypot((double)d[0] * edge[0], (double)d[1] * edge[1]), (double)d[2] * edge[2]);
                struct offset *o = &offsets[n++];
                o->shell = (size_t)lround(far / shortest);
                o->x = covariance_at(&x, d, &o->pairs) / var_x, o->y = covariance_at(&y, d, NULL) / var_y;
                o->pairs *= d[2] ? 2 : 1;
            }
    if (!status)
        *n_eff = 1 + (double)w->n * (double)w->n / fmax(sum_of_shells(offsets, n), (double)w->n);
    free(offsets);
    free(x.value), free(x.there);
    free(y.value), free(y.there);
    return status;
}

/* sd of atanh r* over draws with the maps' autocorrelation and the correlation found. */
static int bootstrap_se(const struct work *w, double r, int draws, uint64_t seed, double *se, struct nvc_error *err)
{
    const size_t n = w->n;
    double *L = nvc_array(2 * n * n + 4 * n, sizeof *L, err), sum = 0, squares = 0;
    int status = NVC_ESYS;
    if (!L)
        return status;
    double *Ly = L + n * n, *e = Ly + n * n, *f = e + n, *x = f + n, *y = x + n;
    memcpy(L, w->Rx, n * n * sizeof *L);
    memcpy(Ly, w->Ry, n * n * sizeof *Ly);
    if ((status = nvc_symmetric_root(L, n, 1e-6, err)) || (status = nvc_symmetric_root(Ly, n, 1e-6, err)))
        goto out;
    for (int b = 0; b < draws; b++) {
        struct nvc_rng rng;
        nvc_rng_init(&rng, seed, (uint64_t)b);
        for (size_t i = 0; i < n; i++) {
            e[i] = nvc_rng_normal(&rng);
            f[i] = r * e[i] + sqrt(1 - r * r) * nvc_rng_normal(&rng);
        }
        cblas_dgemv(CblasColMajor, CblasNoTrans, (int)n, (int)n, 1, L, (int)n, e, 1, 0, x, 1);
        cblas_dgemv(CblasColMajor, CblasNoTrans, (int)n, (int)n, 1, Ly, (int)n, f, 1, 0, y, 1);
        const double z = atanh(nvc_pearson(x, y, n));
        sum += z, squares += z * z;
    }
    *se = sqrt((squares - sum * sum / draws) / (draws - 1));
    status = 0;
out:
    free(L);
    return status;
}

/* Correlation of what the covariates leave of both maps. */
static int partial(const struct nvc_map_pair *p, const struct work *w, struct nvc_map_r *out, struct nvc_error *err)
{
    const size_t n = w->n, m = p->n_covariates + 1;
    struct nvc_lsq f = { 0 };
    double *X = nvc_array(n * m + m + 2 * n, sizeof *X, err);
    int status = NVC_ESYS;
    if (!X)
        return status;
    double *beta = X + n * m, *x = beta + m, *y = x + n;
    for (size_t i = 0; i < n; i++) {
        X[i] = 1;
        for (size_t k = 1; k < m; k++)
            X[i + n * k] = p->covariates[k - 1][w->voxel[i]];
    }
    if (n > m + 2 && !(status = nvc_lsq_init(&f, X, n, m, err)) && f.rank == m) {
        nvc_lsq_solve(&f, w->x, beta, x);
        nvc_lsq_solve(&f, w->y, beta, y);
        out->partial_r = nvc_pearson(x, y, n);
        const double left = out->n_eff - 3 - (double)p->n_covariates;
        out->partial_z_se = left > 0 ? 1 / sqrt(left) : NAN;
    }
    nvc_lsq_release(&f);
    free(X);
    return n > m + 2 ? status : 0;
}

/* Voxels, their autocorrelation and what they are worth. */
static int measure(const struct nvc_map_pair *p, struct work *w, struct nvc_map_r *out, struct nvc_error *err)
{
    if (w->n > MANY) {
        memcpy(w->near, w->voxel, w->n * sizeof *w->near);
        out->n_support = w->n_support = w->n;
        return effective_n_of_many(p, w, &out->n_eff, err);
    }
    int status = NVC_ESYS;
    if (!(w->Rx = nvc_array(w->n * w->n, sizeof *w->Rx, err)) || !(w->Ry = nvc_array(w->n * w->n, sizeof *w->Ry, err)) ||
        (status = autocorrelation(p, p->x, w, w->Rx, out->few_support, err)) ||
        (status = autocorrelation(p, p->y, w, w->Ry, out->few_support, err)))
        return status;
    return effective_n(w, &out->n_eff, err);
}

int nvc_map_couple(const struct nvc_map_pair *p, struct nvc_map_r *out, struct nvc_error *err)
{
    const size_t n = p->n_region;
    struct work w = { 0 };
    int status = NVC_ESYS;
    *out = (struct nvc_map_r){ .r = NAN, .z = NAN, .z_se = NAN, .ci_low = NAN, .ci_high = NAN, .n_eff = NAN, .partial_r = NAN, .partial_z_se = NAN };
    if (!(w.voxel = nvc_array(n, sizeof *w.voxel, err)) || !(w.near = nvc_array(nvc_grid_voxels(p->grid), sizeof *w.near, err)) ||
        !(w.x = nvc_array(n, sizeof *w.x, err)) || !(w.y = nvc_array(n, sizeof *w.y, err)))
        goto out;
    choose_voxels(p, &w);
    out->n = w.n, out->n_support = w.n_support, out->few_support = w.n_support < 500;
    out->r = w.n < 4 ? NAN : nvc_pearson(w.x, w.y, w.n);
    if (w.n < 4 || isnan(out->r) || w.n_support < 8) {
        status = w.n < 4 ? nvc_fail(err, NVC_EDATA, "%zu of %zu voxels have a value in both maps, need 4", w.n, n)
                 : isnan(out->r) ? nvc_fail(err, NVC_EDATA, "a map is constant in the region")
                                 : nvc_fail(err, NVC_EDATA, "%zu voxels around the region have a value in both maps", w.n_support);
        goto out;
    }
    if ((status = measure(p, &w, out, err)))
        goto out;
    out->z = atanh(out->r);
    if (out->n_eff > 3) {
        out->z_se = 1 / sqrt(out->n_eff - 3);
        if (p->bootstrap > 1 && w.n <= MANY && (status = bootstrap_se(&w, out->r, p->bootstrap, p->seed, &out->z_se, err)))
            goto out;
        /* The smoothness is an estimate, too: with the normal quantile .93 are covered at 6 and 8 mm (tests/bench/map_cover). */
        const double half = (p->bootstrap > 1 ? nvc_t_critical(0.95, 2 * out->n_eff) : 1.959964) * out->z_se;
        out->ci_low = tanh(out->z - half);
        out->ci_high = tanh(out->z + half);
    }
    status = p->n_covariates ? partial(p, &w, out, err) : 0;
out:
    free(w.voxel);
    free(w.near);
    free(w.x);
    free(w.y);
    free(w.Rx);
    free(w.Ry);
    return status;
}
