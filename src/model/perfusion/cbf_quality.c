#include "model/perfusion/cbf_quality.h"

#include "base/memory.h"
#include "math/correlation.h"
#include "math/smooth.h"
#include "model/perfusion/perfusion.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

static const double sure = 0.7; /* probability from which a voxel is of a tissue */

struct moments { double n, mean, ss, negative; };

static bool usable(double x) { return isfinite(x) && x != 0; }

static struct moments moments_in(const double *map, const double *probability, size_t n)
{
    struct moments m = { 0 };
    for (size_t v = 0; v < n && probability; v++)
        if (probability[v] > sure && usable(map[v])) {
            const double away = map[v] - m.mean;
            m.mean += away / ++m.n;
            m.ss += away * (map[v] - m.mean);
            m.negative += map[v] < 0;
        }
    return m;
}

static double asymmetry_of(const double *map, const struct nvc_grid *g, const double *grey)
{
    double sum[2] = { 0 }, count[2] = { 0 };
    for (size_t v = 0; v < nvc_grid_voxels(g); v++) {
        const size_t plane = g->dim[0] * g->dim[1];
        const double ijk[3] = { (double)(v % g->dim[0]), (double)(v / g->dim[0] % g->dim[1]), (double)(v / plane) };
        double mm[3];
        nvc_grid_to_mm(g, ijk, mm);
        if (grey[v] > sure && usable(map[v]) && mm[0] != 0)
            sum[mm[0] > 0] += map[v], count[mm[0] > 0]++;
    }
    const double left = sum[0] / count[0], right = sum[1] / count[1];
    return 2 * (right - left) / (right + left);
}

/* smoothed: 0 where nothing is. */
static int quality_index(struct nvc_cbf_quality *q, const double *smoothed, const struct nvc_tissue *t, size_t n, struct nvc_error *err)
{
    const struct moments grey = moments_in(smoothed, t->grey, n), white = moments_in(smoothed, t->white, n), csf = moments_in(smoothed, t->csf, n);
    double pooled = 0;
    double *pair = nvc_array(2 * n, sizeof *pair, err);
    size_t m = 0;
    if (!pair)
        return NVC_ESYS;
    for (size_t v = 0; v < n; v++)
        if (smoothed[v] != 0 && isfinite(t->grey[v]) && isfinite(t->white[v])) {
            pair[m] = smoothed[v];
            pair[n + m++] = 2.5 * t->grey[v] + t->white[v];
        }
    q->rho = nvc_pearson(pair, pair + n, m);
    free(pair);
    const struct moments *tissue[] = { &grey, &white, &csf };
    for (int k = 0; k < 3; k++)
        pooled += tissue[k]->n > 0 ? (tissue[k]->n - 1) * tissue[k]->ss / tissue[k]->n : 0;
    pooled /= grey.n + white.n + csf.n - 3;
    q->dispersion = pooled / fabs(grey.mean);
    q->qei = nvc_cbf_qei(q->rho, q->dispersion, grey.negative / grey.n);
    return 0;
}

int nvc_cbf_quality_of(struct nvc_cbf_quality *q, const float *cbf, const struct nvc_grid *g, const struct nvc_tissue *t, struct nvc_error *err)
{
    const size_t n = nvc_grid_voxels(g);
    double sigma[3], *map = nvc_array(n, sizeof *map, err);
    if (!map)
        return NVC_ESYS;
    for (size_t v = 0; v < n; v++)
        map[v] = (double)cbf[v];
    const struct moments grey = moments_in(map, t->grey, n), white = moments_in(map, t->white, n);
    *q = (struct nvc_cbf_quality){ .n_grey = (size_t)grey.n, .grey = grey.mean, .white = white.n > 0 ? white.mean : NAN, .rho = NAN,
                                   .dispersion = NAN, .qei = NAN };
    int status = grey.n < 10 ? nvc_fail(err, NVC_EDATA, "%g voxels of grey matter (probability over %g) have a flow, need 10", grey.n, sure) : 0;
    if (status)
        goto out;
    q->ratio = q->grey / q->white;
    q->spatial_cov = sqrt(grey.ss / (grey.n - 1)) / grey.mean;
    q->negative_share = grey.negative / grey.n;
    q->asymmetry = asymmetry_of(map, g, t->grey);
    if (!t->white || !t->csf)
        goto out;
    for (int k = 0; k < 3; k++)
        sigma[k] = 5 / sqrt(8 * log(2)) / hypot(hypot(g->to_mm[0][k], g->to_mm[1][k]), g->to_mm[2][k]);
    if (!(status = nvc_gauss_smooth(map, g->dim, sigma, err)))
        status = quality_index(q, map, t, n, err);
out:
    free(map);
    return status;
}

const char *nvc_cbf_quality_note(const struct nvc_cbf_quality *q, char buf[static 96])
{
    const struct { bool said; const char *word; } flags[] = {
        { q->grey < 25 || q->grey > 120, "grey_flow_unusual" },
        { q->ratio < 1.2 || q->ratio > 4, "grey_white_unusual" },
        { q->spatial_cov > 0.8 || q->spatial_cov < 0, "spatial_cov_high" },
    };
    size_t at = 0;
    *buf = '\0';
    for (size_t k = 0; k < sizeof flags / sizeof *flags; k++)
        if (flags[k].said)
            at += (size_t)snprintf(buf + at, 96 - at, "%s%s", at ? ";" : "", flags[k].word);
    return buf;
}
