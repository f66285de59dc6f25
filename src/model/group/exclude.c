#include "model/group/exclude.h"

#include "base/number.h"

#include <math.h>
#include <string.h>

int nvc_rule_parse(struct nvc_rule *r, const char *text, struct nvc_error *err)
{
    static const struct {
        const char *sign;
        enum nvc_relation relation;
    } signs[] = { { "<=", NVC_LE }, { ">=", NVC_GE }, { "!=", NVC_NE },
                  { "<", NVC_LT },  { ">", NVC_GT },  { "=", NVC_EQ } };
    size_t n = strcspn(text, "<>=!");
    *r = (struct nvc_rule){ .text = text, .number = NAN };
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
        if (nvc_has_prefix(text + n, signs[i].sign)) {
            r->relation = signs[i].relation;
            r->label = text + n + strlen(signs[i].sign);
            break;
        }
    size_t end = n;
    while (end > 0 && text[end - 1] == ' ')
        end--;
    while (r->label && *r->label == ' ')
        r->label++;
    if (!end || end >= sizeof r->name || !r->label || !*r->label)
        return nvc_fail(err, NVC_EUSAGE,
                        "--exclude '%s': wanted NAME RELATION VALUE, for example 'coverage<0.5' or 'site=B'", text);
    memcpy(r->name, text, end);
    (void)nvc_parse_real(r->label, strlen(r->label), &r->number);
    if (isnan(r->number) && r->relation != NVC_EQ && r->relation != NVC_NE)
        return nvc_fail(err, NVC_EUSAGE, "--exclude '%s': '%s' is not a number (the decimal sign is a point); labels are compared with = or !=", text,
                        r->label);
    return 0;
}

/* The number of a row that a rule may name; NULL: none. */
static const double *number_in(const struct nvc_coupling_row *row, const char *name)
{
    const struct { const char *name; const double *value; } numbers[] = {
        { "coverage", &row->coverage }, { "tsnr", &row->tsnr }, { "mean_fd", &row->mean_fd_mm }, { "n_vox", &row->n_vox },
    };
    for (size_t k = 0; k < sizeof numbers / sizeof *numbers; k++)
        if (!strcmp(name, numbers[k].name))
            return numbers[k].value;
    for (size_t k = 0; k < NVC_QC_OUTCOMES; k++)
        if (!strcmp(name, nvc_qc_outcome_names[k]))
            return &row->of_qc[k];
    return NULL;
}

bool nvc_rule_of_verdict(const struct nvc_rule *r) { return !strcmp(r->name, "qc") || !strcmp(r->name, "positive"); }

int nvc_rule_bind(struct nvc_rule *r, const struct nvc_participants *p, struct nvc_error *err)
{
    if (nvc_rule_of_verdict(r))
        return isnan(r->number) ? 0 : nvc_fail(err, NVC_EUSAGE, "--exclude '%s': a verdict is pass, flag or fail", r->text);
    if (number_in(&(struct nvc_coupling_row){ 0 }, r->name))
        return isnan(r->number) ? nvc_fail(err, NVC_EUSAGE, "--exclude '%s': '%s' is not a number", r->text, r->label)
                                : 0;
    int status = nvc_participants_need(p, r->name, &r->variable, err);
    if (!status && r->variable->numeric && isnan(r->number))
        status = nvc_fail(err, NVC_EDATA, "--exclude '%s': column '%s' holds numbers", r->text, r->name);
    if (!status && !r->variable->numeric && r->relation != NVC_EQ && r->relation != NVC_NE)
        status = nvc_fail(err, NVC_EDATA,
                          "--exclude '%s': column '%s' holds labels; compare them with = or !=", r->text, r->name);
    return status;
}

static bool holds(enum nvc_relation relation, double a, double b)
{
    switch (relation) {
    case NVC_LT: return a < b;
    case NVC_LE: return a <= b;
    case NVC_GT: return a > b;
    case NVC_GE: return a >= b;
    case NVC_EQ: return a == b;
    case NVC_NE: return !isnan(a) && a != b;
    }
    return false;
}

bool nvc_rule_hits_row(const struct nvc_rule *r, const struct nvc_coupling_row *row)
{
    if (r->variable)
        return false;
    if (nvc_rule_of_verdict(r)) {
        const char *verdict = *r->name == 'q' ? row->qc : row->positive;
        return verdict && !strcmp(verdict, r->label) == (r->relation == NVC_EQ);
    }
    return holds(r->relation, *number_in(row, r->name), r->number);
}

bool nvc_rule_hits_participant(const struct nvc_rule *r, size_t i)
{
    const struct nvc_variable *v = r->variable;
    if (!v || isnan(v->value[i]))
        return false;
    if (v->numeric)
        return holds(r->relation, v->value[i], r->number);
    return !strcmp(v->levels[(size_t)v->value[i]], r->label) == (r->relation == NVC_EQ);
}
