/* The region table of a mask (nvc-tables(5)): one row per region.  It stands beside the image as X.tsv and, as JSON,
 * in a header extension, so that a mask that went through a pipe keeps its names. */
#ifndef NVC_TABLE_REGION_H
#define NVC_TABLE_REGION_H

#include "base/column.h"
#include "base/status.h"
#include "base/text.h"
#include "io/tsv.h"
#include "model/region/roi.h"

#include <jansson.h>

extern const struct nvc_column nvc_region_columns[];

/* Header and rows as TSV; index counts from 1. */
int nvc_region_table_tsv(struct nvc_text *out, const struct nvc_mask *m, struct nvc_error *err) NVC_CHECKED;
/* {"table":"mask","regions":[{...}]}, compact. */
int nvc_region_table_json(struct nvc_text *out, const struct nvc_mask *m, struct nvc_error *err) NVC_CHECKED;

/* Append the regions of a table, without voxels, to m.  NVC_EDATA for a table of another kind. */
int nvc_region_table_parse(struct nvc_mask *m, const char *json, const char *what, struct nvc_error *err) NVC_CHECKED;
int nvc_region_table_take(struct nvc_mask *m, const struct nvc_table *t, struct nvc_error *err) NVC_CHECKED;

#endif
