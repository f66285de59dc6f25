/* The built-in atlas: amygdala nuclei groups as ellipsoids, free of any resolution.
 *
 * Each nucleus is the ellipsoid (x-c)' C^-1 (x-c) <= k that has the centre c, covariance C and volume of its parcel in
 * Julich-Brain 3.1 (Amunts 2005 doi:10.1007/s00429-005-0025-5; Kedo 2018 doi:10.1007/s00429-017-1577-x); a point belongs
 * to the nucleus with the smallest squared Mahalanobis distance over its own k, so a point has at most one owner.
 * The moments are those of ICBM 2009c asymmetric space.  They stand in atlases/amygdala-parametric.tsv and nowhere else. */
#ifndef NVC_MODEL_ROI_PARAMETRIC_H
#define NVC_MODEL_ROI_PARAMETRIC_H

#include "model/region/roi.h"

#define NVC_PARAMETRIC_ATLAS "julich31-ellipsoids"
#define NVC_PARAMETRIC_SPACE "MNI152NLin2009cAsym"

struct nvc_nucleus { /* in the order of the columns of the TSV */
    const char *region, *side, *parcel; /* "BLA", "L", "Julich-3.1 LB" */
    double volume_mm3, x_mm, y_mm, z_mm;
    double xx, yy, zz, xy, xz, yz;      /* covariance, mm2 */
};
/* The table itself, *n rows. */
const struct nvc_nucleus *nvc_parametric_nuclei(size_t *n);

/* Row that owns a point in world mm, or -1. */
int nvc_parametric_owner(const double mm[3]);

/* Add to *r the partial-volume weights of the nucleus `row` on a grid: the share of a regular lattice of points in the
 * voxel that it owns.  The lattice has at least 4 points a side and a spacing of at most 0.4 mm, so results depend on
 * nothing but the grid; weights are within 0.02 of a lattice ten times as fine (rms 0.004). Measures the region.
 * *inside is the share of the nucleus that lies inside the grid. */
int nvc_parametric_weights(struct nvc_region *r, const struct nvc_grid *g, size_t row, double *inside,
                           struct nvc_error *err) NVC_CHECKED;

/* Grey matter that is no vein: amygdala and hippocampus of the Melbourne Subcortex Atlas (Tian 2020,
 * doi:10.1038/s41593-020-00711-6) as ellipsoids, MNI152NLin6Asym, from atlases/medial-temporal-parametric.tsv, and the
 * built-in nuclei.  True inside any of them. */
bool nvc_parametric_grey(const double mm[3]);

#endif
