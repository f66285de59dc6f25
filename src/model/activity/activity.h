/* Resting activity of every voxel of a run: amplitude, homogeneity, centrality, in blocks of voxels that go to threads. */
#ifndef NVC_MODEL_ACTIVITY_H
#define NVC_MODEL_ACTIVITY_H

#include "base/grid.h"
#include "base/status.h"
#include "model/activity/alff.h"
#include "model/region/voxel_block.h"

#include <stdbool.h>
#include <stddef.h>

struct nvc_activity_spec {
    double tr_s, low_hz, high_hz;
    enum nvc_alff_kind alff;
    int neighbours;            /* of ReHo: 7, 19, 27; 0: no ReHo */
    double centrality;         /* threshold of r; NaN: no centrality */
    const double *confounds;   /* n_volumes x n_confounds or NULL */
    size_t n_confounds;
    const bool *keep;          /* per volume, false: censored; NULL: all kept */
    size_t from, to;           /* volumes that the indices are of, once all are cleaned together: from <= t < to; 0, 0: all */
    const size_t *sources, *targets; /* voxels whose centrality is wanted, and with which; NULL: all */
    size_t n_sources, n_targets;
};

/* The first (0) or second (1) half of the run, of as many volumes: nuisance and band are those of the run, the trend is taken out of the half
 * once more. */
struct nvc_activity_spec nvc_activity_half(const struct nvc_activity_spec *whole, size_t n_volumes, int half);

enum nvc_activity_map { NVC_MAP_ALFF, NVC_MAP_FALFF, NVC_MAP_RSFA, NVC_MAP_REHO, NVC_MAP_RBAR, NVC_MAP_NEIGHBOURS, NVC_MAP_DC, NVC_MAP_DC_BINARY, NVC_ACTIVITY_MAPS };
extern const char *const nvc_activity_names[NVC_ACTIVITY_MAPS]; /* "alff", "falff" ... */

struct nvc_activity {
    size_t n_voxels, n_bins;
    float *map[NVC_ACTIVITY_MAPS]; /* n_voxels each, NaN where undefined; NULL: not asked for */
};
void nvc_activity_release(struct nvc_activity *a);

/* index[n_voxels]: linear grid index of the voxels of the block, ascending.  NVC_EDATA: no band, no degree of freedom, an unusable number of volumes. */
int nvc_activity_compute(struct nvc_activity *a, const struct nvc_voxel_block *block, const struct nvc_grid *grid, const size_t *index,
                         const struct nvc_activity_spec *spec, struct nvc_error *err) NVC_CHECKED;

/* Mean amplitude spectrum in the band over voxels (numbers in the block), weights NULL: 1; density only.  band has n_bins values.
 * Voxels without a percent are left out. */
int nvc_activity_band(const struct nvc_voxel_block *block, const size_t *voxels, const double *weights, size_t n,
                      const struct nvc_activity_spec *spec, double **band, size_t *n_bins, struct nvc_error *err) NVC_CHECKED;

#endif
