#include "table/qc_verdicts.h"

#include "base/memory.h"
#include "base/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { PLACES = 6 }; /* what a verdict is about, without its side */
static const char *const names[PLACES] = { "participant_id", "session", "task", "run", "atlas", "region" };
static const char *const verdicts[] = { "pass", "flag", "fail" };

struct entry {
    const char *place[PLACES], *side; /* NULL: any */
    const char *verdict, *positive; /* positive NULL: no such column */
    double outcome[NVC_QC_OUTCOMES];
};

static const char *bare(const char *id)
{
    return id && nvc_has_prefix(id, "sub-") ? id + 4 : id;
}

static int by_participant(const void *a, const void *b)
{
    return strcmp(((const struct entry *)a)->place[0], ((const struct entry *)b)->place[0]);
}

static size_t rank_of(const char *verdict)
{
    size_t k = sizeof verdicts / sizeof *verdicts;
    while (verdict && k > 0 && strcmp(verdict, verdicts[k - 1]) != 0)
        k--;
    return verdict ? k : 0;
}

static const char *worse(const char *a, const char *b)
{
    return rank_of(b) > rank_of(a) ? verdicts[rank_of(b) - 1] : a;
}

static int read_entries(struct entry *entries, const struct nvc_table *qc, struct nvc_error *err)
{
    size_t col[2];
    long at[PLACES], side = nvc_table_column(qc, "side"), positive = nvc_table_column(qc, "verdict_positive"), outcome[NVC_QC_OUTCOMES];
    int status = nvc_table_need(qc, names[0], &col[0], err);
    status = status ? status : nvc_table_need(qc, "verdict", &col[1], err);
    for (size_t k = 0; k < PLACES && !status; k++)
        at[k] = nvc_table_column(qc, names[k]);
    for (size_t k = 0; k < NVC_QC_OUTCOMES; k++)
        outcome[k] = nvc_table_column(qc, nvc_qc_outcome_names[k]);
    for (size_t i = 0; i < qc->n_rows && !status; i++) {
        struct entry *e = &entries[i];
        for (size_t k = 0; k < PLACES; k++)
            e->place[k] = at[k] < 0 ? NULL : nvc_table_cell(qc, i, (size_t)at[k]);
        e->place[0] = bare(e->place[0]);
        e->side = side < 0 ? NULL : nvc_table_cell(qc, i, (size_t)side);
        e->verdict = nvc_table_cell(qc, i, col[1]);
        e->positive = positive < 0 ? NULL : nvc_table_cell(qc, i, (size_t)positive);
        for (size_t k = 0; k < NVC_QC_OUTCOMES && !status; k++) {
            e->outcome[k] = NAN;
            status = outcome[k] < 0 ? 0 : nvc_table_real(qc, i, (size_t)outcome[k], &e->outcome[k], err);
        }
        if (!status && !rank_of(e->verdict) && strcmp(e->verdict, "n/a") != 0)
            status = nvc_fail(err, NVC_EDATA, "%s: line %zu: verdict '%s' is none of pass, flag, fail and n/a", qc->path,
                              nvc_table_line(qc, i), e->verdict);
    }
    if (!status)
        qsort(entries, qc->n_rows, sizeof *entries, by_participant);
    return status;
}

static bool concerns(const struct entry *e, const struct nvc_coupling_row *r)
{
    const char *const place[PLACES] = { bare(r->participant_id), r->session, r->task, r->run, r->atlas, r->region };
    for (size_t k = 1; k < PLACES; k++)
        if (e->place[k] && strcmp(e->place[k], place[k]) != 0)
            return false;
    return !e->side || !strcmp(e->side, r->side) || !strcmp(r->side, "RL") || !strcmp(r->side, "B");
}

int nvc_qc_verdicts(struct nvc_coupling *rows, const struct nvc_table *qc, struct nvc_error *err)
{
    struct entry *entries = nvc_array(qc->n_rows, sizeof *entries, err);
    int status = entries ? read_entries(entries, qc, err) : NVC_ESYS;
    for (size_t i = 0; i < rows->n && !status && qc->n_rows; i++) {
        struct nvc_coupling_row *r = &rows->rows[i];
        struct entry key = { .place = { bare(r->participant_id) } };
        struct entry *e = bsearch(&key, entries, qc->n_rows, sizeof *entries, by_participant);
        while (e && e > entries && !by_participant(e - 1, &key))
            e--;
        for (; e && e < entries + qc->n_rows && !by_participant(e, &key); e++) {
            if (concerns(e, r))
                r->qc = worse(r->qc, e->verdict), r->positive = worse(r->positive, e->positive);
            if (concerns(e, r) && e->side && !strcmp(e->side, r->side))
                memcpy(r->of_qc, e->outcome, sizeof r->of_qc);
        }
    }
    free(entries);
    return status;
}
