/* Rules of exclusion, declared before looking: "coverage<0.5", "mean_fd>0.5", "age>=65", "site=B".
 *
 * coverage, tsnr, mean_fd, n_vox and qc (the verdict of nvc-qc, "qc=fail") are read from each coupling row and
 * exclude that row; every other name is a variable of the participants and excludes the participant.  What is missing excludes nobody. */
#ifndef NVC_MODEL_EXCLUDE_H
#define NVC_MODEL_EXCLUDE_H

#include "base/status.h"
#include "base/text.h"
#include "model/coupling/coupling.h"
#include "model/group/participants.h"

#include <stdbool.h>
#include <stddef.h>

enum nvc_relation { NVC_LT, NVC_LE, NVC_GT, NVC_GE, NVC_EQ, NVC_NE };

struct nvc_rule {
    const char *text;             /* as written, borrowed */
    char name[96];
    enum nvc_relation relation;
    const char *label;            /* what stands right of the relation */
    double number;                /* the same as a number; NaN: a label */
    const struct nvc_variable *variable; /* of the participants; NULL: of a row */
};

/* NVC_EUSAGE: no name, no relation, nothing right of it, a label with < or >. */
int nvc_rule_parse(struct nvc_rule *r, const char *text, struct nvc_error *err) NVC_CHECKED;
/* Find the variable of a rule that is not about rows.  NVC_EDATA: no such column; a number compared with
 * labels or the reverse. */
int nvc_rule_bind(struct nvc_rule *r, const struct nvc_participants *p, struct nvc_error *err) NVC_CHECKED;
/* About a verdict of nvc-qc: qc, positive. */
bool nvc_rule_of_verdict(const struct nvc_rule *r);
bool nvc_rule_hits_row(const struct nvc_rule *r, const struct nvc_coupling_row *row);
bool nvc_rule_hits_participant(const struct nvc_rule *r, size_t i);

#endif
