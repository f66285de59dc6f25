/* The options of nvc-group, between the words that describe them and the work that they ask for. */
#ifndef NVC_CMD_NVC_GROUP_H
#define NVC_CMD_NVC_GROUP_H

#include "base/status.h"
#include "base/text.h"

struct options {
    const char *participants, *group, *case_label, *control_label, *covariates, *primary, *block;
    struct nvc_list factors, exclude, family, lower, show, also;
    const char *output, *demographics, *flow, *figure, *forest, *roc;
    int runs, auc_ci, permutations, seed, pooled, threads;
    double min_coverage, equivalence_g;
};

int nvc_group_run(const struct options *o, char **args, int n_args, struct nvc_error *err) NVC_CHECKED;

#endif
