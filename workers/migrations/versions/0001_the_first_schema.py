"""The first schema, with the second wall: row-level policies, grants, and an append-only ledger."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# What each server process may do at most. No role may delete a document, an arrival, a page or an event.
GRANTS = """
GRANT USAGE ON SCHEMA public TO arsip_api, arsip_worker, arsip_functions;
GRANT SELECT, INSERT ON account, token TO arsip_api;
GRANT UPDATE (password_hash) ON account TO arsip_api;
GRANT UPDATE (revoked_at) ON token TO arsip_api;
GRANT SELECT, INSERT, UPDATE, DELETE ON session, login_failure TO arsip_api;
GRANT SELECT, INSERT ON document, arrival TO arsip_api;
GRANT UPDATE (stage, fault_slug, fault_facts, attempts, lease, lease_owner, lease_until) ON document TO arsip_api;
GRANT UPDATE (attempts, lease, lease_owner, lease_until) ON page TO arsip_api;
GRANT SELECT ON page, ledger TO arsip_api;
GRANT SELECT ON account, arrival, ledger TO arsip_worker;
GRANT SELECT, UPDATE ON document TO arsip_worker;
GRANT SELECT, INSERT, UPDATE ON page TO arsip_worker;
GRANT SELECT, DELETE ON session, login_failure TO arsip_worker;
GRANT SELECT, INSERT ON ledger TO arsip_functions;
GRANT SELECT ON page, document TO arsip_functions;
GRANT SELECT (id, name) ON account TO arsip_functions;
"""

# Which letters somebody sees: those of their unit (the records unit: of every unit) up to their ceiling. Without a
# context every comparison is with NULL, so nothing is seen. Each setting is a sub-select, so that PostgreSQL reads it
# once for a query and not once for each of a hundred thousand rows.
CONTEXT = """
CREATE FUNCTION app_role() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT current_setting('app.role', true) $$;
CREATE FUNCTION app_account() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT NULLIF(current_setting('app.account', true), '')::uuid $$;
CREATE FUNCTION app_unit() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT current_setting('app.unit', true) $$;
CREATE FUNCTION app_clearance() RETURNS int LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT NULLIF(current_setting('app.clearance', true), '')::int $$;
"""
SEES = """(clearance <= (SELECT app_clearance()) AND ((SELECT app_role()) = 'arsiparis'
  OR ((SELECT app_role()) IN ('petugas', 'pejabat', 'admin') AND unit = (SELECT app_unit()))))"""

POLICIES = f"""
CREATE POLICY seen ON document USING {SEES};
CREATE POLICY seen ON page USING {SEES};
CREATE POLICY seen ON arrival USING (EXISTS (SELECT 1 FROM document d WHERE d.id = document_id))
  WITH CHECK (account_id = app_account() AND EXISTS (SELECT 1 FROM document d WHERE d.id = document_id));
CREATE POLICY seen ON ledger FOR SELECT USING (app_role() IN ('auditor', 'arsiparis', 'admin')
  OR EXISTS (SELECT 1 FROM document d WHERE d.id = document));
CREATE POLICY seen ON account FOR SELECT
  USING (app_role() IN ('gate', 'admin') OR id = app_account());
CREATE POLICY added ON account FOR INSERT WITH CHECK (app_role() = 'admin');
CREATE POLICY changed ON account FOR UPDATE USING (app_role() = 'admin');
CREATE POLICY door ON session USING (app_role() = 'gate');
CREATE POLICY door ON login_failure USING (app_role() = 'gate');
CREATE POLICY seen ON token FOR SELECT USING (app_role() IN ('gate', 'admin'));
CREATE POLICY added ON token FOR INSERT WITH CHECK (app_role() = 'admin');
CREATE POLICY revoked ON token FOR UPDATE USING (app_role() = 'admin');
CREATE POLICY works ON document TO arsip_worker USING (true);
CREATE POLICY works ON page TO arsip_worker USING (true);
CREATE POLICY works ON arrival TO arsip_worker USING (true);
CREATE POLICY works ON ledger FOR SELECT TO arsip_worker USING (true);
CREATE POLICY works ON session TO arsip_worker USING (true);
CREATE POLICY works ON login_failure TO arsip_worker USING (true);
CREATE POLICY writes ON ledger TO arsip_functions USING (true) WITH CHECK (true);
CREATE POLICY searches ON page FOR SELECT TO arsip_functions USING (true);
CREATE POLICY names ON account FOR SELECT TO arsip_functions USING (true);
CREATE POLICY checks ON document FOR SELECT TO arsip_functions USING (true);
"""

# hash = SHA-256(prev || "seq|at|body"), at in UTC with microseconds. archive/verify.py derives it again by itself.
LEDGER = """
CREATE FUNCTION ledger_append(entry text) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
DECLARE
  before record;
  next_seq bigint := 1;
  next_prev bytea := decode(repeat('00', 32), 'hex');
  now_at timestamptz;
BEGIN
  PERFORM pg_advisory_xact_lock(7202611);
  SELECT seq, hash INTO before FROM ledger ORDER BY seq DESC LIMIT 1;
  IF FOUND THEN
    next_seq := before.seq + 1;
    next_prev := before.hash;
  END IF;
  now_at := clock_timestamp();
  INSERT INTO ledger (seq, at, body, prev, hash) VALUES (next_seq, now_at, entry, next_prev,
    sha256(next_prev || convert_to(next_seq || '|'
      || to_char(now_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || '|' || entry, 'UTF8')));
  RETURN next_seq;
END $$;
CREATE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql
AS $$ BEGIN RAISE EXCEPTION 'the ledger is append-only'; END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON ledger FOR EACH ROW EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER append_only_whole BEFORE TRUNCATE ON ledger FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();
"""

# A policy's condition is checked before any operator that might leak, and the text-search operator is not marked
# leak-proof: under a policy its index goes unused (docs/adr/0004). So search runs as a role that sees every page, and
# asks the same question itself, and the index is used.
SEARCH = f"""
CREATE FUNCTION search_pages(query tsquery, before_seq bigint, after_number int, most int)
RETURNS TABLE (document_id uuid, document_seq bigint, number int, text text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
AS $$ SELECT p.document_id, p.document_seq, p.number, p.text FROM page p
      WHERE p.words @@ query AND {SEES}
        AND p.document_seq <= before_seq AND (p.document_seq < before_seq OR p.number > after_number)
      ORDER BY p.document_seq DESC, p.number LIMIT most $$;
CREATE FUNCTION search_count(query tsquery) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
AS $$ SELECT count(*) FROM page p WHERE p.words @@ query AND {SEES} $$;
"""

# Who reads the ledger reads names in it, but nothing else of an account.
NAMES = """
CREATE FUNCTION account_names(ids uuid[]) RETURNS TABLE (id uuid, name text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
AS $$ SELECT a.id, a.name FROM account a
      WHERE a.id = ANY (ids) AND (app_role() IN ('admin', 'arsiparis', 'auditor') OR a.id = app_account()) $$;
"""

# For checking the archive, by somebody who may not see the letters: the first document whose row and events disagree.
CHECK = """
CREATE FUNCTION document_unknown_to_ledger() RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
AS $$ SELECT d.id FROM document d
      WHERE NOT EXISTS (SELECT 1 FROM ledger l WHERE l.document = d.id AND l.action = 'received'
                        AND l.body::jsonb ->> 'digest' = d.sha256)
         OR (d.stage = 'sealed') <> EXISTS (SELECT 1 FROM ledger l WHERE l.document = d.id AND l.action = 'sealed'
                                            AND l.body::jsonb ->> 'pdf' = d.pdf_sha256
                                            AND l.body::jsonb ->> 'manifest' = d.manifest_key)
      UNION ALL
      SELECT l.document FROM ledger l
      WHERE l.action = 'received' AND NOT EXISTS (SELECT 1 FROM document d WHERE d.id = l.document)
      LIMIT 1 $$;
"""

# Whoever waits for work or shows progress hears of a change in the moment it commits
NOTICES = """
CREATE FUNCTION document_changed() RETURNS trigger LANGUAGE plpgsql
AS $$ BEGIN
  IF TG_OP = 'INSERT' OR NEW.stage <> OLD.stage THEN PERFORM pg_notify('due', ''); END IF;
  PERFORM pg_notify('progress', NEW.id::text);
  RETURN NULL;
END $$;
CREATE TRIGGER changed AFTER INSERT OR UPDATE OF stage, pages_read ON document
  FOR EACH ROW EXECUTE FUNCTION document_changed();
"""

OWNERS = """
ALTER FUNCTION ledger_append(text) OWNER TO arsip_functions;
ALTER FUNCTION search_pages(tsquery, bigint, int, int) OWNER TO arsip_functions;
ALTER FUNCTION search_count(tsquery) OWNER TO arsip_functions;
ALTER FUNCTION account_names(uuid[]) OWNER TO arsip_functions;
ALTER FUNCTION document_unknown_to_ledger() OWNER TO arsip_functions;
REVOKE ALL ON FUNCTION ledger_append(text), search_pages(tsquery, bigint, int, int), search_count(tsquery),
  account_names(uuid[]), document_unknown_to_ledger() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger_append(text) TO arsip_api, arsip_worker;
GRANT EXECUTE ON FUNCTION search_pages(tsquery, bigint, int, int), search_count(tsquery),
  account_names(uuid[]), document_unknown_to_ledger() TO arsip_api;
"""


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("clearance", sa.SmallInteger(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "role IN ('petugas', 'pejabat', 'arsiparis', 'auditor', 'admin')", name=op.f("account_role_check")
        ),
        sa.CheckConstraint("clearance BETWEEN 0 AND 3", name=op.f("account_clearance_check")),
        sa.PrimaryKeyConstraint("id", name="account_pkey"),
        sa.UniqueConstraint("name", name="account_name_key"),
    )
    op.create_table(
        "document",
        sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("seq", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("clearance", sa.SmallInteger(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("original_version", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), server_default=sa.text("'received'"), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=True),
        sa.Column("pages_read", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("kind_confidence", sa.Double(), nullable=True),
        sa.Column("fields", JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("pdf_sha256", sa.Text(), nullable=True),
        sa.Column("pdf_version", sa.Text(), nullable=True),
        sa.Column("manifest_key", sa.Text(), nullable=True),
        sa.Column("manifest_version", sa.Text(), nullable=True),
        sa.Column("fault_slug", sa.Text(), nullable=True),
        sa.Column("fault_facts", JSONB(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("lease", sa.Uuid(), nullable=True),
        sa.Column("lease_owner", sa.Text(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(stage = 'held') = (fault_slug IS NOT NULL)", name=op.f("document_fault_check")),
        sa.CheckConstraint("(stage = 'sealed') = (sealed_at IS NOT NULL)", name=op.f("document_sealed_check")),
        sa.CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name=op.f("document_sha256_check")),
        sa.CheckConstraint(
            "stage IN ('received', 'paged', 'read', 'filed', 'sealed', 'held')", name=op.f("document_stage_check")
        ),
        sa.CheckConstraint("clearance BETWEEN 0 AND 3", name=op.f("document_clearance_check")),
        sa.CheckConstraint("pages_read BETWEEN 0 AND pages", name=op.f("document_pages_check")),
        sa.PrimaryKeyConstraint("id", name="document_pkey"),
        sa.UniqueConstraint("seq", name="document_seq_key"),
        sa.UniqueConstraint("unit", "sha256", "clearance", name="document_unit_sha256_clearance_key"),
    )
    op.create_index(
        "document_due",
        "document",
        ["seq"],
        unique=False,
        postgresql_where=sa.text("stage IN ('received', 'read', 'filed')"),
    )
    op.create_index("document_unit_seq", "document", ["unit", "seq"], unique=False)
    op.create_table(
        "ledger",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("prev", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("action", sa.Text(), sa.Computed("body::jsonb ->> 'action'", persisted=True), nullable=True),
        sa.Column(
            "document", sa.Uuid(), sa.Computed("(body::jsonb ->> 'document')::uuid", persisted=True), nullable=True
        ),
        sa.PrimaryKeyConstraint("seq", name="ledger_pkey"),
        sa.UniqueConstraint("hash", name="ledger_hash_key"),
    )
    op.create_index("ledger_document_seq", "ledger", ["document", "seq"], unique=False)
    op.create_table(
        "login_failure",
        sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name="login_failure_pkey"),
    )
    op.create_index("login_failure_key", "login_failure", ["key"], unique=False)
    op.create_table(
        "arrival",
        sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("idempotency_key", sa.Text(), nullable=True),
        sa.Column("first", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="arrival_account_id_fkey"),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name="arrival_document_id_fkey"),
        sa.PrimaryKeyConstraint("id", name="arrival_pkey"),
        sa.UniqueConstraint("account_id", "idempotency_key", name="arrival_account_id_idempotency_key_key"),
    )
    op.create_index("arrival_document_id", "arrival", ["document_id"], unique=False)
    op.create_table(
        "page",
        sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("document_seq", sa.BigInteger(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("clearance", sa.SmallInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column(
            "words",
            TSVECTOR(),
            sa.Computed(
                "to_tsvector('indonesian', translate(text, '/-._:,@&+=#~<>', '||||||||||||||'))", persisted=True
            ),
            nullable=True,
        ),
        sa.Column("reading", JSONB(), nullable=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("lease", sa.Uuid(), nullable=True),
        sa.Column("lease_owner", sa.Text(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name="page_document_id_fkey"),
        sa.PrimaryKeyConstraint("id", name="page_pkey"),
        sa.UniqueConstraint("document_id", "number", name="page_document_id_number_key"),
    )
    op.create_index(
        "page_due", "page", ["number", "document_seq"], unique=False, postgresql_where=sa.text("read_at IS NULL")
    )
    op.create_index("page_newest", "page", [sa.text("document_seq DESC"), "number"], unique=False)
    op.create_index("page_words", "page", ["words"], unique=False, postgresql_using="gin")
    op.create_table(
        "session",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="session_account_id_fkey"),
        sa.PrimaryKeyConstraint("digest", name="session_pkey"),
    )
    op.create_table(
        "token",
        sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="token_account_id_fkey"),
        sa.PrimaryKeyConstraint("id", name="token_pkey"),
        sa.UniqueConstraint("digest", name="token_digest_key"),
    )
    for table in ("account", "arrival", "document", "ledger", "login_failure", "page", "session", "token"):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    for block in (CONTEXT, POLICIES, LEDGER, SEARCH, NAMES, CHECK, NOTICES, GRANTS):
        op.get_bind().exec_driver_sql(block)
    # Text, places and words lie apart from the row: counting a common word's pages then reads a tenth of the blocks
    op.execute("ALTER TABLE page SET (toast_tuple_target = 128)")
    # A function's new owner must be able to create in the schema at that moment, and only then
    op.execute("GRANT CREATE ON SCHEMA public TO arsip_functions")
    op.execute(OWNERS)
    op.execute("REVOKE CREATE ON SCHEMA public FROM arsip_functions")
