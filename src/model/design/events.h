/* Events of one run: when, how long, of which condition, how strong. */
#ifndef NVC_MODEL_EVENTS_H
#define NVC_MODEL_EVENTS_H

#include "base/status.h"
#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>

struct nvc_events {
    size_t n, cap;
    size_t n_unnamed;             /* events left out because their trial_type is n/a */
    bool one_condition;           /* the table names no conditions: all events are of "event" */
    double *onset_s, *duration_s; /* finite; duration >= 0; onset 0 is the start of the first stored volume */
    double *weight;               /* height of each event: 1 unless the file says otherwise (FSL, AFNI) */
    size_t *condition;            /* index into conditions */
    size_t n_conditions;
    char **conditions;            /* unique, sorted bytewise */
    size_t n_modulators;
    char **modulators;            /* names of numeric columns that were asked for */
    double *modulation;           /* n x n_modulators, column-major; NaN: n/a */
};
void nvc_events_release(struct nvc_events *e);

/* Append one event; conditions are kept in order of appearance until nvc_events_finish sorts them.
 * modulation holds e->n_modulators values (NULL when 0).  NVC_EDATA: onset or duration n/a or not finite,
 * duration negative, empty condition; NVC_ESYS. */
struct nvc_event {
    double onset_s, duration_s, weight;
    const char *condition;
    const double *modulation;
};
/* Fix the modulator names before the first event is added. */
int nvc_events_init(struct nvc_events *e, const struct nvc_list *modulators, struct nvc_error *err) NVC_CHECKED;
int nvc_events_add(struct nvc_events *e, const struct nvc_event *one, struct nvc_error *err) NVC_CHECKED;
/* Sort the conditions bytewise and renumber; events keep their order. */
int nvc_events_finish(struct nvc_events *e, struct nvc_error *err) NVC_CHECKED;

/* Median duration of a condition: the event that a percent signal change refers to unless declared. */
int nvc_events_median_duration(const struct nvc_events *e, size_t condition, double *duration_s,
                               struct nvc_error *err) NVC_CHECKED;

/* e with every condition parted by the duration of its events: with edges 2 and 6 (s, rising) `pain` becomes `pain_lt2s`, `pain_2to6s`,
 * `pain_ge6s`; an event of 2 s is of the second.  NVC_EDATA: edges that do not rise. */
int nvc_events_split(struct nvc_events *out, const struct nvc_events *e, const double *edge_s, size_t n_edges, struct nvc_error *err) NVC_CHECKED;

/* Declared event durations: "4" for all conditions or "face=4" for one; the last that fits wins.
 * NVC_EUSAGE on grammar. */
struct nvc_duration {
    const char *condition; /* borrowed, not terminated: n_condition bytes; NULL: all */
    size_t n_condition;
    double duration_s;
};
int nvc_duration_parse(struct nvc_duration *d, const char *text, struct nvc_error *err) NVC_CHECKED;

#endif
