#include "model/activity/centrality.h"

#include "base/memory.h"

#include <cblas.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { SOURCES = 64, TARGETS = 512 };

void nvc_centrality_scale(float *z, size_t n)
{
    double mean = 0, ss = 0;
    for (size_t t = 0; t < n; t++)
        mean += (double)z[t] / (double)n;
    for (size_t t = 0; t < n; t++)
        ss += ((double)z[t] - mean) * ((double)z[t] - mean);
    const double length = sqrt(ss);
    for (size_t t = 0; t < n; t++)
        z[t] = length > 1e-12 * fabs(mean) && length > 0 ? (float)(((double)z[t] - mean) / length) : 0;
}

static bool varies(const float *z, size_t n)
{
    for (size_t t = 0; t < n; t++)
        if (z[t] != 0)
            return true;
    return false;
}

static void gather(const float *Z, size_t n, const size_t *which, size_t k, float *tile)
{
    for (size_t i = 0; i < k; i++)
        memcpy(tile + n * i, Z + n * which[i], n * sizeof *tile);
}

/* One tile of sources against all targets. */
static bool tile_of(const float *Z, size_t n, const size_t *sources, size_t k, const size_t *targets, size_t n_targets,
                    double threshold, struct nvc_centrality_value *out)
{
    float *a = malloc((n * (SOURCES + TARGETS) + SOURCES * TARGETS) * sizeof *a), *b = a ? a + n * SOURCES : NULL;
    double sum[SOURCES] = { 0 };
    size_t count[SOURCES] = { 0 }, others[SOURCES] = { 0 };
    if (!a)
        return false;
    float *r = b + n * TARGETS;
    gather(Z, n, sources, k, a);
    for (size_t first = 0; first < n_targets; first += TARGETS) {
        const size_t m = n_targets - first < TARGETS ? n_targets - first : TARGETS;
        gather(Z, n, targets + first, m, b);
        cblas_sgemm(CblasColMajor, CblasTrans, CblasNoTrans, (int)m, (int)k, (int)n, 1, b, (int)n, a, (int)n, 0, r, TARGETS);
        for (size_t i = 0; i < k; i++)
            for (size_t j = 0; j < m; j++)
                if (targets[first + j] != sources[i]) {
                    others[i]++;
                    if ((double)r[j + TARGETS * i] > threshold) {
                        sum[i] += (double)r[j + TARGETS * i];
                        count[i]++;
                    }
                }
    }
    for (size_t i = 0; i < k; i++) {
        const bool good = others[i] && varies(a + n * i, n);
        out[i].weighted = good ? sum[i] / (double)others[i] : NAN;
        out[i].binary = good ? (double)count[i] / (double)others[i] : NAN;
    }
    free(a);
    return true;
}

int nvc_centrality(const float *Z, size_t n, const size_t *sources, size_t n_sources, const size_t *targets, size_t n_targets,
                   double threshold, struct nvc_centrality_value *out, struct nvc_error *err)
{
    bool good = true;
#pragma omp parallel for schedule(dynamic, 1) reduction(&& : good)
    for (size_t first = 0; first < n_sources; first += SOURCES) {
        const size_t k = n_sources - first < SOURCES ? n_sources - first : SOURCES;
        good = tile_of(Z, n, sources + first, k, targets, n_targets, threshold, out + first) && good;
    }
    return good ? 0 : nvc_fail(err, NVC_ESYS, "out of memory (centrality tiles of %zu volumes)", n);
}
