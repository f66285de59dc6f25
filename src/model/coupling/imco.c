#include "model/coupling/imco.h"

#include "base/memory.h"
#include "model/coupling/flow_line.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool usable(double v) { return isfinite(v) && v != 0; }

struct moments { double sum, xx, yy, xy, n; };

enum { LEAST = 20 }; /* neighbours */

struct work {
    const struct nvc_imco_spec *spec;
    double mean[2], sd[2];         /* over the tissue */
    long *block_of;                /* cube of every grid voxel, -1: not a neighbour of any centre */
    size_t n_blocks, n_voxels;
    long reach[3];                 /* voxels */
    double voxel_mm[3];
};

static void place_of(const struct nvc_grid *g, size_t v, long at[3])
{
    at[0] = (long)(v % g->dim[0]), at[1] = (long)(v / g->dim[0] % g->dim[1]), at[2] = (long)(v / g->dim[0] / g->dim[1]);
}

/* The neighbour of a centre by its offset and its squared distance, or -1. */
static long neighbour(const struct work *w, const long at[3], const long off[3], double *d2)
{
    const struct nvc_imco_spec *s = w->spec;
    long p[3];
    *d2 = 0;
    for (int k = 0; k < 3; k++) {
        p[k] = at[k] + off[k];
        *d2 += (double)(off[k] * off[k]) * w->voxel_mm[k] * w->voxel_mm[k];
        if (p[k] < 0 || p[k] >= (long)s->grid->dim[k])
            return -1;
    }
    const long v = p[0] + (long)s->grid->dim[0] * (p[1] + (long)s->grid->dim[1] * p[2]);
    return *d2 <= s->radius_mm * s->radius_mm && s->tissue[v] && usable(s->x[v]) && usable(s->y[v]) ? v : -1;
}

/* Weighted moments about the neighbourhood's own mean, without one cube (-1: none). */
static struct moments around(const struct work *w, size_t centre, long without)
{
    const struct nvc_imco_spec *s = w->spec;
    const double sigma = s->radius_mm / sqrt(8 * log(2));
    struct moments m = { 0 };
    double mx = 0, my = 0, d2;
    long at[3], off[3];
    place_of(s->grid, centre, at);
    for (off[2] = -w->reach[2]; off[2] <= w->reach[2]; off[2]++)
        for (off[1] = -w->reach[1]; off[1] <= w->reach[1]; off[1]++)
            for (off[0] = -w->reach[0]; off[0] <= w->reach[0]; off[0]++) {
                const long v = neighbour(w, at, off, &d2);
                if (v < 0 || (without >= 0 && w->block_of[v] == without))
                    continue;
                const double wt = exp(-0.5 * d2 / (sigma * sigma)), x = (s->x[v] - w->mean[0]) / w->sd[0], y = (s->y[v] - w->mean[1]) / w->sd[1];
                const double dx = x - mx, dy = y - my;
                m.sum += wt, m.n++;
                mx += wt / m.sum * dx, my += wt / m.sum * dy;
                m.xx += wt * dx * (x - mx), m.yy += wt * dy * (y - my), m.xy += wt * dx * (y - my);
            }
    return m;
}

static double slope_without(const struct work *w, long without, double ratio, double *r2)
{
    struct moments all = { 0 };
    for (size_t i = 0; i < w->spec->n_region; i++) {
        const struct moments m = around(w, w->spec->region[i], without);
        all.xx += m.xx, all.yy += m.yy, all.xy += m.xy;
    }
    *r2 = all.xy * all.xy / (all.xx * all.yy);
    return nvc_deming_of_moments(all.xx, all.yy, all.xy, ratio);
}

static void scale_maps(struct work *w)
{
    const double *maps[2] = { w->spec->x, w->spec->y };
    for (int k = 0; k < 2; k++) {
        double n = 0, ss = 0;
        for (size_t v = 0; v < nvc_grid_voxels(w->spec->grid); v++)
            if (w->spec->tissue[v] && usable(w->spec->x[v]) && usable(w->spec->y[v])) {
                const double away = maps[k][v] - w->mean[k];
                w->mean[k] += away / ++n;
                ss += away * (maps[k][v] - w->mean[k]);
            }
        w->sd[k] = sqrt(ss / (n - 1));
    }
}

/* Number the neighbours of all centres by cubes whose edge is the radius. */
static int make_blocks(struct work *w, struct nvc_error *err)
{
    const struct nvc_imco_spec *s = w->spec;
    const size_t n = nvc_grid_voxels(s->grid);
    long per[3], cubes[3], at[3], off[3];
    double d2;
    for (int k = 0; k < 3; k++) {
        per[k] = (long)fmax(1, round(s->radius_mm / w->voxel_mm[k]));
        cubes[k] = (long)s->grid->dim[k] / per[k] + 1;
    }
    long *number = nvc_array((size_t)(cubes[0] * cubes[1] * cubes[2]), sizeof *number, err);
    if (!number || !(w->block_of = nvc_array(n, sizeof *w->block_of, err))) {
        free(number);
        return NVC_ESYS;
    }
    for (size_t v = 0; v < n; v++)
        w->block_of[v] = -1;
    for (size_t i = 0; i < s->n_region; i++) {
        place_of(s->grid, s->region[i], at);
        for (off[2] = -w->reach[2]; off[2] <= w->reach[2]; off[2]++)
            for (off[1] = -w->reach[1]; off[1] <= w->reach[1]; off[1]++)
                for (off[0] = -w->reach[0]; off[0] <= w->reach[0]; off[0]++) {
                    const long v = neighbour(w, at, off, &d2);
                    if (v < 0 || w->block_of[v] >= 0)
                        continue;
                    const long cube = (at[0] + off[0]) / per[0] + cubes[0] * ((at[1] + off[1]) / per[1] + cubes[1] * ((at[2] + off[2]) / per[2]));
                    if (!number[cube])
                        number[cube] = (long)++w->n_blocks;
                    w->block_of[v] = number[cube] - 1;
                    w->n_voxels++;
                }
    }
    free(number);
    return 0;
}

static double jackknife(const struct work *w, double ratio)
{
    double mean = 0, ss = 0, r2;
    for (size_t b = 0; b < w->n_blocks; b++) {
        const double slope = slope_without(w, (long)b, ratio, &r2), away = slope - mean;
        mean += away / (double)(b + 1);
        ss += away * (slope - mean);
    }
    return sqrt((double)(w->n_blocks - 1) / (double)w->n_blocks * ss);
}

static void measure(struct work *w)
{
    const struct nvc_imco_spec *s = w->spec;
    for (int k = 0; k < 3; k++) {
        w->voxel_mm[k] = hypot(hypot(s->grid->to_mm[0][k], s->grid->to_mm[1][k]), s->grid->to_mm[2][k]);
        w->reach[k] = (long)floor(s->radius_mm / w->voxel_mm[k]);
    }
    scale_maps(w);
}

/* Variance of the noise of y over that of x, both in their standard deviations; 1 when it is not known. */
static double noise_ratio(const struct work *w, bool *assumed)
{
    const double given = w->spec->noise_y / (w->sd[1] * w->sd[1]) / (w->spec->noise_x / (w->sd[0] * w->sd[0]));
    *assumed = !(given > 0 && isfinite(given));
    return *assumed ? 1 : given;
}

int nvc_imco_fit(const struct nvc_imco_spec *spec, struct nvc_imco *out, struct nvc_error *err)
{
    struct work w = { .spec = spec };
    *out = (struct nvc_imco){ .slope = NAN, .se = NAN, .r2 = NAN };
    measure(&w);
    int status = make_blocks(&w, err);
    out->n_voxels = w.n_voxels, out->n_blocks = w.n_blocks;
    if (!status && (w.n_voxels < LEAST || w.n_blocks < 4))
        status = nvc_fail(err, NVC_EDATA, "%zu neighbours in %zu cubes, need %d in 4", w.n_voxels, w.n_blocks, LEAST);
    if (!status) {
        const double ratio = noise_ratio(&w, &out->noise_assumed);
        out->slope = slope_without(&w, -1, ratio, &out->r2);
        out->se = jackknife(&w, ratio);
    }
    free(w.block_of);
    return status;
}

int nvc_imco_map(const struct nvc_imco_spec *spec, float *slope, float *r2, bool *noise_assumed, struct nvc_error *err)
{
    const size_t n = nvc_grid_voxels(spec->grid);
    struct work w = { .spec = spec };
    size_t good = 0;
    measure(&w);
    const double ratio = noise_ratio(&w, noise_assumed);
    #pragma omp parallel for schedule(dynamic, 1024) reduction(+:good)
    for (size_t v = 0; v < n; v++) {
        slope[v] = r2[v] = NAN;
        if (!spec->tissue[v] || !usable(spec->x[v]) || !usable(spec->y[v]))
            continue;
        const struct moments m = around(&w, v, -1);
        if (m.n < LEAST || !(m.xx > 0 && m.yy > 0))
            continue;
        slope[v] = (float)nvc_deming_of_moments(m.xx, m.yy, m.xy, ratio);
        r2[v] = (float)(m.xy * m.xy / (m.xx * m.yy));
        good++;
    }
    return good ? 0 : nvc_fail(err, NVC_EDATA, "no voxel has %d neighbours with both maps within %g mm", LEAST, spec->radius_mm);
}
