-- What a licence may ask of a device and how long an owner may keep one, and a reason for a licence that may not be kept at all.

ALTER TYPE "issuance_reason" ADD VALUE 'offline-not-available';

ALTER TABLE "output_policy"
    ADD COLUMN "playready_min_cert_security_level" SMALLINT,
    ADD COLUMN "offline_license_seconds" INTEGER,
    DROP CONSTRAINT "output_policy_widevine_check";

-- A minute leaves the token and the licence their time; ten years are as good as no end.
ALTER TABLE "output_policy"
    ADD CONSTRAINT "output_policy_playready_check" CHECK ("playready_min_cert_security_level" IN (150, 2000, 3000)),
    ADD CONSTRAINT "output_policy_widevine_check" CHECK (
        ("widevine_security_level" IS NULL) = ("widevine_hdcp" IS NULL)
        AND "widevine_security_level" BETWEEN 1 AND 5
        AND "widevine_hdcp" BETWEEN 0 AND 5),
    ADD CONSTRAINT "output_policy_offline_license_seconds_check" CHECK (
        "offline_license_seconds" IS NULL
        OR ("offline_allowed" AND "offline_license_seconds" BETWEEN 60 AND 315360000));
