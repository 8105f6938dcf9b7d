-- A title has one or more track keys: KID and IV move from the title to its key, and a key may wait for its key material.

ALTER TABLE "content_key"
    ADD COLUMN "kid" TEXT,
    ADD COLUMN "iv" TEXT,
    ADD COLUMN "position" SMALLINT NOT NULL DEFAULT 0,
    ADD COLUMN "tracks" TEXT[] NOT NULL DEFAULT '{}',
    ADD COLUMN "output_policy_name" TEXT,
    ALTER COLUMN "kek_id" DROP NOT NULL,
    DROP CONSTRAINT "content_key_ek_check";

UPDATE "content_key" SET "kid" = "content"."kid", "iv" = "content"."iv" FROM "content" WHERE "content"."id" = "content_id";

INSERT INTO "content_key" ("content_id", "kid", "iv", "created_at", "updated_at")
SELECT "id", "kid", "iv", "created_at", "updated_at" FROM "content"
WHERE NOT EXISTS (SELECT FROM "content_key" WHERE "content_id" = "id");

ALTER TABLE "content_key"
    ALTER COLUMN "kid" SET NOT NULL,
    DROP CONSTRAINT "content_key_pkey",
    ADD CONSTRAINT "content_key_pkey" PRIMARY KEY ("kid"),
    ADD CONSTRAINT "content_key_kid_check" CHECK ("kid" ~ '^[0-9a-f]{32}$'),
    ADD CONSTRAINT "content_key_iv_check" CHECK ("iv" ~ '^[0-9a-f]{32}$'),
    ADD CONSTRAINT "content_key_tracks_check" CHECK ("tracks" <@ '{sd,hd,uhd1,uhd2,audio}'),
    -- In key storage there is no wrapped key, without a KEK there is none at all.
    ADD CONSTRAINT "content_key_ek_check" CHECK (
        CASE WHEN "kek_id" IS NULL THEN "source" = 'wrapped' AND "ek" IS NULL ELSE ("source" = 'wrapped') = ("ek" IS NOT NULL) END),
    ADD CONSTRAINT "content_key_output_policy_name_fkey" FOREIGN KEY ("output_policy_name") REFERENCES "output_policy"("name") ON DELETE RESTRICT ON UPDATE CASCADE;

CREATE UNIQUE INDEX "content_key_content_id_position_key" ON "content_key"("content_id", "position");
CREATE INDEX "content_key_output_policy_name_idx" ON "content_key"("output_policy_name");

CREATE TYPE "protection_scheme" AS ENUM ('cenc', 'cbcs');

ALTER TABLE "content"
    DROP COLUMN "kid",
    DROP COLUMN "iv",
    ADD COLUMN "protection_scheme" "protection_scheme" NOT NULL DEFAULT 'cenc';

ALTER TYPE "issuance_reason" ADD VALUE 'kid-required';
