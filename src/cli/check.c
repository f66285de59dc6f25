#include "cli/cmd.h"

#include "cli/option.h"

#include <limits.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static bool is_name(const char *s)
{
    return s && *s && strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(s) && *s != '-';
}

static bool is_sentence_part(const char *s)
{
    return s && *s && s[strlen(s) - 1] != '.';
}

static const char *check_number(const struct nvc_opt *o, const void *defaults)
{
    const char *at = (const char *)defaults + o->offset;
    double v;
    int i;
    if (!(o->min < o->max))
        return "a range whose lower end is not below its upper end";
    if (o->type == NVC_OPT_REAL)
        memcpy(&v, at, sizeof v);
    else {
        memcpy(&i, at, sizeof i);
        v = i == NVC_NO_INT ? (double)NAN : i;
        if (o->min <= INT_MIN || o->max > INT_MAX)
            return "a range that an int does not hold";
    }
    return isnan(v) || (v >= o->min && v <= o->max) ? NULL : "a default outside its range";
}

static const char *check_choice(const struct nvc_opt *o, const void *defaults)
{
    int n = 0, i;
    while (o->choices && o->choices[n])
        n++;
    memcpy(&i, (const char *)defaults + o->offset, sizeof i);
    return !n ? "no choices" : i < -1 || i >= n ? "a default that is no choice" : NULL;
}

static const char *check_option(const struct nvc_opt *o, const void *defaults, size_t size)
{
    if (!is_name(o->name) || strlen(o->name) < 2)
        return "a bad name";
    if (!is_sentence_part(o->help))
        return "no help, or help that ends in a full stop";
    if ((o->type == NVC_OPT_FLAG) != !o->arg)
        return "a metavariable too much or too little";
    if (o->offset >= size)
        return "a field outside the options struct";
    if (o->type == NVC_OPT_INT || o->type == NVC_OPT_REAL)
        return check_number(o, defaults);
    return o->type == NVC_OPT_CHOICE ? check_choice(o, defaults) : NULL;
}

static const char *check_options(const struct nvc_cmd *cmd, char *where, size_t room)
{
    const struct nvc_opt *table[NVC_MAX_OPTS];
    size_t n_own, n = nvc_table_flatten(cmd, table, &n_own);
    if (n == NVC_MAX_OPTS)
        return "too many options";
    for (size_t i = 0; i < n; i++) {
        bool own = i < n_own;
        (void)snprintf(where, room, "--%s", table[i]->name ? table[i]->name : "?");
        const char *wrong = own ? check_option(table[i], cmd->defaults, cmd->size)
                                : check_option(table[i], &nvc_common_defaults, sizeof nvc_common_defaults);
        for (size_t k = 0; !wrong && k < i; k++)
            if (!strcmp(table[i]->name, table[k]->name) || (table[i]->letter && table[i]->letter == table[k]->letter))
                wrong = "a name or letter used twice";
        if (wrong)
            return wrong;
    }
    return NULL;
}

static const char *check_rest(const struct nvc_cmd *cmd)
{
    for (const struct nvc_arg *a = cmd->args; a && a->name; a++)
        if (!is_sentence_part(a->help) || a->min < 0 || (a->max >= 0 && a->max < a->min) || !a->max)
            return "a positional argument without help or with a bad count";
        else if ((a->min != a->max) && a[1].name)
            return "only the last positional argument may vary in number";
    for (const struct nvc_output *t = cmd->outputs; t && t->name; t++) {
        if (!t->columns || !is_sentence_part(t->help))
            return "an output table without columns or help";
        for (const struct nvc_column *c = t->columns; c->name; c++)
            if (!is_sentence_part(c->help))
                return "a column without help, or help that ends in a full stop";
    }
    for (const struct nvc_example *e = cmd->examples; e && e->command; e++)
        if (!e->help || strchr(e->command, '\n'))
            return "an example without help or of several lines";
    return NULL;
}

const char *nvc_cmd_check(const struct nvc_cmd *cmd)
{
    static char message[160];
    char where[64] = "the command";
    const char *wrong = NULL;
    if (!cmd->name || strncmp(cmd->name, "nvc-", 4) || !is_name(cmd->name) || !is_sentence_part(cmd->summary))
        wrong = "a bad name or summary";
    else if (!cmd->description || !*cmd->description || !cmd->run || !cmd->defaults || !cmd->size)
        wrong = "no description, defaults or run";
    else if (!(wrong = check_options(cmd, where, sizeof where))) {
        (void)snprintf(where, sizeof where, "the command");
        wrong = check_rest(cmd);
    }
    if (!wrong)
        return NULL;
    (void)snprintf(message, sizeof message, "%s has %s", where, wrong);
    return message;
}
