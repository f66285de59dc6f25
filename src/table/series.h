/* The series table (nvc-tables(5)): `time` and one column per region, with facts in a first line "#nvc {json}",
 * in the sidecar, or nowhere. */
#ifndef NVC_TABLE_SERIES_H
#define NVC_TABLE_SERIES_H

#include "base/column.h"
#include "base/status.h"
#include "base/text.h"
#include "io/tsv.h"
#include "model/region/series.h"

#include <jansson.h>
#include <stdbool.h>

/* `time`; region columns are described by the facts. */
extern const struct nvc_column nvc_series_columns[];

/* Append the table: with `facts` the "#nvc" line first (standard output), without it plain BIDS. */
int nvc_series_write(struct nvc_text *out, const struct nvc_series *s, bool facts, struct nvc_error *err) NVC_CHECKED;
/* The facts for the sidecar; NULL with err set.  The caller's: json_decref. */
json_t *nvc_series_facts(const struct nvc_series *s, struct nvc_error *err) NVC_CHECKED;

/* From a table already read.  Without facts the TR is that of the `time` column (refused when unequal by
 * more than 1 ms or absent: name the option), region and side come from the column names, numbers are NaN.
 * s is released by the caller, also after a failure. */
int nvc_series_parse(struct nvc_series *s, const struct nvc_table *t, struct nvc_error *err) NVC_CHECKED;
int nvc_series_read(struct nvc_series *s, const char *path, struct nvc_error *err) NVC_CHECKED;

/* "lAMY_L" -> "lAMY", "L"; without a side in the name the side is "n/a". */
void nvc_region_split(const char *column, char region[static 96], char side[static 8]);

#endif
