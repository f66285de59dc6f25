#include "config.h"

#include "cli/cmd.h"

#include "cli/message.h"
#include "cli/option.h"
#include "io/json.h"

#include <ctype.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Descriptor schema 0.5 (boutiques.github.io; Glatard et al. 2018, doi:10.1093/gigascience/giy016).
 * Defaults stay in the descriptions: as "default-value" they would be put on the command line, beside the
 * options that exclude them. */

static bool failed; /* out of memory somewhere while building: found once, at the end */

static void set(json_t *object, const char *key, json_t *value)
{
    failed |= json_object_set_new(object, key, value) != 0;
}

/* "high-pass" -> "high_pass" */
static void identifier(char id[static 64], const char *name)
{
    size_t n = 0;
    for (; name[n] && n < 63; n++)
        id[n] = isalnum((unsigned char)name[n]) ? (char)tolower((unsigned char)name[n]) : '_';
    id[n] = '\0';
}

/* The place of its value on the command line, "[HIGH_PASS]". */
static void value_key(char key[static 66], const char *id)
{
    (void)snprintf(key, 66, "[%s]", id);
    for (char *p = key; *p; p++)
        *p = (char)toupper((unsigned char)*p);
}

static json_t *new_item(json_t *items, const char *name, const char *type, const char *description)
{
    char id[64], key[66];
    json_t *item = json_object();
    identifier(id, name);
    value_key(key, id);
    set(item, "id", json_string(id));
    set(item, "name", json_string(name));
    set(item, "type", json_string(type));
    set(item, "description", json_string(description));
    set(item, "value-key", json_string(key));
    failed |= json_array_append_new(items, item) != 0;
    return item;
}

static json_t *texts(const char *const *all)
{
    json_t *list = json_array();
    for (; *all; all++)
        failed |= json_array_append_new(list, json_string(*all)) != 0;
    return list;
}

static void add_option(json_t *items, const struct nvc_cmd *cmd, const struct nvc_opt *o)
{
    bool number = o->type == NVC_OPT_INT || o->type == NVC_OPT_REAL;
    struct nvc_text text = { 0 }, flag = { 0 };
    struct nvc_error err;
    failed |= nvc_text_puts(&text, o->help, &err) || nvc_opt_remarks(cmd, o, cmd->defaults, &text, &err) ||
              nvc_text_printf(&flag, &err, "--%s", o->name);
    const char *type = o->type == NVC_OPT_FLAG ? "Flag" : number ? "Number" : nvc_opt_is_input(o) ? "File" : "String";
    json_t *item = failed ? NULL : new_item(items, o->name, type, text.data);
    if (item) {
        set(item, "optional", json_boolean(o->exclusive || !(o->flags & NVC_OPT_REQUIRED)));
        set(item, "command-line-flag", json_string(flag.data));
        if (o->type != NVC_OPT_FLAG)
            set(item, "command-line-flag-separator", json_string("="));
        if (o->type == NVC_OPT_LIST) { /* --region=a --region=b */
            failed |= nvc_text_puts(&flag, "=", &err) != 0;
            set(item, "list", json_true());
            set(item, "list-separator", json_sprintf(" %s", flag.data));
        }
        if (o->type == NVC_OPT_CHOICE)
            set(item, "value-choices", texts(o->choices));
        if (o->type == NVC_OPT_INT)
            set(item, "integer", json_true());
        if (number && isfinite(o->min))
            set(item, "minimum", json_real(o->min == DBL_MIN ? 0 : o->min));
        if (number && o->min == DBL_MIN)
            set(item, "exclusive-minimum", json_true());
        if (number && isfinite(o->max))
            set(item, "maximum", json_real(o->max));
    }
    nvc_text_release(&text);
    nvc_text_release(&flag);
}

static json_t *inputs(const struct nvc_cmd *cmd)
{
    json_t *items = json_array();
    for (const struct nvc_opt *o = cmd->opts; o && o->type != NVC_OPT_END; o++)
        if (o->type != NVC_OPT_GROUP && !(o->flags & NVC_OPT_HIDDEN))
            add_option(items, cmd, o);
    for (const struct nvc_arg *a = cmd->args; a && a->name; a++) {
        json_t *item = new_item(items, a->name, a->glob ? "File" : "String", a->help);
        set(item, "optional", json_boolean(!a->min));
        if (a->max != 1)
            set(item, "list", json_true());
    }
    return items;
}

static json_t *outputs(const struct nvc_cmd *cmd)
{
    json_t *items = json_array();
    for (const struct nvc_opt *o = cmd->opts; o && o->type != NVC_OPT_END; o++) {
        char id[64], key[66];
        if (o->type != NVC_OPT_OUTPUT)
            continue;
        identifier(id, o->name);
        value_key(key, id);
        json_t *item = json_object();
        set(item, "id", json_sprintf("%s_file", id));
        set(item, "name", json_sprintf("file of --%s", o->name));
        set(item, "description", json_string(o->help));
        set(item, "path-template", json_string(key));
        set(item, "optional", json_true());
        failed |= json_array_append_new(items, item) != 0;
    }
    return items;
}

/* Each set of options that exclude each other, told at its first member. */
static json_t *groups(const struct nvc_cmd *cmd)
{
    json_t *all = json_array();
    for (const struct nvc_opt *o = cmd->opts; o && o->type != NVC_OPT_END; o++) {
        json_t *members = json_array(), *group;
        bool first = o->exclusive, needed = false;
        for (const struct nvc_opt *p = cmd->opts; first && p->type != NVC_OPT_END; p++) {
            char id[64];
            if (p->exclusive != o->exclusive)
                continue;
            first = p >= o;
            needed |= p->flags & NVC_OPT_REQUIRED;
            identifier(id, p->name);
            failed |= json_array_append_new(members, json_string(id)) != 0;
        }
        if (first) {
            failed |= json_array_append_new(all, group = json_object()) != 0;
            set(group, "id", json_sprintf("group_%u", o->exclusive));
            set(group, "name", json_sprintf("group %u", o->exclusive));
            set(group, "members", json_incref(members));
            set(group, "mutually-exclusive", json_true());
            set(group, "one-is-required", json_boolean(needed));
        }
        json_decref(members);
    }
    return all;
}

static json_t *error_codes(void)
{
    json_t *all = json_array();
    for (const struct nvc_exit_meaning *m = nvc_exit_meanings; m->meaning; m++)
        if (m->status)
            failed |= json_array_append_new(all, json_pack("{s:i,s:s}", "code", m->status, "description",
                                                           m->meaning)) != 0;
    return all;
}

static json_t *command_line(const struct nvc_cmd *cmd, const json_t *items)
{
    struct nvc_text text = { 0 };
    struct nvc_error err;
    size_t i;
    const json_t *item;
    failed |= nvc_text_puts(&text, cmd->name, &err) != 0;
    json_array_foreach(items, i, item)
        failed |= nvc_text_printf(&text, &err, " %s", json_string_value(json_object_get(item, "value-key"))) != 0;
    json_t *line = failed ? NULL : json_string(text.data);
    nvc_text_release(&text);
    return line;
}

static void set_filled(json_t *root, const char *key, json_t *array)
{
    if (json_array_size(array))
        set(root, key, array);
    else
        json_decref(array);
}

void nvc_cmd_boutiques(const struct nvc_cmd *cmd, FILE *out)
{
    struct nvc_text text = { 0 };
    struct nvc_error err = { .text = "out of memory" };
    json_t *root = json_object(), *items = inputs(cmd);
    set(root, "name", json_string(cmd->name));
    set(root, "tool-version", json_string(PACKAGE_VERSION));
    set(root, "schema-version", json_string("0.5"));
    set(root, "description", json_string(cmd->summary));
    set(root, "command-line", command_line(cmd, items));
    set(root, "inputs", items);
    set_filled(root, "groups", groups(cmd));
    set_filled(root, "output-files", outputs(cmd));
    set(root, "error-codes", error_codes());
    if (failed || nvc_json_write(&text, root, 2, &err))
        nvc_complain(&err);
    else
        (void)fprintf(out, "%s\n", text.data);
    nvc_text_release(&text);
    json_decref(root);
}
