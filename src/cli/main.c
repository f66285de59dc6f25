#include "config.h"

#include "base/memory.h"
#include "cli/cmd.h"
#include "cli/message.h"
#include "cli/provenance.h"
#include "io/json.h"
#include "io/sink.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void on_signal(int sig)
{
    nvc_sink_abandon_all();
    (void)raise(sig); /* SA_RESETHAND: the shell sees that a signal ended us */
}

/* A pipe that breaks is a failed write (status 3), not a death; what the parent ignores stays ignored
 * (nohup). */
static void install_signals(void)
{
    static const int fatal[] = { SIGINT, SIGTERM, SIGHUP };
    struct sigaction ours = { .sa_handler = on_signal, .sa_flags = (int)(SA_RESTART | SA_RESETHAND) }, was;
    (void)sigemptyset(&ours.sa_mask);
    for (size_t i = 0; i < sizeof fatal / sizeof *fatal; i++)
        if (!sigaction(fatal[i], NULL, &was) && was.sa_handler != SIG_IGN)
            (void)sigaction(fatal[i], &ours, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
}

/* With a standard descriptor closed, the first file opened would take its number and receive what is
 * meant for the reader of the pipe: fill the gap with one that refuses. */
static void keep_standard_descriptors(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) == -1 && errno == EBADF)
            (void)!open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

static int answer(const struct nvc_cmd *cmd, const struct nvc_common *common)
{
    static void (*const print[])(const struct nvc_cmd *, FILE *) = {
        [NVC_PRINT_MAN] = nvc_cmd_man, [NVC_PRINT_BASH] = nvc_cmd_bash,
        [NVC_PRINT_BOUTIQUES] = nvc_cmd_boutiques, [NVC_PRINT_EXAMPLES] = nvc_cmd_examples,
        [NVC_PRINT_COLUMNS] = nvc_cmd_columns };
    if (common->help)
        nvc_cmd_help(cmd, stdout);
    else if (common->version)
        (void)printf("%s (nvctools) %s\n", cmd->name, PACKAGE_VERSION);
    else
        print[common->print](cmd, stdout);
    return 0;
}

static int parse_and_run(const struct nvc_cmd *cmd, int argc, char **argv, void *opts, struct nvc_error *err)
{
    struct nvc_common common;
    const char **lists = NULL;
    int n_args, status = nvc_opt_parse(cmd, argc, argv, opts, &common, &n_args, &lists, err);
    if (status)
        return status;
    nvc_message_start(cmd->name, common.quiet);
    if (common.help || common.version || common.print >= 0)
        status = answer(cmd, &common);
    else if (!(status = nvc_opt_check_terminal(cmd, opts, argv, n_args, err)))
        status = cmd->run(opts, argv, n_args, err);
    free(lists);
    return status;
}

int nvc_main(const struct nvc_cmd *cmd, int argc, char **argv)
{
    struct nvc_error err = { 0 };
    const char *wrong = nvc_cmd_check(cmd);
    nvc_message_start(cmd->name ? cmd->name : "nvctools", false);
    keep_standard_descriptors();
    install_signals();
    nvc_json_watch();
    int status = wrong ? nvc_fail(&err, NVC_EBUG, "a bug in the option table: %s", wrong) : 0;
    void *opts = status ? NULL : nvc_array(1, cmd->size, &err);
    if (opts && !(status = nvc_provenance_start(argc, argv, &err)))
        status = parse_and_run(cmd, argc, argv, opts, &err);
    else if (!status)
        status = (int)err.status;
    if (!status && (fflush(stdout) || ferror(stdout)))
        status = nvc_fail(&err, NVC_ESYS, "standard output: cannot write: %s",
                          errno == EPIPE ? "the reader of the pipe has gone" : strerror(errno));
    if (status)
        nvc_complain(&err);
    free(opts);
    nvc_provenance_end();
    return status;
}
