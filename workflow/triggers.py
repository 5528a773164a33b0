"""Database triggers that keep history append-only and submissions as they were, on both engines. Only a demo reset lifts them."""

ROUNDS = "workflow_round"  # may note its outcome, but what was submitted stays
TABLES = ("workflow_event", "reports_reportversion", ROUNDS)
ROUND_FROZEN = ("unit_id", "subject_kind", "subject_id", "number", "snapshot", "sha256", "submitted_by_id", "submitted_at")
SQLITE_INSTALL = """
CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table}
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END;
CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table}
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END;
"""
SQLITE_REMOVE = "DROP TRIGGER IF EXISTS {table}_no_update; DROP TRIGGER IF EXISTS {table}_no_delete;"
POSTGRES_FUNCTION = """
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$;
"""
POSTGRES_INSTALL = """
CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_change();
"""
POSTGRES_REMOVE_ROUNDS = "DROP TRIGGER IF EXISTS {table}_frozen ON {table};"
SQLITE_INSTALL_ROUNDS = """
CREATE TRIGGER {table}_frozen BEFORE UPDATE ON {table} WHEN {changed}
BEGIN SELECT RAISE(ABORT, '{table} is frozen'); END;
"""
SQLITE_REMOVE_ROUNDS = "DROP TRIGGER IF EXISTS {table}_frozen;"
POSTGRES_INSTALL_ROUNDS = """
CREATE TRIGGER {table}_frozen BEFORE UPDATE ON {table} FOR EACH ROW WHEN ({changed}) EXECUTE FUNCTION refuse_change();
"""
POSTGRES_REMOVE = "DROP TRIGGER IF EXISTS {table}_append_only ON {table};"
# TRUNCATE asks no row's trigger. SQLite has no such statement: its DELETE without a condition still asks every row.
POSTGRES_INSTALL_NO_TRUNCATE = """
CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
"""
POSTGRES_REMOVE_NO_TRUNCATE = "DROP TRIGGER {table}_no_truncate ON {table};"


def install(connection, tables=TABLES) -> None:
    """Create the triggers on the given tables."""
    is_postgres = connection.vendor == "postgresql"
    if is_postgres:
        _execute(connection, POSTGRES_FUNCTION)
    for table in tables:
        if table == ROUNDS:
            sql = POSTGRES_INSTALL_ROUNDS if is_postgres else SQLITE_INSTALL_ROUNDS
        else:
            sql = POSTGRES_INSTALL if is_postgres else SQLITE_INSTALL
        _execute(connection, sql.format(table=table, changed=_changed(is_postgres)))


def remove(connection, tables=TABLES) -> None:
    """Drop the triggers from the given tables."""
    is_postgres = connection.vendor == "postgresql"
    for table in tables:
        if table == ROUNDS:
            sql = POSTGRES_REMOVE_ROUNDS if is_postgres else SQLITE_REMOVE_ROUNDS
        else:
            sql = POSTGRES_REMOVE if is_postgres else SQLITE_REMOVE
        _execute(connection, sql.format(table=table))


def refuse_truncate(connection) -> None:
    """Let PostgreSQL refuse to empty the tables by TRUNCATE, directly or through CASCADE from another table."""
    _execute_for_each_table(connection, POSTGRES_INSTALL_NO_TRUNCATE)


def allow_truncate(connection) -> None:
    """Drop what refuse_truncate created."""
    _execute_for_each_table(connection, POSTGRES_REMOVE_NO_TRUNCATE)


def _execute_for_each_table(connection, sql: str) -> None:
    if connection.vendor == "postgresql":
        for table in TABLES:
            _execute(connection, sql.format(table=table))


def _changed(is_postgres: bool) -> str:
    differs = "IS DISTINCT FROM" if is_postgres else "IS NOT"
    return " OR ".join(f"NEW.{column} {differs} OLD.{column}" for column in ROUND_FROZEN)


def _execute(connection, sql: str) -> None:
    """Run a script; SQLite takes one statement at a time, and a trigger's body holds semicolons."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(sql)
        else:
            for statement in _statements(sql):
                cursor.execute(statement)


def _statements(sql: str) -> list[str]:
    if "BEGIN" not in sql:
        return [part for part in sql.split(";") if part.strip()]
    return [part + "END;" for part in sql.split("END;") if part.strip()]
