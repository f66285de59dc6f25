/* An image while nvc-glm works on it. */
#ifndef NVC_CMD_GLM_IMAGE_H
#define NVC_CMD_GLM_IMAGE_H

#include "cmd/bold.h"
#include "cmd/glm_model.h"
#include "model/extract.h"
#include "model/glm_maps.h"

struct glm_image {
    struct glm_model *m;
    const struct glm_options *o;
    struct bold bold;
    bool once;                       /* a pipe: it cannot be read again */
    struct nvc_grid grid;
    size_t n_volumes, n_voxels;      /* volumes of the run; voxels of the mask */
    size_t *index;                   /* n_voxels: where they lie in the grid */
    size_t first, n_held;            /* voxels [first, first + n_held) are held in Y */
    float *Y;                        /* rows of the design x n_held, voxels fastest */
    struct nvc_map_list maps;
    float *values;                   /* maps x n_voxels */
    struct nvc_mask regions;
    struct nvc_extract *extract;
    struct nvc_series series;        /* of the regions; also who the run is */
};

/* Write every map with its sidecar, PREFIX_contrast-face_stat-t_statmap.nii.gz; and what the held voxels Y hold. */
int glm_image_write_maps(const struct glm_image *g, struct nvc_error *err) NVC_CHECKED;
int glm_image_write_residuals(const struct glm_image *g, struct nvc_error *err) NVC_CHECKED;

#endif
