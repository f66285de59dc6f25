/* The case-control table as it is written: TSV and CSV with every number, Markdown, LaTeX (booktabs) and
 * HTML as a paper prints it. */
#ifndef NVC_TABLE_GROUP_H
#define NVC_TABLE_GROUP_H

#include "base/column.h"
#include "base/status.h"
#include "base/text.h"
#include "model/group/cohort.h"
#include "model/group/group.h"
#include "table/cells.h"

extern const struct nvc_column nvc_group_columns[];

/* The blocks in which a paper's table and a report show the rows, in their order; null regions are in their rank only. */
enum { NVC_GROUP_BLOCKS = 6, NVC_GROUP_BLOCKS_ASKED = 3 }; /* the first three hold what was asked for */
extern const struct nvc_group_block { enum nvc_role_of_row role; const char *heading; } nvc_group_blocks[NVC_GROUP_BLOCKS];

/* What stands in every row beside its numbers. */
struct nvc_group_heading {
    const char *case_label, *control_label;
    const char *covariates; /* "age, sex" or NULL */
};
int nvc_group_write(struct nvc_text *out, const struct nvc_group_table *t, const struct nvc_group_heading *h,
                    enum nvc_table_kind kind, struct nvc_error *err) NVC_CHECKED;

#endif
