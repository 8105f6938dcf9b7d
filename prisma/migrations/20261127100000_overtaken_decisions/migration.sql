-- Two more reasons for a token that was decided on and not delivered.

ALTER TYPE "issuance_reason" ADD VALUE 'purchase-changed';
ALTER TYPE "issuance_reason" ADD VALUE 'ledger-unavailable';
