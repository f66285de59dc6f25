/* Contrasts that need no parser, and what their weights say. */
#include "model/design/contrast.h"

#include "base/memory.h"
#include "base/number.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void nvc_contrast_release(struct nvc_contrast *c)
{
    free(c->name);
    free(c->C);
    *c = (struct nvc_contrast){ 0 };
}

int nvc_contrast_single(struct nvc_contrast *c, const char *name, size_t column, size_t n_cols, struct nvc_error *err)
{
    *c = (struct nvc_contrast){ .n_rows = 1, .n_cols = n_cols };
    if (!(c->name = nvc_strdup(name, err)) || !(c->C = nvc_array(n_cols, sizeof *c->C, err))) {
        nvc_contrast_release(c);
        return (int)err->status;
    }
    c->C[column] = 1;
    return 0;
}

/* A name that the grammar would not read as it stands goes in quotes. */
static bool needs_quotes(const char *name)
{
    double number;
    return name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.")] != '\0' ||
           nvc_parse_real(name, strlen(name), &number);
}

static int write_row(struct nvc_text *out, const double *w, size_t n_cols, const char *const *names, struct nvc_error *err)
{
    bool first = true;
    int status = 0;
    for (size_t j = 0; j < n_cols && !status; j++) {
        if (w[j] == 0)
            continue;
        char number[NVC_NUMBER_SIZE];
        nvc_format_real(number, fabs(w[j]));
        const char *sign = w[j] < 0 ? first ? "-" : " - " : first ? "" : " + ", *quote = needs_quotes(names[j]) ? "\"" : "";
        bool one = fabs(w[j]) == 1;
        status = nvc_text_printf(out, err, "%s%s%s%s%s%s", sign, one ? "" : number, one ? "" : "*", quote, names[j], quote);
        first = false;
    }
    return status;
}

int nvc_contrast_weights(struct nvc_text *out, const struct nvc_contrast *c, const char *const *names, struct nvc_error *err)
{
    int status = c->is_f ? nvc_text_puts(out, "[", err) : 0;
    for (size_t r = 0; r < c->n_rows && !status; r++) {
        if (r > 0)
            status = nvc_text_puts(out, "; ", err);
        if (!status)
            status = write_row(out, c->C + r * c->n_cols, c->n_cols, names, err);
    }
    return status || !c->is_f ? status : nvc_text_puts(out, "]", err);
}

bool nvc_contrast_is_mean(const struct nvc_contrast *c)
{
    double up = 0, down = 0;
    for (size_t j = 0; j < c->n_cols; j++)
        *(c->C[j] > 0 ? &up : &down) += c->C[j];
    return !c->is_f && fabs(up - 1) < 1e-9 && (down == 0 || fabs(down + 1) < 1e-9);
}
