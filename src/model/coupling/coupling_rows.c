#include "model/coupling/coupling_rows.h"

#include "base/memory.h"
#include "math/dist.h"
#include "math/ratio.h"
#include "model/coupling/coupling_line.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool same(const char *a, const char *b) { return !strcmp(a, b); }
static bool agree(const char *a, const char *b) { return same(a, b) || same(a, "n/a") || same(b, "n/a"); }

static int check_people(const struct nvc_coupling *rows, const struct nvc_coupling_row *first, struct nvc_error *err)
{
    for (size_t i = 0; i < rows->n; i++)
        if (!same(rows->rows[i].participant_id, first->participant_id) || !agree(rows->rows[i].session, first->session))
            return nvc_fail(err, NVC_EDATA, "rows of %s (session %s) beside those of %s (session %s); give those of one person and session",
                            rows->rows[i].participant_id, rows->rows[i].session, first->participant_id, first->session);
    return 0;
}

/* ln of a region's value over that of grey matter. */
struct ln { double value, var, dof; const char *note; };

static struct ln ln_of(const struct nvc_coupling *rows, const char *index, const struct nvc_coupling_row *at, const char *unknown)
{
    const struct nvc_coupling_row *own = nvc_coupling_find(rows, index, at->region, at->side), *grey = nvc_coupling_find(rows, index, "GM", "B");
    const struct nvc_coupling_row *ln = same(index, "alff") ? nvc_coupling_find(rows, "lnalff", at->region, at->side) : NULL;
    if (ln)
        return (struct ln){ ln->value, ln->se * ln->se, ln->dof, ln->se > 0 ? "" : unknown };
    if (!own || !grey)
        return (struct ln){ NAN, NAN, NAN, "grey_unknown" };
    const double share = own->se / own->value, of_grey = grey->se > 0 ? grey->se / grey->value : 0;
    return (struct ln){ own->value > 0 && grey->value > 0 ? log(own->value / grey->value) : NAN, share * share + of_grey * of_grey, own->dof,
                        !(own->value > 0 && grey->value > 0) ? "not_positive" : own->se > 0 ? "" : unknown };
}

static struct nvc_coupling_row row_at(const struct nvc_coupling_row *at)
{
    struct nvc_coupling_row row = *at;
    row.class_name = "coupling", row.contrast = "rest", row.note = "", row.noise = NULL;
    return row;
}

static int add_ratio(struct nvc_coupling *c, const struct nvc_coupling_row *at, const struct nvc_coupling *rows, const char *name, struct nvc_error *err)
{
    const struct ln flow = ln_of(rows, "cbf", at, "flow_error_unknown"), activity = ln_of(rows, name, at, "activity_error_unknown");
    struct nvc_coupling_row row = row_at(at);
    char *log_name = nvc_sprintf(err, "nvc_logratio_%s", name), *name_of = nvc_sprintf(err, "nvc_ratio_%s", name);
    row.index = log_name, row.unit = "ln";
    row.value = flow.value - activity.value, row.se = sqrt(flow.var + activity.var);
    row.dof = isnan(flow.dof) ? activity.dof : isnan(activity.dof) ? flow.dof : fmin(flow.dof, activity.dof);
    row.note = isnan(flow.value) ? flow.note : isnan(activity.value) ? activity.note : *flow.note ? flow.note : activity.note;
    nvc_coupling_interval(&row);
    int status = log_name && name_of ? nvc_coupling_add(c, &row, err) : NVC_ESYS;
    row.index = name_of, row.unit = "ratio";
    row.value = exp(row.value), row.se *= row.value, row.ci_low = exp(row.ci_low), row.ci_high = exp(row.ci_high);
    row.note = isnan(row.value) ? row.note : "derived";
    status = status ? status : nvc_coupling_add(c, &row, err);
    free(log_name);
    free(name_of);
    return status;
}

static struct nvc_flow_line_point point_of(const struct nvc_coupling_row *flow, const struct nvc_coupling_row *alff, const struct nvc_coupling_row *ln)
{
    return (struct nvc_flow_line_point){ log(flow->value), flow->se / flow->value, log(alff->value), ln ? ln->se : alff->se / alff->value };
}

static int add_line(struct nvc_coupling *c, const struct nvc_coupling_row *at, const struct nvc_coupling *rows, const struct nvc_coupling *parcels,
                    struct nvc_error *err)
{
    const struct nvc_coupling_row *alff = nvc_coupling_find(rows, "alff", at->region, at->side);
    struct nvc_flow_line_point *points = nvc_array(parcels->n, sizeof *points, err);
    size_t n = 0;
    if (!points || !alff) {
        free(points);
        return points ? 0 : NVC_ESYS;
    }
    for (size_t i = 0; i < parcels->n; i++) {
        const struct nvc_coupling_row *p = &parcels->rows[i];
        const struct nvc_coupling_row *a = same(p->index, "cbf") ? nvc_coupling_find(parcels, "alff", p->region, p->side) : NULL;
        if (!a || !(p->value > 0 && a->value > 0) || p->coverage < 0.5 || a->coverage < 0.5 || (same(p->region, at->region) && same(p->atlas, at->atlas)))
            continue;
        points[n++] = point_of(p, a, nvc_coupling_find(parcels, "lnalff", p->region, p->side));
    }
    const struct nvc_flow_line_point region = point_of(at, alff, nvc_coupling_find(rows, "lnalff", at->region, at->side));
    const struct nvc_coupling_row row = row_at(at);
    const int status = nvc_coupling_of_line(c, &row, points, n, &region, err);
    free(points);
    return status;
}

int nvc_coupling_of_rows(struct nvc_coupling *c, const struct nvc_coupling *rows, const struct nvc_coupling *parcels, struct nvc_error *err)
{
    static const char *const names[] = { "alff", "falff", "reho", "dc", "dcbinary" };
    int status = rows->n ? check_people(rows, rows->rows, err) : 0;
    if (!status && parcels && rows->n)
        status = check_people(parcels, rows->rows, err);
    for (size_t i = 0; i < rows->n && !status; i++) {
        const struct nvc_coupling_row *at = &rows->rows[i];
        if (!same(at->index, "cbf") || same(at->region, "GM"))
            continue;
        for (size_t k = 0; k < sizeof names / sizeof *names && !status; k++)
            if (nvc_coupling_find(rows, names[k], at->region, at->side))
                status = add_ratio(c, at, rows, names[k], err);
        if (!status && parcels)
            status = add_line(c, at, rows, parcels, err);
    }
    return status;
}

static int add_scaled(struct nvc_coupling *c, size_t at, const struct nvc_coupling_row *by, const char *index, const char *unit, struct nvc_error *err)
{
    struct nvc_coupling_row row = c->rows[at];
    const double var = by->se > 0 ? by->se * by->se : 0, dof = isnan(row.dof) ? by->dof : isnan(by->dof) ? row.dof : fmin(row.dof, by->dof);
    const bool small = !(by->value > 2 * sqrt(var));
    const double t = isnan(dof) ? nvc_normal_quantile(0.975) : nvc_t_critical(0.95, dof);
    const struct nvc_ratio q = nvc_fieller(row.value, row.se * row.se, by->value, var, 0, t);
    row.index = index, row.unit = unit, row.dof = dof;
    row.note = small ? "derived;denominator_small" : isnan(row.value) ? "derived;psc_undefined" : by->se > 0 ? "derived" : "derived;denominator_error_unknown";
    row.value = small ? NAN : q.value, row.se = small ? NAN : q.se, row.ci_low = small ? NAN : q.ci_low, row.ci_high = small ? NAN : q.ci_high;
    return nvc_coupling_add(c, &row, err);
}

int nvc_coupling_scaled(struct nvc_coupling *c, size_t n, const struct nvc_coupling *rows, struct nvc_error *err)
{
    static const struct { const char *by, *index, *unit; } kinds[] = {
        { "cvr", "psc_per_cvr", "mmHg" }, { "cvr_relative", "psc_per_cvr_relative", "%" }, { "rsfa", "psc_per_rsfa", "ratio" },
        { "bh_response", "psc_per_bh", "ratio" },
    };
    int status = n && rows->n ? check_people(rows, c->rows, err) : 0;
    for (size_t i = 0; i < n && !status; i++)
        for (size_t k = 0; k < sizeof kinds / sizeof *kinds && !status; k++) {
            const struct nvc_coupling_row *by = same(c->rows[i].index, "psc") && same(c->rows[i].class_name, "bold-response")
                                                    ? nvc_coupling_find(rows, kinds[k].by, c->rows[i].region, c->rows[i].side) : NULL;
            if (by)
                status = add_scaled(c, i, by, kinds[k].index, kinds[k].unit, err);
        }
    return status;
}
