/* nvc-extract --grey: the signal of grey matter alone in the voxels of the regions (model/region/partial_volume.h). */
#ifndef NVC_CMD_EXTRACT_GREY_H
#define NVC_CMD_EXTRACT_GREY_H

#include "cli/provenance.h"
#include "io/nifti.h"
#include "model/region/partial_volume.h"
#include "model/region/roi.h"

struct extract_grey {
    double *maps[3];                 /* grey, white, fluid; NULL: not given */
    struct nvc_grey_estimate *of;    /* of each voxel that is extracted */
    float *volume;
};
void extract_grey_release(struct extract_grey *x);
/* Read the maps at paths (fluid NULL: none).  The regions keep voxels with enough grey matter, weighted by it, and a note. */
int extract_grey_open(struct extract_grey *x, const char *const paths[3], enum nvc_orientation how, struct nvc_mask *mask,
                      struct nvc_input_mark *marks, size_t *n_marks, struct nvc_error *err) NVC_CHECKED;
/* Which sums make the value of each of n grid voxels. */
int extract_grey_plan(struct extract_grey *x, const struct nvc_grid *g, const size_t *index, size_t n, struct nvc_error *err) NVC_CHECKED;
/* Their values in a volume of the image; NaN without an estimate. */
void extract_grey_values(struct extract_grey *x, const struct nvc_nifti *image, const void *bytes, size_t n, double *values);

#endif
