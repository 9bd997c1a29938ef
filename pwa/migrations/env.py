"""How Alembic reaches our database: the app's engine, one transaction for all that is missing."""

from __future__ import annotations

from alembic import context

from pwa.database import db, for_writing, is_sqlite


def run() -> None:
    """Run the migrations that were asked for."""
    engine = db.engine.execution_options(**for_writing(db.engine))
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            render_as_batch=is_sqlite(db.engine),
            compare_type=True,
            transactional_ddl=True,
        )
        with context.begin_transaction():
            context.run_migrations()


run()
