/* Images while nvc-glm works on them. */
#ifndef NVC_CMD_GLM_IMAGE_H
#define NVC_CMD_GLM_IMAGE_H

#include "cmd/shared/bold.h"
#include "cmd/glm/model.h"
#include "model/region/extract.h"
#include "model/glm/glm_maps.h"

/* One run: its own model (at least its design), and the image, opened anew for every pass. */
struct glm_image_run {
    struct glm_model *m;
    struct nvc_stream *stream;       /* of a run that can be read only once, until it is opened */
    struct bold bold;
    bool fresh;                      /* open, no volume read */
    size_t first_row;                /* in Y */
};

struct glm_image {
    const struct glm_options *o;
    struct glm_model *m;             /* what is fitted: the run's, or that of all runs together */
    struct glm_image_run *runs;
    size_t n_runs;
    bool once;                       /* a run cannot be read again */
    struct nvc_grid grid;
    size_t n_voxels, n_rows;         /* voxels of the mask, volumes in the model */
    size_t *index;                   /* n_voxels: where they lie in the grid */
    size_t first, n_held;            /* voxels [first, first + n_held) are held in Y */
    float *Y;                        /* n_rows x n_held, voxels fastest */
    size_t n_dead;                   /* voxels so far that do not vary or are not finite */
    struct nvc_map_list maps;
    float *values;                   /* maps x n_voxels */
    struct nvc_mask regions;
    struct nvc_extract *extract;
    struct nvc_series series;        /* of the regions; also who the run is */
};

/* Open run r, read its design unless that is done, check that it lies on the grid of the first. */
int glm_image_open_run(struct glm_image *g, size_t r, struct nvc_error *err) NVC_CHECKED;
/* With all designs read: the voxels of the mask, the regions, and how many voxels are held at a time. */
int glm_image_prepare(struct glm_image *g, struct nvc_error *err) NVC_CHECKED;
/* All runs into Y, opening again those that were read before. */
int glm_image_read(struct glm_image *g, struct nvc_error *err) NVC_CHECKED;

/* The held voxels from `first` on, that were fitted: their residuals in place of the series where --residuals asks for them,
 * and p of whiteness into whiteness[fit->n_vox] unless it is NULL. */
int glm_image_look(struct glm_image *g, const struct nvc_glm_fit *fit, size_t first, float *whiteness, struct nvc_error *err) NVC_CHECKED;

/* Write every map with its sidecar, PREFIX_contrast-face_stat-t_statmap.nii.gz; and what Y holds. */
int glm_image_try_output(const struct glm_image *g, struct nvc_error *err) NVC_CHECKED; /* before the work */
int glm_image_write_maps(const struct glm_image *g, struct nvc_error *err) NVC_CHECKED;
int glm_image_write_residuals(const struct glm_image *g, struct nvc_error *err) NVC_CHECKED;

#endif
