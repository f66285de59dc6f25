/* Can a map of cerebral blood flow be believed?  Numbers over the brain, from tissue probabilities on its grid. */
#ifndef NVC_MODEL_CBF_QUALITY_H
#define NVC_MODEL_CBF_QUALITY_H

#include "base/grid.h"
#include "base/status.h"
#include "model/region/partial_volume.h"

#include <stddef.h>

struct nvc_cbf_quality {
    size_t n_grey;
    double grey, white;        /* mean flow where the probability exceeds 0.7 */
    double ratio;              /* grey over white */
    double spatial_cov;        /* sd over mean in grey matter: rises with late arrival (Mutsaerts et al. 2017, doi
                                  10.1177/0271678X16683690) */
    double negative_share;     /* of grey voxels */
    double asymmetry;          /* (right - left) / their mean, grey matter */
    double rho, dispersion, qei; /* Dolui et al. 2024, doi 10.1002/jmri.29308, on the map smoothed by 5 mm; NaN without white and csf */
};
/* cbf: one per grid voxel, not finite or 0: missing.  NVC_EDATA: fewer than 10 grey voxels. */
int nvc_cbf_quality_of(struct nvc_cbf_quality *q, const float *cbf, const struct nvc_grid *g, const struct nvc_tissue *t,
                       struct nvc_error *err) NVC_CHECKED;

/* What is outside the usual, as words of the note joined by ';' or "": grey_flow_unusual (mean outside 25-120), grey_white_unusual
 * (outside 1.2-4), spatial_cov_high (over 0.8). */
const char *nvc_cbf_quality_note(const struct nvc_cbf_quality *q, char buf[static 96]);

#endif
