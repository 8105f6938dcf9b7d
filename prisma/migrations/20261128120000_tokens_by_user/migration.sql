-- The same as before, by one look at the user's own tokens. A plan that was made while a month was empty took any index of it as
-- good as another: it read all tokens of the month for each decision, until the month had been analyzed. The order is what only
-- the user's index has. The newest `user_limit` suffice: where a token before them is the title's, the user's limit says the same.
CREATE OR REPLACE FUNCTION "reserve_token"(
    "of_issuance" CHAR(32), "of_user" TEXT, "of_content" TEXT, "moment" TIMESTAMPTZ, "in_window" INTERVAL,
    "user_limit" INTEGER, "title_limit" INTEGER, "reservation_life" INTERVAL
) RETURNS TIMESTAMPTZ LANGUAGE plpgsql
    SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
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
    WITH granted AS MATERIALIZED (
        SELECT content_id, decided_at AS spent_at FROM issuance
        WHERE user_id = of_user AND decided_at > since AND decision = 'granted'
        ORDER BY decided_at DESC LIMIT user_limit
    ), spent AS MATERIALIZED (
        SELECT * FROM granted
        UNION ALL
        SELECT content_id, reserved_at FROM token_reservation
        WHERE user_id = of_user AND reserved_at > moment - reservation_life
    )
    SELECT greatest(
        (SELECT spent_at FROM spent ORDER BY spent_at DESC OFFSET user_limit - 1 LIMIT 1),
        (SELECT spent_at FROM spent WHERE content_id = of_content ORDER BY spent_at DESC OFFSET title_limit - 1 LIMIT 1)
    ) INTO blocking;
    IF blocking IS NOT NULL THEN
        RETURN blocking + in_window;
    END IF;

    INSERT INTO token_reservation (issuance_id, user_id, content_id, reserved_at)
    VALUES (of_issuance, of_user, of_content, moment);
    RETURN NULL;
END
$$;
