/* Local coupling of two maps (IMCo): the slope of activity on flow within the neighbourhoods of a region's voxels.
 * Vandekar et al. 2016, doi 10.1016/j.neuroimage.2015.10.080; Baller et al. 2022, doi 10.1016/j.celrep.2022.110576.
 *
 * Least squares is attenuated by the noise of flow, so the slope is Deming's with the ratio of the noise variances.  Moments of all
 * neighbourhoods are added before the slope is taken: a neighbourhood in which flow hardly varies cannot throw it.  The error is
 * that of a jackknife over cubes of tissue, within which voxels depend on each other. */
#ifndef NVC_MODEL_IMCO_H
#define NVC_MODEL_IMCO_H

#include "base/grid.h"
#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>

struct nvc_imco_spec {
    const struct nvc_grid *grid;
    const double *x, *y;           /* flow and activity; 0 or not finite: missing */
    const bool *tissue;            /* grid voxels that may be neighbours */
    const size_t *region;          /* centres */
    size_t n_region;
    double radius_mm;              /* of a neighbourhood; its Gaussian weights have this full width at half maximum */
    double noise_x, noise_y;       /* variance of the noise of each map; NaN: unknown, both the same share of the map's variance */
};

struct nvc_imco {
    double slope, se, r2;          /* slope in sd of y per sd of x, over the tissue */
    size_t n_voxels, n_blocks;     /* neighbours; cubes of the jackknife, dof n_blocks - 1 */
    bool noise_assumed;
};
/* NVC_EDATA: fewer than 20 neighbours, or fewer than 4 cubes. */
int nvc_imco_fit(const struct nvc_imco_spec *spec, struct nvc_imco *out, struct nvc_error *err) NVC_CHECKED;

/* The same of the neighbourhood of every voxel of the tissue by itself: slope and r2, one per grid voxel, NaN outside and where fewer
 * than 20 neighbours have both maps.  A slope whose neighbourhood has little common variance is wild: Deming's is a ratio, so
 * compare it by its median.  spec->region is not looked at.  *noise_assumed: as above. */
int nvc_imco_map(const struct nvc_imco_spec *spec, float *slope, float *r2, bool *noise_assumed, struct nvc_error *err) NVC_CHECKED;

#endif
