"""
Tenants are islands: every key begins with the tenant, nothing is counted across tenants and nothing refers to another's row. So the
tables can be spread over many places by tenant: shown here with hash partitions, on which the program must do all that it does on
plain tables. See schemas/scale.md.
"""

import re

import delivery
import pytest
import generate
import wire
from compare import VIEWS, stable
from world import World

SPREAD = ("interaction", "interaction_key", "match_mask", "feedback")  # by tenant
EVERYWHERE = ("setting", "secret", "migration")  # small, read by all, written by migrate
APART = ("rejected",)  # by its coordinates: what is rejected may have no tenant
PARTITIONS = 3


def test_every_key_begins_with_the_tenant(world):
    tables = {r["relname"] for r in world.rows("select relname from pg_class where relnamespace = '{s}'::regnamespace and relkind in ('r', 'p')")}
    assert tables == {*SPREAD, *EVERYWHERE, *APART}  # a new one belongs to one of these
    keys = world.rows("""select c.relname, i.indexrelid::regclass::text as index, a.attname
                         from pg_index i join pg_class c on c.oid = i.indrelid
                         left join pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[0]
                         where c.relnamespace = '{s}'::regnamespace and i.indisunique and c.relname = any(%s)""", list(SPREAD))
    assert len(keys) >= 4 and [k for k in keys if k["attname"] != "tenant"] == []
    # numbers that are given out in one place would be a bottleneck, references a reason to ask elsewhere
    assert world.rows("select relname from pg_class where relnamespace = '{s}'::regnamespace and relkind = 'S'") == []
    assert world.rows("select conname from pg_constraint where connamespace = '{s}'::regnamespace and contype in ('f', 'x')") == []


class Spread(World):
    """Its tables are partitioned by tenant: the migrations as they are, but for that."""

    def command(self, *args, **how):
        if args[0] == "migrate":
            self.migrate_spread()
        return super().command(*args, **how)

    def migrate_spread(self):
        with self.servers.connect(autocommit=False) as db:
            db.execute(f'create schema "{self.schema}"; set local search_path to "{self.schema}"')
            db.execute("create table migration (version integer primary key, name text not null, applied_at timestamptz not null default now())")
            for version, file in enumerate(sorted((wire.ROOT / "schemas/sql").glob("*.sql")), 1):
                text = file.read_text()
                for table in SPREAD if version == 1 else ():
                    parts = "".join(f"CREATE TABLE {table}_{n} PARTITION OF {table} FOR VALUES WITH (MODULUS {PARTITIONS}, REMAINDER {n});\n"
                                    for n in range(PARTITIONS))
                    text, n = re.subn(rf"(CREATE TABLE {table} \(.*?\n\));\n", rf"\1 PARTITION BY HASH (tenant);\n{parts}", text, flags=re.S)
                    assert n == 1
                db.execute(text)
                db.execute("insert into migration values (%s, %s)", [version, file.stem])


@pytest.mark.parametrize("number", range(900_000, 900_012))
def test_worlds_on_partitions(servers, tmp_path, monkeypatch, number):
    """Random worlds, as on plain tables; and each tenant alone, as if the others were elsewhere, has the same rows in every view."""
    monkeypatch.setattr(delivery, "World", Spread)
    monkeypatch.setattr(delivery.Delivery, "seen", islands(delivery.Delivery.seen))
    delivery.deliver(servers, tmp_path, generate.world(number))


def islands(seen):
    def look(self):
        everything, world = seen(self), self.world
        views = ("feedback_joined", "pending_feedback", *VIEWS)
        together = {view: world.view(view) for view in views}
        for tenant in {row["tenant"] for row in world.rows("select tenant from {s}.feedback union select tenant from {s}.interaction")}:
            with world.db.transaction(force_rollback=True):
                for table in SPREAD:
                    world.db.execute(f'delete from "{world.schema}".{table} where tenant <> %s', [tenant])
                for view in views:
                    assert stable(world.view(view)) == stable([r for r in together[view] if r["tenant"] == tenant]), (view, tenant)
                assert world.rows("select * from {s}.audit") == world.rows("select * from {s}.audit_match_key") == []
        return everything

    return look
