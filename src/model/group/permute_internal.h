/* What permute.c prepares and permute_run.c works through. */
#ifndef NVC_MODEL_PERMUTE_INTERNAL_H
#define NVC_MODEL_PERMUTE_INTERNAL_H

#include "model/group/permute.h"

enum {
    NVC_PERMUTE_LANES = 8,    /* outcomes side by side, for the vector unit */
    NVC_PERMUTE_COLUMNS = 128 /* most columns of a model */
};

/* Outcomes with the same rows and model. */
struct nvc_pattern {
    size_t n, m, column;
    const size_t *row;
    const double *X;       /* borrowed from the first such outcome */
    double *D;             /* n x (m + 2): weights of the coefficient, weights of its variance, orthonormal columns */
    double variance_scale; /* pooled: w'w / dof, else 1 */
    size_t *canonical;     /* rows in the order of blocks; blocks are runs of it */
    size_t *position;      /* participant -> row, SIZE_MAX: none */
    double high;           /* the larger of the two values of the tested column */
    size_t n_blocks, *block_start, *block_ones; /* starts (n_blocks + 1), and rows of each block with the high value */
    size_t arrangements;                        /* when they can and may be enumerated, else 0 */
    size_t n_outcomes, *outcome;
    double *E; /* residuals, in groups of LANES: n x LANES each */
};

struct nvc_permute_work {  /* of one thread */
    size_t *order, *drawn; /* participants in random order; rows of a pattern in random order */
    double *D, *sign;      /* the permuted model; signs of rows, when flipped */
    double *participant_sign;
    bool *pick;                       /* rows of a block that receive the high value */
    double *t;                        /* statistic of every outcome */
    double **y, *made, *E;            /* outcomes made again: pointers into made, and side by side */
    size_t *count, *count_family;     /* of every outcome: arrangements that reach the observed one */
    size_t count_mean, count_largest; /* of the pool */
};

struct nvc_permute_state {
    const struct nvc_permute_outcome *outcomes;
    size_t k, participants;
    const struct nvc_permute_options *o;
    struct nvc_pattern *patterns;
    size_t n_patterns;
    size_t *by_block; /* participants in the order of blocks; blocks are runs that end where `block_end` says */
    size_t *block_end;
    double *observed;
    struct nvc_permute_pool pool;
    int n_threads;
    struct nvc_permute_work *threads;
};
int nvc_permute_prepare(struct nvc_permute_state *w, struct nvc_error *err) NVC_CHECKED;
void nvc_permute_release(struct nvc_permute_state *w);

/* t of all outcomes of the pattern with its model in D (as arranged). */
void nvc_permute_statistics(const struct nvc_pattern *p, const double *D, double *t);
/* Arrange the pattern's model by a random order of participants (or by signs). */
void nvc_permute_draw(const struct nvc_pattern *p, const size_t *order, size_t participants,
                      struct nvc_permute_work *w);
void nvc_permute_draw_signs(const struct nvc_pattern *p, const double *sign_of_participant, struct nvc_permute_work *w);
/* Arrange it as arrangement `number` of p->arrangements; 0 is the observed one when `flip`. */
void nvc_permute_enumerate(const struct nvc_pattern *p, size_t number, bool flip, struct nvc_permute_work *w);

#endif
