"""What can be typed: every option's name, the word for its value, and its help, light enough for any pytest run to import.

A row here makes a field of `Settings` an option (`--database-url`) and an environment variable (`ROLLPROOF_DATABASE_URL`); types,
limits and defaults stand there.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Option:
    """One field of `Settings` as the command line and the environment know it; an option without `metavar` is a switch."""

    field: str
    metavar: str
    help: str

    @property
    def flag(self) -> str:
        """The option as typed; pytest's own `--config-file` is too like a short name of the configuration."""
        return self.long if self.field == "config" else "--" + self.field.replace("_", "-")

    @property
    def long(self) -> str:
        """The option under the name that no other plugin of pytest's can have."""
        return "--rollproof-" + self.field.replace("_", "-")

    @property
    def dest(self) -> str:
        """Where pytest keeps what was typed."""
        return "rollproof_" + self.field

    @property
    def variable(self) -> str:
        """The environment variable of the same meaning."""
        return "ROLLPROOF_" + self.field.upper()


OPTIONS = (
    Option("database_url", "URL", "the database to verify, as postgresql://… (service files and .pgpass work too)"),
    Option(
        "reference",
        "WHERE",
        "what the database must equal: a baseline file, another database's URL, a dump, or the word backup",
    ),
    Option(
        "backup_file",
        "DUMP",
        "a dump by pg_dump, in any format: it is restored on a throw-away server, and is the reference",
    ),
    Option(
        "server",
        "WHERE",
        "where throw-away databases come from: auto, embedded, local[:BINDIR], container[:IMAGE], exec:COMMAND, or an admin URL",
    ),
    Option("report_dir", "DIR", "the folder of the reports"),
    Option(
        "report",
        "FORMATS",
        "the formats to write, parted by commas: html, junit, markdown, json, ctrf; runs/ keeps result.json in any case",
    ),
    Option("strict", "", "warnings are failures (and pytest's own strict mode is on)"),
    Option("show_values", "", "print values of rows as evidence; without it only keys and names of columns"),
    Option("evidence", "N", "rows to name for each table whose rows differ; 0 looks for none"),
    Option(
        "evidence_file",
        "FILE",
        "write every row that differs to this file, one JSON object a line, readable by you alone",
    ),
    Option("at_risk", "", "before the rollback: write the rows that it would lose to at-risk/ in the report folder"),
    Option("other_database", "", "accept a baseline of a database with another name, or of another cluster"),
    Option("allow_empty", "", "accept a reference without any table, as before a project's first migration"),
    Option("jobs", "N", "sessions that read the database at the same time"),
    Option("lock_timeout", "SECONDS", "seconds to wait for a lock on a table; then the table is left undecided"),
    Option("statement_timeout", "SECONDS", "seconds after which one query is cancelled"),
    Option(
        "resume",
        "",
        "continue an interrupted run: tables whose fingerprints are in the report folder are not read again",
    ),
    Option(
        "max_snapshot_age",
        "SECONDS",
        "seconds for which one snapshot may hold back vacuum; what is not read by then is left undecided",
    ),
    Option(
        "several_snapshots", "", "continue with a new snapshot when one is too old or lost, and say so in the report"
    ),
    Option("max_replica_lag", "SECONDS", "start no scan while a replica is further behind than this"),
    Option("max_active_sessions", "N", "start no scan while more other sessions than this are active"),
    Option(
        "max_pause",
        "SECONDS",
        "seconds to wait for replicas and sessions in all; then what is not read is left undecided",
    ),
    Option(
        "gentle",
        "",
        "read so slowly that the application keeps its speed: measure how fast the server answers, and pause",
    ),
    Option(
        "unread_if_untouched",
        "",
        "do not read tables that nobody wrote since the baseline, by the server's own counters; the verdict says how many",
    ),
    Option(
        "detail",
        "",
        "keep sums of parts of each table in the baseline, so that later it can be told in which ranges of keys rows differ",
    ),
    Option("max_duration", "SECONDS", "seconds for the whole run; what is not known by then is left undecided"),
    Option("max_baseline_age", "DAYS", "days after which a baseline is too old to be trusted"),
    Option("require_signature", "KEYFILE", "accept only a baseline that `capture --sign KEYFILE` signed with this key"),
    Option(
        "envelope",
        "FILE",
        "rehearsal.json of the rehearsal: a rollback that took longer than it did there is a warning",
    ),
    Option(
        "trust_functions",
        "",
        "let the server run functions written by users, to plan a query or, as a superuser, for --backup-file and --prove",
    ),
    Option("analyze", "", "run the queries whose plans are compared, for their time and the pages that they read"),
    Option(
        "state_backup", "DIR", "before the rollback: dump the database as it is into this folder, and verify the dump"
    ),
    Option("metrics_file", "FILE", "write what the run came to as metrics, for node_exporter's textfile collector"),
    Option("keep_runs", "N", "how many runs to keep in runs/ of the report folder; 0 keeps all"),
)
"""In the order in which help lists them."""

OF_A_RUN = (
    Option("config", "PATH", "the configuration; default ./rollproof.toml, if there is one"),
    Option("rehearse", "", "no database of your own: rehearse the bundled vibes migration on a throw-away PostgreSQL"),
    Option("dry_run", "", "say what would be checked, and touch nothing"),
)
"""Options that are no setting: they say which run is wanted. Of these only the configuration has a variable."""

OF_MANY = (
    Option(
        "targets",
        "LIST",
        "many databases: a file with one URL a line and, if you like, a name beside it; - for standard input; sql:URL:QUERY; "
        "services:PATTERN for services of pg_service.conf; citus:URL for the nodes of a cluster",
    ),
    Option(
        "each_schema", "PATTERN", "each schema of the database that is like PATTERN (tenant_*) is a target of its own"
    ),
    Option(
        "executor",
        "WHO",
        "who does the work: threads:N, processes:N, dask://HOST:PORT, dask://local:N, or MODULE:FACTORY[:N] of yours",
    ),
    Option("per_server", "N", "how many targets of one server at the same time"),
    Option("retries", "N", "how often a target is tried again that cannot be reached, or was lost"),
)
"""Options of capture and verify that are about many databases; the last three are keys of [fleet], too."""
