"""The tables of a world against the model's."""

from world import dump

VOLATILE = ("received_at",)
KEYS = "tenant event_id interaction_id end_user source measure trace_id day".split()  # of rows of any view
VIEWS = dict(current_rating="ratings", satisfaction_daily="days", trace_score="scores", memory_exchange="memory")  # in model.py


def stable(rows):
    """Rows without what may differ between two runs, figures rounded, in one order."""
    out = [{k: round(v, 12) if isinstance(v, float) else v for k, v in row.items() if k not in VOLATILE} for row in rows]
    return sorted(out, key=lambda r: [str(r.get(k) or "").encode() for k in KEYS])


def assert_rows(name, have, want, context=""):
    have, want = stable(have), stable(want)
    if have == want:
        return
    wrong, missing = [r for r in have if r not in want], [r for r in want if r not in have]
    raise AssertionError(f"{name}: {len(wrong)} of {len(have)} rows are wrong, {len(missing)} are missing. {context}\n"
                         f"wrong:\n{dump(wrong[:5])}\nmissing:\n{dump(missing[:5])}")


def assert_like_model(world, model, rejected=None, context=""):
    """rejected: {coordinates: (reason, tenant, event_id)} that must be there, no more and no fewer."""
    assert_rows("interaction", world.interactions(), model.stored_interactions(), context)
    assert_rows("feedback_joined", world.joined(), model.joined(), context)
    assert_rows("pending_feedback", world.pending(), model.pending(), context)
    for view, method in VIEWS.items():
        assert_rows(view, world.view(view), getattr(model, method)(), context)
    assert_rows("explain", world.rows("""select f.tenant, f.event_id, x.interaction_id
                                         from {s}.feedback f, {s}.explain(f.tenant, f.event_id) x where x.verdict = 'won'"""),
                [{k: r[k] for k in ("tenant", "event_id", "interaction_id")} for r in model.joined() if r["interaction_id"]], context)
    if rejected is not None:
        have = {at: (r["reason"], r["tenant"], r["event_id"]) for at, r in world.rejected().items()}
        # of what does not decode, ids may be known as far as they do
        have = {at: r if r[0] not in ("undecodable", "unknown_schema") else (r[0], None, None) for at, r in have.items()}
        assert have == rejected, context


def snapshot(world):
    """What two runs over the same messages must have in common."""
    return stable(world.joined()), stable(world.pending()), {v: stable(world.view(v)) for v in VIEWS}, {
        at: {k: v for k, v in row.items() if k not in ("rejected_at", "detail")} for at, row in world.rejected().items()}
