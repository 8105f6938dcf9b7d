// How far ahead the ledger has partitions, and when they were last looked after.
import { Injectable } from '@nestjs/common';
import { Registry } from 'prom-client';
import { Clock } from '@app/platform/clock';
import { monthsAhead } from '@app/platform/database';
import { LedgerMonthsRepository } from '../ledger/ledger-months.repository.js';
import { figure } from './figure.js';

@Injectable()
export class LedgerMetrics {
  constructor(registry: Registry, ledger: LedgerMonthsRepository, clock: Clock) {
    figure(
      registry,
      'entitlement_ledger_months_ahead',
      'Months after the present one that have a partition of the ledger; -1 when the present one has none.',
      () => {
        const latest = ledger.latest();
        return latest && monthsAhead(latest.months, clock.now());
      },
    );
    figure(
      registry,
      'entitlement_ledger_last_maintenance_timestamp_seconds',
      'When ledger:maintain last left nothing undone; absent when it never did.',
      () => {
        const at = ledger.latest()?.maintainedAt;
        return at && at.getTime() / 1000;
      },
    );
  }
}
