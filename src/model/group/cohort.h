/* A cohort: the participants with their variables, and for each key (index, contrast, atlas, region, side,
 * task, session) one value per participant, made from the rows of many coupling tables. */
#ifndef NVC_MODEL_COHORT_H
#define NVC_MODEL_COHORT_H

#include "base/pool.h"
#include "base/status.h"
#include "model/coupling/coupling.h"
#include "model/group/exclude.h"
#include "model/group/participants.h"

#include <stdbool.h>
#include <stddef.h>

enum nvc_runs { NVC_RUNS_REFUSE, NVC_RUNS_MEAN, NVC_RUNS_IVW };

/* Why a participant has no value of a key. */
enum nvc_missing {
    NVC_PRESENT,
    NVC_MISSING_ROW,      /* no table held such a row */
    NVC_MISSING_VALUE,    /* the row says n/a */
    NVC_MISSING_COVERAGE, /* every run under the least coverage */
    NVC_MISSING_SE,       /* runs weighted by precision, and one has no se */
    NVC_MISSING_EXCLUDED, /* by a rule or by name */
    NVC_MISSING_REASONS
};
/* "no_row", "undefined", "low_coverage", "no_se", "excluded" */
const char *nvc_missing_text(enum nvc_missing m);

struct nvc_key {
    const char *index, *contrast, *atlas, *region, *side, *task, *session, *unit, *class_name;
    bool derived; /* follows from other keys (note of the rows): not in the family of tests */
    bool quality; /* coverage, dropout, mean_fd, pgm, tsnr, volume_mm3 as outcomes: beside the indices, never in their family */
    bool control; /* of class negative-control, likewise */
};
static inline bool nvc_key_is_index(const struct nvc_key *k) { return !k->quality && !k->control; }

/* The printed order: by index, contrast, atlas, region, side, task, session, bytewise. */
int nvc_key_compare(const struct nvc_key *a, const struct nvc_key *b);

struct nvc_cohort { /* zero it before use */
    const struct nvc_participants *who;
    struct nvc_pool text;
    size_t n, n_keys;
    struct nvc_key *keys;  /* sorted by their texts: the indices, then the negative controls, then quality */
    double *value, *se;    /* n x n_keys, column-major */
    unsigned char *missing; /* enum nvc_missing, n x n_keys */
};
void nvc_cohort_release(struct nvc_cohort *c);
/* The name itself, lasting, when it is one of quality, or NULL; and the values (n) of that quality that belong to key k, or NULL. */
const char *nvc_quality_name(const char *name);
double *nvc_cohort_quality(const struct nvc_cohort *c, size_t k, const char *name);

struct nvc_cohort_options {
    enum nvc_runs runs;
    double min_coverage;
    const struct nvc_rule *rules; /* bound */
    size_t n_rules;
};

/* Make it from the rows of all tables.
 * Several runs of a participant and key: refused (NVC_EDATA) with the two runs, or their mean
 * (se = sqrt(sum se^2) / runs), or their mean weighted by 1 / se^2.  Rows under min_coverage, and rows or
 * participants hit by a rule, count as missing before runs are combined; a row without a coverage stays.  The
 * same run twice, a participant who is not among `who`, units that differ within a key: refused.
 * Quality is tallied over all rows of participants who are not excluded. */
int nvc_cohort_init(struct nvc_cohort *c, const struct nvc_participants *who, const struct nvc_coupling *rows,
                    const struct nvc_cohort_options *o, struct nvc_error *err) NVC_CHECKED;

#endif
