#include "config.h"

#include "cli/provenance.h"

#include "base/memory.h"
#include "base/text.h"
#include "cli/output.h"
#include "io/bids.h"
#include "io/json.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct nvc_text command;

int nvc_shell_word(struct nvc_text *out, const char *word, struct nvc_error *err)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_@%+=:,./-";
    if (*word && strspn(word, plain) == strlen(word))
        return nvc_text_puts(out, word, err);
    int status = nvc_text_puts(out, "'", err);
    for (; !status && *word; word++)
        status = *word == '\'' ? nvc_text_puts(out, "'\\''", err) : nvc_text_add(out, word, 1, err);
    return status ? status : nvc_text_puts(out, "'", err);
}

int nvc_provenance_start(int argc, char **argv, struct nvc_error *err)
{
    int status = 0;
    nvc_provenance_end();
    for (int i = 0; !status && i < argc; i++) {
        const char *slash = i ? NULL : strrchr(argv[i], '/');
        status = i ? nvc_text_puts(&command, " ", err) : 0;
        status = status ? status : nvc_shell_word(&command, slash ? slash + 1 : argv[i], err);
    }
    return status;
}

const char *nvc_provenance_command(void) { return command.data ? command.data : ""; }

void nvc_provenance_end(void) { nvc_text_release(&command); }

static json_t *generated_by(void)
{
    return json_pack("[{s:s,s:s,s:s%}]", "Name", PACKAGE_NAME, "Version", PACKAGE_VERSION, "CommandLine",
                     nvc_provenance_command(), command.len);
}

static json_t *inputs(const struct nvc_sidecar *s)
{
    json_t *all = json_array();
    for (size_t i = 0; i < s->n_inputs; i++) {
        char crc[16];
        (void)snprintf(crc, sizeof crc, "%08" PRIx32, s->inputs[i].crc32);
        const char *path = strcmp(s->inputs[i].path, "-") ? s->inputs[i].path : "standard input";
        json_t *one = json_pack("{s:s,s:s,s:I}", "Path", path, "CRC32", crc, "Bytes", (json_int_t)s->inputs[i].bytes);
        if (json_array_append_new(all, one)) {
            json_decref(all);
            return NULL;
        }
    }
    return all;
}

static bool add_columns(json_t *root, const struct nvc_column *c)
{
    for (; c && c->name; c++) {
        json_t *one = c->unit ? json_pack("{s:s,s:s}", "Description", c->help, "Units", c->unit)
                              : json_pack("{s:s}", "Description", c->help);
        if (json_object_set_new(root, c->name, one))
            return false;
    }
    return true;
}

/* NULL when memory is out or a text is no UTF-8. */
static json_t *describe(const struct nvc_sidecar *s)
{
    json_t *root = json_object();
    bool ok = root && add_columns(root, s->columns) && !json_object_set_new(root, "GeneratedBy", generated_by()) &&
              !json_object_set_new(root, "Inputs", inputs(s)) &&
              (!s->seed || !json_object_set_new(root, "Seed", json_string(s->seed))) &&
              (!s->facts || !json_object_set(root, "Facts", s->facts)) &&
              (!s->more || !json_object_update(root, s->more));
    if (ok)
        return root;
    json_decref(root);
    return NULL;
}

int nvc_sidecar_write(const char *path, const struct nvc_sidecar *s, struct nvc_error *err)
{
    struct nvc_text text = { 0 };
    char *stem = NULL, *name = NULL;
    json_t *root = NULL;
    int status = 0;
    if (!strcmp(path, "-"))
        return 0;
    if (!(stem = nvc_bids_stem(path, err)) || !(name = nvc_sprintf(err, "%s.json", stem))) {
        status = (int)err->status;
        goto out;
    }
    if (!(root = describe(s))) {
        status = nvc_json_fail(err, name);
        goto out;
    }
    status = nvc_json_write(&text, root, 2, err);
    status = status ? status : nvc_text_puts(&text, "\n", err);
    status = status ? status : nvc_output(name, &text, NULL, err);
out:
    json_decref(root);
    nvc_text_release(&text);
    free(name);
    free(stem);
    return status;
}
