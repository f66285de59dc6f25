/* Rows of the coupling table from maps of resting activity. */
#ifndef NVC_TABLE_ACTIVITY_H
#define NVC_TABLE_ACTIVITY_H

#include "base/status.h"
#include "model/activity/activity.h"
#include "model/coupling/coupling.h"
#include "model/region/roi.h"
#include "model/region/series.h"

struct nvc_activity_rows { /* borrowed */
    const struct nvc_activity *activity;
    const struct nvc_voxel_block *block;
    const struct nvc_activity_spec *spec;
    const struct nvc_mask *mask;
    const long *at;            /* number in the block of every grid voxel, or -1 */
    const size_t *index;       /* and back */
    const bool *grey;          /* grid voxels of grey matter; NULL: every voxel of the block */
    const struct nvc_identity *who;
    double mean_fd_mm;         /* NaN: unknown */
    bool standardise;          /* rows of m and z, too */
};

/* alff, falff, rsfa, reho (rbar), dc, dcbinary: weighted means over the region's voxels; lnalff against grey matter with its jackknife
 * error (density only).  Standardised: each also over the mean of the map (mNAME) and less it in sd (zNAME), derived.  Region without a voxel: n/a, empty. */
int nvc_activity_indices(struct nvc_coupling *c, const struct nvc_activity_rows *s, size_t region, struct nvc_error *err) NVC_CHECKED;

/* Means over grey matter, where it is given, as region GM of side B: what ratios of nvc-coupling refer to.  A map of which less than half
 * of grey matter has a value (centrality of the regions alone) has no row. */
int nvc_activity_grey(struct nvc_coupling *c, const struct nvc_activity_rows *s, struct nvc_error *err) NVC_CHECKED;

struct nvc_map_moments { double mean, sd; };
struct nvc_map_moments nvc_map_moments_of(const float *map, size_t n); /* NaN left out */

#endif
