"""Database triggers that keep history append-only, on both engines. The migration installs them; only a demo reset lifts them."""

TABLES = ("workflow_event", "reports_reportversion")
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
POSTGRES_REMOVE = "DROP TRIGGER IF EXISTS {table}_append_only ON {table};"


def install(connection, tables=TABLES) -> None:
    """Create the triggers on the given tables."""
    if connection.vendor == "postgresql":
        _execute(connection, POSTGRES_FUNCTION)
        sql = POSTGRES_INSTALL
    else:
        sql = SQLITE_INSTALL
    for table in tables:
        _execute(connection, sql.format(table=table))


def remove(connection, tables=TABLES) -> None:
    """Drop the triggers from the given tables."""
    sql = POSTGRES_REMOVE if connection.vendor == "postgresql" else SQLITE_REMOVE
    for table in tables:
        _execute(connection, sql.format(table=table))


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
