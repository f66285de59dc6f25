#include "model/design/contrast.h"

#include "base/memory.h"
#include "base/number.h"
#include "math/lsq.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_DEPTH = 100 };

/* What an expression is worth: a number, or a weight for every column. */
struct form {
    double number;
    double *weights; /* NULL: a number */
};

struct parser {
    const char *text, *at;
    const char *const *names; /* NULL: only the grammar is judged, every name is column 0 */
    size_t n_cols;
    int depth;
    struct nvc_error *err;
};

static int parse_sum(struct parser *p, struct form *out);

static int fail_at(struct parser *p, const char *at, const char *what)
{
    size_t place = (size_t)(at - p->text) + 1;
    if (*at == '\0')
        return nvc_fail(p->err, NVC_EUSAGE, "contrast '%s': %s, the text ends", p->text, what);
    return nvc_fail(p->err, NVC_EUSAGE, "contrast '%s': %s at character %zu, found '%.12s'", p->text, what, place, at);
}

static bool is_name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static void skip_blanks(struct parser *p)
{
    while (*p->at == ' ')
        p->at++;
}

/* Length of the number at s, 0 when there is none; "2back" is a name. */
static size_t number_length(const char *s)
{
    size_t n = 0;
    while (is_digit(s[n]))
        n++;
    if (s[n] == '.')
        for (n++; is_digit(s[n]);)
            n++;
    if (n == 0 || (n == 1 && s[0] == '.'))
        return 0;
    if (s[n] == 'e' || s[n] == 'E') {
        size_t k = n + 1;
        if (s[k] == '+' || s[k] == '-')
            k++;
        if (is_digit(s[k]))
            for (n = k; is_digit(s[n]);)
                n++;
    }
    return is_name_char(s[n]) ? 0 : n;
}

static int unknown_name(struct parser *p, const char *name)
{
    const char *near = nvc_near_miss(name, p->names, p->n_cols);
    if (near)
        return nvc_fail(p->err, NVC_EDATA, "contrast '%s': the design has no column '%s'; did you mean '%s'?", p->text, name, near);
    struct nvc_text list = { 0 };
    for (size_t j = 0; j < p->n_cols && j < 12; j++)
        if (nvc_text_printf(&list, p->err, "%s%s", j ? ", " : "", p->names[j]))
            break;
    int status = nvc_fail(p->err, NVC_EDATA, "contrast '%s': the design has no column '%s'; it has: %s%s", p->text, name,
                          list.data ? list.data : "", p->n_cols > 12 ? ", ..." : "");
    nvc_text_release(&list);
    return status;
}

/* A plain or quoted name, as text that the caller frees. */
static int parse_name(struct parser *p, char **name)
{
    const char *start = p->at;
    size_t n;
    if (*start == '"') {
        const char *end = strchr(start + 1, '"');
        if (!end)
            return fail_at(p, start + strlen(start), "a closing \" is wanted");
        n = (size_t)(end - ++start);
        p->at = end + 1;
        if (n == 0)
            return fail_at(p, end, "a name is wanted between quotes");
    } else {
        for (n = 0; is_name_char(start[n]);)
            n++;
        if (n == 0)
            return fail_at(p, start, "a name, a number or ( is wanted");
        p->at += n;
    }
    *name = nvc_strndup(start, n, p->err);
    return *name ? 0 : NVC_ESYS;
}

static int parse_regressor(struct parser *p, struct form *out)
{
    char *name;
    int status = parse_name(p, &name);
    if (status)
        return status;
    size_t j = 0;
    while (p->names && j < p->n_cols && strcmp(p->names[j], name))
        j++;
    if (j == p->n_cols)
        status = unknown_name(p, name);
    else if (!(out->weights = nvc_array(p->n_cols, sizeof(double), p->err)))
        status = (int)p->err->status;
    else
        out->weights[j] = 1;
    free(name);
    return status;
}

static int parse_factor(struct parser *p, struct form *out)
{
    skip_blanks(p);
    int sign = 1;
    for (; *p->at == '+' || *p->at == '-'; skip_blanks(p))
        if (*p->at++ == '-')
            sign = -sign;
    *out = (struct form){ 0 };
    size_t n = number_length(p->at);
    int status = 0;
    if (*p->at == '(') {
        if (p->depth++ == MAX_DEPTH)
            return fail_at(p, p->at, "fewer parentheses are wanted");
        p->at++;
        status = parse_sum(p, out);
        skip_blanks(p);
        if (!status && *p->at != ')')
            status = fail_at(p, p->at, "an operator or ) is wanted");
        p->at += !status;
        p->depth--;
    } else if (n) {
        if (!nvc_parse_real(p->at, n, &out->number))
            return fail_at(p, p->at, "a number that can be represented is wanted");
        p->at += n;
    } else {
        status = parse_regressor(p, out);
    }
    out->number *= sign;
    for (size_t j = 0; out->weights && j < p->n_cols; j++)
        out->weights[j] *= sign;
    return status;
}

/* out = out * with, or out / with; the weights of `with` are freed or taken over. */
static int multiply(struct parser *p, struct form *out, struct form *with, bool divide, const char *at)
{
    if (with->weights && (divide || out->weights)) {
        free(with->weights);
        return fail_at(p, at, divide ? "a number is wanted to divide by" : "a number is wanted to multiply a regressor with");
    }
    if (divide && with->number == 0)
        return fail_at(p, at, "a number other than 0 is wanted to divide by");
    double factor = divide ? 1 / with->number : with->number;
    if (with->weights) {
        factor = out->number;
        out->weights = with->weights;
    }
    out->number *= with->weights ? 1 : factor;
    for (size_t j = 0; out->weights && j < p->n_cols; j++)
        out->weights[j] *= factor;
    return 0;
}

static int parse_product(struct parser *p, struct form *out)
{
    int status = parse_factor(p, out);
    while (!status) {
        skip_blanks(p);
        char op = *p->at;
        if (op != '*' && op != '/')
            break;
        const char *at = ++p->at;
        struct form with = { 0 };
        status = parse_factor(p, &with);
        if (status)
            free(with.weights);
        else
            status = multiply(p, out, &with, op == '/', at);
    }
    return status;
}

static int parse_sum(struct parser *p, struct form *out)
{
    int status = parse_product(p, out);
    while (!status) {
        skip_blanks(p);
        const char *at = p->at;
        if (*at != '+' && *at != '-')
            break;
        double sign = *at == '-' ? -1 : 1;
        struct form with = { 0 };
        p->at++;
        status = parse_product(p, &with);
        if (!status && !with.weights != !out->weights)
            status = fail_at(p, at, "a number cannot be added to a regressor: * is wanted between them");
        out->number += sign * with.number;
        for (size_t j = 0; !status && out->weights && j < p->n_cols; j++)
            out->weights[j] += sign * with.weights[j];
        free(with.weights);
    }
    return status;
}

static int add_row(struct parser *p, struct nvc_contrast *c, size_t *cap, const double *weights)
{
    int status = nvc_grow(&c->C, cap, (c->n_rows + 1) * p->n_cols, sizeof *c->C, p->err);
    if (!status)
        memcpy(c->C + c->n_rows++ * p->n_cols, weights, p->n_cols * sizeof *weights);
    return status;
}

/* A row that is one quoted name with glob characters: every column that matches. */
static int parse_glob_row(struct parser *p, struct nvc_contrast *c, size_t *cap, bool *taken)
{
    const char *start = p->at, *end = *start == '"' ? strchr(start + 1, '"') : NULL;
    *taken = false;
    if (!end || !p->names || strcspn(start, "*?[") > (size_t)(end - start) || end[1 + strspn(end + 1, " ")] == '\0' ||
        !strchr(";,]", end[1 + strspn(end + 1, " ")]))
        return 0;
    char *pattern;
    int status = parse_name(p, &pattern);
    double *row = status ? NULL : nvc_array(p->n_cols, sizeof *row, p->err);
    size_t before = c->n_rows;
    *taken = true;
    if (!status && !row)
        status = (int)p->err->status;
    for (size_t j = 0; j < p->n_cols && !status; j++) {
        if (!nvc_glob_match(pattern, p->names[j]))
            continue;
        row[j] = 1;
        status = add_row(p, c, cap, row);
        row[j] = 0;
    }
    if (!status && c->n_rows == before)
        status = unknown_name(p, pattern);
    free(row);
    free(pattern);
    return status;
}

static int parse_row(struct parser *p, struct nvc_contrast *c, size_t *cap)
{
    bool taken;
    struct form f = { 0 };
    skip_blanks(p);
    const char *start = p->at;
    int status = parse_glob_row(p, c, cap, &taken);
    if (status || taken)
        return status;
    status = parse_sum(p, &f);
    skip_blanks(p);
    if (!status && !f.weights)
        status = strchr(";,]", *p->at) ? fail_at(p, start, "a regressor is wanted, not a number alone,")
                                       : fail_at(p, p->at, "an operator is wanted");
    bool zero = true;
    for (size_t j = 0; !status && j < p->n_cols && p->names; j++)
        zero = zero && f.weights[j] == 0;
    if (!status && p->names && zero)
        status = nvc_fail(p->err, NVC_EDATA, "contrast '%s': the weights cancel altogether", p->text);
    if (!status)
        status = add_row(p, c, cap, f.weights);
    free(f.weights);
    return status;
}

static int parse_body(struct parser *p, struct nvc_contrast *c)
{
    size_t cap = 0;
    skip_blanks(p);
    c->is_f = *p->at == '[';
    p->at += c->is_f;
    int status = parse_row(p, c, &cap);
    skip_blanks(p);
    for (; !status && c->is_f && (*p->at == ';' || *p->at == ','); skip_blanks(p)) {
        p->at++;
        status = parse_row(p, c, &cap);
    }
    if (status)
        return status;
    if (c->is_f && *p->at != ']')
        return fail_at(p, p->at, "an operator, ; or ] is wanted");
    p->at += c->is_f;
    skip_blanks(p);
    return *p->at ? fail_at(p, p->at, "an operator is wanted") : 0;
}

/* The text before a '=' outside quotes, or the expression without the blanks outside quotes. */
static int parse_label(struct parser *p, char **label)
{
    bool quoted = false;
    struct nvc_text t = { 0 };
    const char *equal = NULL, *s = p->text;
    for (; *s && !equal; s++) {
        quoted ^= *s == '"';
        equal = *s == '=' && !quoted ? s : NULL;
        if ((unsigned char)*s < ' ')
            return fail_at(p, s, "printable text is wanted");
    }
    int status = 0;
    if (equal) {
        const char *start = p->text + strspn(p->text, " "), *end = equal;
        while (end > start && end[-1] == ' ')
            end--;
        p->at = equal + 1;
        if (start == end)
            return fail_at(p, equal, "a name is wanted before =");
        status = nvc_text_add(&t, start, (size_t)(end - start), p->err);
    } else {
        quoted = false;
        for (s = p->text; *s && !status; s++) {
            quoted ^= *s == '"';
            if (quoted || *s != ' ')
                status = nvc_text_add(&t, s, 1, p->err);
        }
        if (!status && !t.data)
            status = fail_at(p, p->text, "a name, a number or ( is wanted");
    }
    *label = t.data;
    return status;
}

static int check_rank(const struct nvc_contrast *c, const char *text, struct nvc_error *err)
{
    struct nvc_lsq f = { 0 };
    size_t rank = 0;
    if (c->n_rows < 2)
        return 0;
    if (c->n_rows <= c->n_cols) {
        int status = nvc_lsq_init(&f, c->C, c->n_cols, c->n_rows, err);
        if (status)
            return status;
        rank = f.rank;
        nvc_lsq_release(&f);
    }
    return rank == c->n_rows ? 0 : nvc_fail(err, NVC_EDATA, "contrast '%s': its %zu rows depend on each other; leave one out",
                                            text, c->n_rows);
}

int nvc_contrast_parse(struct nvc_contrast *c, const char *text, const char *const *names, size_t n_cols,
                       struct nvc_error *err)
{
    struct parser p = { text, text, names, n_cols, 0, err };
    *c = (struct nvc_contrast){ .n_cols = n_cols };
    int status = parse_label(&p, &c->name);
    if (!status)
        status = parse_body(&p, c);
    if (!status && names)
        status = check_rank(c, text, err);
    if (status)
        nvc_contrast_release(c);
    return status;
}

int nvc_contrast_check(const char *text, struct nvc_error *err)
{
    struct nvc_contrast c;
    int status = nvc_contrast_parse(&c, text, NULL, 1, err);
    nvc_contrast_release(&c);
    return status;
}
