-- Ends reservations: the ledger has their tokens now, or they were not bought. A plan made while few are reserved would read the
-- whole table, and is kept by each connection while the table is full of what was ended and not yet vacuumed.
CREATE FUNCTION "end_reservations"("issuances" CHAR(32)[]) RETURNS VOID LANGUAGE plpgsql
    SET enable_seqscan = off AS $$
BEGIN
    DELETE FROM token_reservation WHERE issuance_id = ANY (issuances);
END
$$;
