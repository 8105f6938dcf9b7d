-- Contents with their keys and output policies, purchases with rental terms, and the ledger of issuances.

-- CreateEnum
CREATE TYPE "key_source" AS ENUM ('wrapped', 'key-storage');

-- CreateEnum
CREATE TYPE "unknown_output_behavior" AS ENUM ('Allow', 'Disallow', 'SDOnly');

-- CreateEnum
CREATE TYPE "purchase_type" AS ENUM ('buy-to-own', 'rental');

-- CreateEnum
CREATE TYPE "drm" AS ENUM ('playready', 'fairplay');

-- CreateEnum
CREATE TYPE "issuance_decision" AS ENUM ('granted', 'denied', 'failed');

-- CreateEnum
CREATE TYPE "issuance_reason" AS ENUM ('play-window-ended', 'rental-period-ended', 'purchase-revoked', 'not-yet-available', 'content-withdrawn', 'no-purchase', 'drm-not-available', 'key-unavailable', 'upstream-rejected', 'upstream-unavailable', 'upstream-timeout', 'token-balance-exhausted');

-- CreateTable
CREATE TABLE "output_policy" (
    "name" TEXT NOT NULL,
    "analog_video_opl" SMALLINT NOT NULL,
    "compressed_digital_audio_opl" SMALLINT NOT NULL,
    "compressed_digital_video_opl" SMALLINT NOT NULL,
    "uncompressed_digital_audio_opl" SMALLINT NOT NULL,
    "uncompressed_digital_video_opl" SMALLINT NOT NULL,
    "unknown_output_behavior" "unknown_output_behavior",
    "output_control_flags" TEXT,
    "offline_allowed" BOOLEAN NOT NULL DEFAULT false,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "output_policy_pkey" PRIMARY KEY ("name")
);

-- CreateTable
CREATE TABLE "content" (
    "id" TEXT NOT NULL,
    "title" TEXT NOT NULL,
    "kid" TEXT NOT NULL,
    "iv" TEXT,
    "output_policy_name" TEXT NOT NULL,
    "available_from" TIMESTAMPTZ(3),
    "withdrawn_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "content_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "content_key" (
    "content_id" TEXT NOT NULL,
    "source" "key_source" NOT NULL DEFAULT 'wrapped',
    "kek_id" TEXT NOT NULL,
    "ek" BYTEA,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "content_key_pkey" PRIMARY KEY ("content_id")
);

-- CreateTable
CREATE TABLE "purchase" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "external_id" TEXT NOT NULL,
    "user_id" TEXT NOT NULL,
    "content_id" TEXT NOT NULL,
    "type" "purchase_type" NOT NULL,
    "purchased_at" TIMESTAMPTZ(3) NOT NULL,
    "period_ends_at" TIMESTAMPTZ(3),
    "play_duration_seconds" INTEGER,
    "first_play_at" TIMESTAMPTZ(3),
    "revoked_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "purchase_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "issuance" (
    "id" CHAR(32) NOT NULL,
    "user_id" TEXT NOT NULL,
    "content_id" TEXT NOT NULL,
    "purchase_id" UUID,
    "drm" "drm" NOT NULL,
    "offline" BOOLEAN NOT NULL,
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

    CONSTRAINT "issuance_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "content_kid_key" ON "content"("kid");

-- CreateIndex
CREATE INDEX "content_output_policy_name_idx" ON "content"("output_policy_name");

-- CreateIndex
CREATE UNIQUE INDEX "purchase_external_id_key" ON "purchase"("external_id");

-- CreateIndex
CREATE INDEX "purchase_user_id_content_id_idx" ON "purchase"("user_id", "content_id");

-- CreateIndex
CREATE INDEX "purchase_content_id_idx" ON "purchase"("content_id");

-- CreateIndex
CREATE INDEX "issuance_user_id_decided_at_idx" ON "issuance"("user_id", "decided_at");

-- CreateIndex
CREATE INDEX "issuance_purchase_id_idx" ON "issuance"("purchase_id");

-- AddForeignKey
ALTER TABLE "content" ADD CONSTRAINT "content_output_policy_name_fkey" FOREIGN KEY ("output_policy_name") REFERENCES "output_policy"("name") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "content_key" ADD CONSTRAINT "content_key_content_id_fkey" FOREIGN KEY ("content_id") REFERENCES "content"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "purchase" ADD CONSTRAINT "purchase_content_id_fkey" FOREIGN KEY ("content_id") REFERENCES "content"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "issuance" ADD CONSTRAINT "issuance_purchase_id_fkey" FOREIGN KEY ("purchase_id") REFERENCES "purchase"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- What Prisma's schema cannot say. A broken rule is an error of the writer, so the database refuses it by name.

ALTER TABLE "output_policy"
    ADD CONSTRAINT "output_policy_name_check" CHECK ("name" ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$'),
    ADD CONSTRAINT "output_policy_opl_check" CHECK (
        "analog_video_opl" BETWEEN 0 AND 999
        AND "compressed_digital_audio_opl" BETWEEN 0 AND 999
        AND "compressed_digital_video_opl" BETWEEN 0 AND 999
        AND "uncompressed_digital_audio_opl" BETWEEN 0 AND 999
        AND "uncompressed_digital_video_opl" BETWEEN 0 AND 999),
    ADD CONSTRAINT "output_policy_output_control_flags_check" CHECK ("output_control_flags" ~ '^[0-9a-f]{8}$');

ALTER TABLE "content"
    ADD CONSTRAINT "content_id_check" CHECK ("id" ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$'),
    ADD CONSTRAINT "content_kid_check" CHECK ("kid" ~ '^[0-9a-f]{32}$'),
    ADD CONSTRAINT "content_iv_check" CHECK ("iv" ~ '^[0-9a-f]{32}$');

-- A 16-byte key wraps to 24 bytes (RFC 3394).
ALTER TABLE "content_key"
    ADD CONSTRAINT "content_key_kek_id_check" CHECK ("kek_id" ~ '^[A-Za-z0-9._-]{1,64}$'),
    ADD CONSTRAINT "content_key_ek_check" CHECK (("source" = 'wrapped') = ("ek" IS NOT NULL)),
    ADD CONSTRAINT "content_key_ek_length_check" CHECK (octet_length("ek") = 24);

ALTER TABLE "purchase"
    ADD CONSTRAINT "purchase_external_id_check" CHECK (char_length("external_id") BETWEEN 1 AND 255),
    ADD CONSTRAINT "purchase_user_id_check" CHECK (char_length("user_id") BETWEEN 1 AND 255),
    ADD CONSTRAINT "purchase_rental_terms_check" CHECK (
        ("type" = 'rental') = ("period_ends_at" IS NOT NULL AND "play_duration_seconds" IS NOT NULL)
        AND ("type" = 'rental' OR ("period_ends_at" IS NULL AND "play_duration_seconds" IS NULL))),
    ADD CONSTRAINT "purchase_play_duration_seconds_check" CHECK ("play_duration_seconds" > 0),
    ADD CONSTRAINT "purchase_first_play_at_check" CHECK ("first_play_at" IS NULL OR "type" = 'rental');

ALTER TABLE "issuance"
    ADD CONSTRAINT "issuance_id_check" CHECK ("id" ~ '^[0-9a-f]{32}$'),
    ADD CONSTRAINT "issuance_reason_check" CHECK (("decision" = 'granted') = ("reason" IS NULL)),
    ADD CONSTRAINT "issuance_granted_check" CHECK (
        "decision" <> 'granted'
        OR ("purchase_id" IS NOT NULL AND "rights_type" IS NOT NULL AND "persistent" IS NOT NULL AND "token_expires_at" IS NOT NULL)),
    ADD CONSTRAINT "issuance_play_duration_seconds_check" CHECK ("play_duration_seconds" > 0),
    ADD CONSTRAINT "issuance_duration_ms_check" CHECK ("duration_ms" >= 0);

-- A rental's clock, once started, is never moved.
CREATE FUNCTION "refuse_first_play_change"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the first play of purchase % is written once and never moved', OLD."external_id"
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'purchase_first_play_at_final';
END
$$;

CREATE TRIGGER "purchase_first_play_at_final" BEFORE UPDATE OF "first_play_at" ON "purchase"
    FOR EACH ROW WHEN (OLD."first_play_at" IS NOT NULL AND NEW."first_play_at" IS DISTINCT FROM OLD."first_play_at")
    EXECUTE FUNCTION "refuse_first_play_change"();
