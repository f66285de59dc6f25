#include "plot/group_figures.h"

#include "base/memory.h"
#include "math/dist.h"
#include "plot/forest_plot.h"
#include "plot/group_plot.h"
#include "plot/roc_plot.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_PANELS = 120 };

static bool shown(const struct nvc_group_row *r, const struct nvc_list *show)
{
    for (size_t i = 0; i < show->n; i++)
        if (nvc_key_matches(show->items[i], r->key))
            return true;
    return !show->n && (r->role == NVC_ROW_FAMILY || r->role == NVC_ROW_PRIMARY);
}

static void join(char *out, size_t size, const char *const *parts, size_t n)
{
    size_t len = 0;
    *out = '\0';
    for (size_t i = 0; i < n && len < size; i++)
        if (strcmp(parts[i], "n/a") != 0)
            len += (size_t)snprintf(out + len, size - len, "%s%s", len ? " " : "", parts[i]);
}

static void title_of(char out[static 128], const struct nvc_key *k)
{
    join(out, 128, (const char *const[]){ k->index, k->contrast, k->region, k->side, k->session }, 5);
}

static void print_p(char out[static 32], double p)
{
    if (p < 0.001)
        (void)!snprintf(out, 32, "p < .001");
    else
        (void)!snprintf(out, 32, p < 0.9995 ? "p = .%03d" : "p = 1.000", (int)lround(1000 * p));
}

static struct nvc_panel_group group_of(const char *label, const double *x, const struct nvc_sample *s)
{
    double half = s->n > 1 ? nvc_t_critical(0.95, (double)s->n - 1) * s->sd / sqrt((double)s->n) : NAN;
    return (struct nvc_panel_group){ label, x, s->n, s->mean, s->mean - half, s->mean + half };
}

struct panel_text {
    char title[128], caption[128], axis[128];
};

static int draw_points(struct nvc_text *out, enum nvc_picture kind, const struct nvc_group_table *t,
                       const struct nvc_cohort *c, const struct nvc_contrast_groups *g, const struct nvc_list *show,
                       size_t n, struct nvc_error *err)
{
    struct nvc_panel *panels = nvc_array(n, sizeof *panels, err);
    struct panel_text *text = nvc_array(n, sizeof *text, err);
    double *values = nvc_array(2 * n * c->n, sizeof *values, err);
    int status = panels && text && values ? 0 : NVC_ESYS;
    for (size_t k = 0, at = 0; k < t->n && !status; k++) {
        const struct nvc_group_row *r = &t->rows[k];
        double *const x[2] = { values + 2 * at * c->n, values + (2 * at + 1) * c->n };
        size_t count[2];
        char p[32];
        if (!shown(r, show))
            continue;
        nvc_group_values(c, k, g, x, count);
        title_of(text[at].title, r->key);
        print_p(p, r->welch.p);
        if (!isnan(r->effect.g))
            (void)!snprintf(text[at].caption, sizeof text[at].caption, "g = %.2f [%.2f, %.2f], %s", r->effect.g,
                            r->effect.g_low, r->effect.g_high, p);
        (void)!snprintf(text[at].axis, sizeof text[at].axis, strcmp(r->key->unit, "n/a") ? "%s (%s)" : "%s",
                        r->key->index, r->key->unit);
        panels[at] =
            (struct nvc_panel){ text[at].title,
                                text[at].caption,
                                text[at].axis,
                                { group_of(g->labels[1], x[1], &r->cases), group_of(g->labels[0], x[0], &r->controls) },
                                2 };
        at++;
    }
    if (!status)
        status = nvc_group_plot(out, kind, panels, n, err);
    free(panels);
    free(text);
    free(values);
    return status;
}

struct line_text {
    char label[128], numbers[256];
};

static int draw_forest(struct nvc_text *out, enum nvc_picture kind, const struct nvc_group_table *t,
                       const struct nvc_contrast_groups *g, const struct nvc_list *show, size_t n,
                       struct nvc_error *err)
{
    struct nvc_forest_line *lines = nvc_array(n, sizeof *lines, err);
    struct line_text *text = nvc_array(n, sizeof *text, err);
    char left[128], right[128], head[160];
    int status = lines && text ? 0 : NVC_ESYS;
    for (size_t k = 0, at = 0; k < t->n && !status; k++) {
        const struct nvc_group_row *r = &t->rows[k];
        if (!shown(r, show))
            continue;
        title_of(text[at].label, r->key);
        if (isnan(r->effect.g))
            (void)!snprintf(text[at].numbers, sizeof text[at].numbers, "n/a");
        else
            (void)!snprintf(text[at].numbers, sizeof text[at].numbers, "%.2f [%.2f, %.2f]  %zu + %zu", r->effect.g,
                            r->effect.g_low, r->effect.g_high, r->cases.n, r->controls.n);
        lines[at] = (struct nvc_forest_line){ text[at].label,
                                              text[at].numbers,
                                              r->effect.g,
                                              r->effect.g_low,
                                              r->effect.g_high,
                                              (double)(r->cases.n + r->controls.n),
                                              r->role == NVC_ROW_PRIMARY };
        at++;
    }
    (void)!snprintf(head, sizeof head, "g [95 %% interval]  n of %.50s + %.50s", g->labels[1], g->labels[0]);
    (void)!snprintf(left, sizeof left, "lower in %s", g->labels[1]);
    (void)!snprintf(right, sizeof right, "higher in %s", g->labels[1]);
    if (!status)
        status = nvc_forest_plot(out, kind, lines, n, &(struct nvc_forest_words){
            .axis = "Hedges g with 95 % interval", .head = head, .left = left, .right = right,
            .about = "Hedges g of each index with its 95 % interval; beside it the same in numbers and how many people it rests on. An interval "
                     "that holds 0, dashed, is in accord with no difference." }, err);
    free(lines);
    free(text);
    return status;
}

static int draw_roc(struct nvc_text *out, enum nvc_picture kind, const struct nvc_group_table *t,
                    const struct nvc_cohort *c, const struct nvc_contrast_groups *g, const struct nvc_list *show,
                    size_t n, struct nvc_error *err)
{
    struct nvc_roc_line *lines = nvc_array(n, sizeof *lines, err);
    struct line_text *text = nvc_array(n, sizeof *text, err);
    double *values = nvc_array(2 * c->n + 2 * n * (c->n + 1), sizeof *values, err);
    int status = lines && text && values ? 0 : NVC_ESYS;
    for (size_t k = 0, at = 0; k < t->n && at < n && !status; k++) {
        const struct nvc_group_row *r = &t->rows[k];
        double *const x[2] = { values, values + c->n }, *curve = values + 2 * c->n + 2 * at * (c->n + 1);
        size_t count[2];
        if (!shown(r, show) || r->few)
            continue;
        nvc_group_values(c, k, g, x, count);
        title_of(text[at].label, r->key);
        (void)!snprintf(text[at].numbers, sizeof text[at].numbers, "%.100s: AUC %.2f [%.2f, %.2f] of %.40s %c %.40s, n = %zu + %zu",
                        text[at].label, r->auc.auc, r->auc.ci_low, r->auc.ci_high, g->labels[1], r->auc.cases_higher ? '>' : '<',
                        g->labels[0], count[1], count[0]);
        lines[at] = (struct nvc_roc_line){ text[at].numbers, curve, curve + c->n + 1,
                                           nvc_roc_curve(x[1], count[1], x[0], count[0], r->auc.cases_higher, curve,
                                                         curve + c->n + 1) };
        at++;
    }
    if (!status)
        status = nvc_roc_plot(out, kind, lines, n, err);
    free(lines);
    free(text);
    free(values);
    return status;
}

int nvc_group_draw(struct nvc_text *out, enum nvc_picture kind, enum nvc_group_figure figure,
                   const struct nvc_group_table *t, const struct nvc_cohort *c, const struct nvc_contrast_groups *g,
                   const struct nvc_list *show, struct nvc_error *err)
{
    static const struct nvc_list none = { NULL, 0 };
    const char *primary[1];
    struct nvc_list only = { primary, 1 };
    char name[256];
    size_t n = 0;
    for (size_t k = 0; k < t->n; k++)
        if (figure == NVC_FIGURE_ROC && !show->n && t->rows[k].role == NVC_ROW_PRIMARY) {
            nvc_key_name(name, t->rows[k].key);
            primary[0] = name;
            show = &only;
        }
    show = show ? show : &none;
    for (size_t k = 0; k < t->n; k++)
        n += shown(&t->rows[k], show) && (figure != NVC_FIGURE_ROC || !t->rows[k].few);
    if (figure == NVC_FIGURE_ROC && !show->n && n > NVC_PALETTE_SIZE)
        n = NVC_PALETTE_SIZE;
    if (!n || n > MOST_PANELS)
        return n           ? nvc_fail(err, NVC_EUSAGE, "%zu indices to draw; name at most %d with --show", n, MOST_PANELS)
               : show->n ? nvc_fail(err, NVC_EUSAGE, "no index with a value has a name that --show gives; one is INDEX.CONTRAST.REGION_SIDE")
                         : nvc_fail(err, NVC_EDATA, "no index has enough values to be drawn");
    if (figure == NVC_FIGURE_POINTS)
        return draw_points(out, kind, t, c, g, show, n, err);
    if (figure == NVC_FIGURE_FOREST)
        return draw_forest(out, kind, t, g, show, n, err);
    return draw_roc(out, kind, t, c, g, show, n, err);
}
