/* Rows of the coupling table from a perfusion run or a map of flow. */
#ifndef NVC_TABLE_PERFUSION_H
#define NVC_TABLE_PERFUSION_H

#include "base/status.h"
#include "model/perfusion/asl.h"
#include "model/perfusion/cbf_quality.h"
#include "model/coupling/coupling.h"
#include "model/region/roi.h"
#include "model/region/series.h"

struct nvc_perfusion_rows { /* borrowed */
    const struct nvc_asl_scan *scan;
    const struct nvc_cbf_how *how;
    const struct nvc_identity *who;
    const double *slice_s;     /* per voxel of the scan, or NULL */
    const long *at;            /* number in the scan of every grid voxel, or -1 */
    const double *grey;        /* the scan is of grey matter alone (nvc_asl_grey_scan): its probability on the grid; NULL: as measured */
};

/* cbf with the error of the repetitions and, of several delays, att: class perfusion.  Of grey matter alone cbf_pvc and att_pvc, voxels
 * weighted by how much of it they hold, noted as derived.  Region without a voxel: n/a, empty.
 * Words of the note: empty, few_delays (two: a fit without an error), many_rejected (less than three quarters of the repetitions count), arrival_at_bound. */
int nvc_perfusion_indices(struct nvc_coupling *c, const struct nvc_perfusion_rows *s, const struct nvc_region *r, struct nvc_error *err) NVC_CHECKED;

/* Of the brain, as region GM of side B: cbf_gm_wm, cbf_spatial_cov, cbf_negative, cbf_asymmetry, cbf_qei. */
int nvc_perfusion_quality(struct nvc_coupling *c, const struct nvc_identity *who, const struct nvc_cbf_quality *q, struct nvc_error *err) NVC_CHECKED;

#endif
