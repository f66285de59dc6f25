#include "plot/forest_plot.h"

#include <math.h>

static const double line_height = 15, top = 24, bottom = 50, gap = 10, interval_width = 210;
static const struct nvc_colour ink = { .13, .13, .13 }, soft = { .45, .45, .45 }, band = { .955, .955, .955 };

static const struct nvc_font head_font = { 7, 0, 0.5, 0, 0, { .45, .45, .45 } };

static double widest(struct nvc_canvas *c, const struct nvc_forest_line *lines, size_t n, bool numbers, const char *head)
{
    double most = head && numbers ? nvc_canvas_text_width(c, head, &head_font) : 0;
    for (size_t i = 0; i < n; i++) {
        const char *text = numbers ? lines[i].numbers : lines[i].label;
        struct nvc_font font = { 8, 0, 0.5, 0, lines[i].strong, ink };
        most = fmax(most, nvc_canvas_text_width(c, text, &font));
    }
    return most;
}

static void range_of(struct nvc_axis *x, const struct nvc_forest_line *lines, size_t n)
{
    x->lo = 0, x->hi = 0;
    for (size_t i = 0; i < n; i++) {
        x->lo = fmin(x->lo, isnan(lines[i].low) ? fmin(lines[i].value, x->lo) : lines[i].low);
        x->hi = fmax(x->hi, isnan(lines[i].high) ? fmax(lines[i].value, x->hi) : lines[i].high);
    }
    double pad = x->hi > x->lo ? 0.04 * (x->hi - x->lo) : 0.5;
    x->lo -= pad, x->hi += pad;
}

static void draw_line(struct nvc_canvas *c, const struct nvc_frame *f, const struct nvc_forest_line *l, double y,
                      double heaviest)
{
    struct nvc_colour colour = l->strong ? nvc_colour_of(1) : nvc_colour_of(0);
    double x = nvc_frame_x(f, l->value),
           radius = 2 + 2 * sqrt(heaviest > 0 && l->weight > 0 ? l->weight / heaviest : 0.5);
    nvc_canvas_text(c, f->left - gap, y, l->label, &(struct nvc_font){ 8, 1, 0.5, 0, l->strong, ink });
    nvc_canvas_text(c, f->left + f->width + gap, y, l->numbers, &(struct nvc_font){ 8, 0, 0.5, 0, l->strong, ink });
    if (isnan(l->value))
        return;
    nvc_canvas_line(c, nvc_frame_x(f, l->low), y, nvc_frame_x(f, l->high), y, &(struct nvc_pen){ colour, 1.2, 1, 0 });
    nvc_canvas_dot(c, x, y, radius, 0, colour, 1);
}

int nvc_forest_plot(struct nvc_text *out, enum nvc_picture kind, const struct nvc_forest_line *lines, size_t n,
                    const struct nvc_forest_words *words, struct nvc_error *err)
{
    struct nvc_canvas *c = NULL;
    double heaviest = 0, label_width, number_width;
    if (!n)
        return nvc_fail(err, NVC_EUSAGE, "no index to draw");
    int status = nvc_canvas_new(&c, kind, 100, 100, err);
    if (status)
        return status;
    label_width = widest(c, lines, n, false, NULL), number_width = widest(c, lines, n, true, words->head);
    nvc_canvas_free(c);
    double height = line_height * (double)n, width = label_width + number_width + interval_width + 4 * gap;
    status = nvc_canvas_new(&c, kind, width, top + height + bottom, err);
    if (status)
        return status;
    struct nvc_frame f = { label_width + 2 * gap,    top, interval_width, height, { 0, 0, words->axis, 0 },
                           { 0, (double)n, NULL, 1 } };
    range_of(&f.x, lines, n);
    for (size_t i = 0; i < n; i++) {
        heaviest = fmax(heaviest, lines[i].weight);
        if (i % 2)
            nvc_canvas_rect(c, gap, top + line_height * (double)i, width - 2 * gap, line_height, band, 1);
    }
    nvc_frame_draw(c, &f, 0);
    nvc_canvas_line(c, nvc_frame_x(&f, 0), top, nvc_frame_x(&f, 0), top + height, &(struct nvc_pen){ soft, 0.7, 1, 2 });
    for (size_t i = 0; i < n; i++)
        draw_line(c, &f, &lines[i], top + line_height * ((double)i + 0.5), heaviest);
    double below = top + height + 40;
    if (words->left)
        nvc_canvas_text(c, nvc_frame_x(&f, 0) - 6, below, words->left, &(struct nvc_font){ 7, 1, 0.5, 0, 0, soft });
    if (words->right)
        nvc_canvas_text(c, nvc_frame_x(&f, 0) + 6, below, words->right, &(struct nvc_font){ 7, 0, 0.5, 0, 0, soft });
    if (words->head)
        nvc_canvas_text(c, f.left + f.width + gap, top - 8, words->head, &head_font);
    nvc_canvas_describe(c, words->about);
    status = nvc_canvas_finish(c, out, err);
    nvc_canvas_free(c);
    return status;
}
