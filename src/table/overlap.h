/* How far the regions of two masks agree: one row for each pair of the same side. */
#ifndef NVC_TABLE_OVERLAP_H
#define NVC_TABLE_OVERLAP_H

#include "base/column.h"
#include "base/text.h"
#include "model/region/roi.h"

extern const struct nvc_column nvc_overlap_columns[];

/* Header (when first) and rows.  The masks share a grid. */
int nvc_overlap_write(struct nvc_text *out, const struct nvc_mask *m, const struct nvc_mask *other, bool first,
                      struct nvc_error *err) NVC_CHECKED;

#endif
