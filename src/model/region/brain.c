#include "model/region/brain.h"

#include "base/memory.h"
#include "math/median.h"

#include <math.h>
#include <stdlib.h>

int nvc_mean_image_init(struct nvc_mean_image *m, size_t n_voxels, struct nvc_error *err)
{
    *m = (struct nvc_mean_image){ .n_voxels = n_voxels, .sum = nvc_array(n_voxels, sizeof *m->sum, err) };
    return m->sum ? 0 : (int)err->status;
}

void nvc_mean_image_release(struct nvc_mean_image *m)
{
    free(m->sum);
    *m = (struct nvc_mean_image){ 0 };
}

bool nvc_mean_image_wants(size_t t, size_t n) { return t % ((n + 15) / 16) == 0; }

void nvc_mean_image_add(struct nvc_mean_image *m, size_t first, size_t n, const float *values)
{
    for (size_t i = 0; i < n; i++)
        m->sum[first + i] += (double)values[i];
}

/* Move the values above `level` to the front; how many. */
static size_t above(double *v, size_t n, double level)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        if (v[i] > level) {
            double swap = v[kept];
            v[kept++] = v[i];
            v[i] = swap;
        }
    return kept;
}

double nvc_clip_level(double *values, size_t n)
{
    double level = 0, sum = 0;
    n = above(values, n, 0);
    for (size_t i = 0; i < n; i++)
        sum += values[i];
    if (!n)
        return NAN;
    level = 0.5 * sum / (double)n;
    for (int turn = 0; turn < 100; turn++) {
        size_t kept = above(values, n, level);
        double next = kept ? 0.5 * nvc_median(values, kept) : level;
        if (next == level)
            break;
        level = next;
    }
    return level;
}

int nvc_brain_level(const struct nvc_mean_image *m, const bool *brain, double *level, struct nvc_error *err)
{
    double *v = nvc_array(m->n_voxels, sizeof *v, err);
    if (!v)
        return (int)err->status;
    size_t n = 0;
    for (size_t i = 0; i < m->n_voxels; i++) {
        double mean = m->sum[i] / (double)m->n_volumes;
        if (isfinite(mean) && (!brain || brain[i]))
            v[n++] = mean;
    }
    if (!brain) {
        double clip = nvc_clip_level(v, n);
        n = isfinite(clip) ? above(v, n, clip) : 0;
    }
    *level = n ? nvc_median(v, n) : NAN;
    free(v);
    return 0;
}
