/* One pass of nvc-qc over a run: everything that needs the voxels. */
#ifndef NVC_CMD_QC_SCAN_H
#define NVC_CMD_QC_SCAN_H

#include "cli/provenance.h"
#include "io/nifti.h"
#include "model/region/brain.h"
#include "model/region/extract.h"
#include "model/region/tsnr.h"

struct qc_scan {
    struct nvc_nifti *image;
    const char *path;
    struct nvc_mask mask;      /* the caller's regions, then the vein boxes */
    size_t n_regions, n_dummy;
    bool *brain;               /* every voxel; given or made */
    bool brain_given;
    struct nvc_extract *extract;
    struct nvc_voxel *voxels;
    struct nvc_mean_image mean; /* for the picture; sum NULL when none is drawn */
    struct nvc_tsnr tsnr;       /* of the brain's voxels, in ascending order */
    double brain_level, dvars_pct;
    double *brain_signal;       /* mean over the brain of each retained volume */
    float *tsnr_map;            /* every voxel, NaN outside the brain */
};
/* image, path, mask, n_dummy, brain (or NULL) are set; picture: keep the mean image.  Reads the image to its end. */
int qc_scan_run(struct qc_scan *s, bool picture, struct nvc_error *err) NVC_CHECKED;
void qc_scan_release(struct qc_scan *s);

#endif
