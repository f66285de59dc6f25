/* A whole run held in memory: the series of the voxels of the brain, and maps of what is made of them. */
#ifndef NVC_CMD_HELD_IMAGE_H
#define NVC_CMD_HELD_IMAGE_H

#include "cmd/shared/bold.h"
#include "model/region/voxel_block.h"

#include <stdbool.h>

struct held_image {
    struct bold bold;
    bool *brain;               /* of the grid; NULL: no mask was given */
    struct nvc_voxel_block block;
    size_t *index;             /* grid index of the voxels of the block, ascending */
};
void held_image_release(struct held_image *h);

/* Open the run (h zeroed but for the orientation of its bold) and its brain mask (NULL: none), adding the mask to marks.  The header is there from now on. */
int held_image_open(struct held_image *h, const char *path, struct nvc_stream *stream, const char *tr, const char *brain_mask,
                    struct nvc_input_mark *marks, size_t *n_marks, struct nvc_error *err) NVC_CHECKED;
/* Read all volumes and keep the voxels that are finite and vary and, without a brain mask, whose mean exceeds the clip level. */
int held_image_read(struct held_image *h, struct nvc_input_mark *marks, size_t *n_marks, struct nvc_error *err) NVC_CHECKED;
const struct nvc_grid *held_image_grid(const struct held_image *h);
/* Mean of the series of voxel v. */
double held_image_mean(const struct held_image *h, size_t v);

/* Can maps of this prefix be written?  Asked before the work is done. */
int held_image_try_output(const char *prefix, struct nvc_error *err) NVC_CHECKED;
/* Write (value - shift) / scale of each voxel as a map of float32, NaN where there is no voxel, with its sidecar. */
struct held_map { const float *value; double shift, scale; const char *help, *unit; };
int held_image_write(const struct held_image *h, const char *path, const struct held_map *map, const struct nvc_input_mark *marks,
                     size_t n_marks, struct nvc_error *err) NVC_CHECKED;

#endif
