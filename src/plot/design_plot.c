#include "plot/design_plot.h"

#include "base/memory.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct nvc_colour dark = { .2, .2, .2 };
static const double margin = 14, height = 340, gap = 3, axis_room = 44, bar = 3.5;

/* Left edges of the columns: groups of one role stand apart. */
struct layout {
    const struct nvc_design *d;
    double cell, font;
    double label_room; /* points that the longest label takes upwards */
    double top;        /* of the matrix */
    double *left;      /* n_cols + 1 */
    size_t n_shown;    /* how many columns have labels: the constant has no correlation */
};

static const char *group_title(enum nvc_role role)
{
    static const char *const titles[] = { "regressors", "task", "confounds", "drift", "censored", "constant" };
    return titles[role];
}

static struct nvc_colour group_colour(enum nvc_role role)
{
    static const int index[] = { 0, 5, 6, 3, 7, 0 };
    return nvc_palette[index[role]];
}

static bool same(const char *a, const char *b) { return a && b ? !strcmp(a, b) : a == b; }

/* What stands above column j, and over how many columns: its name; where columns are narrower than letters, the
 * condition above the run of its columns; NULL: nothing. */
static const char *label_of(const struct layout *l, size_t j, size_t *span)
{
    const struct nvc_regressor *c = l->d->columns;
    *span = 1;
    if (l->cell >= 5.5)
        return c[j].name;
    if (!c[j].condition || (j && same(c[j - 1].condition, c[j].condition)))
        return NULL;
    while (j + *span < l->d->n_cols && same(c[j + *span].condition, c[j].condition))
        ++*span;
    return (double)*span * l->cell >= l->font ? c[j].condition : NULL;
}

static int lay_out(struct layout *l, const struct nvc_design *d, struct nvc_error *err)
{
    double x = 0, n = (double)d->n_cols;
    *l = (struct layout){ .d = d, .n_shown = d->n_cols, .cell = fmin(20, fmax(2.5, 380 / n)) };
    l->font = l->cell < 5.5 ? 7.5 : fmin(7.5, .8 * l->cell);
    if (!(l->left = nvc_array(d->n_cols + 1, sizeof *l->left, err)))
        return (int)err->status;
    for (size_t j = 0; j < d->n_cols; j++) {
        x += j && d->columns[j].role != d->columns[j - 1].role ? gap : 0;
        l->left[j] = x;
        x += l->cell;
    }
    l->left[d->n_cols] = x;
    return 0;
}

/* Room that the labels need above the matrix: names are not short. */
static void measure_labels(struct layout *l, struct nvc_canvas *c)
{
    struct nvc_font font = { .size = l->font };
    size_t span;
    for (size_t j = 0; j < l->d->n_cols; j++) {
        const char *label = label_of(l, j, &span);
        if (label)
            l->label_room = fmax(l->label_room, nvc_canvas_text_width(c, label, &font));
    }
    l->label_room += 4;
    l->top = margin + 20 + l->label_room + bar + 4;
}

/* The column after the last of j's group, and how wide the group is. */
static size_t group_end(const struct layout *l, size_t j, double *width)
{
    size_t next = j + 1;
    while (next < l->d->n_cols && l->d->columns[next].role == l->d->columns[j].role)
        next++;
    *width = l->left[next - 1] + l->cell - l->left[j];
    return next;
}

static void draw_labels(struct nvc_canvas *c, const struct layout *l, double x0)
{
    const struct nvc_design *d = l->d;
    struct nvc_font font = { .size = l->font, .h = 0, .v = .5, .angle = 90, .colour = dark };
    double width;
    for (size_t j = 0, next; j < l->n_shown; j = next) {
        next = group_end(l, j, &width);
        nvc_canvas_rect(c, x0 + l->left[j], l->top - bar - 2, width, bar, group_colour(d->columns[j].role), 1);
    }
    for (size_t j = 0, span; j < l->n_shown; j++) {
        const char *label = label_of(l, j, &span);
        if (label)
            nvc_canvas_text(c, x0 + l->left[j] + (double)span * l->cell / 2, l->top - bar - 5, label, &font);
    }
}

/* Title of each group below, where it fits. */
static void draw_groups(struct nvc_canvas *c, const struct layout *l, double x0, double y)
{
    const struct nvc_design *d = l->d;
    double width;
    for (size_t j = 0, next; j < d->n_cols; j = next) {
        next = group_end(l, j, &width);
        struct nvc_font font = { .size = 7.5, .h = .5, .v = 1, .bold = 1, .colour = group_colour(d->columns[j].role) };
        const char *title = group_title(d->columns[j].role);
        if (nvc_canvas_text_width(c, title, &font) <= width + 2)
            nvc_canvas_text(c, x0 + l->left[j] + width / 2, y, title, &font);
    }
}

static void draw_column(struct nvc_canvas *c, const struct layout *l, size_t j, double x0)
{
    const double *x = l->d->X + l->d->n_rows * j;
    double low = x[0], high = x[0];
    for (size_t i = 1; i < l->d->n_rows; i++) {
        low = fmin(low, x[i]);
        high = fmax(high, x[i]);
    }
    if (high <= low)
        low = high - 1.5, high += 1.5; /* a constant is an even grey */
    nvc_canvas_cells(c, x0 + l->left[j], l->top, l->cell, height, x, 1, l->d->n_rows, low, high, nvc_map_ink);
}

static void draw_matrix(struct nvc_canvas *c, const struct layout *l, double x0)
{
    const struct nvc_design *d = l->d;
    bool timed = !isnan(d->tr_s);
    double per_row = timed ? d->tr_s : 1, first = (double)d->n_dummy * per_row;
    struct nvc_frame frame = { x0 - 5, l->top, 1, height, { 0, 1, NULL, 1 },
                               { first + (double)d->n_rows * per_row, first, timed ? "time (s)" : "row", 0 } };
    for (size_t j = 0; j < d->n_cols; j++)
        draw_column(c, l, j, x0);
    draw_labels(c, l, x0);
    draw_groups(c, l, x0, l->top + height + 6);
    nvc_frame_draw(c, &frame, 0);
}

/* Correlations of the columns, NaN where one is constant and on the diagonal, which says nothing; as much room follows
 * for drawing. */
static int correlate(double **out, const struct nvc_design *d, struct nvc_error *err)
{
    size_t n = d->n_rows, m = d->n_cols;
    double *Z = nvc_array(n * m, sizeof *Z, err), *R = *out = nvc_array(2 * m * m, sizeof *R, err);
    for (size_t j = 0; Z && R && j < m; j++) {
        double mean = 0, length = 0, raw = 0, *z = Z + n * j;
        for (size_t i = 0; i < n; i++)
            mean += d->X[i + n * j] / (double)n, raw += d->X[i + n * j] * d->X[i + n * j];
        for (size_t i = 0; i < n; i++)
            z[i] = d->X[i + n * j] - mean, length += z[i] * z[i];
        for (size_t i = 0; i < n; i++)
            z[i] = length > 1e-20 * raw ? z[i] / sqrt(length) : NAN;
    }
    for (size_t k = 0; Z && R && k < m * m; k++)
        for (size_t i = 0; i < n; i++)
            R[k] += Z[i + n * (k / m)] * Z[i + n * (k % m)];
    for (size_t j = 0; R && j < m; j++)
        R[j + m * j] = NAN;
    free(Z);
    return Z && R ? 0 : (int)err->status;
}

static void draw_scale(struct nvc_canvas *c, double x, double y)
{
    double v[64];
    const struct nvc_font font = { .size = 7.5, .h = 0, .v = .5, .colour = dark };
    struct nvc_frame f = { x, y, 8, 120, { 0, 1, NULL, 1 }, { -1, 1, NULL, 1 } };
    for (size_t i = 0; i < 64; i++)
        v[i] = 1 - 2 * (double)i / 63;
    nvc_canvas_cells(c, x, y, f.width, f.height, v, 1, 64, -1, 1, nvc_map_diverging);
    for (int i = -2; i <= 2; i++) {
        char text[32];
        (void)snprintf(text, sizeof text, "%+.1f", .5 * i);
        nvc_canvas_text(c, x + f.width + 3, nvc_frame_y(&f, .5 * i), i ? text : "0", &font);
    }
    nvc_canvas_text(c, x, y - 8, "correlation", &(struct nvc_font){ .size = 7.5, .colour = dark });
}

/* One image for each pair of groups: a cell of its own each would make an SVG of thousands of images. */
static void draw_blocks(struct nvc_canvas *c, const struct layout *l, double x0, const double *R, double *block)
{
    double wide, high;
    size_t m = l->d->n_cols;
    for (size_t j = 0, next_j; j < l->n_shown; j = next_j) {
        next_j = group_end(l, j, &high);
        for (size_t k = 0, next_k; k < l->n_shown; k = next_k) {
            next_k = group_end(l, k, &wide);
            size_t nx = next_k - k, ny = next_j - j;
            for (size_t i = 0; i < nx * ny; i++)
                block[i] = R[k + i % nx + m * (j + i / nx)];
            nvc_canvas_cells(c, x0 + l->left[k], l->top + l->left[j], wide, high, block, nx, ny, -1, 1, nvc_map_diverging);
        }
    }
}

/* The correlations as a square with the columns in the same order and width as in the matrix. */
static void draw_correlations(struct nvc_canvas *c, struct layout *l, double x0, double *R)
{
    const struct nvc_design *d = l->d;
    struct nvc_font font = { .size = l->font, .h = 1, .v = .5, .colour = dark };
    size_t m = d->n_cols, span;
    while (l->n_shown && d->columns[l->n_shown - 1].role == NVC_ROLE_CONSTANT)
        l->n_shown--;
    draw_blocks(c, l, x0, R, R + m * m);
    for (size_t j = 0; j < l->n_shown; j++) {
        const char *label = label_of(l, j, &span);
        if (label)
            nvc_canvas_text(c, x0 - 4, l->top + l->left[j] + (double)span * l->cell / 2, label, &font);
    }
    draw_labels(c, l, x0);
    draw_scale(c, x0 + l->left[l->n_shown ? l->n_shown - 1 : 0] + l->cell + 14, l->top + 8);
}

static void draw_title(struct nvc_canvas *c, const struct nvc_design *d, const char *title)
{
    char text[256];
    int n = snprintf(text, sizeof text, "%s%s%zu volumes", title ? title : "", title ? ": " : "", d->n_rows);
    if (!isnan(d->tr_s) && n > 0 && (size_t)n < sizeof text)
        (void)snprintf(text + n, sizeof text - (size_t)n, " of %g s, %zu columns", d->tr_s, d->n_cols);
    nvc_canvas_text(c, margin, margin, text, &(struct nvc_font){ .size = 10, .v = 1, .bold = 1, .colour = dark });
}

int nvc_design_plot(struct nvc_text *out, const struct nvc_design *d, enum nvc_picture kind, const char *title, struct nvc_error *err)
{
    struct layout l;
    struct nvc_canvas *c = NULL;
    double *R = NULL, left = margin + axis_room;
    int status = lay_out(&l, d, err);
    if (!status)
        status = correlate(&R, d, err);
    if (!status && !(status = nvc_canvas_new(&c, kind, 1, 1, err))) { /* text has a width only on a page */
        measure_labels(&l, c);
        nvc_canvas_free(c);
        double square = left + l.left[d->n_cols] + 34 + l.label_room;
        status = nvc_canvas_new(&c, kind, square + l.left[d->n_cols] + 64 + margin,
                                l.top + fmax(height + 16, l.left[d->n_cols]) + margin, err);
        if (!status) {
            draw_title(c, d, title);
            draw_matrix(c, &l, left);
            draw_correlations(c, &l, square, R);
            nvc_canvas_describe(c, "The design matrix: its columns in shades of grey, each scaled to its own range, over time downwards; beside it the correlations "
                                   "between the columns.");
            status = nvc_canvas_finish(c, out, err);
        }
        nvc_canvas_free(c);
    }
    free(R);
    free(l.left);
    return status;
}
