/* Each participant against the controls, as it is written. */
#ifndef NVC_TABLE_NORMATIVE_H
#define NVC_TABLE_NORMATIVE_H

#include "model/group/normative.h"
#include "table/cells.h"

extern const struct nvc_column nvc_normative_columns[];

int nvc_normative_write(struct nvc_text *out, const struct nvc_normative *t, enum nvc_table_kind kind,
                        struct nvc_error *err) NVC_CHECKED;

#endif
