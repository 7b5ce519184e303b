"""Each document has a key of its own; what the store holds, how long it is locked and what is wrong with it."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

# Whoever sees a document, or a letter of the stack it is, has its key; so have those who check the archive without
# seeing letters. A wrapped key opens nothing without the office's, which is not in the database.
RULES = """
CREATE POLICY seen ON document_key FOR SELECT TO arsip_api
  USING (app_role() IN ('arsiparis', 'auditor', 'admin')
         OR EXISTS (SELECT FROM document d WHERE d.id = document_id)
         OR EXISTS (SELECT FROM document d WHERE d.part_of = document_id));
CREATE POLICY entered ON document_key FOR INSERT TO arsip_api
  WITH CHECK (wrapped IS NOT NULL
              AND EXISTS (SELECT FROM document d WHERE d.id = document_id AND d.stage = 'received'));
CREATE POLICY works ON document_key TO arsip_worker USING (true) WITH CHECK (wrapped IS NOT NULL);
CREATE POLICY destroys ON document_key TO arsip_functions USING (true) WITH CHECK (true);
CREATE POLICY works ON key_generation TO arsip_worker USING (true) WITH CHECK (wrapped IS NOT NULL);
CREATE POLICY drops ON key_generation TO arsip_functions USING (true) WITH CHECK (true);
CREATE POLICY seen ON office_key_copy FOR SELECT TO arsip_api USING (app_role() IN ('arsiparis', 'admin'));
CREATE POLICY made ON office_key_copy FOR INSERT TO arsip_api
  WITH CHECK (app_role() = 'admin' AND account_id = app_account());
CREATE POLICY seen ON document_lock FOR SELECT TO arsip_api
  USING (EXISTS (SELECT FROM document d WHERE d.id = document_id));
CREATE POLICY works ON document_lock TO arsip_worker USING (true) WITH CHECK (true);
CREATE POLICY seen ON store_run FOR SELECT TO arsip_api USING (app_role() IN ('arsiparis', 'auditor', 'admin'));
CREATE POLICY works ON store_run TO arsip_worker USING (true) WITH CHECK (true);
CREATE POLICY seen ON store_finding FOR SELECT TO arsip_api USING (app_role() IN ('arsiparis', 'auditor', 'admin'));
CREATE POLICY works ON store_finding TO arsip_worker USING (true) WITH CHECK (true);
GRANT SELECT, INSERT ON document_key, office_key_copy TO arsip_api;
GRANT SELECT ON document_lock, store_run, store_finding TO arsip_api;
GRANT SELECT, INSERT ON document_key, key_generation TO arsip_worker;
GRANT SELECT, INSERT, UPDATE ON document_lock, store_run, store_finding TO arsip_worker;
GRANT SELECT, INSERT, UPDATE ON document_key TO arsip_functions;
GRANT EXECUTE ON FUNCTION lock_is_due(uuid[]) TO arsip_worker;
GRANT SELECT, UPDATE ON key_generation TO arsip_functions;
"""

# A document stored before there were keys gets a row that says that it was destroyed. False when it was before: the act
# that is written down is the first.
DESTROY = """
CREATE FUNCTION document_key_destroy(gone uuid, act uuid) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
  INSERT INTO document_key AS k (document_id, destroyed_at, disposal) VALUES (gone, clock_timestamp(), act)
    ON CONFLICT (document_id) DO UPDATE SET wrapped = NULL, destroyed_at = excluded.destroyed_at, disposal = act
    WHERE k.destroyed_at IS NULL;
  RETURN FOUND;
END $$;
CREATE FUNCTION key_generations_drop(before int) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
  dropped int;
BEGIN
  UPDATE key_generation SET wrapped = NULL, dropped_at = clock_timestamp()
    WHERE number < least(before, (SELECT max(number) FROM key_generation)) AND wrapped IS NOT NULL;
  GET DIAGNOSTICS dropped = ROW_COUNT;
  RETURN dropped;
END $$;
"""

# Asked before any byte is put: whether the unit has these bytes, or the sender has used that key. In its own context,
# in one round trip, as its caller, so that the policies hold.
KNOWN = """
CREATE FUNCTION document_known(as_role text, sender uuid, sender_unit text, ceiling int, digest text, key text)
RETURNS boolean LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
  PERFORM set_config('app.role', as_role, true), set_config('app.account', sender::text, true),
    set_config('app.unit', sender_unit, true), set_config('app.clearance', ceiling::text, true);
  RETURN EXISTS (SELECT FROM document d WHERE d.unit = sender_unit AND d.sha256 = digest AND d.part_of IS NULL)
    OR EXISTS (SELECT FROM arrival a WHERE a.account_id = sender AND a.idempotency_key = key);
END $$;
"""

# As in 0013; with the document's key, wrapped
ENTER = """
DROP FUNCTION document_enter(text, uuid, text, int, uuid, int, text, bigint, text, text, text, text, text);
CREATE FUNCTION document_enter(
  as_role text, sender uuid, sender_unit text, ceiling int, new_id uuid, at_clearance int, digest text, bytes bigint,
  type text, name text, version text, wrapped_key bytea, key text, entry text
) RETURNS boolean LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
  PERFORM set_config('app.role', as_role, true), set_config('app.account', sender::text, true),
    set_config('app.unit', sender_unit, true), set_config('app.clearance', ceiling::text, true);
  IF key IS NOT NULL THEN
    PERFORM pg_advisory_xact_lock(hashtextextended(sender || '/' || key, 0));
    IF EXISTS (SELECT FROM arrival a WHERE a.account_id = sender AND a.idempotency_key = key)
    THEN RETURN false; END IF;
  END IF;
  IF EXISTS (SELECT FROM document d WHERE d.unit = sender_unit AND d.sha256 = digest AND d.part_of IS NULL)
  THEN RETURN false; END IF;
  INSERT INTO document (id, unit, clearance, sha256, size, media_type, filename, original_version)
    VALUES (new_id, sender_unit, at_clearance, digest, bytes, type, name, version) ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN RETURN false; END IF;
  INSERT INTO document_key (document_id, wrapped) VALUES (new_id, wrapped_key);
  INSERT INTO arrival (document_id, account_id, filename, idempotency_key, first)
    VALUES (new_id, sender, name, key, true) ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN
    INSERT INTO arrival (document_id, account_id, filename, first) VALUES (new_id, sender, name, true);
  END IF;
  PERFORM ledger_append(entry);
  RETURN true;
END $$;
REVOKE ALL ON FUNCTION document_enter, document_known FROM PUBLIC;
GRANT EXECUTE ON FUNCTION document_enter, document_known TO arsip_api;
"""

OWNERS = """
ALTER FUNCTION document_key_destroy(uuid, uuid) OWNER TO arsip_functions;
ALTER FUNCTION key_generations_drop(int) OWNER TO arsip_functions;
REVOKE ALL ON FUNCTION document_key_destroy(uuid, uuid), key_generations_drop(int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION key_generations_drop(int) TO arsip_worker;
"""

TABLES = ("document_key", "key_generation", "office_key_copy", "document_lock", "store_run", "store_finding")


def upgrade() -> None:
    _keys()
    _locks()
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    for block in (RULES, DESTROY, KNOWN, ENTER):
        op.get_bind().exec_driver_sql(block)
    # A function's new owner must be able to create in the schema at that moment, and only then
    op.execute("GRANT CREATE ON SCHEMA public TO arsip_functions")
    op.execute(OWNERS)
    op.execute("REVOKE CREATE ON SCHEMA public FROM arsip_functions")


def _moment(name: str, *, now: bool = False) -> sa.Column[object]:
    default = sa.text("now()") if now else None
    return sa.Column(name, sa.DateTime(timezone=True), server_default=default, nullable=not now)


def _id() -> sa.Column[object]:
    return sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False)


def _keys() -> None:
    op.create_table(
        "document_key",
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=True),
        _moment("destroyed_at"),
        sa.Column("disposal", sa.Uuid(), nullable=True),
        sa.CheckConstraint("num_nulls(wrapped, destroyed_at) = 1", name=op.f("document_key_wrapped_check")),
        sa.CheckConstraint("num_nulls(destroyed_at, disposal) IN (0, 2)", name=op.f("document_key_destroyed_check")),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name="document_key_document_id_fkey"),
        sa.PrimaryKeyConstraint("document_id", name="document_key_pkey"),
    )
    op.create_table(
        "key_generation",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=True),
        _moment("made_at", now=True),
        _moment("dropped_at"),
        sa.CheckConstraint("num_nulls(wrapped, dropped_at) = 1", name=op.f("key_generation_wrapped_check")),
        sa.PrimaryKeyConstraint("number", name="key_generation_pkey"),
    )
    op.create_table(
        "office_key_copy",
        _id(),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        _moment("at", now=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="office_key_copy_account_id_fkey"),
        sa.PrimaryKeyConstraint("id", name="office_key_copy_pkey"),
    )
    op.create_index("office_key_copy_fingerprint", "office_key_copy", ["fingerprint"])


def _locks() -> None:
    op.create_table(
        "document_lock",
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("held", sa.Boolean(), server_default=sa.false(), nullable=False),
        _moment("at", now=True),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name="document_lock_document_id_fkey"),
        sa.PrimaryKeyConstraint("document_id", name="document_lock_pkey"),
    )
    op.create_index("document_lock_until", "document_lock", ["locked_until"])
    counts = [
        sa.Column(name, sa.BigInteger(), server_default=sa.text("0"), nullable=False)
        for name in ("objects", "repaired", "found")
    ]
    op.create_table(
        "store_run",
        _id(),
        _moment("started_at", now=True),
        _moment("finished_at"),
        sa.Column("position", sa.Text(), server_default=sa.text("''"), nullable=False),
        _moment("lease_until"),
        *counts,
        sa.PrimaryKeyConstraint("id", name="store_run_pkey"),
    )
    op.create_index("store_run_started_at", "store_run", ["started_at"])
    op.create_table(
        "store_finding",
        _id(),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("object", "version", "what")),
        sa.Column("document_id", sa.Uuid(), nullable=True),
        _moment("found_at", now=True),
        _moment("seen_at", now=True),
        _moment("settled_at"),
        sa.CheckConstraint(
            "what IN ('object_without_row', 'row_without_object', 'wrong_size', 'wrong_lock', 'wrong_hold')",
            name=op.f("store_finding_what_check"),
        ),
        sa.PrimaryKeyConstraint("id", name="store_finding_pkey"),
        sa.UniqueConstraint("object", "version", "what", name="store_finding_object_version_what_key"),
    )
    op.create_index("store_finding_open", "store_finding", ["found_at"], postgresql_where=sa.text("settled_at IS NULL"))
