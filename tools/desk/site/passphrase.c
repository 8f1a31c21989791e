/* passphrase.c - reading a passphrase without leaving it anywhere.
 *
 * Everything that touches it lies in guarded memory that is wiped when freed; no stdio, whose buffers would keep a copy. The terminal is
 * /dev/tty, so that standard input stays free for a list; echo is put back however the reading ends, a signal included.
 */
#include "site/passphrase.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define MAX_BYTES 1023

/* Reads up to the first LF or the end. -1: see errno; otherwise the length, which is over MAX_BYTES when the line is too long. */
static gssize
read_line(int fd, char *out)
{
	gsize n = 0;
	while (n <= MAX_BYTES) {
		/* One byte a time: what follows the line is not ours to take. */
		gssize got = read(fd, out + n, 1);
		if (got < 0)
			return -1;
		if (got == 0 || out[n] == '\n')
			break;
		n++;
	}
	if (n > 0 && n <= MAX_BYTES && out[n - 1] == '\r')
		n--;
	return (gssize)n;
}

static gboolean
accept_line(char *line, gssize n, const char *from, GError **error)
{
	const char *fault = NULL;
	if (n == 0)
		fault = "is empty";
	else if (n > MAX_BYTES)
		fault = "is longer than 1023 bytes";
	else if (!g_utf8_validate(line, n, NULL))
		fault = "is not UTF-8";
	if (fault != NULL) {
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_REFUSED, "%s: the passphrase %s", from, fault);
		return FALSE;
	}
	line[n] = '\0';
	return TRUE;
}

static char *
from_file(const char *path, GError **error)
{
	g_autofree char *name = g_path_get_basename(path);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0) {
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_FAILED, "cannot read the passphrase file %s: %s", name, g_strerror(errno));
		return NULL;
	}
	char *line = veil_secret_new(MAX_BYTES + 2);
	gssize n;
	do
		n = read_line(fd, line);
	while (n < 0 && errno == EINTR);
	int saved = errno;
	close(fd);
	if (n >= 0 && accept_line(line, n, name, error))
		return line;
	if (n < 0)
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_FAILED, "cannot read the passphrase file %s: %s", name, g_strerror(saved));
	veil_secret_free(line);
	return NULL;
}

static volatile sig_atomic_t caught;

static void
remember(int signal_number)
{
	caught = signal_number;
}

static void
say(int tty, const char *text)
{
	gssize ignored = write(tty, text, strlen(text));
	(void)ignored;
}

/* One line with echo off. A signal that would end the program waits until echo is on again. */
static gssize
ask_once(int tty, const char *prompt, char *out)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP};
	struct sigaction old[G_N_ELEMENTS(signals)], action = {.sa_handler = remember};
	struct termios before, quiet;
	struct pollfd line = {.fd = tty, .events = POLLIN};
	sigset_t blocked, mask;
	gssize n = -1;

	if (tcgetattr(tty, &before) != 0)
		return -1;
	sigemptyset(&action.sa_mask);
	sigemptyset(&blocked);
	caught = 0;
	for (gsize i = 0; i < G_N_ELEMENTS(signals); i++) {
		sigaddset(&blocked, signals[i]);
		sigaction(signals[i], &action, &old[i]);
	}
	/* Let in only while waiting for the line: a signal between the prompt and the read would be remembered and the read go on waiting. */
	sigprocmask(SIG_BLOCK, &blocked, &mask);
	quiet = before;
	quiet.c_lflag &= (tcflag_t) ~(ECHO | ECHONL);
	if (tcsetattr(tty, TCSAFLUSH, &quiet) == 0) {
		say(tty, prompt);
		if (ppoll(&line, 1, NULL, &mask) == 1)
			n = read_line(tty, out);
		int saved = errno;
		say(tty, "\n");
		tcsetattr(tty, TCSAFLUSH, &before);
		errno = saved;
	}
	int saved = errno;
	for (gsize i = 0; i < G_N_ELEMENTS(signals); i++)
		sigaction(signals[i], &old[i], NULL);
	sigprocmask(SIG_SETMASK, &mask, NULL);
	if (caught != 0)
		raise(caught);
	errno = saved;
	return n;
}

static const struct {
	const char *variable, *prompt, *new_prompt;
} asked[] = {
	[VEIL_PASSPHRASE_FIRST] = {"VEIL_PASSPHRASE_FILE", "Passphrase: ", "New passphrase: "},
	[VEIL_PASSPHRASE_SECOND] = {"VEIL_PASSPHRASE_FILE_2", "Second officer's passphrase: ", "Second officer's new passphrase: "},
	[VEIL_PASSPHRASE_NEW] = {"VEIL_NEW_PASSPHRASE_FILE", "New passphrase: ", "New passphrase: "},
	[VEIL_PASSPHRASE_NEW_SECOND] = {"VEIL_NEW_PASSPHRASE_FILE_2", "Second officer's new passphrase: ", "Second officer's new passphrase: "},
	[VEIL_PASSPHRASE_OPERATOR] = {"VEIL_OPERATOR_PASSPHRASE_FILE", "Passphrase of your operator's key: ", "New passphrase of your operator's key: "},
	[VEIL_PASSPHRASE_AUDITOR] = {"VEIL_AUDITOR_PASSPHRASE_FILE", "Passphrase of the auditor's key: ", "New passphrase of the auditor's key: "},
};

static char *
from_terminal(int tty, VeilPassphraseWhich which, gboolean confirm, GError **error)
{
	char *line = veil_secret_new(MAX_BYTES + 2);
	gssize n = ask_once(tty, confirm ? asked[which].new_prompt : asked[which].prompt, line);
	gboolean ok = n >= 0 && accept_line(line, n, "terminal", error);
	if (n < 0)
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_FAILED, "cannot read the passphrase from the terminal: %s", g_strerror(errno));
	if (ok && confirm) {
		char *again = veil_secret_new(MAX_BYTES + 2);
		gssize m = ask_once(tty, "The same again: ", again);
		ok = m == n && memcmp(line, again, (gsize)n) == 0;
		veil_secret_free(again);
		if (!ok)
			g_set_error_literal(error, VEIL_ERROR, VEIL_ERROR_REFUSED, "the two passphrases differ");
	}
	if (ok)
		return line;
	veil_secret_free(line);
	return NULL;
}

gboolean
veil_passphrase_offered(VeilPassphraseWhich which)
{
	const char *path = g_getenv(asked[which].variable);
	return path != NULL && *path != '\0';
}

char *
veil_passphrase_read(VeilPassphraseWhich which, gboolean confirm, GError **error)
{
	if (veil_passphrase_offered(which))
		return from_file(g_getenv(asked[which].variable), error);
	int tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	if (tty < 0) {
		g_set_error(error, VEIL_ERROR, VEIL_ERROR_REFUSED, "a passphrase is needed: run on a terminal, or name a file that holds it in %s",
			    asked[which].variable);
		return NULL;
	}
	char *line = from_terminal(tty, which, confirm, error);
	close(tty);
	return line;
}
