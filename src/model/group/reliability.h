/* Reliability of indices that were measured more than once: in sessions, in runs. */
#ifndef NVC_MODEL_RELIABILITY_H
#define NVC_MODEL_RELIABILITY_H

#include "base/pool.h"
#include "base/status.h"
#include "model/group/cohort.h"
#include "model/group/group.h"
#include "model/stat/stat_icc.h"

#include <stdint.h>

enum nvc_occasion { NVC_BY_SESSION, NVC_BY_RUN };

/* The values of one key: participants x occasions, those without NaN first in `complete`. */
struct nvc_repeats {
    struct nvc_key key;     /* session n/a when occasions are sessions */
    size_t n, k;            /* participants with all occasions; occasions */
    const char **occasions; /* k, in bytewise order */
    const char **ids;       /* n */
    double *x;              /* n x k, column-major */
    const double *whole;    /* n, borrowed: the measurements that the occasions are parts of, whose g is asked for; NULL: their mean */
    size_t n_incomplete;    /* participants with some but not all */
};

struct nvc_reliability_row {
    const struct nvc_repeats *repeats;
    struct nvc_agreement agreement;
    struct nvc_split_half halves;   /* odd against even occasions (two: first against second) */
    struct nvc_bland_altman limits; /* second occasion minus first */
    double r;                       /* Pearson's of the first two occasions */
    /* With groups: g of the mean over occasions (or of repeats->whole), its value without the noise of measurement,
     * g / sqrt(ICC(3,k)), and the factor sqrt(ICC(3,1)) by which one measurement shrinks a true g. */
    double g, g_true, g_true_low, g_true_high, shrinkage, detectable_true_g;
    double average, average_low, average_high; /* ICC(3,k) within groups, NaN where it is not above 0, and its 95 % interval by F, in 0..1 */
    size_t n_case, n_control;
};

struct nvc_reliability { /* zero it before use */
    struct nvc_pool text;
    struct nvc_repeats *repeats;
    struct nvc_reliability_row *rows;
    size_t n;
};
/* Every key that two occasions or more have for two participants or more.  Rows under min_coverage count as
 * missing.  NVC_EDATA: the same participant, key and occasion twice; several runs in a session when sessions
 * are the occasions; no key with two occasions. */
int nvc_reliability_init(struct nvc_reliability *r, const struct nvc_coupling *rows, enum nvc_occasion by,
                         double min_coverage, struct nvc_error *err) NVC_CHECKED;
void nvc_reliability_release(struct nvc_reliability *r);

/* Fill the rows.  who and groups may be NULL: then no g.  Intervals of g_true: BCa bootstrap of participants
 * within groups (Efron 1987, doi:10.1080/01621459.1987.10478410), `replicates` of them, seeded. */
int nvc_reliability_compute(struct nvc_reliability *r, const struct nvc_participants *who,
                            const struct nvc_contrast_groups *groups, size_t replicates, uint64_t seed,
                            struct nvc_error *err) NVC_CHECKED;
/* That of the groups alone, for one key: g and what follows it; the rest of the row is left. */
int nvc_reliability_disattenuate(const struct nvc_repeats *t, struct nvc_reliability_row *row, const struct nvc_participants *who,
                                 const struct nvc_contrast_groups *groups, size_t replicates, uint64_t seed,
                                 struct nvc_error *err) NVC_CHECKED;

#endif
