#include "model/activity/reho.h"

#include "base/memory.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct nvc_reho {
    size_t n, n_voxels, dim[3];
    int reach;             /* sum of |steps| that a neighbour may be away: 1, 2, 3 */
    const size_t *index;
    int32_t *voxel_at;     /* per grid point: number of the voxel or -1 */
    uint16_t *rank2;       /* twice the midrank, n per voxel; all 0 for a series without variance */
    double *ties;          /* sum of t^3 - t; -1: no variance */
};

int nvc_reho_new(struct nvc_reho **out, const struct nvc_grid *grid, const size_t *index, size_t n_voxels, size_t n, int neighbours,
                 struct nvc_error *err)
{
    const size_t points = nvc_grid_voxels(grid);
    struct nvc_reho *r;
    *out = NULL;
    if (neighbours != 7 && neighbours != 19 && neighbours != 27)
        return nvc_fail(err, NVC_EUSAGE, "a neighbourhood has 7, 19 or 27 voxels, not %d", neighbours);
    if (n < 5 || n > 32000 || n_voxels > INT32_MAX)
        return nvc_fail(err, NVC_EDATA, "%zu volumes: regional homogeneity takes 5 to 32000", n);
    if (!(r = nvc_array(1, sizeof *r, err)))
        return NVC_ESYS;
    r->n = n, r->n_voxels = n_voxels, r->index = index;
    r->reach = neighbours == 7 ? 1 : neighbours == 19 ? 2 : 3;
    memcpy(r->dim, grid->dim, sizeof r->dim);
    if (!(r->voxel_at = nvc_array(points, sizeof *r->voxel_at, err)) ||
        !(r->rank2 = nvc_array(n * n_voxels, sizeof *r->rank2, err)) || !(r->ties = nvc_array(n_voxels, sizeof *r->ties, err))) {
        nvc_reho_free(r);
        return NVC_ESYS;
    }
    for (size_t i = 0; i < points; i++)
        r->voxel_at[i] = -1;
    for (size_t v = 0; v < n_voxels; v++)
        r->voxel_at[index[v]] = (int32_t)v;
    *out = r;
    return 0;
}

void nvc_reho_free(struct nvc_reho *r)
{
    if (!r)
        return;
    free(r->voxel_at);
    free(r->rank2);
    free(r->ties);
    free(r);
}

size_t nvc_reho_work(const struct nvc_reho *r) { return 4 * r->n; }

/* Bits of a float as an unsigned number of the same order. */
static uint32_t ordered(float x)
{
    uint32_t u;
    x += 0.0f; /* -0 and 0 tie */
    memcpy(&u, &x, sizeof u);
    return u & 0x80000000u ? ~u : u | 0x80000000u;
}

/* Order of key[n] by least significant byte first; a byte that all keys share costs one look.  Returns where the order is. */
static const uint32_t *radix_order(const uint32_t *key, uint32_t *a, uint32_t *b, size_t n)
{
    uint32_t count[4][256] = { { 0 } };
    for (size_t i = 0; i < n; i++) {
        a[i] = (uint32_t)i;
        for (int d = 0; d < 4; d++)
            count[d][key[i] >> (8 * d) & 255]++;
    }
    for (int d = 0; d < 4; d++) {
        uint32_t sum = 0;
        if (count[d][key[0] >> (8 * d) & 255] == n)
            continue;
        for (int k = 0; k < 256; k++) {
            const uint32_t here = count[d][k];
            count[d][k] = sum;
            sum += here;
        }
        for (size_t i = 0; i < n; i++)
            b[count[d][key[a[i]] >> (8 * d) & 255]++] = a[i];
        uint32_t *swap = a;
        a = b, b = swap;
    }
    return a;
}

enum { SHORT = 1024 };

/* Order of a short series by its place between its lowest and highest value in 65536 steps, two bytes instead of four, and the few
 * that share a step by insertion: quadratic only in those.  a and b hold step and index in one number; the order comes back in a. */
static bool short_order(const float *y, const uint32_t *key, uint32_t *a, uint32_t *b, size_t n)
{
    uint32_t count[2][256] = { { 0 } };
    float low = y[0], high = y[0];
    int strange = 0;
#if !defined(__clang__) /* which makes no vector code of it, and warns */
#pragma omp simd reduction(min : low) reduction(max : high) reduction(| : strange)
#endif
    for (size_t i = 0; i < n; i++) {
        low = y[i] < low ? y[i] : low;
        high = y[i] > high ? y[i] : high;
        strange |= !(fabsf(y[i]) <= FLT_MAX);
    }
    const float scale = 65535 / (high - low);
    if (strange || !(scale > 0) || !isfinite(scale))
        return false;
    for (size_t i = 0; i < n; i++) {
        const float step = (y[i] - low) * scale;
        a[i] = (uint32_t)(int32_t)(step < 65535 ? step : 65535) << 16 | (uint32_t)i;
    }
    for (size_t i = 0; i < n; i++) {
        count[0][a[i] >> 16 & 255]++;
        count[1][a[i] >> 24]++;
    }
    for (int d = 0; d < 2; d++) {
        uint32_t sum = 0, *from = d ? b : a, *to = d ? a : b;
        for (int k = 0; k < 256; k++) {
            const uint32_t here = count[d][k];
            count[d][k] = sum;
            sum += here;
        }
        for (size_t i = 0; i < n; i++)
            to[count[d][from[i] >> (16 + 8 * d) & 255]++] = from[i];
    }
    for (size_t i = 0; i < n; i++)
        a[i] &= 65535;
    for (size_t i = 1; i < n; i++)
        for (size_t k = i; k && key[a[k]] < key[a[k - 1]]; k--) {
            const uint32_t swap = a[k];
            a[k] = a[k - 1], a[k - 1] = swap;
        }
    return true;
}

void nvc_reho_rank(struct nvc_reho *r, size_t v, const float *y, uint32_t *work)
{
    const size_t n = r->n;
    uint32_t *key = work;
    uint16_t *rank2 = r->rank2 + n * v;
    double ties = 0;
    for (size_t t = 0; t < n; t++)
        key[t] = ordered(y[t]);
    const uint32_t *order = n <= SHORT && short_order(y, key, work + n, work + 2 * n, n) ? work + n : radix_order(key, work + n, work + 2 * n, n);
    for (size_t i = 0, next; i < n; i = next) {
        for (next = i + 1; next < n && key[order[next]] == key[order[i]];)
            next++;
        const double same = (double)(next - i);
        for (size_t k = i; k < next; k++)
            rank2[order[k]] = (uint16_t)(i + next + 1); /* twice the mean of ranks i + 1 .. next */
        ties += same * same * same - same;
    }
    r->ties[v] = ties;
    if (key[order[0]] == key[order[n - 1]]) {
        memset(rank2, 0, n * sizeof *rank2);
        r->ties[v] = -1;
    }
}

/* Sums of up to 27 doubled ranks of at most 1000 volumes fit into 16 bits. */
enum { NARROW = 1000 };

static void add_narrow(uint16_t *restrict sum, const uint16_t *restrict rank2, size_t n)
{
    for (size_t t = 0; t < n; t++)
        sum[t] = (uint16_t)(sum[t] + rank2[t]);
}

static void add_ranks(uint32_t *restrict sum, const uint16_t *restrict rank2, size_t n)
{
    for (size_t t = 0; t < n; t++)
        sum[t] += rank2[t];
}

struct nvc_reho_value nvc_reho_compute(const struct nvc_reho *r, size_t v, uint32_t *work)
{
    const size_t n = r->n;
    const long at[3] = { (long)(r->index[v] % r->dim[0]), (long)(r->index[v] / r->dim[0] % r->dim[1]),
                         (long)(r->index[v] / r->dim[0] / r->dim[1]) };
    struct nvc_reho_value value = { NAN, NAN, 0 };
    double ties = 0;
    if (r->ties[v] < 0)
        return value;
    uint16_t *narrow = (uint16_t *)(work + n);
    memset(work, 0, 2 * n * sizeof *work);
    for (long k = -1; k <= 1; k++)
        for (long j = -1; j <= 1; j++)
            for (long i = -1; i <= 1; i++) {
                const long x = at[0] + i, y = at[1] + j, z = at[2] + k;
                if (labs(i) + labs(j) + labs(k) > r->reach || x < 0 || y < 0 || z < 0 || x >= (long)r->dim[0] ||
                    y >= (long)r->dim[1] || z >= (long)r->dim[2])
                    continue;
                const int32_t u = r->voxel_at[(size_t)x + r->dim[0] * ((size_t)y + r->dim[1] * (size_t)z)];
                if (u < 0 || r->ties[u] < 0)
                    continue;
                if (n <= NARROW)
                    add_narrow(narrow, r->rank2 + n * (size_t)u, n);
                else
                    add_ranks(work, r->rank2 + n * (size_t)u, n);
                ties += r->ties[u];
                value.K++;
            }
    if (value.K < 2)
        return value;
    const double N = (double)n, K = (double)value.K, mean2 = K * (N + 1); /* of the doubled rank sums */
    double S = 0; /* of whole numbers: exact in any order */
    for (size_t t = 0; n <= NARROW && t < n; t++)
        work[t] = narrow[t];
#pragma omp simd reduction(+ : S)
    for (size_t t = 0; t < n; t++)
        S += ((double)work[t] - mean2) * ((double)work[t] - mean2);
    value.W = 12 * (S / 4) / (K * K * (N * N * N - N) - K * ties);
    value.rbar = (K * value.W - 1) / (K - 1);
    return value;
}
