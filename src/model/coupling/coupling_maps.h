/* Coupling indices of a region from a map of flow and maps of activity on one grid: class coupling.
 * For each activity map X (alff, falff, reho, dc ...):
 *   nvc_r_X         correlation across the region's voxels; nvc_z_X: Fisher's z with its error; nvc_neff_X: voxels that it is worth
 *   nvc_rpartial_X  the same given the covariates (grey-matter probability, tSNR)
 *   nvc_rdis_X      freed of noise, when split halves of both maps are there; rel_cbf, rel_X: reliability (Spearman-Brown), of the class
 *                   of the map: perfusion, bold-fluctuation
 *   nvc_ratio_X     (CBF_R / CBF_GM) / (X_R / X_GM);  nvc_logratio_X: its logarithm.  GM: tissue beyond 10 mm of the region
 *   imco_X, imco_r2_X  slope and R2 of local coupling (model/coupling/imco.h)
 *   nvc_residual    (alff) departure from the subject's own flow line over parcels (model/coupling/flow_line.h), nvc_residual_z, nvc_flow_slope
 * Errors of the means come from rows that are known (nvc-cbf, nvc-activity), else from split halves.
 * Notes: few_voxels, constant, few_support, reliability_low, noise_assumed, activity_error_unknown, flow_error_unknown, error_of_halves,
 * not_positive, few_parcels, flow_unreliable, flow_below_3_errors, flow_noise_unknown, derived. */
#ifndef NVC_MODEL_COUPLING_MAPS_H
#define NVC_MODEL_COUPLING_MAPS_H

#include "base/status.h"
#include "model/coupling/coupling.h"
#include "model/region/roi.h"
#include "model/region/series.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct nvc_half_map {
    const char *name;
    const double *map, *half[2];   /* grid; halves NULL: none */
};
struct nvc_map_set { /* borrowed */
    const struct nvc_grid *grid;
    struct nvc_half_map cbf;
    const struct nvc_half_map *activity;
    size_t n_activity;
    const bool *tissue;            /* grey matter or brain */
    const double *covariates[2];
    size_t n_covariates;
    const struct nvc_mask *parcels; /* NULL: no flow line */
    const struct nvc_coupling *known; /* rows of the same person, or NULL */
    int bootstrap;
    uint64_t seed;
    bool of_half;                  /* the maps are a half: errors by halves are those of one of them, reliability is left out */
    double radius_mm;              /* of local coupling */
    bool mica;                     /* also mica_r_X: correlation of the zero-padded volumes, as a published package does */
    const struct nvc_identity *who;
};
int nvc_coupling_of_maps(struct nvc_coupling *c, const struct nvc_map_set *s, const struct nvc_region *r, struct nvc_error *err) NVC_CHECKED;

/* Variance of the noise of the full map: a quarter of that of the difference of its halves, over the tissue; NaN without halves. */
double nvc_half_map_noise(const struct nvc_map_set *s, const struct nvc_half_map *m);

/* A known row of one region and index, or NULL. */
const struct nvc_coupling_row *nvc_coupling_find(const struct nvc_coupling *c, const char *index, const char *region, const char *side);

#endif
