#include "model/group/flow.h"

#include "base/memory.h"
#include "base/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void nvc_flow_release(struct nvc_flow *f)
{
    for (size_t i = 0; i < f->n; i++)
        free(f->steps[i].ids);
    free(f->steps);
    *f = (struct nvc_flow){ 0 };
}

/* A step with those participants for whom who[i] holds. */
static int add_step(struct nvc_flow *f, const struct nvc_cohort *c, const struct nvc_contrast_groups *g,
                    const char *step, const char *reason, const bool *who, bool list, struct nvc_error *err)
{
    struct nvc_text ids = { 0 };
    int status = nvc_grow(&f->steps, &f->cap, f->n + 1, sizeof *f->steps, err);
    if (status)
        return status;
    struct nvc_flow_step *s = &f->steps[f->n++];
    *s = (struct nvc_flow_step){ .step = step, .reason = reason };
    for (size_t i = 0; i < c->n && !status; i++) {
        double group = g->group.value[i];
        if (!who[i])
            continue;
        *(isnan(group) ? &s->n_other : group > 0 ? &s->n_case : &s->n_control) += 1;
        if (list)
            status = nvc_text_printf(&ids, err, "%s%s", ids.len ? " " : "", c->who->ids.items[i]);
    }
    s->ids = ids.data;
    return status;
}

/* Participants with a row that no rule up to `last` hits. */
static int rows_left(const struct nvc_cohort *c, const struct nvc_coupling *rows, const struct nvc_cohort_options *o,
                     size_t last, bool *left, struct nvc_error *err)
{
    const char *before = NULL;
    size_t at = 0;
    memset(left, 0, c->n * sizeof *left);
    for (size_t i = 0; i < rows->n; i++) {
        const struct nvc_coupling_row *r = &rows->rows[i];
        bool hit = false;
        for (size_t k = 0; k <= last && !hit; k++)
            hit = nvc_rule_hits_row(&o->rules[k], r);
        if (r->participant_id != before && nvc_participants_find(c->who, r->participant_id, &at, err))
            return (int)err->status;
        before = r->participant_id;
        left[at] |= !hit;
    }
    return 0;
}

int nvc_flow_compute(struct nvc_flow *f, const struct nvc_cohort *c, const struct nvc_coupling *rows,
                     const struct nvc_contrast_groups *g, const struct nvc_cohort_options *o, struct nvc_error *err)
{
    bool *room = nvc_array(3 * c->n, sizeof *room, err), *in = room, *step = room + c->n, *left = room + 2 * c->n;
    int status = room ? 0 : NVC_ESYS;
    for (size_t i = 0; i < c->n && !status; i++)
        in[i] = true;
    if (!status)
        status = add_step(f, c, g, "assessed", "", in, false, err);
    for (size_t k = 0; k < o->n_rules && !status; k++) {
        if (!o->rules[k].variable)
            status = rows_left(c, rows, o, k, left, err);
        for (size_t i = 0; i < c->n && !status; i++) {
            bool had_rows = false;
            for (size_t j = 0; j < c->n_keys && !had_rows; j++)
                had_rows = c->missing[i + c->n * j] != NVC_MISSING_ROW;
            step[i] =
                in[i] && (o->rules[k].variable ? nvc_rule_hits_participant(&o->rules[k], i) : had_rows && !left[i]);
            in[i] = in[i] && !step[i];
        }
        if (!status)
            status = add_step(f, c, g, "excluded", o->rules[k].text, step, true, err);
    }
    for (size_t i = 0; i < c->n && !status; i++) {
        step[i] = in[i] && isnan(g->group.value[i]);
        in[i] = in[i] && !step[i];
    }
    if (!status)
        status = add_step(f, c, g, "excluded", "no_group", step, true, err);
    for (size_t i = 0; i < c->n && !status; i++) {
        bool any = false;
        for (size_t j = 0; j < c->n_keys && !any; j++)
            any = nvc_key_is_index(&c->keys[j]) && c->missing[i + c->n * j] == NVC_PRESENT;
        step[i] = in[i] && !any;
        in[i] = in[i] && any;
    }
    if (!status)
        status = add_step(f, c, g, "excluded", "no_value", step, true, err);
    if (!status)
        status = add_step(f, c, g, "analysed", "", in, false, err);
    free(room);
    return status;
}
