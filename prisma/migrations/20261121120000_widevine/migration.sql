-- Widevine beside PlayReady and FairPlay, licence extensions, and parameters that the published tables do not list.

ALTER TYPE "drm" ADD VALUE 'widevine';

ALTER TABLE "output_policy"
    ADD COLUMN "widevine_security_level" SMALLINT,
    ADD COLUMN "widevine_hdcp" SMALLINT,
    ADD COLUMN "extensions" JSONB NOT NULL DEFAULT '[]',
    ADD COLUMN "additional_parameters" JSONB NOT NULL DEFAULT '[]';

ALTER TABLE "output_policy"
    ADD CONSTRAINT "output_policy_widevine_check" CHECK (
        ("widevine_security_level" IS NULL) = ("widevine_hdcp" IS NULL)
        AND "widevine_security_level" BETWEEN 1 AND 5
        AND "widevine_hdcp" BETWEEN 0 AND 2),
    ADD CONSTRAINT "output_policy_extensions_check" CHECK (jsonb_typeof("extensions") = 'array'),
    ADD CONSTRAINT "output_policy_additional_parameters_check" CHECK (jsonb_typeof("additional_parameters") = 'array');
