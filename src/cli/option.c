#include "cli/option.h"

#include "base/number.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const print_names[] = { "man", "bash", "boutiques", "examples", "columns", NULL };

const struct nvc_opt nvc_common_opts[] = {
    OPT_GROUP("General"),
    OPT_FLAG(struct nvc_common, quiet, 'q', "quiet", "say nothing on standard error but errors"),
    OPT_FLAG(struct nvc_common, help, 'h', "help", "print this text and exit"),
    OPT_FLAG(struct nvc_common, version, 0, "version", "print the version and exit"),
    OPT_CHOICE(struct nvc_common, print, 0, "print", "WHAT", print_names, "print a generated document and exit",
               .flags = NVC_OPT_HIDDEN),
    OPT_END
};
const struct nvc_common nvc_common_defaults = { .print = -1 };

const struct nvc_exit_meaning nvc_exit_meanings[] = {
    { NVC_OK, "complete; warnings are possible" },
    { NVC_EDATA, "something was read and refuses the computation: malformed, truncated, without TR, or without a name "
                 "that was asked for" },
    { NVC_EUSAGE, "the request is wrong before any file is read: unknown option, value out of range" },
    { NVC_ESYS, "the system: a file that is not there, reading, writing, memory, a pipe whose reader is gone" },
    { NVC_EBUG, "a bug: an internal check failed" },
    { 0, NULL }
};

size_t nvc_table_flatten(const struct nvc_cmd *cmd, const struct nvc_opt *table[static NVC_MAX_OPTS], size_t *n_own)
{
    const struct nvc_opt *const parts[] = { cmd->opts, nvc_common_opts };
    size_t n = 0;
    for (size_t k = 0; k < 2; k++) {
        *n_own = n; /* after the last round: what came before the common ones */
        for (const struct nvc_opt *o = parts[k]; o && o->type != NVC_OPT_END; o++)
            if (o->type != NVC_OPT_GROUP && n < NVC_MAX_OPTS)
                table[n++] = o;
    }
    return n;
}

bool nvc_opt_is_input(const struct nvc_opt *o)
{
    return o->type == NVC_OPT_INPUT || (o->type == NVC_OPT_LIST && o->glob);
}

int nvc_opt_range(const struct nvc_opt *o, struct nvc_text *out, struct nvc_error *err)
{
    bool low = isfinite(o->min), above = o->min == DBL_MIN;
    bool high = isfinite(o->max) && !(o->type == NVC_OPT_INT && o->max == INT_MAX);
    const char *blank = o->unit ? " " : "", *unit = o->unit ? o->unit : "";
    char lo[NVC_NUMBER_SIZE], hi[NVC_NUMBER_SIZE];
    nvc_format_real(lo, above ? 0 : o->min);
    nvc_format_real(hi, o->max);
    if (!low)
        return high ? nvc_text_printf(out, err, "up to %s%s%s", hi, blank, unit) : 0;
    if (!high)
        return nvc_text_printf(out, err, "%s %s%s%s%s", above ? "above" : "from", lo, blank, unit, above ? "" : " up");
    return nvc_text_printf(out, err, "%s %s to %s%s%s", above ? "above" : "from", lo, hi, blank, unit);
}

int nvc_opt_default(const struct nvc_opt *o, const void *defaults, struct nvc_text *out, struct nvc_error *err)
{
    const char *at = (const char *)defaults + o->offset;
    int i;
    double v;
    const char *text;
    switch (o->type) {
    case NVC_OPT_INT:
        memcpy(&i, at, sizeof i);
        return i == NVC_NO_INT ? 0 : nvc_text_real(out, i, err);
    case NVC_OPT_REAL:
        memcpy(&v, at, sizeof v);
        return isnan(v) ? 0 : nvc_text_real(out, v, err);
    case NVC_OPT_CHOICE:
        memcpy(&i, at, sizeof i);
        return i < 0 ? 0 : nvc_text_puts(out, o->choices[i], err);
    case NVC_OPT_TEXT: case NVC_OPT_INPUT: case NVC_OPT_OUTPUT:
        memcpy(&text, at, sizeof text);
        return text ? nvc_text_puts(out, text, err) : 0;
    case NVC_OPT_FLAG: case NVC_OPT_LIST: case NVC_OPT_GROUP: case NVC_OPT_END:
        break;
    }
    return 0;
}

static int add_exclusive(const struct nvc_cmd *cmd, const struct nvc_opt *o, struct nvc_text *out,
                         struct nvc_error *err)
{
    const char *before = "not with ";
    int status = 0;
    for (const struct nvc_opt *p = cmd->opts; !status && p->type != NVC_OPT_END; p++)
        if (p != o && p->exclusive && p->exclusive == o->exclusive) {
            status = nvc_text_printf(out, err, "%s--%s", before, p->name);
            before = " or ";
        }
    return status;
}

static int add_choices(const struct nvc_opt *o, struct nvc_text *out, struct nvc_error *err)
{
    int status = 0;
    for (int i = 0; !status && o->choices[i]; i++)
        status = nvc_text_printf(out, err, "%s%s", i ? ", " : "one of ", o->choices[i]);
    return status;
}

static int add_default(const struct nvc_opt *o, const void *defaults, struct nvc_text *out, struct nvc_error *err)
{
    struct nvc_text value = { 0 };
    int status = nvc_opt_default(o, defaults, &value, err);
    if (!status && value.len) {
        bool dash = !strcmp(value.data, "-");
        const char *text = dash && o->type == NVC_OPT_OUTPUT ? "standard output"
                         : dash && o->type == NVC_OPT_INPUT  ? "standard input"
                                                             : value.data;
        bool unit = o->unit && (o->type == NVC_OPT_INT || o->type == NVC_OPT_REAL);
        status = nvc_text_printf(out, err, "default: %s%s%s", text, unit ? " " : "", unit ? o->unit : "");
    }
    nvc_text_release(&value);
    return status;
}

enum remark { ACCEPTED, REPEATED, NEEDED, EXCLUSIVE, DEFAULT, REMARKS };

static int add_remark(enum remark what, const struct nvc_cmd *cmd, const struct nvc_opt *o, const void *defaults,
                      struct nvc_text *out, struct nvc_error *err)
{
    switch (what) {
    case ACCEPTED:
        if (o->type == NVC_OPT_CHOICE)
            return add_choices(o, out, err);
        return o->type == NVC_OPT_INT || o->type == NVC_OPT_REAL ? nvc_opt_range(o, out, err) : 0;
    case REPEATED:
        return o->type == NVC_OPT_LIST ? nvc_text_puts(out, "may be given again", err) : 0;
    case NEEDED:
        if (!(o->flags & NVC_OPT_REQUIRED))
            return 0;
        return nvc_text_puts(out, o->exclusive ? "one of them is needed" : "needed", err);
    case EXCLUSIVE:
        return add_exclusive(cmd, o, out, err);
    case DEFAULT:
        return add_default(o, defaults, out, err);
    case REMARKS:
        break;
    }
    return 0;
}

int nvc_opt_remarks(const struct nvc_cmd *cmd, const struct nvc_opt *o, const void *defaults, struct nvc_text *out,
                    struct nvc_error *err)
{
    bool bracket = out->len && out->data[out->len - 1] == ')'; /* brackets of the help itself take the remarks in */
    const char *before = bracket ? "; " : " (";
    int status = 0;
    for (enum remark what = 0; !status && what < REMARKS; what++) {
        struct nvc_text one = { 0 };
        status = add_remark(what, cmd, o, defaults, &one, err);
        if (!status && one.len) {
            out->len -= bracket;
            bracket = false;
            status = nvc_text_printf(out, err, "%s%s", before, one.data);
            before = "; ";
        }
        nvc_text_release(&one);
    }
    return status || bracket || *before == ' ' ? status : nvc_text_puts(out, ")", err);
}

int nvc_cmd_synopsis(const struct nvc_cmd *cmd, struct nvc_text *out, struct nvc_error *err)
{
    int status = nvc_text_printf(out, err, "%s [OPTION]...", cmd->name);
    for (const struct nvc_opt *o = cmd->opts; !status && o && o->type != NVC_OPT_END; o++)
        if (o->flags & NVC_OPT_REQUIRED && !o->exclusive)
            status = nvc_text_printf(out, err, " --%s=%s", o->name, o->arg);
    for (const struct nvc_arg *a = cmd->args; !status && a && a->name; a++) {
        const char *more = a->max < 0 || a->max > 1 ? "..." : "";
        status = nvc_text_printf(out, err, a->min ? " %s%s" : " [%s]%s", a->name, more);
    }
    return status;
}

/* Length of the shell word at s: up to a blank outside quotes. */
static size_t word_length(const char *s)
{
    size_t n = 0;
    for (char quote = 0; s[n] && (quote || s[n] != ' '); n++)
        if (quote ? s[n] == quote : s[n] == '\'' || s[n] == '"')
            quote = quote ? 0 : s[n];
    return n;
}

/* The same with what may be its value, which a reader wants on the same line. */
static size_t unit_length(const char *s)
{
    size_t n = word_length(s);
    if (*s != '-' || !s[n] || !s[n + 1] || memchr(s, '=', n) || strchr("-<>|&", s[n + 1]))
        return n;
    return n + 1 + word_length(s + n + 1);
}

int nvc_example_wrap(const char *command, size_t width, struct nvc_text *out, struct nvc_error *err)
{
    int status = 0;
    for (size_t at = 0; !status && *(command += strspn(command, " "));) {
        size_t n = unit_length(command), room = command[n] ? 2 : 0; /* for the blank and the backslash */
        bool wrap = at && at + 1 + n + room > width;
        status = wrap ? nvc_text_puts(out, " \\\n  ", err) : at ? nvc_text_puts(out, " ", err) : 0;
        at = wrap ? 2 + n : at ? at + 1 + n : n;
        status = status ? status : nvc_text_add(out, command, n, err);
        command += n;
    }
    return status;
}
