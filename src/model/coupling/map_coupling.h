/* Coupling of two maps across the voxels of a region: the correlation, with the n that smoothness leaves.
 *
 * Only voxels of the region that are finite and not zero in both maps enter: correlating the zero-padded volume, as a published
 * package does, turns -0.875 into +0.924.  Neighbouring voxels are not independent: n_eff = 1 + tr(H Rx) tr(H Ry) / tr(H Rx H Ry)
 * (Dutilleul 1993, doi 10.2307/2532625), H centring, R the autocorrelation of each map estimated over a support of at least 500
 * voxels around the region, not inside it.  Intervals by parametric bootstrap of Fisher's z, with Student's t at 2 n_eff degrees.
 * In a region of more than 1500 voxels (grey matter) the autocorrelation is that of the region itself, up to 20 mm, and intervals
 * are closed: z +- 1.96 / sqrt(n_eff - 3).
 *
 * What it cannot tell: r of a region of 40 voxels at 6 mm smoothness has a standard error of 0.35; shared dropout makes maps
 * agree; a noisier map couples less, which r_disattenuated undoes when split halves are given. */
#ifndef NVC_MODEL_MAP_COUPLING_H
#define NVC_MODEL_MAP_COUPLING_H

#include "base/grid.h"
#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct nvc_map_pair {
    const struct nvc_grid *grid;
    const double *x, *y;           /* one value per grid point; 0 or not finite: missing */
    const size_t *region;          /* linear indices */
    size_t n_region;
    const bool *support;           /* grid points of grey matter or brain */
    double support_mm;             /* radius around the region's centre: 20 */
    const double *const *covariates; /* maps held constant in the partial correlation */
    size_t n_covariates;
    int bootstrap;                 /* replicates; 0: the closed form 1 / sqrt(n_eff - 3) */
    uint64_t seed;
};

struct nvc_map_r {
    size_t n, n_support;           /* voxels that enter; that the smoothness comes from */
    double r, z, z_se, ci_low, ci_high; /* Fisher's z; NaN where n < 4 or n_eff <= 3 */
    double n_eff;
    double partial_r, partial_z_se; /* given the covariates; NaN without */
    bool few_support;              /* fewer than 500: autocorrelation from neighbours along each axis */
};

/* NVC_EDATA: fewer than 4 usable voxels, a map constant in the region. */
int nvc_map_couple(const struct nvc_map_pair *p, struct nvc_map_r *out, struct nvc_error *err) NVC_CHECKED;

/* r freed of noise: r / sqrt(SB(half_x) SB(half_y)), SB(q) = 2q / (1 + q), half_*: correlation of the map's split halves in the
 * region.  NaN when a reliability is below 0.2. */
double nvc_disattenuate(double r, double half_x, double half_y);

#endif
