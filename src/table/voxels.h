/* Where the voxels of `nvc-extract --summary all` lie: one row per column of the series. */
#ifndef NVC_TABLE_VOXELS_H
#define NVC_TABLE_VOXELS_H

#include "base/column.h"
#include "base/text.h"
#include "model/region/extract.h"

extern const struct nvc_column nvc_voxel_columns[];

/* places: one per column of s, from nvc_extract_finish. */
int nvc_voxels_write(struct nvc_text *out, const struct nvc_series *s, const struct nvc_voxel_place *places,
                     const struct nvc_grid *g, struct nvc_error *err) NVC_CHECKED;

#endif
