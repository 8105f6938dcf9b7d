-- One more reason for a token that was decided on and not bought.

ALTER TYPE "issuance_reason" ADD VALUE 'caller-gone';
