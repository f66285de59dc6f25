/* Flow and BOLD through time from one perfusion run (dual-echo: flow from the first echo, BOLD from the second).
 * Surround subtraction and averaging of volume t with its two neighbours of the other kind (Liu & Wong 2005, doi
 * 10.1016/j.neuroimage.2004.09.047):
 *     flow  +-(y_t - (y_(t-1) + y_(t+1)) / 2),  + for control;     BOLD  (y_t + (y_(t-1) + y_(t+1)) / 2) / 2
 * in units of the image; the first and the last have one neighbour. */
#ifndef NVC_MODEL_ASL_SERIES_H
#define NVC_MODEL_ASL_SERIES_H

#include "base/status.h"
#include "model/perfusion/asl.h"

#include <stdbool.h>
#include <stddef.h>

struct nvc_asl_series {
    const struct nvc_asl_plan *plan;
    size_t n_voxels, n_volumes, seen; /* n_volumes: control and label volumes */
    size_t last;                      /* volume held in near[1] */
    float *near[2];                   /* the volume before the last, and the last */
};
/* NVC_EDATA: control and label do not alternate, several delays, deltam or cbf. */
int nvc_asl_series_init(struct nvc_asl_series *s, const struct nvc_asl_plan *plan, size_t n_voxels, struct nvc_error *err) NVC_CHECKED;
void nvc_asl_series_release(struct nvc_asl_series *s);
/* Volume t came (NULL: the run is over).  True: flow and bold (n_voxels each) hold the next volume of the series. */
bool nvc_asl_series_add(struct nvc_asl_series *s, size_t t, const float *values, float *flow, float *bold);

#endif
