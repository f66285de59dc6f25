#include "config.h"

#include "cli/stamp.h"

#include "cli/output.h"
#include "io/json.h"

#include <string.h>
#include <sys/stat.h>

static json_t *words_of(const struct nvc_command *command)
{
    json_t *words = json_array();
    for (char *const *word = command->argv; words && *word; word++)
        if (json_array_append_new(words, json_string(*word))) {
            json_decref(words);
            return NULL;
        }
    return words;
}

static json_t *state_of(const char *path)
{
    struct stat st;
    if (stat(path, &st))
        return json_null();
    return json_pack("{s:I, s:I, s:I}", "bytes", (json_int_t)st.st_size, "changed_s", (json_int_t)st.st_mtim.tv_sec,
                     "changed_ns", (json_int_t)st.st_mtim.tv_nsec);
}

json_t *nvc_stamp_make(const struct nvc_command *commands, size_t n_commands, char *const *files, size_t n_files,
                       struct nvc_error *err)
{
    json_t *lines = json_array(), *states = json_object();
    bool ok = lines && states;
    for (size_t i = 0; ok && i < n_commands; i++)
        ok = !json_array_append_new(lines, words_of(&commands[i]));
    for (size_t i = 0; ok && i < n_files; i++)
        ok = !json_object_set_new(states, files[i], state_of(files[i]));
    json_t *stamp = ok ? json_pack("{s:s, s:O, s:O}", "nvctools", PACKAGE_VERSION, "Commands", lines, "Files", states) : NULL;
    json_decref(lines);
    json_decref(states);
    if (!stamp)
        (void)nvc_json_fail(err, "the names of the files");
    return stamp;
}

bool nvc_stamp_holds(const char *path, const json_t *now)
{
    struct nvc_error ignored;
    json_t *then;
    const char *name;
    json_t *state;
    if (nvc_json_read(&then, path, &ignored))
        return false;
    bool same = json_equal(then, now);
    json_decref(then);
    json_object_foreach(json_object_get(now, "Files"), name, state)
        if (json_is_null(state))
            return false;
    return same;
}

int nvc_stamp_write(const char *path, const json_t *now, struct nvc_error *err)
{
    struct nvc_text text = { 0 };
    int status = nvc_json_write(&text, now, 2, err);
    if (!status)
        status = nvc_output(path, &text, NULL, err);
    nvc_text_release(&text);
    return status;
}
