-- The whole life of an entitlement: versions and revocations that may come out of order, a ledger that is append-only and
-- partitioned by month, resets of a first play, and reservations that make the limit on token spending exact.

-- Catalogue: a version for optimistic checks.

ALTER TABLE "output_policy" ADD COLUMN "version" INTEGER NOT NULL DEFAULT 1;
ALTER TABLE "content" ADD COLUMN "version" INTEGER NOT NULL DEFAULT 1;

-- Purchases: the store's own version of an order, and of its revocation.

CREATE TYPE "revocation_reason" AS ENUM ('refund', 'chargeback', 'fraud', 'store-error');

ALTER TABLE "purchase"
    ADD COLUMN "version" BIGINT NOT NULL DEFAULT 1,
    ADD COLUMN "revocation_version" BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN "revocation_reason" "revocation_reason",
    ADD COLUMN "first_play_reset_id" TEXT;

UPDATE "purchase" SET "revocation_reason" = 'refund', "revocation_version" = 1 WHERE "revoked_at" IS NOT NULL;

ALTER TABLE "purchase"
    ADD CONSTRAINT "purchase_revocation_check" CHECK (("revoked_at" IS NULL) = ("revocation_reason" IS NULL)),
    ADD CONSTRAINT "purchase_version_check" CHECK ("version" > 0 AND "revocation_version" >= 0),
    ADD CONSTRAINT "purchase_first_play_reset_id_check" CHECK (char_length("first_play_reset_id") BETWEEN 1 AND 255);

-- A revocation, or its undoing, that came before the purchase it is about; taken over when the purchase comes.
CREATE TABLE "early_revocation" (
    "external_id" TEXT NOT NULL,
    "version" BIGINT NOT NULL,
    "revoked_at" TIMESTAMPTZ(3),
    "reason" "revocation_reason",
    "received_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "early_revocation_pkey" PRIMARY KEY ("external_id"),
    CONSTRAINT "early_revocation_check" CHECK (("revoked_at" IS NULL) = ("reason" IS NULL)),
    CONSTRAINT "early_revocation_version_check" CHECK ("version" > 0)
);

-- A first play is still never moved; only customer support may take it back, once for each reset, under the reset's id.
DROP TRIGGER "purchase_first_play_at_final" ON "purchase";
CREATE TRIGGER "purchase_first_play_at_final" BEFORE UPDATE OF "first_play_at" ON "purchase"
    FOR EACH ROW WHEN (
        OLD."first_play_at" IS NOT NULL
        AND NEW."first_play_at" IS DISTINCT FROM OLD."first_play_at"
        AND NOT (NEW."first_play_at" IS NULL AND NEW."first_play_reset_id" IS DISTINCT FROM OLD."first_play_reset_id"))
    EXECUTE FUNCTION "refuse_first_play_change"();

-- The ledger, made anew as a partitioned table. It has no foreign key: a row outlives what it is about.

ALTER TYPE "issuance_decision" ADD VALUE 'first-play-reset';
ALTER TYPE "issuance_reason" ADD VALUE 'rate-limited';

ALTER TABLE "issuance" RENAME TO "issuance_unpartitioned";
ALTER TABLE "issuance_unpartitioned" RENAME CONSTRAINT "issuance_pkey" TO "issuance_unpartitioned_pkey";
DROP INDEX "issuance_user_id_decided_at_idx", "issuance_purchase_id_idx";

CREATE TABLE "issuance" (
    "id" CHAR(32) NOT NULL,
    "user_id" TEXT NOT NULL,
    "content_id" TEXT NOT NULL,
    "purchase_id" UUID,
    "drm" "drm",
    "offline" BOOLEAN NOT NULL DEFAULT false,
    "decision" "issuance_decision" NOT NULL,
    "reason" "issuance_reason",
    "rights_type" "purchase_type",
    "rights_end_at" TIMESTAMPTZ(3),
    "play_duration_seconds" INTEGER,
    "persistent" BOOLEAN,
    "token_expires_at" TIMESTAMPTZ(3),
    "first_play" BOOLEAN NOT NULL DEFAULT false,
    "expressplay_code" INTEGER,
    "request_id" TEXT NOT NULL,
    "decided_at" TIMESTAMPTZ(3) NOT NULL,
    "duration_ms" INTEGER NOT NULL,
    "actor" TEXT,
    "note" TEXT,

    CONSTRAINT "issuance_pkey" PRIMARY KEY ("decided_at", "id"),
    CONSTRAINT "issuance_id_check" CHECK ("id" ~ '^[0-9a-f]{32}$'),
    -- Compared as text: a value added to an enum cannot be used in the transaction that adds it.
    CONSTRAINT "issuance_reason_check" CHECK (("decision"::text IN ('granted', 'first-play-reset')) = ("reason" IS NULL)),
    CONSTRAINT "issuance_granted_check" CHECK (
        "decision" <> 'granted'
        OR ("purchase_id" IS NOT NULL AND "drm" IS NOT NULL AND "rights_type" IS NOT NULL AND "persistent" IS NOT NULL
            AND "token_expires_at" IS NOT NULL)),
    CONSTRAINT "issuance_reset_check" CHECK (
        ("decision"::text = 'first-play-reset') = ("actor" IS NOT NULL AND "note" IS NOT NULL)
        AND ("decision"::text = 'first-play-reset' OR "drm" IS NOT NULL)),
    CONSTRAINT "issuance_play_duration_seconds_check" CHECK ("play_duration_seconds" > 0),
    CONSTRAINT "issuance_duration_ms_check" CHECK ("duration_ms" >= 0)
) PARTITION BY RANGE ("decided_at");

CREATE INDEX "issuance_id_idx" ON "issuance" ("id");
CREATE INDEX "issuance_user_id_decided_at_idx" ON "issuance" ("user_id", "decided_at");
CREATE INDEX "issuance_content_id_decided_at_idx" ON "issuance" ("content_id", "decided_at");
CREATE INDEX "issuance_purchase_id_decided_at_idx" ON "issuance" ("purchase_id", "decided_at");

-- What no month's partition takes lands here, so that a forgotten maintenance never turns a viewer away.
CREATE TABLE "issuance_other" PARTITION OF "issuance" DEFAULT;

-- Makes the partitions of the months from one moment to another, those that are not there yet; tells how many it made.
CREATE FUNCTION "ensure_ledger_partitions"("from_at" TIMESTAMPTZ, "to_at" TIMESTAMPTZ) RETURNS INTEGER LANGUAGE plpgsql AS $$
DECLARE
    month TIMESTAMP := date_trunc('month', from_at AT TIME ZONE 'UTC');
    name TEXT;
    made INTEGER := 0;
BEGIN
    WHILE month <= to_at AT TIME ZONE 'UTC' LOOP
        name := 'issuance_' || to_char(month, 'YYYY_MM');
        IF to_regclass(quote_ident(name)) IS NULL THEN
            EXECUTE format('CREATE TABLE %I PARTITION OF issuance FOR VALUES FROM (%L) TO (%L)',
                name, month AT TIME ZONE 'UTC', (month + INTERVAL '1 month') AT TIME ZONE 'UTC');
            EXECUTE format('CREATE TRIGGER ledger_is_not_truncated BEFORE TRUNCATE ON %I EXECUTE FUNCTION refuse_ledger_change()', name);
            made := made + 1;
        END IF;
        month := month + INTERVAL '1 month';
    END LOOP;
    RETURN made;
END
$$;

CREATE FUNCTION "refuse_ledger_change"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the ledger is append-only' USING ERRCODE = 'insufficient_privilege';
END
$$;

SELECT "ensure_ledger_partitions"(
    least(now(), (SELECT min("decided_at") FROM "issuance_unpartitioned")), now() + INTERVAL '12 months');

INSERT INTO "issuance" ("id", "user_id", "content_id", "purchase_id", "drm", "offline", "decision", "reason", "rights_type",
    "rights_end_at", "play_duration_seconds", "persistent", "token_expires_at", "first_play", "expressplay_code", "request_id",
    "decided_at", "duration_ms")
SELECT "id", "user_id", "content_id", "purchase_id", "drm", "offline", "decision", "reason", "rights_type",
    "rights_end_at", "play_duration_seconds", "persistent", "token_expires_at", "first_play", "expressplay_code", "request_id",
    "decided_at", "duration_ms"
FROM "issuance_unpartitioned";
DROP TABLE "issuance_unpartitioned";

CREATE TRIGGER "ledger_is_append_only" BEFORE UPDATE OR DELETE ON "issuance"
    FOR EACH ROW EXECUTE FUNCTION "refuse_ledger_change"();
CREATE TRIGGER "ledger_is_not_truncated" BEFORE TRUNCATE ON "issuance" EXECUTE FUNCTION "refuse_ledger_change"();
CREATE TRIGGER "ledger_is_not_truncated" BEFORE TRUNCATE ON "issuance_other" EXECUTE FUNCTION "refuse_ledger_change"();

-- Tokens being bought. They count against the limit on spending until the ledger holds them, or until they are too old to be
-- still under way. Not logged: after a crash of the database nothing is under way.
CREATE UNLOGGED TABLE "token_reservation" (
    "issuance_id" CHAR(32) NOT NULL,
    "user_id" TEXT NOT NULL,
    "content_id" TEXT NOT NULL,
    "reserved_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "token_reservation_pkey" PRIMARY KEY ("issuance_id")
);
CREATE INDEX "token_reservation_user_id_reserved_at_idx" ON "token_reservation" ("user_id", "reserved_at");

-- Reserves a token for a user who has some purchase of the title, unless a limit on spending is met; then tells when to try
-- again. The lock makes the count exact: within it, every statement of the function sees what was committed before it.
CREATE FUNCTION "reserve_token"(
    "of_issuance" CHAR(32), "of_user" TEXT, "of_content" TEXT, "moment" TIMESTAMPTZ, "in_window" INTERVAL,
    "user_limit" INTEGER, "title_limit" INTEGER, "reservation_life" INTERVAL
) RETURNS TIMESTAMPTZ LANGUAGE plpgsql AS $$
DECLARE
    blocking TIMESTAMPTZ;
    since TIMESTAMPTZ := moment - in_window;
BEGIN
    PERFORM FROM purchase WHERE user_id = of_user AND content_id = of_content AND revoked_at IS NULL LIMIT 1;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended(of_user, 0));

    -- The newest token but `limit - 1` others: once it has left the window, there is room for one more.
    SELECT greatest(
        (SELECT spent_at FROM (
            SELECT decided_at AS spent_at FROM issuance
            WHERE user_id = of_user AND decided_at > since AND decision = 'granted'
            UNION ALL
            SELECT reserved_at FROM token_reservation WHERE user_id = of_user AND reserved_at > moment - reservation_life
        ) spent ORDER BY spent_at DESC OFFSET user_limit - 1 LIMIT 1),
        (SELECT spent_at FROM (
            SELECT decided_at AS spent_at FROM issuance
            WHERE user_id = of_user AND content_id = of_content AND decided_at > since AND decision = 'granted'
            UNION ALL
            SELECT reserved_at FROM token_reservation
            WHERE user_id = of_user AND content_id = of_content AND reserved_at > moment - reservation_life
        ) spent ORDER BY spent_at DESC OFFSET title_limit - 1 LIMIT 1)
    ) INTO blocking;
    IF blocking IS NOT NULL THEN
        RETURN blocking + in_window;
    END IF;

    INSERT INTO token_reservation (issuance_id, user_id, content_id, reserved_at)
    VALUES (of_issuance, of_user, of_content, moment);
    RETURN NULL;
END
$$;

-- A plan for the values at hand would be made anew over all months at every call, and one made while nothing is reserved would
-- read the whole table ever after.
ALTER FUNCTION "reserve_token"(CHAR, TEXT, TEXT, TIMESTAMPTZ, INTERVAL, INTEGER, INTEGER, INTERVAL)
    SET plan_cache_mode = force_generic_plan SET enable_seqscan = off;
