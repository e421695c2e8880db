/* The map of the files that are withheld, and their digests. */
#include "reconciler/files/withheld.h"

#include "lib/alloc.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* FNV-1a, 64 bits: it tells versions of a file apart, and is no seal. */
#define DIGEST_START 0xcbf29ce484222325U
#define DIGEST_PRIME 0x100000001b3U
#define DIGEST_BYTES 17
#define DIGEST_GONE  "gone"

static void digest_of(const char *path, char ret_digest[DIGEST_BYTES])
{
	uint64_t digest = DIGEST_START;
	unsigned char part[4096];
	/* Not blocked by a FIFO. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	ssize_t n = -1;

	if (fd >= 0 && !fstat(fd, &st) && S_ISREG(st.st_mode)) {
		while ((n = read(fd, part, sizeof(part))) > 0) {
			for (ssize_t i = 0; i < n; i++)
				digest = (digest ^ part[i]) * DIGEST_PRIME;
		}
	}
	if (fd >= 0)
		close(fd);
	if (n < 0)
		snprintf(ret_digest, DIGEST_BYTES, DIGEST_GONE);
	else
		snprintf(ret_digest, DIGEST_BYTES, "%016" PRIx64, digest);
}

/* Adds the sources that are files of the folder, with their digests. */
static void add_sources(const struct folder *f, const struct datum *sources,
			struct datum *files, const struct column_type *t)
{
	for (uint32_t i = 0; sources && i < sources->n; i++) {
		const union atom *key = &datum_keys(sources)[i];
		char digest[DIGEST_BYTES];
		union atom value;
		struct datum one;

		if (!folder_holds(f, key->string) ||
		    datum_find(files, key, ATOM_STRING) >= 0)
			continue;
		digest_of(key->string, digest);
		value.string = xstrdup(digest);
		datum_init_empty(&one);
		datum_append(&one, atom_copy(key, ATOM_STRING), &value);
		datum_union(files, &one, t);
		datum_clear(&one, t);
	}
}

void withheld_note(const struct ipvl_columns *c, struct txn *t, const struct folder *f)
{
	const struct column_type *type = &c->host.withheld->type;
	struct row *host = rows_ensure_host(c, t, NULL);
	struct datum files;

	datum_init_empty(&files);
	TXN_FOR_EACH_CHANGE (change, t) {
		const struct column_schema *sources =
			change.table == c->master.table  ? c->master.sources
			: change.table == c->slave.table ? c->slave.sources
							 : NULL;

		if (!sources)
			continue;
		add_sources(f, change_old(&change, sources), &files, type);
		add_sources(f, change_new(&change, sources), &files, type);
	}
	/* Of a file that was withheld before, this version counts. */
	datum_union(&files, txn_get(t, host, c->host.withheld), type);
	txn_set(t, host, c->host.withheld, &files);
}

bool withheld_is_same(const char *path, const char *digest)
{
	char now[DIGEST_BYTES];

	digest_of(path, now);
	return !strcmp(now, digest);
}

char *withheld_sentence(const char *path, const char *digest)
{
	if (!strcmp(digest, DIGEST_GONE))
		return xasprintf(
			"%s: its rows stay although it is gone: that was on trial, "
			"and was taken back; `ipvl-ctl forget %s` removes them",
			path, path);
	return xasprintf(
		"%s: not read: it is the version that was on trial, and was taken "
		"back; edit it, or `ipvl-ctl apply -f %s`",
		path, path);
}
