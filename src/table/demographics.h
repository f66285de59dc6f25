/* The demographics table as it is written. */
#ifndef NVC_TABLE_DEMOGRAPHICS_H
#define NVC_TABLE_DEMOGRAPHICS_H

#include "model/group/demographics.h"
#include "table/cells.h"

extern const struct nvc_column nvc_demographics_columns[];

int nvc_demographics_write(struct nvc_text *out, const struct nvc_demographics *d, const char *case_label,
                           const char *control_label, enum nvc_table_kind kind, struct nvc_error *err) NVC_CHECKED;

#endif
