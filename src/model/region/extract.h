/* Regional time series from a run that is seen one volume at a time.
 *
 * Used voxel: finite in every volume, variance > 0, mean > 0 (unless signed_data), inside the brain mask when there is one.
 * coverage = weight of used voxels / weight of all voxels of the region.
 * s0 = mean of the region's signal over the retained volumes (all but the dummy scans).
 * tsnr = median over the region's used voxels of mean / sd after quadratic detrending, sd with N - 3.
 * dropout = s0 over the median of the brain's mean signal (model/region/brain.h).
 * Of signed data (differences, demeaned series) leaving out voxels by the sign of their mean would bias the region: all stay, s0 is
 * NaN unless the mean exceeds 5 of its standard errors, and dropout is NaN.
 * Memory: 8 bytes x voxels of all regions x volumes. */
#ifndef NVC_MODEL_EXTRACT_H
#define NVC_MODEL_EXTRACT_H

#include "base/status.h"
#include "model/region/roi.h"
#include "model/region/series.h"

#include <stdbool.h>
#include <stddef.h>

enum nvc_summary {
    NVC_SUMMARY_AUTO,        /* mean when every weight is 0 or 1, else weighted */
    NVC_SUMMARY_MEAN,        /* of the used voxels of weight >= 0.5, unweighted */
    NVC_SUMMARY_WEIGHTED,    /* weighted mean of all used voxels */
    NVC_SUMMARY_MEDIAN,      /* over the used voxels of weight >= 0.5, volume by volume */
    NVC_SUMMARY_EIGENVARIATE,/* first, of the column-centred used voxels of weight >= 0.5: as SPM, sum of loadings > 0,
                                scaled by s1 / sqrt(voxels); s0 is that of the mean */
    NVC_SUMMARY_ALL          /* every used voxel of weight > 0 is a column of its own: <column>_vNNNN */
};
extern const char *const nvc_summary_names[]; /* "auto", "mean", ...; ends with NULL */

struct nvc_extract_opts {
    enum nvc_summary summary;
    const bool *brain;       /* one per voxel of the grid, or NULL: every voxel */
    bool signed_data;        /* a mean of 0 or below is a value like any other */
    size_t n_dummy;          /* first volumes that count neither for s0 nor for tsnr nor for the used-voxel rule */
};

struct nvc_voxel_place {     /* of a column of NVC_SUMMARY_ALL */
    size_t region, index;    /* region of the mask, linear voxel index */
    double weight;
};

struct nvc_extract;          /* opaque */

/* The mask is borrowed and must outlive x. */
int nvc_extract_new(struct nvc_extract **x, const struct nvc_mask *mask, const struct nvc_extract_opts *opts,
                    struct nvc_error *err) NVC_CHECKED;
void nvc_extract_free(struct nvc_extract *x);
/* Linear indices of the *n voxels that any region has, ascending and without repeats: decode just these. */
const size_t *nvc_extract_index(const struct nvc_extract *x, size_t *n);
/* One more volume: the values of those voxels. */
int nvc_extract_add(struct nvc_extract *x, const double *values, struct nvc_error *err) NVC_CHECKED;
/* What became of a voxel by the used-voxel rule, and what it is worth; mean, sd and tsnr NaN when it is not used. */
struct nvc_voxel {
    bool used, zero, nonfinite, constant, negative, outside; /* exactly one is true */
    double mean, sd, tsnr; /* sd after quadratic detrending */
};
/* For every voxel of nvc_extract_index, of *n; the caller frees. */
int nvc_extract_judge(const struct nvc_extract *x, struct nvc_voxel **voxels, struct nvc_error *err) NVC_CHECKED;
/* The values of voxel v of nvc_extract_index: of volume t at the returned address + t * *stride; *n volumes. */
const double *nvc_extract_values(const struct nvc_extract *x, size_t v, size_t *n, size_t *stride);
/* Place of each voxel of a region (of the mask) in nvc_extract_index: region->n entries into row. */
void nvc_extract_rows(const struct nvc_extract *x, const struct nvc_region *r, size_t *row);

/* Fill s: Y, time_s (i * tr_s rounded to 1 us), regions and their facts, summary; identity and times of the run stay the
 * caller's to fill.  brain_level: nvc_brain_level's, or NaN (dropout n/a).  *places: NULL unless the summary is ALL, then
 * n_regions of s entries for the caller to free.  Regions without a used voxel are columns of NaN with n_vox 0 and the
 * note "empty"; NVC_EDATA when no region has one. */
int nvc_extract_finish(struct nvc_extract *x, double tr_s, double brain_level, struct nvc_series *s,
                       struct nvc_voxel_place **places, struct nvc_error *err) NVC_CHECKED;

#endif
