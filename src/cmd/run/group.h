/* The group level of nvc-run: the coupling tables of all runs into one, and that through nvc-group. */
#ifndef NVC_CMD_RUN_GROUP_H
#define NVC_CMD_RUN_GROUP_H

#include "base/status.h"
#include "base/text.h"

#include <stdbool.h>

struct nvc_run_group_wish { /* borrowed; NULL: absent */
    const char *root, *out, *participants_tsv, *group, *case_label, *control_label, *runs, *covariates;
    const char *site, *primary, *permutations, *scores, *lock; /* as nvc-group takes them */
    struct nvc_list exclude, control_regions;
    struct nvc_list only, sessions, tasks, spaces, pass; /* only: participants; empty: all */
    bool dry_run, report; /* report: OUT/group/report.html as well */
};
/* Write OUT/group/coupling.tsv, halves.tsv where runs have halves, qc.tsv where they were judged, and what nvc-group makes of them: table.tsv, .csv, .md, .tex, .html,
 * demographics, flow, sensitivity, means, methods, figures; correlations with scores, specificity with control regions.
 * NVC_EDATA: no coupling tables, or nvc-group failed; its last line is the message. */
int nvc_run_group(const struct nvc_run_group_wish *w, struct nvc_error *err) NVC_CHECKED;

#endif
