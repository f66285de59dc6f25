/* One finding through several choices, as it is written. */
#ifndef NVC_TABLE_FORKS_H
#define NVC_TABLE_FORKS_H

#include "model/group/forks.h"
#include "table/cells.h"

extern const struct nvc_column nvc_forks_columns[];

int nvc_forks_write(struct nvc_text *out, const struct nvc_forks *t, enum nvc_table_kind kind,
                    struct nvc_error *err) NVC_CHECKED;

#endif
